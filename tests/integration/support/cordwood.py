# SPDX-License-Identifier: Apache-2.0
"""Runs the real ingestor in a temporary directory and asks it what it counted.

    class Smoke(cordwood.TestCase):
        def test_line(self):
            ingestor = self.start()
            ...
            ingestor.settle(received=1)
            self.stop_and_check(ingestor)

The programs are those of the build that runs the test: CORDWOOD_BIN names their directory.
"""
from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

from archive_check import Archive

SKIPPED = 77  # the exit status by which CTest knows that
PATIENCE_S = 60.0  # until a test gives up waiting: for a machine that does much else
LISTENING = re.compile(r"listening (tls|udp|http) (\S+):(\d+)")
TOTALS = re.compile(r"received (\d+) = archived (\d+) \+ rejected (\d+) \+ dropped (\d+)")
READ = re.compile(r"read (\d+) bytes; (\d+) datagrams, the kernel dropped (\d+) more")
SAMPLE = re.compile(r"(cordwood_\w+)(?:\{(.*)\})? (\S+)")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def program(name: str) -> str:
    return str(Path(os.environ["CORDWOOD_BIN"]) / name)


def source(name: str) -> Path:
    """A file of the project."""
    return Path(os.environ["CORDWOOD_SOURCE"]) / name


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without what the programs would take for their settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("CORDWOOD_")}
    return kept | more


def wait_until(condition: Callable[[], Any], what: str, timeout_s: float = PATIENCE_S) -> Any:
    """Returns the condition's first true value; AssertionError with `what` after the timeout."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout_s:.0f} s in vain: {what}")
        time.sleep(0.02)


class Metrics:
    """One scrape of /metrics."""

    def __init__(self, text: str) -> None:
        self.samples: list[tuple[str, dict[str, str], float]] = []
        for line in text.splitlines():
            if line.startswith("#") or not line:
                continue
            match = SAMPLE.fullmatch(line)
            if match is None:
                raise AssertionError(f"no metric: {line!r}")
            labels = dict(LABEL.findall(match[2] or ""))
            self.samples.append((match[1], labels, float(match[3])))

    def sum(self, name: str, **labels: str) -> float:
        """The sum over the samples that have these labels. A name that is not there is an error."""
        found = [(own, value) for key, own, value in self.samples if key == name]
        if not found:
            raise AssertionError(f"no metric {name}")
        return sum(value for own, value in found if labels.items() <= own.items())

    def by(self, name: str, label: str) -> dict[str, float]:
        """Sums per value of one label, zeros left out."""
        sums: dict[str, float] = {}
        for key, own, value in self.samples:
            if key == name and value != 0:
                sums[own.get(label, "")] = sums.get(own.get(label, ""), 0) + value
        return sums

    def in_flight(self) -> float:
        return self.sum("cordwood_records_in_flight")

    def check_law(self) -> None:
        """received = archived + rejected + dropped + in_flight, exactly, for every format."""
        received = self.by("cordwood_records_received_total", "format")
        ends = [
            self.by(f"cordwood_records_{name}", "format")
            for name in ("archived_total", "rejected_total", "dropped_total", "in_flight")
        ]
        for name in set(received).union(*ends):
            counted = [end.get(name, 0) for end in ends]
            if received.get(name, 0) != sum(counted):
                raise AssertionError(
                    f"{name}: received {received.get(name, 0)} is not archived, rejected, dropped, "
                    f"in flight {counted}"
                )


@dataclass(frozen=True)
class Totals:
    """What the ingestor prints last."""

    received: int
    archived: int
    rejected: int
    dropped: int
    bytes_read: int
    datagrams_read: int
    datagrams_dropped: int  # by the kernel


class Ingestor:
    """One ingestor process with its data below `directory`."""

    def __init__(self, directory: Path, *options: str, **environment: str) -> None:
        self.data_dir = directory / "data"
        self.stdout: list[str] = []
        self._ports: dict[str, list[int]] = {"tls": [], "udp": [], "http": []}
        self._stderr_path = directory / "stderr"
        defaults = {
            "--bind": "127.0.0.1", "--tls-port": "0", "--udp-port": "0", "--http-port": "0",
            "--data-dir": str(self.data_dir),
        }
        given = {option.split("=")[0] for option in options}
        command = [program("cordwood-ingestor")]
        for name, value in defaults.items():
            if name not in given:
                command += [name, value]
        with open(self._stderr_path, "ab") as stderr:
            self.process = subprocess.Popen(
                [*command, *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=stderr, text=True, cwd=directory, env=clean_environment(**environment),
            )
        self._reader = threading.Thread(target=self._read_stdout, daemon=True)
        self._reader.start()

    def _read_stdout(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.stdout.append(line.rstrip("\n"))

    def log(self) -> str:
        """Its own log so far (standard error)."""
        return self._stderr_path.read_text(errors="replace")

    def wait_ready(self) -> None:
        wait_until(lambda: "ready" in self.stdout or self.process.poll() is not None, "ready")
        if self.process.poll() is not None:
            raise AssertionError(f"ended with {self.process.returncode}: {self.log()}")
        for line in self.stdout:
            match = LISTENING.fullmatch(line)
            if match:
                self._ports[match[1]].append(int(match[3]))

    def ports(self, kind: str) -> list[int]:
        return self._ports[kind]

    @property
    def tls_port(self) -> int:
        return self._ports["tls"][0]

    @property
    def udp_port(self) -> int:
        return self._ports["udp"][0]

    @property
    def http_port(self) -> int:
        return self._ports["http"][0]

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (names in lower case) and body of an HTTP GET."""
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=PATIENCE_S)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            fields = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, fields, answer.read()
        finally:
            connection.close()

    def metrics(self) -> Metrics:
        """One scrape; the law holds in every one, so it is checked in every one."""
        status, _, body = self.get("/metrics")
        if status != 200:
            raise AssertionError(f"/metrics answers {status}: {body!r}")
        metrics = Metrics(body.decode())
        metrics.check_law()
        return metrics

    def metrics_json(self) -> dict[str, Any]:
        status, _, body = self.get("/metrics.json")
        if status != 200:
            raise AssertionError(f"/metrics.json answers {status}: {body!r}")
        return json.loads(body)

    def settle(self, received: int, timeout_s: float = PATIENCE_S) -> Metrics:
        """Waits until so many records are received and none is in flight any more."""
        last: list[Metrics] = []

        def settled() -> bool:
            last[:] = [self.metrics()]
            count = last[0].sum("cordwood_records_received_total")
            return count >= received and last[0].in_flight() == 0

        try:
            wait_until(settled, f"{received} records received and none in flight", timeout_s)
        except AssertionError as problem:
            count = last[0].sum("cordwood_records_received_total")
            raise AssertionError(
                f"{problem}; {count:.0f} received, {last[0].in_flight():.0f} in flight"
            ) from None
        count = last[0].sum("cordwood_records_received_total")
        if count != received:
            raise AssertionError(f"received {count:.0f} records; {received} were sent")
        return last[0]

    def send_signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait_exit(self, timeout_s: float = PATIENCE_S) -> int:
        status = self.process.wait(timeout_s)
        self._reader.join(timeout_s)
        return status

    def stop(self, number: signal.Signals = signal.SIGTERM) -> Totals:
        """Ends it in order."""
        self.send_signal(number)
        return self.wait_totals()

    def wait_totals(self) -> Totals:
        """Exit status 0, and totals that add up, are part of an end in order."""
        status = self.wait_exit()
        if status != 0:
            raise AssertionError(f"ended with {status}: {self.log()}")
        counts: list[str] = []
        for pattern in (TOTALS, READ):
            lines = [match for match in map(pattern.fullmatch, self.stdout) if match]
            if len(lines) != 1:
                raise AssertionError(f"{len(lines)} lines of totals: {self.stdout[-5:]}")
            counts += lines[0].groups()
        totals = Totals(*map(int, counts))
        if totals.received != totals.archived + totals.rejected + totals.dropped:
            raise AssertionError(f"the totals do not add up: {totals}")
        return totals

    def kill(self) -> None:
        """Ends it as a crash would; nothing happens if it has ended."""
        if self.process.poll() is None:
            self.process.kill()
        self.wait_exit()


class TestCase(unittest.TestCase):
    """A test with a temporary directory, `self.directory`, and ingestors that end with it."""

    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory(prefix="cordwood-")
        self.addCleanup(holder.cleanup)
        self.directory = Path(holder.name)

    def next_directory(self) -> None:
        """For a test that starts one ingestor after the other: the next one begins afresh."""
        self.directory = self.directory / "next"
        self.directory.mkdir()

    def launch(self, *options: str, **environment: str) -> Ingestor:
        """Starts one without waiting: for those that are not to become ready."""
        ingestor = Ingestor(self.directory, *options, **environment)
        self.addCleanup(ingestor.kill)
        return ingestor

    def start(self, *options: str, **environment: str) -> Ingestor:
        ingestor = self.launch(*options, **environment)
        ingestor.wait_ready()
        return ingestor

    def make_certs(self) -> Path:
        """The directory with the test certificates (certs/README.md)."""
        certs = self.directory / "certs"
        if not certs.exists():
            subprocess.run([str(source("certs/gen.sh")), str(certs)], check=True)
        return certs

    def stop_and_check(self, ingestor: Ingestor) -> tuple[Totals, Archive]:
        """Ends it; then totals and files must agree and every promise about files hold."""
        last = ingestor.metrics() if ingestor.ports("http") else None
        totals = ingestor.stop()
        archive = Archive(ingestor.data_dir)
        archive.check_files()
        self.assertEqual(len(archive.records()), totals.archived, "lines in the log files")
        self.check_rejected_files(archive, totals, last)
        return totals, archive

    def check_rejected_files(self, archive: Archive, totals: Totals, last: Metrics | None) -> None:
        """Every rejected record of this run is in a file, under the format it was counted as, but
        those that were counted as not kept. `last`: a scrape shortly before the end."""
        kept = Counter(record["format"] for record in archive.rejected())
        not_kept = 0 if last is None else int(last.sum("cordwood_rejected_not_kept_total"))
        self.assertEqual(kept.total(), totals.rejected - not_kept, "lines in the rejected files")
        if last is None or not_kept > 0:
            return
        counted = last.by("cordwood_records_rejected_total", "format")
        if sum(counted.values()) == totals.rejected:  # nothing more came while it ended
            self.assertEqual(kept, counted, "rejected per format")


def main() -> None:
    """Runs the tests of the file. One in which every test was skipped says so by its status."""
    result = unittest.main(exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    whole = [test for test, _ in result.skipped if not hasattr(test, "test_case")]
    if result.testsRun > 0 and len(whole) == result.testsRun:
        print(f"skipped: {result.skipped[0][1]}")
        sys.exit(SKIPPED)

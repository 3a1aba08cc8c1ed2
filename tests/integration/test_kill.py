# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments under load, again and again on one data directory: what was counted as
archived or rejected is there after the restart, once, whole, in order, in files that are good."""
from __future__ import annotations

import os
import random
import subprocess
import threading
import time
from collections import Counter, defaultdict
from typing import Callable

import cordwood
import senders
from archive_check import Archive, ArchiveFile, demand, mark, marks_in, rejected_payload

KILLS = 20
LOAD_SECONDS = (0.3, 2.2)
START_SECONDS_MAX = 0.6  # a kill during the start comes at most so late
BURST, PAUSE_S = 20, 0.01  # records a sender sends at once, and its rest
BAD_EVERY = 10
SMALL = ("--rotate-bytes", "64KiB", "--flush-interval", "20ms")

noise = random.Random(1)
PADDING = [noise.randbytes(60).hex() for _ in range(1000)]  # so that files grow and rotate


def text_of(sender: str, n: int) -> str:
    return f"{mark(sender, n)} {PADDING[n % len(PADDING)]}"


def json_record(sender: str, n: int) -> bytes:
    """Every tenth is bad: a contract that is broken, or no JSON at all."""
    level = "LOUD" if n % BAD_EVERY == 0 else "INFO"
    return senders.json_payload(senders.entry(sender, n, message=text_of(sender, n), level=level))


def ndjson(sender: str, n: int) -> bytes:
    line = senders.json_payload({"msg": text_of(sender, n), "app": "test"})
    return (line[:-1] if n % BAD_EVERY == 0 else line) + b"\n"


def octet_counted(sender: str, n: int) -> bytes:
    message = f"<14>Nov 21 04:11:45 host app[42]: {text_of(sender, n)}".encode()
    return senders.octet_counted([message])


def journald(sender: str, n: int) -> bytes:
    return senders.json_payload({"MESSAGE": text_of(sender, n), "PRIORITY": "4"}) + b"\n"


# Name -> the format it counts as, a record's bytes on the wire.
KINDS: dict[str, tuple[str, Callable[[str, int], bytes]]] = {
    "frames": ("json", lambda s, n: senders.frame(senders.JSON, json_record(s, n))),
    "rawframes": ("raw", lambda s, n: senders.frame(senders.RAW, text_of(s, n).encode())),
    "lines": ("raw", lambda s, n: text_of(s, n).encode() + b"\n"),
    "ndjson": ("json", ndjson),
    "syslog": ("syslog", lambda s, n: f"<11>1 - h a - - - {text_of(s, n)}\n".encode()),
    "octet": ("syslog", octet_counted),
    "journald": ("journald", journald),
    "udp": ("json", json_record),
}
HAS_BAD = ("frames", "ndjson", "udp")


def prefix(count: int, has_bad: bool, bad: bool) -> list[int]:
    """The first `count` numbers of a sender's good or bad records."""
    if not has_bad:
        return list(range(count))
    if bad:
        return [n * BAD_EVERY for n in range(count)]
    return [n + n // (BAD_EVERY - 1) + 1 for n in range(count)]


class Sender(threading.Thread):
    """Sends until it is stopped or the ingestor is gone."""

    def __init__(self, ingestor: cordwood.Ingestor, kind: str, run: int) -> None:
        super().__init__(daemon=True)
        self.tls_port, self.udp_port = ingestor.tls_port, ingestor.udp_port
        self.kind, self.sender = kind, f"{kind}-{run}"
        self.stopping = False

    def run(self) -> None:
        try:
            if self.kind == "udp":
                self.send_until_stopped(lambda records: senders.send_udp(self.udp_port, records))
                return
            with senders.connect(self.tls_port) as tls:
                self.send_until_stopped(lambda records: tls.sendall(b"".join(records)))
        except OSError:
            pass  # it was killed: that is the point

    def send_until_stopped(self, send: Callable[[list[bytes]], None]) -> None:
        make = KINDS[self.kind][1]
        start = 0
        while not self.stopping:
            send([make(self.sender, n) for n in range(start, start + BURST)])
            start += BURST
            time.sleep(PAUSE_S)


class Kill(cordwood.TestCase):
    def setUp(self) -> None:
        super().setUp()
        seed = int(os.environ.get("CORDWOOD_SEED", time.time_ns() % 1_000_000))
        print(f"CORDWOOD_SEED={seed}", flush=True)
        self.random = random.Random(seed)
        self.archive = Archive(self.directory / "data")
        self.seen: dict[str, tuple[int, int, int]] = {}  # published files, as they were
        self.times_found: Counter[tuple[str, int]] = Counter()  # each mark, in all files together

    def kill_during_start(self) -> None:
        ingestor = self.launch(*SMALL)
        time.sleep(self.random.uniform(0, START_SECONDS_MAX))
        ingestor.kill()

    def kill_under_load(self, ingestor: cordwood.Ingestor, run: int) -> dict[str, Counter[str]]:
        """Returns the last answer before the kill: archived and rejected records by format."""
        threads = [Sender(ingestor, kind, run) for kind in KINDS]
        for thread in threads:
            thread.start()
        answer: dict[str, Counter[str]] = {}
        end = time.monotonic() + self.random.uniform(*LOAD_SECONDS)
        while time.monotonic() < end:
            metrics = ingestor.metrics()
            for what in ("archived", "rejected"):
                answer[what] = Counter(metrics.by(f"cordwood_records_{what}_total", "format"))
            time.sleep(0.03)
        ingestor.kill()
        for thread in threads:
            thread.stopping = True
        for thread in threads:
            thread.join()
        return answer

    def new_files(self) -> list[ArchiveFile]:
        """Those that were published since the last call; the others must not have changed."""
        shape = {}
        files = self.archive.files()
        for f in files:
            stat = f.path.stat()
            shape[f.path.name] = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        demand(self.seen.items() <= shape.items(), "a published file changed or is gone")
        fresh = [f for f in files if f.path.name not in self.seen]
        self.seen = shape
        if fresh:
            paths = [str(f.path) for f in fresh]
            done = subprocess.run(["zstd", "-tq", *paths], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
        return fresh

    def numbers_of(self, run: int) -> dict[tuple[str, str], list[int]]:
        """What is in the files that were published since the last call, all of it sent by this run:
        family of files, kind of sender -> numbers of the records, in their order."""
        numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
        for f in self.new_files():
            if f.family != "recovered":
                f.check_frames()
            for record in f.records():
                text = {"log": "message", "recovered": "line"}.get(f.family)
                for sender, n in marks_in(record[text] if text else rejected_payload(record)):
                    kind = sender.split("-")[0]
                    self.assertEqual(sender, f"{kind}-{run}")
                    self.times_found[sender, n] += 1
                    numbers[f.family, kind].append(n)
        return numbers

    def check_recovered(self, run: int, answer: dict[str, Counter[str]]) -> int:
        """After a start: all that run `run` left is published, and holds what its last answer
        counted. Returns how much that was."""
        left = [name for name in self.archive.unpublished() if not name.endswith(".tail")]
        self.assertEqual(left, [])
        numbers = self.numbers_of(run)
        there: Counter[tuple[str, str]] = Counter()
        for (family, kind), sequence in numbers.items():
            there[family, KINDS[kind][0]] += len(sequence)
            if family != "recovered" and kind != "udp":
                wanted = prefix(len(sequence), kind in HAS_BAD, family == "rejected")
                self.assertEqual(sequence, wanted, f"{kind} in {family}: a hole, or out of order")
        for family, what in (("log", "archived"), ("rejected", "rejected")):
            for name, count in answer.get(what, {}).items():
                self.assertGreaterEqual(there[family, name], count, f"{name} was counted as {what}")
        return int(sum(counts.total() for counts in answer.values()))

    def test_kills(self) -> None:
        answer: dict[str, Counter[str]] = {}
        counted = 0
        for run in range(KILLS):
            if self.random.random() < 0.4:
                self.kill_during_start()
            ingestor = self.start(*SMALL)
            counted += self.check_recovered(run - 1, answer)
            answer = self.kill_under_load(ingestor, run)
        last = self.start(*SMALL)
        counted += self.check_recovered(KILLS - 1, answer)
        self.assertEqual(last.stop().received, 0)
        self.assertGreater(counted, 1000, "hardly anything was counted before the kills")
        twice = [found for found, times in self.times_found.items() if times > 1]
        self.assertEqual(twice[:5], [], f"{len(twice)} records twice")
        self.archive.check_manifest()


if __name__ == "__main__":
    cordwood.main()

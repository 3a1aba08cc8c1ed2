# SPDX-License-Identifier: Apache-2.0
"""One measurement: a fresh ingestor, a warm-up, the load, the counts, and the roofline beside it.

CPU time is that of the whole process, from before the load's first byte until everything is in
published files: compression, writing, syncing, hashing, publishing are all in it.
"""
from __future__ import annotations

import json
import re
import resource
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from signal import SIGUSR1
from typing import Any

from any_registry import AnyRegistry
from cordwood import Ingestor, Metrics, clean_environment, program
from quiet import QuietWatch
from rows import Row
from watchers import Watchers

POLL_S = 0.1  # between scrapes: they cost the ingestor CPU time too
PATIENCE_S = 120.0
WARM_UP_SHARE = 20  # one record in so many is sent before, to warm up
MARK = re.compile(rb' s=(\d+) n=(\d+)"')
CHUNK_BYTES = 16 << 20
NS = 1_000_000_000


@dataclass
class Result:
    """What one run of one row gave. Times per record are CPU time in ns."""

    records: int  # sent
    packets: int  # TLS records or datagrams
    bytes: int  # application bytes sent
    seconds: float  # first byte written until the last connection was answered
    cpu_ns: float  # per record
    sender_ns: float
    tls_ns: float  # roofline, both parts; 0 for UDP
    zstd_ns: float
    line_bytes: float  # per record, as archived
    file_bytes: float
    shards: int
    rss_mib: float  # peak
    p50_us: float
    p99_us: float
    lost: int  # sent and in no file
    dropped: int
    rejected: int
    quiet_ms: tuple[float, ...]  # sent until in a file, of quiet connections; sorted
    watched: dict[str, int]  # readers of /events that stayed, their events, scrapes; or nothing
    cipher: str

    @property
    def rooflines(self) -> float:
        return self.cpu_ns / (self.tls_ns + self.zstd_ns) if self.tls_ns else 0.0


class Sender:
    """bench_sender, held back until go()."""

    def __init__(self, options: list[str]) -> None:
        self._process = subprocess.Popen(
            [program("bench_sender"), "--controlled", *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=clean_environment(),
        )
        if self._read() != b"ready\n":
            raise AssertionError(f"bench_sender {' '.join(options)} did not become ready")

    def _read(self) -> bytes:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def go(self) -> dict[str, Any]:
        """Sends everything; what it counted. Idle connections stay open."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"go\n")
        self._process.stdin.flush()
        said = self._read()
        if not said:
            raise AssertionError("bench_sender failed")
        return json.loads(said)

    def end(self) -> None:
        self._process.communicate(timeout=PATIENCE_S)
        if self._process.returncode != 0:
            raise AssertionError(f"bench_sender ended with {self._process.returncode}")

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


def cpu_clock_ns(pid: int) -> int:
    """CPU time of a process with all its threads, the ended ones too (clock_getcpuclockid())."""
    return time.clock_gettime_ns((~pid << 3) | 2)


def peak_rss_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


RECEIVED_BY_TLS = ("cordwood_records_received_total",)
RECEIVED_BY_UDP = ("cordwood_udp_datagrams_received_total", "cordwood_udp_datagrams_dropped_total")


def wait_settled(ingestor: Ingestor, before: Metrics, sent: dict[str, Any]) -> Metrics:
    """Until everything sent since `before` is counted and none of it is in flight: each record that
    came by TLS, each datagram, be it read or dropped by the kernel. Each scrape checks the law."""
    udp = sent["protocol"] == "UDP"
    names, wanted = (
        (RECEIVED_BY_UDP, sent["packets"]) if udp else (RECEIVED_BY_TLS, sent["records"])
    )
    deadline = time.monotonic() + PATIENCE_S
    while True:
        metrics = ingestor.metrics()
        counted = sum(metrics.sum(name) - before.sum(name) for name in names)
        if counted == wanted and metrics.in_flight() == 0:
            return metrics
        if counted > wanted or time.monotonic() > deadline:
            raise AssertionError(f"{wanted} sent, {counted:.0f} counted: {sent}")
        time.sleep(POLL_S)


def publish(ingestor: Ingestor) -> None:
    """Until every file is under its final name."""
    ingestor.send_signal(SIGUSR1)
    deadline = time.monotonic() + PATIENCE_S
    while any(p.suffix in (".open", ".repack") for p in ingestor.data_dir.rglob("log_*")):
        if time.monotonic() > deadline:
            raise AssertionError(f"files are not published after {PATIENCE_S:.0f} s")
        time.sleep(POLL_S)


def latency_quantile_us(before: Metrics, after: Metrics, quantile: float) -> float:
    """The upper edge of the bucket that holds the quantile, of what came between two scrapes."""
    name = "cordwood_record_latency_seconds_bucket"
    counts = {}
    for sign, metrics in ((-1, before), (1, after)):
        for key, labels, value in metrics.samples:
            if key == name:
                edge = float(labels["le"])
                counts[edge] = counts.get(edge, 0.0) + sign * value
    edges = sorted(counts)
    for edge in edges:
        if counts[edge] >= quantile * counts[edges[-1]]:
            return edge * 1e6
    raise AssertionError(f"no {name}")


def published(data_dir: Path) -> list[str]:
    return sorted(str(p) for p in data_dir.rglob("log_*.zst"))


def decompress(files: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["zstd", "-dcq", *files], stdout=subprocess.PIPE)


def finish_decompression(zstd: subprocess.Popen[bytes]) -> None:
    zstd.stdout.close()
    if zstd.wait() != 0:
        raise AssertionError(f"zstd ended with {zstd.returncode}")


def count_lines(files: list[str]) -> int:
    zstd = decompress(files)
    counted = subprocess.run(["wc", "-l"], stdin=zstd.stdout, capture_output=True, check=True)
    finish_decompression(zstd)
    return int(counted.stdout)


def count_marks(files: list[str], senders: int, records: int) -> int:
    """How many of the marked records are in the files. One that is there twice is an error."""
    seen = [bytearray(records // senders + 1) for _ in range(senders)]
    zstd = decompress(files)
    rest = b""
    while chunk := zstd.stdout.read(CHUNK_BYTES):
        lines, _, rest = (rest + chunk).rpartition(b"\n")
        for sender, number in MARK.findall(lines):
            if seen[int(sender)][int(number)]:
                raise AssertionError(f"record s={sender} n={number} is archived twice")
            seen[int(sender)][int(number)] = 1
    finish_decompression(zstd)
    return sum(sum(s) for s in seen)


def roofline_tls(row: Row, options: list[str], directory: Path) -> tuple[float, dict[str, Any]]:
    """CPU seconds of receiving the same load and doing nothing with it."""
    state = directory / "roofline"
    state.mkdir(mode=0o700)
    receiver = subprocess.Popen(
        [program("bench_roofline"), "tls", str(row.connections), str(state)],
        stdout=subprocess.PIPE,
    )
    try:
        port = receiver.stdout.readline().split(b":")[-1].strip().decode()
        overrides = ["--idle=0", "--quiet=0"]
        if row.duration_s:
            overrides.append("--duration=1s")
        sender = Sender([f"--tls-port={port}", *options, *overrides])
        sent = sender.go()
        sender.end()
        said = json.loads(receiver.communicate(timeout=PATIENCE_S)[0])
    finally:
        receiver.kill()
        receiver.wait()
    if said["bytes"] != sent["bytes"] or said["failed"]:
        raise AssertionError(f"the roofline received {said} of {sent}")
    return said["cpu_seconds"], sent


def roofline_zstd(files: list[str]) -> dict[str, Any]:
    zstd = decompress(files)
    packed = subprocess.run(
        [program("bench_roofline"), "zstd", "1"], stdin=zstd.stdout, capture_output=True,
    )
    if packed.returncode != 0:
        raise AssertionError(f"bench_roofline zstd: {packed.stderr.decode()}")
    finish_decompression(zstd)
    return json.loads(packed.stdout)


class Measurement:
    """One run of a row, in a directory of its own."""

    def __init__(self, row: Row, records: int, directory: Path) -> None:
        self.row = row
        self.records = records
        self.directory = directory
        self.options = [*row.sender_options(), f"--records={records}"]
        self.registry = AnyRegistry() if row.any_schema else None
        options = [f"--registry={self.registry.url}"] if self.registry else []
        self.ingestor = Ingestor(directory, "--stats-interval=60s", *row.ingestor, *options)
        self.sender: Sender | None = None
        self.watchers: Watchers | None = None

    def _target(self) -> str:
        if self.row.udp:
            return f"--udp-port={self.ingestor.udp_port}"
        return f"--tls-port={self.ingestor.tls_port}"

    def _warm_up(self) -> int:
        """How many lines are in files; these are published, so that the load begins new ones."""
        records = max(self.records // WARM_UP_SHARE, self.row.connections)
        overrides = ["--marks=false", "--idle=0", "--quiet=0", "--duration=0s"]
        before = self.ingestor.metrics()
        sender = Sender([self._target(), *self.options, *overrides, f"--records={records}"])
        sent = sender.go()
        sender.end()
        wait_settled(self.ingestor, before, sent)
        publish(self.ingestor)
        lines = count_lines(published(self.ingestor.data_dir))
        if lines != sent["records"] and not self.row.udp:
            raise AssertionError(f"warm-up: {sent['records']} records sent, {lines} lines")
        return lines

    def run(self) -> Result:
        self.ingestor.wait_ready()
        pid = self.ingestor.process.pid
        warm = self._warm_up()
        self.sender = Sender([self._target(), *self.options])
        if self.row.watchers:
            self.watchers = Watchers(self.ingestor.http_port, self.row.watchers)
        before = self.ingestor.metrics()
        watch = QuietWatch(self.ingestor.data_dir) if self.row.quiet else None
        cpu_before = cpu_clock_ns(pid)
        sent = self.sender.go()
        after = wait_settled(self.ingestor, before, sent)
        quiet_ms = watch.finish(sent["quiet_records"]) if watch else ()
        publish(self.ingestor)
        cpu_ns = cpu_clock_ns(pid) - cpu_before
        rss_mib = peak_rss_mib(pid)
        watched = self.watchers.finish() if self.watchers else {}
        self.sender.end()
        totals = self.ingestor.stop()
        return self._result(
            sent, cpu_ns=cpu_ns / sent["records"], rss_mib=rss_mib,
            shards=len(after.by("cordwood_shard_busy_seconds_total", "shard")),
            p50_us=latency_quantile_us(before, after, 0.5),
            p99_us=latency_quantile_us(before, after, 0.99),
            lost=self._count_lost(sent["records"], warm),
            dropped=totals.dropped, rejected=totals.rejected, quiet_ms=quiet_ms,
            watched=watched,
        )

    def _count_lost(self, sent: int, warm: int) -> int:
        files = published(self.ingestor.data_dir)
        lost = sent + warm - count_lines(files)
        if self.row.marked:
            missing = sent - count_marks(files, self.row.connections, sent)
            if missing != lost:
                raise AssertionError(f"{missing} records missing by mark, {lost} by count")
        return lost

    def _result(self, sent: dict[str, Any], **measured: Any) -> Result:
        records = sent["records"]
        tls_ns = 0.0
        if not self.row.udp:
            cpu_s, roofline_sent = roofline_tls(self.row, self.options, self.directory)
            tls_ns = cpu_s * NS / roofline_sent["records"]
        packed = roofline_zstd(published(self.ingestor.data_dir))
        return Result(
            records=records, packets=sent["packets"], bytes=sent["bytes"],
            seconds=sent["seconds"], sender_ns=sent["cpu_seconds"] * NS / records,
            tls_ns=tls_ns, zstd_ns=packed["cpu_seconds"] * NS / packed["records"],
            line_bytes=packed["bytes_in"] / packed["records"],
            file_bytes=packed["bytes_out"] / packed["records"],
            cipher=f"{sent['protocol']} {sent['cipher']}", **measured,
        )

    def clean_up(self) -> None:
        self.ingestor.kill()
        if self.registry is not None:
            self.registry.stop()
        if self.sender is not None:
            self.sender.kill()
        if self.watchers is not None:
            self.watchers.kill()


def descriptors_for(row: Row) -> bool:
    """Whether this machine lets a process hold the row's connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(soft, hard) > row.idle + row.quiet + row.connections + 100

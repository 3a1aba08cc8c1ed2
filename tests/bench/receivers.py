# SPDX-License-Identifier: Apache-2.0
"""Other receivers under the same load: rsyslog and syslog-ng, configured by peers/, take the same
bytes over TLS from the same sender on the same machine and write the same fields as JSON lines.

A receiver is told to end when the sender has been answered on every connection: it then has read
everything, writes out what it holds, and ends. Its CPU time is that of all its threads, in the
kernel too, from before the load's first byte until then: compressing and writing are in it, as they
are in the ingestor's. The lines in its file are counted.
"""
from __future__ import annotations

import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM

import forwarders
from cordwood import source
from measure import NS, PATIENCE_S, WARM_UP_SHARE, Sender, cpu_clock_ns, peak_rss_mib
from rows import Row

PEERS = ("rsyslog", "syslog-ng")
FIELDS = {"timestamp", "level", "message", "service", "facility", "hostname", "procid"}
DRIVERS = {"--format=rfc5424": "syslog", "--format=rfc3164": "network"}  # of syslog-ng
RECORDS_MAX = 1_000_000  # of a run: they take long
STILL_S = 0.5  # so long without CPU time: it has nothing left to do


@dataclass
class PeerResult:
    """What one run gave. Times per record are CPU time in ns."""

    records: int  # sent
    seconds: float  # first byte written until the last connection was answered
    cpu_ns: float  # per record
    file_bytes: float  # per record
    rss_mib: float  # peak
    lost: int  # sent and not in the file
    cipher: str


def program_of(peer: str) -> str | None:
    """None if it is not on this machine."""
    return forwarders.find("rsyslogd" if peer == "rsyslog" else peer)


def takes(row: Row) -> bool:
    """Whether a row's load is syslog over TLS, once."""
    return any(option in DRIVERS for option in row.sender) and not (
        row.udp or row.duration_s or row.idle or row.quiet)


class Peer:
    """One receiver in a directory of its own."""

    def __init__(self, peer: str, row: Row, directory: Path) -> None:
        self.directory = directory
        self.lines = directory / ("records.jsonl" + (".zst" if peer == "rsyslog" else ""))
        certs = directory / "certs"
        subprocess.run([str(source("certs/gen.sh")), str(certs)], check=True)
        self.port = forwarders.free_port()
        driver = next(DRIVERS[option] for option in row.sender if option in DRIVERS)
        text = (Path(__file__).parent / "peers" / f"{peer}.conf").read_text()
        for name, value in (("DIRECTORY", directory), ("CERTS", certs), ("PORT", self.port),
                            ("DRIVER", driver)):
            text = text.replace(f"@{name}@", str(value))
        config = directory / f"{peer}.conf"
        config.write_text(text)
        command = self._rsyslog(config) if peer == "rsyslog" else self._syslog_ng(config)
        with open(directory / "log", "wb") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=directory,
                env=forwarders.environment())

    def _rsyslog(self, config: Path) -> list[str]:
        return [str(program_of("rsyslog")), "-n", "-f", str(config),
                "-i", str(self.directory / "pid"), *forwarders.rsyslog_modules()]

    def _syslog_ng(self, config: Path) -> list[str]:
        return [str(program_of("syslog-ng")), "-F", "--no-caps", "-f", str(config),
                *forwarders.syslog_ng_places(self.directory)]

    def wait_listening(self) -> None:
        """Until it listens, which it does only once all of it has started."""
        wanted = f":{self.port:04X} 00000000:0000 0A"
        deadline = time.monotonic() + PATIENCE_S
        while wanted not in Path("/proc/net/tcp").read_text():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError((self.directory / "log").read_text()[-2000:])
            time.sleep(0.05)

    def wait_still(self) -> int:
        """Until it uses no CPU time any more; how much it has used, in ns."""
        deadline = time.monotonic() + PATIENCE_S
        used, before = cpu_clock_ns(self.process.pid), -1
        while used - before > STILL_S * NS / 1000:  # its timers may tick
            if time.monotonic() > deadline:
                raise AssertionError("it does not come to rest")
            time.sleep(STILL_S)
            used, before = cpu_clock_ns(self.process.pid), used
        return used

    def end(self) -> int:
        """Lets it write out everything; the CPU time of its whole life, in ns."""
        self.process.send_signal(SIGTERM)
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if self.process.returncode != 0:
            raise AssertionError(f"ended with {self.process.returncode}")
        return int((usage.ru_utime + usage.ru_stime) * NS)

    def kill(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
            self.process.wait()

    def _read(self) -> subprocess.Popen[bytes]:
        reader = ["zstd", "-dcq"] if self.lines.suffix == ".zst" else ["cat"]
        return subprocess.Popen([*reader, str(self.lines)], stdout=subprocess.PIPE)

    def check_fields(self) -> None:
        """It wrote what the ingestor writes of such a message."""
        with self._read() as read:
            first = json.loads(read.stdout.readline())
            read.kill()
        if not FIELDS <= {name for name, value in first.items() if value}:
            raise AssertionError(f"fields are missing: {first}")

    def count_lines(self) -> int:
        with self._read() as read:
            counted = subprocess.run(["wc", "-l"], stdin=read.stdout, stdout=subprocess.PIPE,
                                     check=True)
        return int(counted.stdout)


def measure_peer(peer: str, row: Row, records: int, directory: Path) -> PeerResult:
    """One run of a row, with a warm-up as the ingestor has one."""
    running = Peer(peer, row, directory)
    try:
        running.wait_listening()
        options = [f"--tls-port={running.port}", *row.sender_options()]
        warm = max(records // WARM_UP_SHARE, row.connections)
        sender = Sender([*options, f"--records={warm}"])
        warm = sender.go()["records"]
        sender.end()
        running.wait_still()
        sender = Sender([*options, f"--records={records}"])
        before = cpu_clock_ns(running.process.pid)
        sent = sender.go()
        rss_mib = peak_rss_mib(running.process.pid)
        sender.end()
        used = running.end() - before
        running.check_fields()
        return PeerResult(
            records=sent["records"], seconds=sent["seconds"], cpu_ns=used / sent["records"],
            file_bytes=running.lines.stat().st_size / (sent["records"] + warm), rss_mib=rss_mib,
            lost=sent["records"] + warm - running.count_lines(),
            cipher=sent["cipher"])
    finally:
        running.kill()

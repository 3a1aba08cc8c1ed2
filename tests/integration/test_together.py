# SPDX-License-Identifier: Apache-2.0
"""Senders of every kind on one TLS port at the same time: exact counts per format, and every record
of each of them exactly once."""
from __future__ import annotations

import json
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Callable

import cordwood
import forwarders
import senders
import syslog_messages
from archive_check import mark

COUNT = 2000
FRAMES: dict[str, tuple[int, Callable[[dict[str, object]], bytes]]] = {
    "json": (senders.JSON, senders.json_payload),
    "proto": (senders.PROTO, senders.proto_payload),
    "avro": (senders.AVRO, senders.avro_payload),
    "raw": (senders.RAW, lambda record: str(record["message"]).encode()),
}


class Together(cordwood.TestCase):
    def stream(self, data: bytes, record_bytes: int = 1000) -> None:
        senders.send(self.ingestor.tls_port, data, record_bytes)

    def frames(self, kind: str) -> None:
        number, payload = FRAMES[kind]
        self.stream(b"".join(
            senders.frame(number, payload(senders.entry(f"frames-{kind}", n)))
            for n in range(COUNT)))

    def journald(self) -> None:
        self.stream(senders.lines(json.dumps({
            "__REALTIME_TIMESTAMP": str(1_795_234_305_000_000 + n), "PRIORITY": "6",
            "_SYSTEMD_UNIT": "shop.service", "MESSAGE": mark("journald", n)}).encode()
            for n in range(COUNT)))

    def openssl(self) -> None:
        subprocess.run(
            ["openssl", "s_client", "-quiet", "-no_ign_eof", "-nocommands", "-connect",
             f"127.0.0.1:{self.ingestor.tls_port}"],
            input=senders.raw_lines("openssl", COUNT), capture_output=True, check=True)

    def loggen(self) -> None:
        sent = forwarders.run_loggen(
            self, self.ingestor.tls_port, "--syslog-proto", "--number", str(COUNT))
        self.assertEqual(sent, COUNT)

    def test_one_port(self) -> None:
        certs = self.make_certs()
        self.ingestor = self.start(
            "--cert", str(certs / "server.crt"), "--key", str(certs / "server.key"))
        relays = {
            kind.__name__: kind(self, forwarders.block(name, self.ingestor, self.directory))
            for kind, name in ((forwarders.Rsyslog, "rsyslog-octets"),
                               (forwarders.SyslogNg, "syslog-ng-network"))}
        sent = {name: syslog_messages.messages(name, COUNT, lines=name == "Rsyslog")
                for name in relays}
        jobs: list[tuple[str, Callable[[], None]]] = [
            ("syslog", lambda: relays["Rsyslog"].feed(m.rfc5424() for m in sent["Rsyslog"])),
            ("syslog", lambda: relays["SyslogNg"].feed(m.rfc5424() for m in sent["SyslogNg"])),
            ("syslog", self.loggen),
            ("raw", self.openssl),
            ("raw", lambda: self.stream(senders.raw_lines("lines", COUNT))),
            ("json", lambda: self.stream(senders.ndjson("ndjson", COUNT))),
            ("journald", self.journald),
            *((kind, lambda kind=kind: self.frames(kind)) for kind in FRAMES),
        ]
        start = Barrier(len(jobs))

        def run(job: Callable[[], None]) -> None:
            start.wait()
            job()

        with ThreadPoolExecutor(len(jobs)) as pool:
            for done in [pool.submit(run, job) for _, job in jobs]:
                done.result()
        wanted: dict[str, int] = {}
        for kind, _ in jobs:
            wanted[kind] = wanted.get(kind, 0) + COUNT
        metrics = self.ingestor.settle(received=COUNT * len(jobs))
        self.assertEqual(metrics.by("cordwood_records_archived_total", "format"), wanted)
        for relay in relays.values():
            relay.stop()
        _, archive = self.stop_and_check(self.ingestor)
        names = ["openssl", "lines", "ndjson", "journald", *relays,
                 *(f"frames-{kind}" for kind in FRAMES)]
        self.assertEqual(Counter(archive.archived_marks()),
                         Counter((name, n) for name in names for n in range(COUNT)))
        forwarded = [record for record in archive.records()
                     if str(record.get("hostname")).endswith(".example.org")]
        self.assertEqual(syslog_messages.difference(
            sent["Rsyslog"] + sent["SyslogNg"], forwarded), "")


if __name__ == "__main__":
    cordwood.main()

# SPDX-License-Identifier: Apache-2.0
"""Who sent it: --peer-field and --received-field on records of every format, in every --out; the
sender on rejected records; names that a sender may not take."""
from __future__ import annotations

import csv
import io
import json
import socket
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import cordwood
import senders

FIELDS = ("--peer-field", "peer", "--received-field", "received")


class SenderFields(cordwood.TestCase):
    def send_tls(self, ingestor: cordwood.Ingestor, data: bytes, **certs: Any) -> str:
        """Sends and returns the address that it came from."""
        tls = senders.connect(ingestor.tls_port, senders.client_context(**certs))
        host, port = tls.getsockname()[:2]
        senders.send_records(tls, data)
        senders.close_in_order(tls)
        return f"{host}:{port}"

    def check_time(self, text: str) -> None:
        self.assertRegex(text, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
        age = datetime.now(timezone.utc) - datetime.fromisoformat(text.replace("Z", "+00:00"))
        self.assertTrue(timedelta(0) <= age < timedelta(minutes=5), text)

    def test_every_format_and_datagrams(self) -> None:
        ingestor = self.start("--shards", "1", *FIELDS)
        record = senders.entry("a", 1)
        streams = [
            senders.frame(1, senders.json_payload(record))
            + senders.frame(2, senders.proto_payload(record))
            + senders.frame(3, senders.avro_payload(record))
            + senders.frame(4, b"raw in a frame"),
            senders.octet_counted([senders.syslog_5424("a", 2), senders.syslog_3164("a", 3)]),
            senders.ndjson("a", 1),
            b"a raw line\n",
            b'{"__REALTIME_TIMESTAMP":"1795234305123456","MESSAGE":"m","PRIORITY":"6"}\n',
        ]
        counts = [4, 2, 1, 1, 1]
        want: list[str] = []
        for data, count in zip(streams, counts):
            want += [self.send_tls(ingestor, data)] * count
            ingestor.settle(received=len(want))
        for datagram in (senders.json_payload(record), b"<13>datagram"):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                udp.bind(("127.0.0.2", 0))
                udp.sendto(datagram, ("127.0.0.1", ingestor.udp_port))
                want.append("127.0.0.2:%d" % udp.getsockname()[1])
            ingestor.settle(received=len(want))
        _, archive = self.stop_and_check(ingestor)
        records = archive.records()
        self.assertEqual([r["peer"] for r in records], want)
        for r in records:
            self.assertEqual(list(r)[-2:], ["peer", "received"])
            self.assertNotIn("peer_cert", r)
            self.check_time(r["received"])

    def test_certificates_on_records_and_rejects(self) -> None:
        certs = self.make_certs()
        ingestor = self.start(
            "--cert", str(certs / "server.crt"), "--key", str(certs / "server.key"),
            "--client-ca", str(certs / "ca.crt"), "--peer-field", "from")
        bad = senders.frame(1, b"{}")
        good = senders.json_frames("a", 1)
        names = {"client": "client", "host": "Web-1.example.org"}
        peers = {
            name: self.send_tls(ingestor, good + bad, ca=certs / "ca.crt", client=certs / cert)
            for cert, name in names.items()
        }
        ingestor.settle(received=4)
        _, archive = self.stop_and_check(ingestor)
        self.assertEqual({r["from_cert"]: r["from"] for r in archive.records()}, peers)
        self.assertEqual({r["peer_cert"]: r["peer"] for r in archive.rejected()}, peers)

    def test_no_sender_takes_our_names(self) -> None:
        ingestor = self.start("--shards", "1", "--peer-field", "hostname", "--received-field", "at")
        data = senders.lines([
            b'{"message":"m","at":1,"hostname":"h","_hostname":"i","hostname_cert":"root"}',
            b'{"message":"m","other":[{"at":1}]}',
        ])
        self.send_tls(ingestor, data)
        self.send_tls(ingestor, senders.octet_counted([b"<13>Oct 11 22:14:15 web-1 su: m"]))
        ingestor.settle(received=3)
        _, archive = self.stop_and_check(ingestor)
        first, second, syslog = archive.records()
        self.assertEqual(first["_at"], 1)
        self.assertEqual(first["__hostname"], "h")
        self.assertEqual(first["_hostname"], "i")
        self.assertEqual(first["_hostname_cert"], "root")
        self.assertNotIn("hostname_cert", first)
        self.assertEqual(second["other"], [{"at": 1}])
        self.assertEqual(syslog["_hostname"], "web-1")
        for r in (first, second, syslog):
            self.assertTrue(r["hostname"].startswith("127.0.0.1:"))
            self.check_time(r["at"])

    def rendered(self, out: str) -> tuple[str, str]:
        """Who sent one record, and the file that it is in."""
        ingestor = self.start("--shards", "1", "--out", out, *FIELDS)
        peer = self.send_tls(ingestor, senders.json_frames("a", 1))
        ingestor.settle(received=1)
        ingestor.stop()
        (path,) = Path(ingestor.data_dir).glob("log_*.zst")
        plain = subprocess.run(["zstd", "-dc", str(path)], capture_output=True, check=True)
        return peer, plain.stdout.decode()

    def test_csv_and_text(self) -> None:
        peer, text = self.rendered("csv")
        row = list(csv.DictReader(io.StringIO(text)))[0]
        extra = json.loads(row["extra"])
        self.assertEqual(extra["peer"], peer)
        self.check_time(extra["received"])

        self.next_directory()
        peer, line = self.rendered("text")
        extra = json.loads(line[line.index(" {"):])
        self.assertEqual(extra["peer"], peer)
        self.check_time(extra["received"])

    def test_bad_names_are_refused(self) -> None:
        for option, name in (("--peer-field", "level"), ("--received-field", "timestamp"),
                             ("--peer-field", "type"), ("--peer-field", "a b")):
            ingestor = self.launch(option, name)
            self.assertEqual(ingestor.wait_exit(), 2)
            for part in (option, name, "allowed:"):
                self.assertIn(part, ingestor.log())


if __name__ == "__main__":
    cordwood.main()

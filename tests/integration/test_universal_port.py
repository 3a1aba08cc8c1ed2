# SPDX-License-Identifier: Apache-2.0
"""One port for every stream: what the first bytes decide, over real TLS, and that the decision
does not depend on how the bytes arrive."""
from __future__ import annotations

import socket

import cordwood
import senders
from archive_check import mark, rejected_bytes

TEXT = mark("x", 0).encode()
JSON_RECORD = senders.json_payload(senders.entry("x", 0))
SYSLOG = senders.syslog_5424("x", 0)

# What is sent, the format it counts as, the archived message if that is not TEXT.
STREAMS = {
    "json frame": (senders.frame(senders.JSON, JSON_RECORD), "json", None),
    "raw frame": (senders.frame(senders.RAW, TEXT), "raw", None),
    "octet counting": (senders.octet_counted([SYSLOG]), "syslog", None),
    "octet counting, RFC 3164": (senders.octet_counted([senders.syslog_3164("x", 0)]), "syslog",
                                 None),
    "syslog line": (SYSLOG + b"\n", "syslog", None),
    "syslog ended by NUL": (SYSLOG + b"\0", "syslog", None),
    "syslog ended by CR LF": (SYSLOG + b"\r\n", "syslog", None),
    "syslog behind blank lines": (b"\r\n\n" + SYSLOG + b"\n", "syslog", None),
    "NDJSON": (JSON_RECORD + b"\n", "json", None),
    "NDJSON ended by NUL": (JSON_RECORD + b"\0", "json", None),
    "NDJSON behind BOM and space": (b"\xef\xbb\xbf \t" + JSON_RECORD + b"\n", "json", None),
    "journald JSON": (b'{"MESSAGE":"' + TEXT + b'","PRIORITY":"6"}\n', "journald", None),
    "raw line": (TEXT + b"\n", "raw", None),
    "raw line like a count": (b"12 " + TEXT + b"\n", "raw", "12 " + TEXT.decode()),
    "raw line like GET": (b"GETTING " + TEXT + b"\n", "raw", "GETTING " + TEXT.decode()),
    "raw line with UTF-8": ("\u00e9 ".encode() + TEXT + b"\n", "raw", "\u00e9 " + TEXT.decode()),
    "raw line of <": (b"<tag> " + TEXT + b"\n", "raw", "<tag> " + TEXT.decode()),
    "raw line without end": (TEXT, "raw", None),
}

# Known, but not spoken here: what is sent, and what the log line says.
FOREIGN = {
    "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "RELP": b"1 open 85 relp_version=0\n",
    "Lumberjack": b"2W\0\0\0\1",
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
}


class UniversalPort(cordwood.TestCase):
    def check_streams(self, ingestor: cordwood.Ingestor, record_bytes: int) -> None:
        for data, _, _ in STREAMS.values():
            senders.send(ingestor.tls_port, data, record_bytes)
        metrics = ingestor.settle(received=len(STREAMS))
        expected: dict[str, float] = {}
        for _, kind, _ in STREAMS.values():
            expected[kind] = expected.get(kind, 0) + 1
        self.assertEqual(metrics.by("cordwood_records_archived_total", "format"), expected)
        _, archive = self.stop_and_check(ingestor)
        messages = sorted(message or TEXT.decode() for _, _, message in STREAMS.values())
        self.assertEqual(sorted(r["message"] for r in archive.records()), messages)

    def test_streams_in_one_piece(self) -> None:
        self.check_streams(self.start(), senders.TLS_RECORD_BYTES_MAX)

    def test_streams_byte_by_byte(self) -> None:
        self.check_streams(self.start(), 1)

    def check_ended(self, ingestor: cordwood.Ingestor, result: str) -> None:
        cordwood.wait_until(
            lambda: ingestor.metrics().by("cordwood_connections_ended_total", "result")
            == {result: 1},
            "the connection's end is counted",
        )

    def check_kept(self, ingestor: cordwood.Ingestor, stream: bytes) -> None:
        """Ends it; what was read of the one stream is the one reject, its first 1 KiB kept."""
        totals, archive = self.stop_and_check(ingestor)
        self.assertEqual((totals.archived, totals.rejected), (0, 1))
        (record,) = archive.rejected()
        self.assertEqual((record["format"], record["reason"]), ("unknown", "unknown_format"))
        self.assertEqual((record["length"], rejected_bytes(record)), (len(stream), stream[:1024]))

    def test_foreign_protocols_are_named(self) -> None:
        for name, data in FOREIGN.items():
            with self.subTest(name):
                ingestor = self.start()
                before = len(ingestor.log())
                tls = senders.connect(ingestor.tls_port)
                tls.sendall(data)
                self.assertIn(senders.heard_at_last(tls), ("fin", "reset"))
                metrics = ingestor.settle(received=1)
                self.assertEqual(
                    metrics.by("cordwood_records_rejected_total", "reason"), {"unknown_format": 1}
                )
                self.check_ended(ingestor, "unknown_format")
                lines = [
                    line for line in ingestor.log()[before:].splitlines() if f'"{name}"' in line
                ]
                self.assertEqual(len(lines), 1, ingestor.log())
                self.assertIn("peer=127.0.0.1:", lines[0])
                tls.close()
                self.check_kept(ingestor, data)
            self.next_directory()

    def test_binary_is_refused(self) -> None:
        for first in (0x00, 0x05, 0x0E, 0x1C, 0x7F, 0x80, 0xC1, 0xF5, 0xFF):
            with self.subTest(hex(first)):
                ingestor = self.start()
                data = bytes([first]) + b"\x99" * 2000
                tls = senders.connect(ingestor.tls_port)
                tls.sendall(data)
                self.assertIn(senders.heard_at_last(tls), ("fin", "reset"))
                tls.close()
                metrics = ingestor.settle(received=1)
                self.assertEqual(
                    metrics.by("cordwood_records_rejected_total", "reason"), {"unknown_format": 1}
                )
                self.check_ended(ingestor, "unknown_format")
                self.check_kept(ingestor, data)
            self.next_directory()

    def test_plain_text_is_refused_and_named(self) -> None:
        ingestor = self.start()
        with socket.create_connection(("127.0.0.1", ingestor.tls_port)) as plain:
            plain.sendall(b"<14>hello\n")
            try:
                self.assertEqual(plain.recv(100), b"", "it is closed, without a word")
            except ConnectionResetError:
                pass
            cordwood.wait_until(
                lambda: ingestor.metrics().by("cordwood_tls_handshake_failures_total", "reason")
                == {"plain_text": 1},
                "the refusal is counted",
            )
        self.assertIn("plain_text", ingestor.log())
        self.assertIn("hello", ingestor.log())
        self.check_ended(ingestor, "plain_text")
        self.assertEqual(ingestor.stop().received, 0)

    def test_formats_change_from_frame_to_frame(self) -> None:
        ingestor = self.start()
        data = b"".join(
            senders.frame(senders.JSON, senders.json_payload(senders.entry("mix", n)))
            if n % 2 == 0
            else senders.frame(senders.RAW, mark("mix", n).encode())
            for n in range(100)
        )
        senders.send(ingestor.tls_port, data)
        metrics = ingestor.settle(received=100)
        self.assertEqual(
            metrics.by("cordwood_records_archived_total", "format"), {"json": 50, "raw": 50}
        )
        _, archive = self.stop_and_check(ingestor)
        archive.check_delivery({"mix": 100})


if __name__ == "__main__":
    cordwood.main()

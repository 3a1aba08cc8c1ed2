# SPDX-License-Identifier: Apache-2.0
"""Ports for one kind of stream, and every framing of syslog on one port at one time."""
from __future__ import annotations

import subprocess

import cordwood
import senders
from archive_check import mark

TEXT = mark("x", 0).encode()
SYSLOG = senders.syslog_5424("x", 0)


class ForcedPorts(cordwood.TestCase):
    def archived(self, kind: str, data: bytes, received: int) -> tuple[dict[str, float], list[str]]:
        """Per format, and the messages in order, of a stream on a port for that kind."""
        ingestor = self.start("--tls-port", f"0={kind}")
        senders.send(ingestor.tls_port, data)
        formats = ingestor.settle(received=received).by("cordwood_records_archived_total", "format")
        _, archive = self.stop_and_check(ingestor)
        self.next_directory()
        return formats, [record["message"] for record in archive.records()]

    def test_syslog_in_both_framings(self) -> None:
        for data in (senders.octet_counted([SYSLOG] * 2), SYSLOG + b"\n" + SYSLOG + b"\r\n",
                     SYSLOG + b"\0" + SYSLOG + b"\0"):
            self.assertEqual(self.archived("syslog", data, 2), ({"syslog": 2}, [TEXT.decode()] * 2))

    def test_what_cannot_be_syslog_becomes_raw(self) -> None:
        for line in (b"GET / HTTP/1.1", b"{\"a\":1}", b"2026-11-21 no syslog", b"12 apples",
                     b"__CURSOR=x", b"  indented", b"1 open 85 relp", b"\x01\x02\x03"):
            formats, messages = self.archived("syslog", line + b"\n" + SYSLOG + b"\n", 2)
            self.assertEqual(messages, [line.decode(), TEXT.decode()], line)
            self.assertEqual(formats, {"raw": 1, "syslog": 1}, line)

    def test_bytes_that_are_no_text_are_kept(self) -> None:
        ingestor = self.start("--tls-port", "0=syslog")
        senders.send(ingestor.tls_port, b"\xff\xfe\x80\n")
        ingestor.settle(received=1)
        _, archive = self.stop_and_check(ingestor)
        (record,) = archive.records()
        self.assertEqual((record["invalid_utf8"], record["raw_base64"]), (True, "//6A"))

    def test_other_kinds(self) -> None:
        raw = senders.frame(senders.RAW, TEXT)
        self.assertEqual(self.archived("frames", raw, 1), ({"raw": 1}, [TEXT.decode()]))
        self.assertEqual(self.archived("raw", b"5 <13>x\n", 1), ({"raw": 1}, ["5 <13>x"]))
        self.assertEqual(self.archived("ndjson", b"\xef\xbb\xbf{\"msg\":\"m\"}\n", 1),
                         ({"json": 1}, ["m"]))
        self.assertEqual(self.archived("journald", b"MESSAGE=m\n\n", 1), ({"journald": 1}, ["m"]))

    def test_a_port_for_frames_takes_no_text(self) -> None:
        ingestor = self.start("--tls-port", "0=frames")
        tls = senders.connect(ingestor.tls_port)
        tls.sendall(b"<13>x\n")
        self.assertIn(senders.heard_at_last(tls), ("fin", "reset"))
        tls.close()
        metrics = ingestor.settle(received=1)
        self.assertEqual(metrics.by("cordwood_records_rejected_total", "reason"), {"bad_frame": 1})
        self.stop_and_check(ingestor)

    @staticmethod
    def is_long(name: str, n: int) -> bool:
        """Has a second line; the first message of a stream shows which terminator it has."""
        return name == "octet" or (name == "nul" and n > 0)

    def test_framings_on_one_port_at_one_time(self) -> None:
        """Of eight connections that are open together each has its own framing, and messages of
        several lines stay whole where the framing counts or ends with NUL."""
        count = 50
        ends = {"lf": b"\n", "crlf": b"\r\n", "nul": b"\0"}
        ingestor = self.start("--tls-port", "0", "--tls-port", "0=syslog")
        open_now = []
        for port in ingestor.ports("tls"):
            for name in ("octet", *ends):
                open_now.append((name, senders.connect(port)))
        for n in range(count):
            for name, tls in open_now:
                more = b"\nsecond line" if self.is_long(name, n) else b""
                message = senders.syslog_5424(name, n) + more
                tls.sendall(
                    senders.octet_counted([message]) + b"\r\n\0" if name == "octet"
                    else message + ends[name])
        for _, tls in open_now:
            senders.close_in_order(tls)
        metrics = ingestor.settle(received=count * len(open_now))
        self.assertEqual(metrics.by("cordwood_records_archived_total", "format"),
                         {"syslog": count * len(open_now)})
        _, archive = self.stop_and_check(ingestor)
        want = []
        for name, _ in open_now:
            want += [mark(name, n) + ("\nsecond line" if self.is_long(name, n) else "")
                     for n in range(count)]
        self.assertEqual(sorted(r["message"] for r in archive.records()), sorted(want))

    def run_with(self, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([cordwood.program("cordwood-ingestor"), *options], text=True,
                              capture_output=True, env=cordwood.clean_environment(),
                              timeout=cordwood.PATIENCE_S)

    def test_settings_are_shown_and_bad_ones_named(self) -> None:
        shown = self.run_with("--tls-port", "3001,6514=syslog,7=auto", "--print-config")
        self.assertIn("tls-port: [3001, 6514=syslog, 7]", shown.stdout)
        for value in ("6514=snailmail", "6514=", "off=syslog", "70000=syslog"):
            refused = self.run_with("--tls-port", value, "--check-config")
            self.assertEqual(refused.returncode, 2, value)
            self.assertIn(f'--tls-port: "{value}" is', refused.stderr)
            self.assertIn("auto, syslog, frames, ndjson, raw or journald", refused.stderr)
        refused = self.run_with("--proxy-protocol", "10.0.0.0/33", "--check-config")
        self.assertEqual(refused.returncode, 2)
        self.assertIn('--proxy-protocol: "10.0.0.0/33" is no block', refused.stderr)


if __name__ == "__main__":
    cordwood.main()

# SPDX-License-Identifier: Apache-2.0
"""A journal written by systemd, read by journalctl, and archived: all entries, all fields, whether
they come as an export stream or as JSON."""
from __future__ import annotations

import base64
import json
import struct
import subprocess
import time
from typing import Any

import cordwood
import forwarders
import senders

ENTRIES = 300
LEVELS = ("EMERG", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG")

MESSAGES = (
    b"plain text with = and \"quotes\"",
    b"two\nlines\n\nand a blank one",
    "gr\u00fc\u00dfe \u2028 \U0001f332".encode(),
    b"colour \x1b[31mred\x1b[0m",
    b"not UTF-8: \xff\xfe, NUL: \0, end",
    b"",
    b"long " * 2000,
)


def field(name: str, value: bytes) -> bytes:
    """As text where that is allowed, else with its length."""
    if all(byte >= 32 and byte < 127 for byte in value):
        return name.encode() + b"=" + value + b"\n"
    return name.encode() + b"\n" + struct.pack("<Q", len(value)) + value + b"\n"


def entry(number: int, now_us: int) -> bytes:
    fields = [
        field("__REALTIME_TIMESTAMP", str(now_us + number).encode()),
        field("__MONOTONIC_TIMESTAMP", str(number + 1).encode()),
        field("_BOOT_ID", b"a" * 32),
        field("_TRANSPORT", b"journal"),
        field("_HOSTNAME", b"web1"),
        field("PRIORITY", str(number % 8).encode()),
        field("NUMBER", str(number).encode()),
        field("MESSAGE", MESSAGES[number % len(MESSAGES)]),
    ]
    if number % 2:
        fields.append(field("_SYSTEMD_UNIT", b"shop.service"))
    if number % 3 == 0:
        fields += [field("TAG", b"one"), field("TAG", b"two"), field("TAG", b"three\x01")]
    if number % 5 == 0:
        fields.append(field("BLOB", bytes(range(256))))
    return b"".join(fields) + b"\n"


class JournalExport(cordwood.TestCase):
    def setUp(self) -> None:
        super().setUp()
        remote = forwarders.find("systemd-journal-remote")
        reader = forwarders.find("journalctl")
        if remote is None or reader is None:
            self.skipTest("no systemd-journal-remote or journalctl on this machine")
        self.reader = reader
        self.journal = self.directory / "shop.journal"
        now_us = time.time_ns() // 1000
        stream = b"".join(entry(number, now_us) for number in range(ENTRIES))
        subprocess.run(
            [remote, f"--output={self.journal}", "-"], input=stream, check=True,
            capture_output=True, env=forwarders.environment())
        self.told = [json.loads(line) for line in self.read("json", "--all").splitlines()]
        self.assertEqual(len(self.told), ENTRIES)

    def read(self, output: str, *options: str) -> bytes:
        return subprocess.run(
            [self.reader, f"--file={self.journal}", f"--output={output}", *options],
            check=True, capture_output=True, env=forwarders.environment()).stdout

    def expected(self, told: dict[str, Any]) -> dict[str, Any]:
        """The record of an entry as journalctl tells it in JSON."""
        told = dict(told)
        us = int(told.pop("__REALTIME_TIMESTAMP"))
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(us // 1_000_000))
        record = {
            "timestamp": f"{stamp}.{us % 1_000_000:06d}Z",
            "level": LEVELS[int(told.pop("PRIORITY"))],
            "service": told.pop("_SYSTEMD_UNIT", None) or told.pop("_TRANSPORT"),
        }
        message = told.pop("MESSAGE")
        if isinstance(message, list):
            raw = bytes(message)
            record["message"] = raw.decode(errors="replace")
            if b"\xff" in raw:
                record["invalid_utf8"] = True
                record["raw_base64"] = base64.b64encode(raw).decode()
        else:
            record["message"] = message
        return {**record, **told}

    def normal(self, record: dict[str, Any]) -> str:
        """Comparable; journalctl does not say in which order the values of one field came."""
        return json.dumps(
            {name: sorted(value, key=json.dumps) if name == "TAG" else value
             for name, value in record.items()}, sort_keys=True)

    def check(self, ingestor: cordwood.Ingestor) -> None:
        metrics = ingestor.settle(received=ENTRIES)
        self.assertEqual(
            metrics.by("cordwood_records_archived_total", "format"), {"journald": ENTRIES})
        _, archive = self.stop_and_check(ingestor)
        want = sorted(self.normal(self.expected(told)) for told in self.told)
        self.assertEqual(sorted(map(self.normal, archive.records())), want)

    def test_export_stream(self) -> None:
        ingestor = self.start()
        senders.send(ingestor.tls_port, self.read("export"))
        self.check(ingestor)

    def test_export_stream_in_small_pieces(self) -> None:
        ingestor = self.start("--tls-port", "0=journald")
        senders.send(ingestor.tls_port, self.read("export"), 97)
        self.check(ingestor)

    def test_json(self) -> None:
        ingestor = self.start()
        senders.send(ingestor.tls_port, self.read("json", "--all"))
        self.check(ingestor)

    def test_json_by_our_client(self) -> None:
        """One line is one raw record of a go-client frame."""
        ingestor = self.start()
        subprocess.run(
            [cordwood.program("cordwood-client"), "--insecure", "--tcp-port",
             str(ingestor.tls_port), "--file", "-"],
            input=self.read("json", "--all"), check=True, capture_output=True)
        self.check(ingestor)

    def test_one_bad_entry_among_good_ones(self) -> None:
        good = self.read("export")
        bad = b"__CURSOR=x\nlower case=1\n\n"
        cut = b"__CURSOR=x\nMESSAGE=cut"
        large = b"__CURSOR=x\nMESSAGE=" + b"x" * (300 * 1024) + b"\n\n"
        ingestor = self.start()
        senders.send(ingestor.tls_port, good + large + bad + cut)
        metrics = ingestor.settle(received=ENTRIES + 3)
        self.assertEqual(
            metrics.by("cordwood_records_rejected_total", "reason"),
            {"bad_frame": 1, "too_large": 1, "truncated": 1})
        _, archive = self.stop_and_check(ingestor)
        self.assertEqual(len(archive.records()), ENTRIES)
        self.assertEqual({record["format"] for record in archive.rejected()}, {"journald"})
        self.assertEqual(
            sorted(record["length"] for record in archive.rejected()),
            sorted([len(bad) - 1, len(cut), len(large) - 1]))


if __name__ == "__main__":
    cordwood.main()

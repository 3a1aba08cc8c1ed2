# SPDX-License-Identifier: Apache-2.0
"""The tables of tests/vectors/dialects through the real program: every field of every line, as
octet-counted messages, as datagrams and as JSON lines; the zones of --syslog-zone."""
from __future__ import annotations

import json
import socket
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import cordwood
import senders
from archive_check import Archive

Row = dict[str, Any]
LEAP_GAP_YEARS = 8


def rows(name: str) -> list[Row]:
    path = cordwood.source("tests/vectors/dialects") / name
    return [json.loads(line) for line in path.read_text().splitlines()]


def instant(text: str) -> datetime:
    """An RFC 3339 time; digits beyond microseconds and the leap second are cut."""
    seconds, _, rest = text.replace("Z", "+00:00").replace(":60", ":59").partition(".")
    if rest:
        digits = rest.rstrip("0123456789:").rstrip("+-")
        zone = rest[len(digits):]
        return datetime.fromisoformat(f"{seconds}.{digits[:6]:0<6}{zone}")
    return datetime.fromisoformat(seconds)


def nearest_year(text: str, now: datetime) -> str:
    """The same time in the year that brings it nearest to now."""
    candidates = []
    for year in range(now.year - LEAP_GAP_YEARS, now.year + LEAP_GAP_YEARS + 1):
        try:
            other = f"{year}{text[4:]}"
            candidates.append((abs(instant(other) - now), other))
        except ValueError:  # 29 February
            continue
    return min(candidates)[1]


class Dialects(cordwood.TestCase):
    def check(self, want: Row, got: Row, about: str) -> None:
        """Equal, members in order; times that depend on when it came are judged by now."""
        now = datetime.now(timezone.utc)
        want, got = dict(want), dict(got)
        source = want.get("time_source")
        if source == "received":
            age = now - instant(got["timestamp"])
            self.assertTrue(timedelta(0) <= age < timedelta(minutes=5), about)
            want["timestamp"] = got["timestamp"]
        if source == "assumed_year":
            want["timestamp"] = nearest_year(want["timestamp"], now)
        self.assertEqual(list(want.items()), list(got.items()), about)

    def check_all(self, table: list[Row], archive: Archive) -> None:
        kept = [row for row in table if "want" in row]
        records = archive.records()
        self.assertEqual(len(records), len(kept))
        for row, got in zip(kept, records):
            self.check(row["want"], got, row["source"])
        refused = [row["reason"] for row in table if "reason" in row]
        self.assertEqual([reject["reason"] for reject in archive.rejected()], refused)

    def send_tls(self, ingestor: cordwood.Ingestor, data: bytes) -> None:
        tls = senders.connect(ingestor.tls_port)
        senders.send_records(tls, data)
        senders.close_in_order(tls)

    def formats(self, table: list[Row], last: cordwood.Metrics) -> None:
        for name in {row["format"] for row in table}:
            count = sum(row["format"] == name for row in table)
            self.assertEqual(last.sum("cordwood_records_received_total", format=name), count, name)

    def test_syslog_octet_counted(self) -> None:
        table = rows("syslog.jsonl")
        ingestor = self.start("--shards", "1")
        self.send_tls(ingestor, senders.octet_counted(row["line"].encode() for row in table))
        self.formats(table, ingestor.settle(received=len(table)))
        _, archive = self.stop_and_check(ingestor)
        self.check_all(table, archive)

    def test_syslog_datagrams(self) -> None:
        table = [row for row in rows("syslog.jsonl") if row["line"].startswith("<")]
        ingestor = self.start("--shards", "1")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.connect(("127.0.0.1", ingestor.udp_port))
            for n, row in enumerate(table):
                udp.send(row["line"].encode())
                if n % 20 == 19:  # never more than a socket buffer holds
                    ingestor.settle(received=n + 1)
        self.formats(table, ingestor.settle(received=len(table)))
        _, archive = self.stop_and_check(ingestor)
        self.check_all(table, archive)

    def test_json_lines(self) -> None:
        table = rows("ndjson.jsonl")
        ingestor = self.start("--shards", "1")
        self.send_tls(ingestor, senders.lines(row["line"].encode() for row in table))
        self.formats(table, ingestor.settle(received=len(table)))
        _, archive = self.stop_and_check(ingestor)
        self.check_all(table, archive)

    def test_zones_by_sender(self) -> None:
        """Senders on 127.0.0.1 and 127.0.0.2, one network in another: TLS and datagrams."""
        ingestor = self.start(
            "--shards", "1", "--bind", "127.0.0.1", "--syslog-zone", "Asia/Tokyo",
            "--syslog-zone", "127.0.0.0/8=America/New_York,127.0.0.2/32=Europe/Berlin")
        stamp = datetime.now().replace(microsecond=0)
        line = stamp.strftime("<13>%b %e %H:%M:%S h a: m").encode()
        dated = stamp.strftime("<13>%Y-%m-%dT%H:%M:%S h a: m").encode()
        zones = {"127.0.0.1": "America/New_York", "127.0.0.2": "Europe/Berlin"}
        for sender in zones:
            plain = socket.create_connection(
                ("127.0.0.1", ingestor.tls_port), senders.TIMEOUT_S, (sender, 0))
            tls = senders.client_context().wrap_socket(plain, server_hostname="localhost")
            senders.send_records(tls, senders.octet_counted([line, dated]))
            senders.close_in_order(tls)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                udp.bind((sender, 0))
                udp.sendto(line, ("127.0.0.1", ingestor.udp_port))
        ingestor.settle(received=6)
        _, archive = self.stop_and_check(ingestor)
        got = sorted((r["timestamp"], r["time_source"]) for r in archive.records())
        want = []
        for zone in zones.values():
            text = stamp.replace(tzinfo=ZoneInfo(zone)).isoformat()
            want += [(text, "assumed_year")] * 2 + [(text, "assumed_zone")]
        self.assertEqual(got, sorted(want))

    def test_bad_zones_are_named(self) -> None:
        for bad in ("Mars/Phobos", "10.0.0.0/99=UTC", "../passwd", "+25:00"):
            ingestor = self.launch("--syslog-zone", bad)
            self.assertEqual(ingestor.wait_exit(), 2)
            said = ingestor.log()
            for part in ("--syslog-zone", bad, "allowed:", "Europe/Berlin", "+01:00"):
                self.assertIn(part, said)


if __name__ == "__main__":
    cordwood.main()

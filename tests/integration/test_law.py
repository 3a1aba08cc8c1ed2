# SPDX-License-Identifier: Apache-2.0
"""The law, under everything at once: received = archived + rejected + dropped + in flight, exactly
and per format, in every one of many scrapes while good and bad records of every format arrive; and
in the end what was sent is what is in the files."""
from __future__ import annotations

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Callable, Iterator

import cordwood
import senders
from archive_check import Archive, mark, marks_in, rejected_payload

SENDERS_PER_KIND = 3
RECORDS = 2000  # of each sender
BAD_EVERY = 7
SCRAPES_PER_SECOND = 20
DATAGRAM_BURST = 20
LIMITS = ("--max-record-bytes", "4KiB", "--max-message-bytes", "2KiB", "--flush-interval", "50ms",
          "--rotate-bytes", "256KiB")
TOO_LARGE = "." * 5000
TOO_LONG = "." * 3000


@dataclass
class Sent:
    """What one sender sends: its bytes, and what must become of each record."""

    wire: list[bytes] = field(default_factory=list)
    good: Counter[str] = field(default_factory=Counter)  # by format
    bad: list[tuple[str, str, tuple[str, int]]] = field(default_factory=list)

    def add_good(self, wire: bytes, name: str) -> None:
        self.wire.append(wire)
        self.good[name] += 1

    def add_bad(self, wire: bytes, name: str, reason: str, n: tuple[str, int]) -> None:
        self.wire.append(wire)
        self.bad.append((name, reason, n))


def contract_record(sender: str, n: int) -> tuple[bytes, str]:
    """A JSON record of the contract, and why it is bad ("": it is good)."""
    text = mark(sender, n)
    reasons: list[tuple[str, dict[str, object]]] = [
        ("bad_level", {"level": "LOUD"}), ("bad_timestamp", {"timestamp": "now"}),
        ("service_too_long", {"service": "s" * 257}), ("missing_service", {"service": ""}),
        ("message_too_long", {"message": f"{text} {TOO_LONG}"}),
        ("too_large", {"message": f"{text} {TOO_LARGE}"}),
    ]
    if n % BAD_EVERY != 0:
        return senders.json_payload(senders.entry(sender, n, extra=[n, {"a": None}])), ""
    kind = n // BAD_EVERY % (len(reasons) + 2)
    if kind == len(reasons):
        return f'{{"message":"{text}"'.encode(), "bad_json"
    if kind == len(reasons) + 1:
        return f'{{"message":"{text}","x":"'.encode() + b'\xff"}', "bad_utf8"
    reason, members = reasons[kind]
    return senders.json_payload(senders.entry(sender, n, **members)), reason


def frames(sender: str) -> Sent:
    """Formats 1 and 4 mixed, and now and then a frame of another format."""
    sent = Sent()
    for n in range(RECORDS):
        payload, reason = contract_record(sender, n)
        if n % 11 == 1:
            sent.add_bad(senders.frame(77, mark(sender, n).encode()), "unknown", "unknown_format",
                         (sender, n))
        elif n % 2 == 0:
            sent.add_good(senders.frame(senders.RAW, mark(sender, n).encode()), "raw")
        elif reason:
            sent.add_bad(senders.frame(senders.JSON, payload), "json", reason, (sender, n))
        else:
            sent.add_good(senders.frame(senders.JSON, payload), "json")
    return sent


def ndjson(sender: str) -> Sent:
    """What is not in the contract is filled in; only what is no JSON, or too much, is bad."""
    sent = Sent()
    for n in range(RECORDS):
        line = json.dumps({"msg": mark(sender, n), "ts": 1700000000 + n}).encode()
        large = json.dumps({"msg": f"{mark(sender, n)} {TOO_LARGE}"}).encode()
        deep = f'{{"msg":"{mark(sender, n)}","x":{"[" * 70}{"]" * 70}}}'.encode()
        bad = [(line[:-1], "bad_json"), (large, "too_large"), (deep, "too_deep")]
        if n % BAD_EVERY == 0:
            wire, reason = bad[n // BAD_EVERY % len(bad)]
            sent.add_bad(wire + b"\n", "json", reason, (sender, n))
        else:
            sent.add_good(line + b"\n", "json")
    return sent


def lines_of(sender: str, name: str, line: Callable[[int], bytes], end: bytes = b"\n") -> Sent:
    """Text lines: good whatever they hold, bad only if they are too large."""
    sent = Sent()
    for n in range(RECORDS):
        if n % BAD_EVERY == 0:
            sent.add_bad(line(n) + TOO_LARGE.encode() + end, name, "too_large", (sender, n))
        else:
            sent.add_good(line(n) + (b"\xff" if n % 5 == 0 else b"") + end, name)
    return sent


def journald(sender: str) -> Sent:
    sent = Sent()
    for n in range(RECORDS):
        fields = {"MESSAGE": mark(sender, n), "PRIORITY": "5", "__REALTIME_TIMESTAMP": "17000000"}
        sent.add_good(json.dumps(fields).encode() + b"\n", "journald")
    return sent


def octet_counted(sender: str) -> Sent:
    sent = Sent()
    for n in range(RECORDS):
        message = senders.syslog_5424(sender, n)
        if n % BAD_EVERY == 0:
            wire = senders.octet_counted([message + TOO_LARGE.encode()])
            sent.add_bad(wire, "syslog", "too_large", (sender, n))
        else:
            sent.add_good(senders.octet_counted([message]), "syslog")
    return sent


def datagrams(sender: str) -> Sent:
    """JSON of the contract and syslog, one record a datagram."""
    sent = Sent()
    for n in range(RECORDS):
        payload, reason = contract_record(sender, n)
        if n % 3 == 0:
            sent.add_good(senders.syslog_3164(sender, n), "syslog")
        elif reason:
            sent.add_bad(payload, "json", reason, (sender, n))
        else:
            sent.add_good(payload, "json")
    return sent


TCP_KINDS: dict[str, Callable[[str], Sent]] = {
    "frames": frames,
    "ndjson": ndjson,
    "raw": lambda s: lines_of(s, "raw", lambda n: mark(s, n).encode() + b" "),
    "bsd": lambda s: lines_of(s, "syslog", lambda n: senders.syslog_3164(s, n) + b" "),
    "ietf": lambda s: lines_of(s, "syslog", lambda n: senders.syslog_5424(s, n) + b" ", b"\0"),
    "octet": octet_counted,
    "journald": journald,
}


class Law(cordwood.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.failures: list[BaseException] = []
        self.ended = threading.Event()
        self.scrapes = self.scrapes_in_flight = 0
        self.datagrams = 0  # of which the kernel has room for some: they go in turns

    def guarded(self, work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            except BaseException as problem:  # raised by the test
                self.failures.append(problem)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    def scrape(self, ingestor: cordwood.Ingestor) -> None:
        """Each answer is checked: metrics() does that."""
        last: dict[str, float] = {}
        due = time.monotonic()
        while not self.ended.is_set():
            metrics = ingestor.metrics()
            received = metrics.by("cordwood_records_received_total", "format")
            for name, count in last.items():
                self.assertGreaterEqual(received.get(name, 0), count, f"{name} went back")
            last = received
            self.scrapes += 1
            self.scrapes_in_flight += metrics.in_flight() > 0
            due += 1 / SCRAPES_PER_SECOND
            time.sleep(max(0, due - time.monotonic()))

    def send_stream(self, port: int, sent: Sent, number: int) -> None:
        """Pieces cut anywhere, of another size for each sender."""
        data = b"".join(sent.wire)
        tls = senders.connect(port)
        for at in range(0, len(data), 3001 + 997 * number):
            tls.sendall(data[at : at + 3001 + 997 * number])
            time.sleep(0.001)
        senders.close_unread(tls) if number % 2 else senders.close_in_order(tls)

    def send_datagrams(self, ingestor: cordwood.Ingestor, all_sent: list[Sent]) -> None:
        """All UDP senders in turn, never more than the socket holds."""
        count = 0
        for start in range(0, RECORDS, DATAGRAM_BURST):
            for sent in all_sent:
                burst = sent.wire[start : start + DATAGRAM_BURST]
                senders.send_udp(ingestor.udp_port, burst)
                count += len(burst)
            cordwood.wait_until(
                lambda: ingestor.metrics().sum("cordwood_udp_datagrams_received_total") >= count,
                f"{count} datagrams are read")

    def run_all(self, ingestor: cordwood.Ingestor) -> dict[str, Sent]:
        everything: dict[str, Sent] = {}
        for number in range(SENDERS_PER_KIND):
            for kind, make in {**TCP_KINDS, "udp": datagrams}.items():
                everything[f"{kind}-{number}"] = make(f"{kind}-{number}")
        scraper = self.guarded(lambda: self.scrape(ingestor))
        jobs = [
            self.guarded(lambda s=sent, n=n: self.send_stream(ingestor.tls_port, s, n))
            for n, (name, sent) in enumerate(everything.items()) if not name.startswith("udp")
        ]
        udp = [sent for name, sent in everything.items() if name.startswith("udp")]
        jobs.append(self.guarded(lambda: self.send_datagrams(ingestor, udp)))
        for job in jobs:
            job.join()
        if not self.failures:
            ingestor.settle(received=RECORDS * len(everything))
        self.ended.set()
        scraper.join()
        if self.failures:
            raise self.failures[0]
        return everything

    def test_law(self) -> None:
        ingestor = self.start("--shards", "2", *LIMITS)
        everything = self.run_all(ingestor)
        self.assertGreater(self.scrapes_in_flight, 5, f"of {self.scrapes} scrapes")
        metrics = ingestor.metrics()
        _, archive = self.stop_and_check(ingestor)
        bad = [record for sent in everything.values() for record in sent.bad]
        archive.check_delivery({name: RECORDS for name in everything}, [m for _, _, m in bad])
        self.check_archived(archive, metrics, everything)
        self.check_rejected(archive, metrics, bad)

    def check_archived(self, archive: Archive, metrics: cordwood.Metrics,
                       everything: dict[str, Sent]) -> None:
        good = sum((sent.good for sent in everything.values()), Counter())
        self.assertEqual(metrics.by("cordwood_records_archived_total", "format"), good)
        self.assertEqual(len(archive.records()), good.total())

    def check_rejected(self, archive: Archive, metrics: cordwood.Metrics,
                       bad: list[tuple[str, str, tuple[str, int]]]) -> None:
        def found() -> Iterator[tuple[str, str, tuple[str, int]]]:
            for record in archive.rejected():
                (number,) = marks_in(rejected_payload(record))
                yield record["format"], record["reason"], number

        self.assertEqual(sorted(found()), sorted(bad))
        for label, at in (("format", 0), ("reason", 1)):
            counted = metrics.by("cordwood_records_rejected_total", label)
            self.assertEqual(counted, Counter(record[at] for record in bad))


if __name__ == "__main__":
    cordwood.main()

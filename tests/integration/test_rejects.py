# SPDX-License-Identifier: Apache-2.0
"""Bad input is kept, not lost: each way a record or stream can be wrong, what becomes of it, and
that the good records around it are archived."""
from __future__ import annotations

import random
from typing import Any

import cordwood
import senders
from archive_check import mark, rejected_bytes

KEPT_BYTES = 64 * 1024
STREAM_KEPT_BYTES = 1024  # of a stream that is not understood
RECORD_BYTES_MAX = 16 * 1024
MESSAGE_BYTES_MAX = 1024


def good(number: int) -> bytes:
    return senders.frame(senders.JSON, senders.json_payload(senders.entry("good", number)))


def bad(**members: Any) -> bytes:
    """A JSON payload of an entry with members replaced; None leaves one out."""
    record = senders.entry("bad", 0) | members
    kept = {name: value for name, value in record.items() if value is not None}
    return senders.json_payload(kept)


# Frames that are rejected while the stream goes on: payload, reason.
REJECTED_FRAMES = (
    (bad(timestamp=None), "missing_timestamp"),
    (bad(timestamp="yesterday"), "bad_timestamp"),
    (bad(timestamp="2026-02-30T00:00:00Z"), "bad_timestamp"),
    (bad(level=None), "missing_level"),
    (bad(level="LOUD"), "bad_level"),
    (bad(message=None), "missing_message"),
    (bad(message=""), "missing_message"),
    (bad(message="m" * (MESSAGE_BYTES_MAX + 1)), "message_too_long"),
    (bad(service=None), "missing_service"),
    (bad(service=""), "missing_service"),
    (bad(service="s" * 257), "service_too_long"),
    (b"no json", "bad_json"),
    (b'{"a":1,"a":2}', "bad_json"),
    (b'{"a":"\xff"}', "bad_utf8"),
    (b'{"a":' + b"[" * 65 + b"]" * 65 + b"}", "too_deep"),
)


class Rejects(cordwood.TestCase):
    def start_small(self) -> cordwood.Ingestor:
        return self.start(
            "--shards", "1", "--max-record-bytes", str(RECORD_BYTES_MAX),
            "--max-message-bytes", str(MESSAGE_BYTES_MAX),
        )

    def rejected_after(
        self, data: bytes, good_count: int, bad_count: int, lives: bool = True,
        result: str = "ended",
    ) -> list[dict[str, Any]]:
        """Sends the stream in one TLS record; the good records are archived, the bad ones are
        returned. The connection is left open: it `lives` on, or the ingestor ends it so counted."""
        ingestor = self.start_small()
        tls = senders.connect(ingestor.tls_port)
        tls.sendall(data)
        if not lives:
            self.assertIn(senders.heard_at_last(tls), ("fin", "reset"))
        metrics = ingestor.settle(received=good_count + bad_count)
        if lives:
            self.assertEqual(metrics.sum("cordwood_connections_open"), 1)
            self.assertEqual(senders.heard(tls), "nothing")
        senders.close_unread(tls)
        metrics = cordwood.wait_until(
            lambda: self.if_all_ended(ingestor.metrics()), "the connection's end is counted")
        self.assertEqual(metrics.by("cordwood_connections_ended_total", "result"), {result: 1})
        totals, archive = self.stop_and_check(ingestor)
        self.assertEqual((totals.archived, totals.rejected), (good_count, bad_count))
        self.assertEqual(
            sorted(archive.archived_marks()), [("good", n) for n in range(good_count)]
        )
        return archive.rejected()

    def if_all_ended(self, metrics: cordwood.Metrics) -> cordwood.Metrics | None:
        return metrics if metrics.sum("cordwood_connections_open") == 0 else None

    def test_rejected_frames_are_kept_as_they_came(self) -> None:
        data = good(0)
        for number, (payload, _) in enumerate(REJECTED_FRAMES, 1):
            data += senders.frame(senders.JSON, payload) + good(number)
        count = len(REJECTED_FRAMES)
        found = self.rejected_after(data, count + 1, count)
        for record, (payload, reason) in zip(found, REJECTED_FRAMES, strict=True):
            with self.subTest(payload[:60]):
                self.assertEqual(record["reason"], reason)
                self.assertEqual(record["format"], "json")
                self.assertEqual(record["length"], len(payload))
                self.assertRegex(record["peer"], r"^127\.0\.0\.1:\d+$")
                self.assertRegex(record["received_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*Z$")
                self.assertEqual(rejected_bytes(record), payload)

    def test_empty_frame(self) -> None:
        for kind in (senders.JSON, senders.RAW, 9):
            found = self.rejected_after(good(0) + senders.frame(kind, b"") + good(1), 2, 1)
            self.assertEqual(
                [(r["reason"], r["length"], rejected_bytes(r)) for r in found], [("empty", 0, b"")])
            self.next_directory()

    def test_frame_of_unknown_format_is_skipped(self) -> None:
        (found,) = self.rejected_after(good(0) + senders.frame(9, b"what?") + good(1), 2, 1)
        self.assertEqual((found["reason"], found["payload"]), ("unknown_format", "what?"))

    def test_too_large_frame_is_skipped_and_its_head_kept(self) -> None:
        for length in (RECORD_BYTES_MAX + 1, KEPT_BYTES, KEPT_BYTES + 1, 1 << 20):
            with self.subTest(length):
                payload = b"0123456789abcdef" * (length // 16 + 1)
                data = good(0) + senders.frame(senders.JSON, payload[:length]) + good(1)
                (found,) = self.rejected_after(data, 2, 1)
                self.assertEqual((found["reason"], found["length"]), ("too_large", length))
                kept = min(length, KEPT_BYTES)
                self.assertEqual(rejected_bytes(found), payload[:kept])
            self.next_directory()

    def test_head_that_is_larger_than_the_record_limit(self) -> None:
        """64 KiB are kept of a record above the limit, also where the limit is far below that, and
        also if each byte of them takes six in the output line."""
        ingestor = self.start("--max-record-bytes", "1KiB", "--max-message-bytes", "512")
        payload = b"\x01" * 70_000
        good = senders.json_frames("g", 1)
        senders.send(ingestor.tls_port, good + senders.frame(senders.JSON, payload) + good)
        ingestor.settle(received=3)
        _, archive = self.stop_and_check(ingestor)
        (record,) = archive.rejected()
        self.assertEqual((record["reason"], record["length"]), ("too_large", 70_000))
        self.assertEqual(record["payload"], "\x01" * 65_536)

    def test_largest_frame_is_a_record(self) -> None:
        record = senders.entry("good", 0)
        space = RECORD_BYTES_MAX - len(senders.json_payload(record | {"pad": ""}))
        payload = senders.json_payload(record | {"pad": "p" * space})
        self.assertEqual(len(payload), RECORD_BYTES_MAX)
        self.rejected_after(senders.frame(senders.JSON, payload), 1, 0)

    def test_stream_out_of_step_ends(self) -> None:
        """64 MiB and more, or an unknown format with a length above the limit."""
        for head in (b"\x01\x04\x00\x00\x01", b"\x01\xff\xff\xff\xff", b"\x09\x00\x00\x40\x01"):
            with self.subTest(head):
                junk = head + b"j" * 3000
                (found,) = self.rejected_after(
                    good(0) + junk, 1, 1, lives=False, result="bad_frame")
                self.assertEqual(found["reason"], "bad_frame")
                self.assertEqual(rejected_bytes(found), junk[:STREAM_KEPT_BYTES])
                self.assertEqual(found["length"], len(junk))
            self.next_directory()

    def test_octet_count_out_of_step(self) -> None:
        first = senders.octet_counted([senders.syslog_5424("good", 0)])
        for junk in (b"012 <14>x", b"x", b"12345678 <14>x", b"-1 x"):
            with self.subTest(junk):
                (found,) = self.rejected_after(
                    first + b"\r\n\0" + junk, 1, 1, lives=False, result="bad_frame")
                self.assertEqual(found["reason"], "bad_frame")
                self.assertEqual(rejected_bytes(found), junk)
                self.assertEqual(found["length"], len(junk))
            self.next_directory()

    def test_octet_count_above_the_limit_is_skipped(self) -> None:
        large = b"<14>" + b"l" * (RECORD_BYTES_MAX + 1)
        messages = [senders.syslog_5424("good", 0), large, senders.syslog_5424("good", 1)]
        (found,) = self.rejected_after(senders.octet_counted(messages), 2, 1)
        self.assertEqual((found["reason"], found["length"]), ("too_large", len(large)))
        self.assertEqual(rejected_bytes(found), large)

    def test_long_line_is_skipped(self) -> None:
        large = b"l" * (RECORD_BYTES_MAX + 1)
        data = senders.lines([mark("good", 0).encode(), large, mark("good", 1).encode()])
        (found,) = self.rejected_after(data, 2, 1)
        self.assertEqual((found["reason"], found["length"]), ("too_large", len(large)))
        self.assertEqual(rejected_bytes(found), large)

    def test_long_message_of_a_line_is_cut_at_a_character(self) -> None:
        text = "\u00e9" * MESSAGE_BYTES_MAX  # two bytes each
        ingestor = self.start_small()
        senders.send(ingestor.tls_port, senders.lines([f"x{text}".encode()]))
        ingestor.settle(received=1)
        _, archive = self.stop_and_check(ingestor)
        (record,) = archive.records()
        kept = (MESSAGE_BYTES_MAX - 1) // 2
        self.assertEqual(record["message"], "x" + "\u00e9" * kept)
        self.assertEqual(record["truncated_bytes"], 2 * (MESSAGE_BYTES_MAX - kept))

    def test_blank_lines_are_no_records(self) -> None:
        ingestor = self.start_small()
        data = b"\n" + mark("good", 0).encode() + b"\n\n\n" + mark("good", 1).encode() + b"\n\n"
        senders.send(ingestor.tls_port, data)
        metrics = ingestor.settle(received=2)
        self.assertEqual(metrics.sum("cordwood_blank_lines_total"), 4)
        self.stop_and_check(ingestor)

    def test_rejected_above_the_bound_are_counted_but_not_kept(self) -> None:
        """What counts against the bound is published files, so these are small here."""
        limits = ("--rejected-bytes", "128KiB", "--rotate-bytes", "64KiB")
        ingestor = self.start("--shards", "1", *limits)
        noise = random.Random(1)
        data = b"".join(
            senders.frame(senders.JSON, noise.randbytes(400).hex().encode()) for _ in range(4000)
        )
        tls = senders.connect(ingestor.tls_port)
        for at in range(0, len(data), 40_000):  # in pieces: the bound is looked at now and then
            tls.sendall(data[at : at + 40_000])
            read = min(at + 40_000, len(data))
            cordwood.wait_until(
                lambda: ingestor.metrics().sum("cordwood_received_bytes_total") >= read,
                "the piece is read",
            )
        senders.close_in_order(tls)
        metrics = ingestor.settle(received=4000)
        not_kept = metrics.sum("cordwood_rejected_not_kept_total")
        self.assertGreater(not_kept, 0)
        totals, archive = self.stop_and_check(ingestor)
        self.assertEqual(totals.rejected, 4000)
        self.assertEqual(len(archive.rejected()), 4000 - not_kept)


if __name__ == "__main__":
    cordwood.main()

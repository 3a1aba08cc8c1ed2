# SPDX-License-Identifier: Apache-2.0
"""Random bytes on the TLS port, between connections that send good records: each stream ends as its
first bytes say, what it held is kept, the law holds throughout and the good records are archived.

What must become of a stream is worked out here from the design's table, not by our code."""
from __future__ import annotations

import base64
import random
import struct
from collections import Counter
from dataclasses import dataclass, field

import cordwood
import senders
from archive_check import Archive, rejected_bytes

STREAMS = 60
SEED = 20261121
GOOD = 3  # records of each good connection
BYTES_MAX = 3000  # one TLS record, so that it is read at once
STREAM_KEPT_BYTES = 1024
PAYLOAD_KEPT_BYTES = 64 * 1024
RECORD_BYTES_MAX = 256 * 1024
FRAME_BYTES_MAX = 64 << 20
FORMATS = {1: "json", 2: "proto", 3: "avro", 4: "raw"}
REFUSED = bytes([*range(0x05, 0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20),
                 *range(0x7F, 0xC2), *range(0xF5, 0x100)])
OTHER_STREAMS = b"<{\0\r\n\t 0123456789"  # may be more than a line of text


@dataclass
class Expected:
    """What becomes of one stream: the end of its connection, its lines, its one reject."""

    result: str
    lines: list[bytes] = field(default_factory=list)
    reject: tuple[str, str, int, bytes] | None = None  # format, reason, length, what is kept


def expected_of_frames(stream: bytes) -> Expected | None:
    kind, length = struct.unpack_from(">BI", stream)
    if length > FRAME_BYTES_MAX:
        kept = stream[:STREAM_KEPT_BYTES]
        return Expected("bad_frame", reject=("unknown", "bad_frame", len(stream), kept))
    if length > len(stream) - 5:
        kept = stream[5 : 5 + PAYLOAD_KEPT_BYTES]
        return Expected("ended", reject=(FORMATS[kind], "truncated", length, kept))
    return None  # whole frames by chance: left to other tests


def expected_of(stream: bytes) -> Expected | None:
    """None: a stream this test does not judge."""
    if stream[0] in FORMATS:
        return expected_of_frames(stream)
    if stream[0] in REFUSED:
        kept = stream[:STREAM_KEPT_BYTES]
        return Expected("unknown_format", reject=("unknown", "unknown_format", len(stream), kept))
    if stream[0] in OTHER_STREAMS or stream.startswith(b"\xef\xbb\xbf"):
        return None
    lines = [line for line in stream.split(b"\n") if line not in (b"", b"\r")]
    if any(line[:1] in b"<{" for line in lines if line):
        return None
    return Expected("ended", lines=lines)


def random_streams() -> list[tuple[bytes, Expected]]:
    """Of every class that the first byte makes, and some as they come."""
    dice = random.Random(SEED)
    starts = (b"", bytes(FORMATS), REFUSED, bytes(range(0x20, 0x7F)), bytes(FORMATS))
    found: list[tuple[bytes, Expected]] = []
    while len(found) < STREAMS:
        start = starts[len(found) % len(starts)]
        stream = dice.randbytes(dice.randrange(10, BYTES_MAX))
        if start:
            stream = bytes([dice.choice(start)]) + stream
        if len(found) % len(starts) == 4:  # a length that may be
            stream = stream[:1] + struct.pack(">I", dice.randrange(4000, FRAME_BYTES_MAX)) + stream
        expected = expected_of(stream)
        if expected is not None:
            found.append((stream, expected))
    return found


def line_of(record: dict[str, object]) -> bytes:
    if "raw_base64" in record:
        return base64.b64decode(str(record["raw_base64"]), validate=True)
    return str(record["message"]).encode()


class RandomBytes(cordwood.TestCase):
    def test_between_good_connections(self) -> None:
        streams = random_streams()
        ingestor = self.start("--shards", "2")
        peers: dict[str, Expected] = {}
        for number, (stream, expected) in enumerate(streams):
            senders.send(ingestor.tls_port, senders.json_frames(f"g{number}", GOOD))
            tls = senders.connect(ingestor.tls_port)
            host, port = tls.getsockname()
            peers[f"{host}:{port}"] = expected
            tls.sendall(stream)
            senders.close_unread(tls)
            ingestor.metrics()  # the law
        self.assertEqual(len(peers), STREAMS)
        rejects = [e.reject for e in peers.values() if e.reject is not None]
        lines = [line for e in peers.values() for line in e.lines]
        metrics = ingestor.settle(received=STREAMS * GOOD + len(rejects) + len(lines))
        self.check_counts(metrics, peers)
        _, archive = self.stop_and_check(ingestor)
        self.check_archive(archive, peers)
        self.assertEqual(
            Counter(archive.archived_marks()),
            Counter((f"g{number}", n) for number in range(STREAMS) for n in range(GOOD)))

    def check_counts(self, metrics: cordwood.Metrics, peers: dict[str, Expected]) -> None:
        results = Counter(e.result for e in peers.values())
        self.assertGreater(min(results.values()), 5, results)
        self.assertEqual(
            metrics.by("cordwood_connections_ended_total", "result"),
            results + Counter(ended=STREAMS))
        reasons = Counter(e.reject[1] for e in peers.values() if e.reject is not None)
        self.assertGreater(min(reasons.values()), 5, reasons)
        self.assertEqual(metrics.by("cordwood_records_rejected_total", "reason"), reasons)

    def check_archive(self, archive: Archive, peers: dict[str, Expected]) -> None:
        found = {}
        for r in archive.rejected():
            self.assertNotIn(r["peer"], found)
            found[r["peer"]] = (r["format"], r["reason"], r["length"], rejected_bytes(r))
        wanted = {peer: e.reject for peer, e in peers.items() if e.reject is not None}
        self.assertEqual(found, wanted)
        archived = Counter(line_of(r) for r in archive.records() if r["service"] == "raw")
        self.assertEqual(archived, Counter(line for e in peers.values() for line in e.lines))


if __name__ == "__main__":
    cordwood.main()

# SPDX-License-Identifier: Apache-2.0
"""The UDP port: what a datagram may hold, and that every datagram sent is accounted for."""
from __future__ import annotations

import re
import signal
import socket

import cordwood
import senders
from archive_check import mark

FLOOD = 150_000  # more than the largest socket buffer holds while nobody reads


class Udp(cordwood.TestCase):
    def test_flood_then_silence(self) -> None:
        """While it is stopped the kernel's buffer overflows; without any further datagram the sum
        of those read and those the kernel dropped becomes exactly what was sent."""
        ingestor = self.start("--shards", "1")
        ingestor.send_signal(signal.SIGSTOP)
        self.flood(ingestor, 0)
        ingestor.send_signal(signal.SIGCONT)

        def accounted() -> bool:
            metrics = ingestor.metrics()
            read = metrics.sum("cordwood_udp_datagrams_received_total")
            dropped = metrics.sum("cordwood_udp_datagrams_dropped_total")
            self.assertLessEqual(read + dropped, FLOOD)
            return read + dropped == FLOOD

        cordwood.wait_until(accounted, "every datagram is read or counted as dropped")
        metrics = ingestor.metrics()
        read = int(metrics.sum("cordwood_udp_datagrams_received_total"))
        self.assertGreater(read, 0)
        self.assertGreater(metrics.sum("cordwood_udp_datagrams_dropped_total"), 0)
        ingestor.settle(received=read)
        totals, archive = self.stop_and_check(ingestor)
        self.assertEqual((totals.datagrams_read, totals.datagrams_dropped), (read, FLOOD - read))
        marks = archive.archived_marks()
        self.assertEqual((len(marks), len(set(marks))), (read, read))

    def flood(self, ingestor: cordwood.Ingestor, start: int) -> None:
        payload = senders.json_payload(senders.entry("u", 0, padding="x" * 400))
        head, tail = payload.split(mark("u", 0).encode())
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.connect(("127.0.0.1", ingestor.udp_port))
            for n in range(start, start + FLOOD):
                udp.send(head + mark("u", n).encode() + tail)

    def logged_drops(self, ingestor: cordwood.Ingestor) -> int:
        said = re.findall(r"event=udp_dropped_by_kernel datagrams=(\d+)", ingestor.log())
        return sum(map(int, said))

    def test_drops_are_seen_without_a_scrape_and_at_the_end(self) -> None:
        """Nobody asks here: no HTTP, no stats line. The log says it within moments, and drops of
        the last moment are in the totals."""
        ingestor = self.start("--shards", "1", "--http-port", "off", "--stats-interval", "0")
        ingestor.send_signal(signal.SIGSTOP)
        self.flood(ingestor, 0)
        ingestor.send_signal(signal.SIGCONT)
        seen = cordwood.wait_until(lambda: self.logged_drops(ingestor), "the log says it")
        self.assertLess(seen, FLOOD)
        ingestor.send_signal(signal.SIGSTOP)
        self.flood(ingestor, FLOOD)
        ingestor.send_signal(signal.SIGTERM)
        ingestor.send_signal(signal.SIGCONT)
        totals = ingestor.wait_totals()
        self.assertEqual(totals.datagrams_read + totals.datagrams_dropped, 2 * FLOOD)
        self.assertGreater(totals.datagrams_dropped, seen)
        self.assertEqual(totals.received, totals.datagrams_read)
        archive = cordwood.Archive(ingestor.data_dir)
        self.assertEqual(len(set(archive.archived_marks())), totals.datagrams_read)

    def test_what_a_datagram_may_hold(self) -> None:
        ingestor = self.start()
        records = [senders.json_payload(senders.entry("j", n)) for n in range(6)]
        senders.send_udp(
            ingestor.udp_port,
            [
                records[0],
                records[1] + b"\n" + records[2] + b"\n",
                b"\n\r\n" + records[3] + b"\n\n" + records[4],
                senders.syslog_3164("s", 0),
                senders.syslog_5424("s", 1) + b"\n",
                b"",
                b"not JSON",
                records[5] + b"\n{]",
                b'{"level":"INFO","message":"no time","service":"x"}',
            ],
        )
        metrics = ingestor.settle(received=12)
        self.assertEqual(
            metrics.by("cordwood_records_archived_total", "format"), {"json": 6, "syslog": 2}
        )
        self.assertEqual(
            metrics.by("cordwood_records_rejected_total", "reason"),
            {"bad_json": 2, "empty": 1, "missing_timestamp": 1},
        )
        _, archive = self.stop_and_check(ingestor)
        archive.check_delivery({"j": 6, "s": 2})
        kept = {record["reason"]: record.get("payload") for record in archive.rejected()}
        self.assertEqual(kept["empty"], "")
        self.assertEqual({record["peer"].split(":")[0] for record in archive.rejected()},
                         {"127.0.0.1"})

    def test_the_largest_datagram(self) -> None:
        ingestor = self.start()
        record = senders.entry("big", 0, padding="x" * 60_000)
        senders.send_udp(ingestor.udp_port, [senders.json_payload(record)])
        ingestor.settle(received=1)
        _, archive = self.stop_and_check(ingestor)
        self.assertEqual(len(archive.records()[0]["padding"]), 60_000)


if __name__ == "__main__":
    cordwood.main()

# SPDX-License-Identifier: Apache-2.0
"""A thousand connections that each announce a frame of 64 MiB: what they hold is bounded, and what
they did send is kept when they leave."""
from __future__ import annotations

import struct

import cordwood
import senders

CONNECTIONS = 1000
CLAIMED = 64 << 20
SENT = 100_000
KEPT = 64 << 10
BASE = 64 << 20  # of the process; beside it KEPT for each connection


class ManyClaims(cordwood.TestCase):
    def memory_peak(self, ingestor: cordwood.Ingestor) -> int:
        with open(f"/proc/{ingestor.process.pid}/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) << 10
        raise AssertionError("no VmHWM")

    def test_memory_of_each_is_bounded(self) -> None:
        ingestor = self.start()
        before = self.memory_peak(ingestor)
        connections = [senders.connect(ingestor.tls_port) for _ in range(CONNECTIONS)]
        cordwood.wait_until(
            lambda: ingestor.metrics().sum("cordwood_connections_open") == CONNECTIONS,
            "all are connected",
        )
        claim = struct.pack(">BI", senders.JSON, CLAIMED) + b"x" * SENT
        for tls in connections:
            senders.send_records(tls, claim)
        expected = CONNECTIONS * len(claim)
        cordwood.wait_until(
            lambda: ingestor.metrics().sum("cordwood_received_bytes_total") == expected,
            "all bytes are read",
        )
        self.check_memory(ingestor, before, "while they claim")

        good = senders.json_frames("good", 10)
        senders.send(ingestor.tls_port, good)
        for tls in connections:
            senders.close_in_order(tls)
        metrics = ingestor.settle(received=CONNECTIONS + 10)
        self.check_memory(ingestor, before, "until they have left")
        rejected = metrics.by("cordwood_records_rejected_total", "reason")
        self.assertEqual(rejected, {"truncated": CONNECTIONS})
        self.assertEqual(metrics.sum("cordwood_rejected_not_kept_total"), 0)
        _, archive = self.stop_and_check(ingestor)
        archive.check_delivery({"good": 10})
        self.check_kept(archive)

    def check_memory(self, ingestor: cordwood.Ingestor, before: int, when: str) -> None:
        growth = self.memory_peak(ingestor) - before
        print(f"{growth >> 10} KiB more {when}, {growth // CONNECTIONS} bytes a connection")
        self.assertLess(growth, BASE + CONNECTIONS * KEPT)

    def check_kept(self, archive: cordwood.Archive) -> None:
        """Of each its head and the length that it claimed."""
        found = archive.rejected()
        self.assertEqual(len(found), CONNECTIONS)
        self.assertEqual(len({record["peer"] for record in found}), CONNECTIONS)
        for record in found:
            self.assertEqual(
                (record["format"], record["reason"], record["length"]),
                ("json", "truncated", CLAIMED))
            self.assertEqual(record["payload"], "x" * KEPT)


if __name__ == "__main__":
    cordwood.main()

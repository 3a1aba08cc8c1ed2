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
OVERHEAD = 1.25  # of the allocator


class ManyClaims(cordwood.TestCase):
    def rss(self, ingestor: cordwood.Ingestor) -> int:
        with open(f"/proc/{ingestor.process.pid}/status") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) << 10
        raise AssertionError("no VmRSS")

    def test_memory_of_each_is_bounded(self) -> None:
        ingestor = self.start("--rejected-bytes", "0")
        connections = [senders.connect(ingestor.tls_port) for _ in range(CONNECTIONS)]
        cordwood.wait_until(
            lambda: ingestor.metrics().sum("cordwood_connections_open") == CONNECTIONS,
            "all are connected",
        )
        before = self.rss(ingestor)
        claim = struct.pack(">BI", senders.JSON, CLAIMED) + b"x" * SENT
        for tls in connections:
            senders.send_records(tls, claim)
        expected = CONNECTIONS * len(claim)
        cordwood.wait_until(
            lambda: ingestor.metrics().sum("cordwood_received_bytes_total") == expected,
            "all bytes are read",
        )
        growth = self.rss(ingestor) - before
        print(f"{growth // CONNECTIONS} bytes more for each of {CONNECTIONS} connections")
        self.assertLess(growth, CONNECTIONS * KEPT * OVERHEAD)

        good = senders.json_frames("good", 10)
        senders.send(ingestor.tls_port, good)
        for tls in connections:
            senders.close_in_order(tls)
        metrics = ingestor.settle(received=CONNECTIONS + 10)
        rejected = metrics.by("cordwood_records_rejected_total", "reason")
        self.assertEqual(rejected, {"truncated": CONNECTIONS})
        self.assertEqual(metrics.sum("cordwood_rejected_not_kept_total"), CONNECTIONS)
        _, archive = self.stop_and_check(ingestor)
        archive.check_delivery({"good": 10})


if __name__ == "__main__":
    cordwood.main()

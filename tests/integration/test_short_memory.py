# SPDX-License-Identifier: Apache-2.0
"""Large records that do not fit into --max-inflight-bytes together: they wait for each other, and
none is cut short."""
from __future__ import annotations

import threading
import unittest

import cordwood
import senders

CROWD = 6
RECORD_BYTES = 8 << 20
BEGUN = 2 << 20


class ShortMemory(cordwood.TestCase):
    def test_large_records_take_turns_when_memory_is_short(self) -> None:
        ingestor = self.start(
            "--shards", "1", "--max-inflight-bytes", "16MiB",
            "--max-record-bytes", "12MiB", "--max-message-bytes", "12MiB",
        )
        pad = "x" * RECORD_BYTES
        all_begun = threading.Barrier(CROWD)

        def send(which: int) -> None:
            payload = senders.json_payload(senders.entry(f"crowd{which}", 0, pad=pad))
            frame = senders.frame(senders.JSON, payload)
            tls = senders.connect(ingestor.tls_port)
            senders.send_records(tls, frame[:BEGUN])
            all_begun.wait()  # each has begun its record before one ends its own
            senders.send_records(tls, frame[BEGUN:])
            senders.close_in_order(tls)

        threads = [threading.Thread(target=send, args=(i,)) for i in range(CROWD)]
        for thread in threads:
            thread.start()
        metrics = ingestor.settle(received=CROWD)
        self.assertEqual(metrics.sum("cordwood_records_rejected_total"), 0)
        for thread in threads:
            thread.join()
        _, archive = self.stop_and_check(ingestor)
        archive.check_delivery({f"crowd{i}": 1 for i in range(CROWD)})


if __name__ == "__main__":
    unittest.main()

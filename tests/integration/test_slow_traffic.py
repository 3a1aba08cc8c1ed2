# SPDX-License-Identifier: Apache-2.0
"""Ten records a second for half a minute: dozens of tiny frames, which the published file no longer
shows."""
from __future__ import annotations

import random
import signal
import subprocess
import time

import cordwood
import senders

SECONDS = 30
PER_SECOND = 10
RATIO = 1.10


class SlowTraffic(cordwood.TestCase):
    def test_compresses_as_if_written_in_one_go(self) -> None:
        ingestor = self.start("--shards", "1")
        tls = senders.connect(ingestor.tls_port)
        words = random.Random(1)
        for n in range(SECONDS * PER_SECOND):
            user, status = words.randrange(10_000), words.choice([200, 201, 404, 500])
            record = senders.entry("slow", n, user=user, status=status, path=f"/api/items/{user}")
            tls.sendall(senders.frame(senders.JSON, senders.json_payload(record)))
            time.sleep(1 / PER_SECOND)
        ingestor.settle(received=SECONDS * PER_SECOND)
        self.assertGreater(ingestor.metrics_json()["records"]["json"]["archived"], 0)
        ingestor.send_signal(signal.SIGUSR1)
        archive = cordwood.Archive(ingestor.data_dir)
        cordwood.wait_until(lambda: archive.files("log"), "the file is published")

        published = archive.files("log")[0]
        lines = published.read()
        one_go = subprocess.run(["zstd", "-1", "-c"], input=lines, capture_output=True, check=True)
        size, best = published.path.stat().st_size, len(one_go.stdout)
        print(f"{len(lines)} bytes of lines: published {size}, in one go {best}")
        self.assertLess(size, best * RATIO)
        senders.close_in_order(tls)
        _, archive = self.stop_and_check(ingestor)
        archive.check_delivery({"slow": SECONDS * PER_SECOND})


if __name__ == "__main__":
    cordwood.main()

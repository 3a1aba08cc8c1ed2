# SPDX-License-Identifier: Apache-2.0
"""A thousand rotations under load: every line once, no file overwritten, none changed later."""
from __future__ import annotations

import base64
import hashlib
import random
import tempfile
import threading
import time
from pathlib import Path

import cordwood
import senders
from archive_check import mark

FILES = 1000
SENDERS = 2
PATIENCE_S = 400
NOISE_BYTES = 3000  # as base64, which compresses by a quarter only


class Watch:
    """Remembers each published file as first seen and demands that it stays so."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.seen: dict[str, tuple[int, int, str]] = {}

    @staticmethod
    def identity(path: Path) -> tuple[int, int, str]:
        stat = path.stat()
        return stat.st_ino, stat.st_size, hashlib.sha256(path.read_bytes()).hexdigest()

    def look(self) -> int:
        for path in self.directory.glob("*.zst"):
            if path.name not in self.seen:
                self.seen[path.name] = self.identity(path)
        return len(self.seen)

    def check(self) -> None:
        for name, before in self.seen.items():
            now = self.identity(self.directory / name)
            if now != before:
                raise AssertionError(f"{name} was {before} and is {now}")


class Rotations(cordwood.TestCase):
    def put_data_in_memory(self) -> None:
        """Each file is synced several times: on a disk that would take minutes."""
        if Path("/dev/shm").is_dir():
            holder = tempfile.TemporaryDirectory(prefix="cordwood-", dir="/dev/shm")
            self.addCleanup(holder.cleanup)
            self.directory = Path(holder.name)

    def test_a_thousand_files(self) -> None:
        self.put_data_in_memory()
        ingestor = self.start("--rotate-bytes", "64KiB", "--flush-interval", "10ms")
        watch = Watch(ingestor.data_dir)
        enough = threading.Event()
        counts = [0] * SENDERS

        def send(which: int) -> None:
            noise = random.Random(which)
            tls = senders.connect(ingestor.tls_port)
            while not enough.is_set():
                block = b""
                for n in range(counts[which], counts[which] + 10):
                    block += mark(f"r{which}", n).encode() + b" "
                    block += base64.b64encode(noise.randbytes(NOISE_BYTES)) + b"\n"
                tls.sendall(block)
                counts[which] += 10
            senders.close_in_order(tls)

        threads = [threading.Thread(target=send, args=(i,)) for i in range(SENDERS)]
        for thread in threads:
            thread.start()
        try:
            deadline = time.monotonic() + PATIENCE_S
            while watch.look() < FILES:
                self.assertLess(time.monotonic(), deadline, f"{len(watch.seen)} files only")
                time.sleep(0.25)
        finally:
            enough.set()
            for thread in threads:
                thread.join()
        ingestor.settle(received=sum(counts))
        _, archive = self.stop_and_check(ingestor)
        watch.check()
        published = len(list(ingestor.data_dir.rglob("log_*.zst")))
        self.assertEqual(ingestor.log().count(" event=published "), published, "each is logged")
        archive.check_delivery({f"r{i}": counts[i] for i in range(SENDERS)})


if __name__ == "__main__":
    cordwood.main()

# SPDX-License-Identifier: Apache-2.0
"""A data directory that fills up: what is counted as archived is in a file, senders are held back
or records are shed as configured, and it goes on by itself when there is space again."""
from __future__ import annotations

import random
import subprocess
import threading
from pathlib import Path

import cordwood
import senders
from archive_check import Archive, mark, marks_in

SENDERS = 4
LINES = 8_000  # of 4000 bytes that compress to 2000: twice the small file system


def noise_lines(sender: str, count: int) -> bytes:
    source = random.Random(sender)
    return senders.lines(
        f"{mark(sender, n)} {source.randbytes(1980).hex()}".encode() for n in range(count)
    )


class DiskFull(cordwood.TestCase):
    def mount(self, options: str) -> Path:
        """A small file system as the data directory."""
        data = self.directory / "data"
        data.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"mode=750,{options}", "tmpfs", str(data)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            self.skipTest(f"this machine mounts no tmpfs: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", str(data)], check=True)
        return data

    def remount(self, options: str) -> None:
        subprocess.run(
            ["mount", "-o", f"remount,{options}", str(self.directory / "data")], check=True
        )

    def run_full(self, *options: str) -> tuple[cordwood.Ingestor, list[threading.Thread]]:
        ingestor = self.start("--state-dir", str(self.directory / "state"), *options)
        threads = [
            threading.Thread(
                target=senders.send, args=(ingestor.tls_port, noise_lines(f"f{i}", LINES))
            )
            for i in range(SENDERS)
        ]
        for thread in threads:
            thread.start()
        return ingestor, threads

    def marks_on_disk(self, data: Path) -> list[tuple[str, int]]:
        """Marks in all whole frames of all files, published or not, by zstd itself."""
        found = []
        for path in [*data.rglob("log_*.zst"), *data.rglob("log_*.zst.open")]:
            done = subprocess.run(["zstd", "-dcq", str(path)], capture_output=True)
            found += marks_in(done.stdout.decode())
        return found

    def check_stalled(self, ingestor: cordwood.Ingestor) -> None:
        def stalled() -> bool:
            return ingestor.metrics().sum("cordwood_archive_stalled") == 1

        cordwood.wait_until(stalled, "the archive stalls")
        status, _, body = ingestor.get("/readyz")
        self.assertEqual(status, 503, body)
        self.assertEqual(ingestor.get("/healthz")[0], 200)

    def test_block_holds_senders_back_and_loses_nothing(self) -> None:
        data = self.mount("size=32m")
        ingestor, threads = self.run_full("--on-full", "block", "--rotate-bytes", "8MiB")
        self.check_stalled(ingestor)
        archived = ingestor.metrics().sum("cordwood_records_archived_total")
        on_disk = self.marks_on_disk(data)
        self.assertGreaterEqual(len(on_disk), archived, "archived counts what is in no file")
        self.assertTrue(any(thread.is_alive() for thread in threads), "senders are held back")
        self.assertEqual(ingestor.metrics().sum("cordwood_records_dropped_total"), 0)

        self.remount("size=256m")
        for thread in threads:
            thread.join()
        ingestor.settle(received=SENDERS * LINES)
        cordwood.wait_until(lambda: ingestor.get("/readyz")[0] == 200, "ready again")
        totals, archive = self.stop_and_check(ingestor)
        self.assertEqual(totals.dropped, 0)
        archive.check_delivery({f"f{i}": LINES for i in range(SENDERS)})

    def test_shed_counts_every_drop(self) -> None:
        self.mount("size=32m")
        ingestor, threads = self.run_full("--on-full", "shed", "--rotate-bytes", "8MiB")
        for thread in threads:
            thread.join()
        metrics = ingestor.settle(received=SENDERS * LINES)
        dropped = metrics.sum("cordwood_records_dropped_total", reason="disk_full")
        self.assertGreater(dropped, 0)
        totals = ingestor.stop()
        self.assertEqual(totals.archived + totals.dropped, SENDERS * LINES)
        self.assertEqual(totals.dropped, dropped)
        archive = Archive(ingestor.data_dir)
        marks = archive.archived_marks()
        self.assertEqual((len(marks), len(set(marks))), (totals.archived, totals.archived))

    def test_no_inodes_left(self) -> None:
        """Files cannot be created although there is space: the same as a full disk."""
        self.mount("size=256m,nr_inodes=6")
        ingestor, threads = self.run_full("--on-full", "block", "--rotate-bytes", "1MiB")
        self.check_stalled(ingestor)
        self.remount("nr_inodes=4096")
        for thread in threads:
            thread.join()
        ingestor.settle(received=SENDERS * LINES)
        _, archive = self.stop_and_check(ingestor)
        archive.check_delivery({f"f{i}": LINES for i in range(SENDERS)})


if __name__ == "__main__":
    cordwood.main()

# SPDX-License-Identifier: Apache-2.0
"""A data directory that fills up: what is counted as archived is in a file, senders are held back
or records are shed as configured, and it goes on by itself when there is space again."""
from __future__ import annotations

import random
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

import cordwood
import senders
from archive_check import Archive, mark, marks_in

SENDERS = 4
STOP_SECONDS_MAX = 15  # 10 promised; the machine may do much else
LINES = 8_000  # of 4000 bytes that compress to 2000: twice the small file system


def noise_lines(sender: str, count: int) -> bytes:
    source = random.Random(sender)
    return senders.lines(
        f"{mark(sender, n)} {source.randbytes(1980).hex()}".encode() for n in range(count)
    )


def send_some(port: int, sender: str) -> None:
    """All of it, unless the ingestor ends before."""
    with senders.connect(port) as tls:
        try:
            senders.send_records(tls, noise_lines(sender, LINES))
            senders.close_in_order(tls)
        except OSError:
            pass


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
            threading.Thread(target=send_some, args=(ingestor.tls_port, f"f{i}"))
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

    def is_stalled(self, ingestor: cordwood.Ingestor) -> bool:
        return ingestor.metrics().sum("cordwood_archive_stalled") == 1

    def check_stalled(self, ingestor: cordwood.Ingestor) -> None:
        cordwood.wait_until(lambda: self.is_stalled(ingestor), "the archive stalls")
        status, _, body = ingestor.get("/readyz")
        self.assertEqual(status, 503, body)
        self.assertEqual(ingestor.get("/healthz")[0], 200)

    def check_archived_is_on_disk(self, ingestor: cordwood.Ingestor, data: Path) -> None:
        archived = ingestor.metrics().sum("cordwood_records_archived_total")
        on_disk = self.marks_on_disk(data)
        self.assertGreaterEqual(len(on_disk), archived, "archived counts what is in no file")
        self.assertEqual(len(on_disk), len(set(on_disk)))

    def check_block(self, size: str, more: str, *options: str) -> None:
        """Until it stalls; then with `more`, until everything is archived."""
        data = self.mount(size)
        ingestor, threads = self.run_full("--on-full", "block", *options)
        self.check_stalled(ingestor)
        self.check_archived_is_on_disk(ingestor, data)
        self.assertTrue(any(thread.is_alive() for thread in threads), "senders are held back")
        self.assertEqual(ingestor.metrics().sum("cordwood_records_dropped_total"), 0)

        self.remount(more)
        for thread in threads:
            thread.join()
        ingestor.settle(received=SENDERS * LINES)
        cordwood.wait_until(lambda: ingestor.get("/readyz")[0] == 200, "ready again")
        totals, archive = self.stop_and_check(ingestor)
        self.assertEqual(totals.dropped, 0)
        archive.check_delivery({f"f{i}": LINES for i in range(SENDERS)})

    def test_block_holds_senders_back_and_loses_nothing(self) -> None:
        self.check_block("size=32m", "size=256m", "--rotate-bytes", "8MiB")

    def test_block_without_a_reserve(self) -> None:
        """Down to the last byte: writes fail or fall short with ENOSPC."""
        self.check_block("size=32m", "size=256m", "--rotate-bytes", "8MiB", "--min-free", "0")

    def test_no_inodes_left(self) -> None:
        """Files cannot be created although there is space: the same as a full disk."""
        self.check_block("size=256m,nr_inodes=12", "nr_inodes=4096", "--rotate-bytes", "1MiB")

    def test_shed_counts_every_drop(self) -> None:
        for options in ((), ("--min-free", "0")):
            with self.subTest(options):
                self.check_shed(*options)
            self.next_directory()

    def check_shed(self, *options: str) -> None:
        data = self.mount("size=32m")
        ingestor, threads = self.run_full(
            "--on-full", "shed", "--rotate-bytes", "8MiB", *options)
        self.check_stalled(ingestor)
        self.check_archived_is_on_disk(ingestor, data)
        for thread in threads:
            thread.join()
        metrics = ingestor.settle(received=SENDERS * LINES)
        dropped = metrics.sum("cordwood_records_dropped_total", reason="disk_full")
        self.assertGreater(dropped, 0)
        logged = re.findall(r"event=dropped reason=disk_full peer=\S+ records=(\d+)",
                            ingestor.log())
        self.assertGreater(sum(map(int, logged)), 0)
        self.assertLessEqual(sum(map(int, logged)), dropped)  # the log says so much a second
        self.remount("size=256m")
        cordwood.wait_until(lambda: ingestor.get("/readyz")[0] == 200, "ready again")
        senders.send(ingestor.tls_port, noise_lines("later", 100))
        ingestor.settle(received=SENDERS * LINES + 100)
        totals, archive = self.stop_and_check(ingestor)
        self.assertEqual(totals.archived + totals.dropped, SENDERS * LINES + 100)
        self.assertEqual(totals.dropped, dropped)
        marks = archive.archived_marks()
        self.assertEqual((len(marks), len(set(marks))), (totals.archived, totals.archived))
        self.assertEqual(sum(sender == "later" for sender, _ in marks), 100)

    def test_reading_goes_on_without_new_bytes(self) -> None:
        """A sender sends everything and falls silent; what the stall left in the middle of a
        buffer, inside TLS and in the kernel is taken up when there is space, though no byte
        comes."""
        self.mount("size=8m")
        ingestor = self.start("--state-dir", str(self.directory / "state"), "--shards", "1",
                              "--on-full", "block", "--rotate-bytes", "1MiB")
        tls = senders.connect(ingestor.tls_port)
        sent = threading.Thread(target=senders.send_records, args=(tls, noise_lines("s", LINES)))
        sent.start()
        self.check_stalled(ingestor)
        before = ingestor.metrics().sum("cordwood_records_received_total")
        self.assertLess(before, LINES)
        # What is left fits into the socket's buffers only once some is read: so in small steps.
        size = 8
        while sent.is_alive():
            size += 1
            self.remount(f"size={size}m")
            sent.join(0.3)
        cordwood.wait_until(lambda: self.is_stalled(ingestor), "it stalls once more", 10)
        silent = ingestor.metrics().sum("cordwood_records_received_total")
        self.assertLess(silent, LINES, "something is left to take up")
        self.remount("size=256m")
        ingestor.settle(received=LINES)
        self.assertEqual(ingestor.metrics().sum("cordwood_connections_open"), 1)
        self.assertEqual(senders.heard(tls), "nothing")
        tls.close()
        _, archive = self.stop_and_check(ingestor)
        archive.check_delivery({"s": LINES})

    def test_stop_while_stalled(self) -> None:
        """What cannot be written before the end is counted as dropped, and logged by sender."""
        self.mount("size=8m")
        ingestor, threads = self.run_full("--on-full", "block", "--rotate-bytes", "1MiB")
        self.check_stalled(ingestor)
        started = time.monotonic()
        totals = ingestor.stop()
        self.assertLess(time.monotonic() - started, STOP_SECONDS_MAX)
        self.assertGreater(totals.dropped, 0)
        logged = re.findall(
            r"event=dropped reason=shutdown peer=127\.0\.0\.1:\d+ records=(\d+)", ingestor.log())
        self.assertEqual(sum(map(int, logged)), totals.dropped)
        for thread in threads:
            thread.join()
        # Where there was no room to publish a file it is still open: the next start does it.
        self.remount("size=64m")
        self.start("--state-dir", str(self.directory / "state")).stop()
        marks = Archive(ingestor.data_dir).archived_marks()
        self.assertEqual((len(marks), len(set(marks))), (totals.archived, totals.archived))


class Blocked(cordwood.TestCase):
    """No record can be taken in: that is no fault of the senders."""

    def write_settings(self, min_free: str) -> str:
        path = self.directory / "settings.yaml"
        path.write_text(
            f"min-free: {min_free}\non-full: block\nhandshake-timeout: 2s\nidle-timeout: 2s\n"
        )
        return str(path)

    def test_handshakes_go_on_and_no_sender_is_idle(self) -> None:
        ingestor = self.start("--config", self.write_settings("900TiB"))
        cordwood.wait_until(
            lambda: ingestor.metrics().sum("cordwood_archive_stalled") == 1, "the archive stalls"
        )
        begun = time.monotonic()
        connections = [senders.connect(ingestor.tls_port) for _ in range(20)]
        self.assertLess(time.monotonic() - begun, 10, "handshakes wait for the disk")
        for i, tls in enumerate(connections):
            senders.send_records(tls, senders.raw_lines(f"b{i}", 10))
        time.sleep(4)  # beyond both timeouts
        self.assertEqual(ingestor.metrics().sum("cordwood_records_received_total"), 0)
        self.write_settings("1MiB")
        ingestor.send_signal(signal.SIGHUP)
        metrics = ingestor.settle(received=200)
        ended = metrics.by("cordwood_connections_ended_total", "result")
        self.assertEqual(sum(ended.values()), 0, ended)
        for tls in connections:
            senders.send_records(tls, b"one more line\n")
        ingestor.settle(received=220)
        cordwood.wait_until(
            lambda: ingestor.metrics().sum("cordwood_connections_open") == 0,
            "now that we read, they are idle",
        )
        self.stop_and_check(ingestor)


if __name__ == "__main__":
    cordwood.main()

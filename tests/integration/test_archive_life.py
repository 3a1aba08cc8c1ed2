# SPDX-License-Identifier: Apache-2.0
"""The life of archive files: rotation, layouts, output formats, crash and recovery."""
from __future__ import annotations

import csv
import io
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

DAY_DIRECTORY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Rotation(cordwood.TestCase):
    def published(self, ingestor: cordwood.Ingestor) -> list[Path]:
        return [f.path for f in Archive(ingestor.data_dir).files("log")]

    def test_signal_publishes_while_it_runs(self) -> None:
        ingestor = self.start("--shards", "1")
        for round_number in range(3):
            senders.send(ingestor.tls_port, senders.raw_lines(f"r{round_number}", 10))
            ingestor.settle(received=10 * (round_number + 1))
            ingestor.send_signal(signal.SIGUSR1)
            cordwood.wait_until(
                lambda: len(self.published(ingestor)) == round_number + 1, "the file is published"
            )
        before = {path: path.read_bytes() for path in self.published(ingestor)}
        _, archive = self.stop_and_check(ingestor)
        self.assertEqual(len(archive.files()), 3, "nothing more was received: nothing more made")
        for path, content in before.items():
            self.assertEqual(path.read_bytes(), content, "a published file never changes")
        archive.check_delivery({f"r{i}": 10 for i in range(3)})

    def test_size_rotates(self) -> None:
        ingestor = self.start("--shards", "1", "--rotate-bytes", "64KiB")
        noise = [i * 2654435761 % 2**32 for i in range(40_000)]  # compresses badly
        data = senders.lines(f"{mark('big', n)} {x:x}".encode() for n, x in enumerate(noise))
        senders.send(ingestor.tls_port, data)
        ingestor.settle(received=len(noise))
        _, archive = self.stop_and_check(ingestor)
        self.assertGreater(len(archive.files("log")), 1)
        archive.check_delivery({"big": len(noise)})

    def test_small_frames_are_repacked(self) -> None:
        """Slow traffic makes a frame at each flush; the published file has few."""
        ingestor = self.start("--shards", "1", "--flush-interval", "10ms")
        tls = senders.connect(ingestor.tls_port)
        for n in range(40):
            tls.sendall(mark("slow", n).encode() + b"\n")
            ingestor.settle(received=n + 1)
        senders.close_in_order(tls)
        _, archive = self.stop_and_check(ingestor)
        archive.check_delivery({"slow": 40})
        shown = subprocess.run(
            ["zstd", "-lv", str(archive.files("log")[0].path)], capture_output=True, text=True
        ).stdout
        frames = re.search(r"# Zstandard Frames: (\d+)", shown)
        assert frames is not None, shown
        self.assertEqual(int(frames[1]), 1)

    def test_daily_layout_and_instance(self) -> None:
        ingestor = self.start("--layout", "daily", "--instance", "web-1")
        senders.send(ingestor.tls_port, senders.raw_lines("a", 5))
        ingestor.settle(received=5)
        _, archive = self.stop_and_check(ingestor)
        for f in archive.files("log"):
            self.assertRegex(f.path.parent.name, DAY_DIRECTORY)
            self.assertEqual(f.instance, "web-1")
        archive.check_delivery({"a": 5})

    def test_retention_deletes_and_says_so(self) -> None:
        limits = ("--rotate-bytes", "256KiB", "--retain-bytes", "1MiB")
        ingestor = self.start("--shards", "1", *limits)
        noise = random.Random(1)
        sent = 0
        tls = senders.connect(ingestor.tls_port)
        while sent < 6000:
            lines = [f"{mark('old', sent + n)} {noise.randbytes(500).hex()}" for n in range(1000)]
            tls.sendall(senders.lines(line.encode() for line in lines))
            sent += len(lines)
            ingestor.settle(received=sent)
            time.sleep(1)  # names bear seconds: none is used again
        senders.close_in_order(tls)
        cordwood.wait_until(
            lambda: any(e["event"] == "retained" for e in Archive(ingestor.data_dir).manifest()),
            "files are deleted and the manifest says so",
        )
        self.assertEqual(ingestor.stop().archived, sent)
        archive = Archive(ingestor.data_dir)
        archive.check_files()
        kept = [n for _, n in archive.archived_marks()]
        self.assertLess(len(kept), sent)
        self.assertEqual(kept, list(range(sent - len(kept), sent)), "the oldest went first")
        size = sum(f.path.stat().st_size for f in archive.files())
        self.assertLess(size, (1 << 20) + (512 << 10))


class Formats(cordwood.TestCase):
    MESSAGES = ('a "quoted" part', "comma, and more", "tab\there", "back\\slash", "plain")

    def output_of(self, out: str) -> str:
        ingestor = self.start("--shards", "1", "--out", out)
        records = [senders.entry("x", n, message=m) for n, m in enumerate(self.MESSAGES)]
        records[0]["user"] = {"id": 7}
        frames = [senders.frame(senders.JSON, senders.json_payload(r)) for r in records]
        senders.send(ingestor.tls_port, b"".join(frames))
        ingestor.settle(received=len(records))
        self.assertEqual(ingestor.stop().archived, len(records))
        files = list(ingestor.data_dir.glob("log_*.zst"))
        self.assertEqual(len(files), 1)
        return subprocess.run(
            ["zstd", "-dc", str(files[0])], capture_output=True, check=True
        ).stdout.decode()

    def test_csv(self) -> None:
        rows = list(csv.reader(io.StringIO(self.output_of("csv"), newline="")))
        self.assertEqual(rows[0], ["timestamp", "level", "message", "service", "extra"])
        escaped = [m.replace("\\", "\\\\").replace("\t", "\\t") for m in self.MESSAGES]
        self.assertEqual([row[2] for row in rows[1:]], escaped)
        self.assertEqual(rows[1][4], '{"user":{"id":7}}')
        self.assertEqual({tuple(row[:2] + row[3:4]) for row in rows[1:]},
                         {(senders.TIMESTAMP, "INFO", "test")})

    def test_text(self) -> None:
        lines = self.output_of("text").splitlines()
        head = f"{senders.TIMESTAMP} [INFO] [test] "
        escaped = [m.replace("\\", "\\\\").replace("\t", "\\t") for m in self.MESSAGES]
        self.assertEqual(lines[0], head + escaped[0] + ' {"user":{"id":7}}')
        self.assertEqual(lines[1:], [head + m for m in escaped[1:]])


class Crash(cordwood.TestCase):
    def test_killed_when_all_is_written(self) -> None:
        ingestor = self.start()
        senders.send(ingestor.tls_port, senders.raw_lines("a", 1000))
        ingestor.settle(received=1000)
        ingestor.kill()
        self.assertNotEqual(Archive(ingestor.data_dir).unpublished(), [])
        again = self.start()
        senders.send(again.tls_port, senders.raw_lines("b", 10))
        again.settle(received=10)
        self.assertEqual(again.stop().archived, 10)
        archive = Archive(ingestor.data_dir)
        archive.check_files()
        archive.check_delivery({"a": 1000, "b": 10})

    def test_killed_under_load(self) -> None:
        """What was counted as archived is there; nothing is there twice or torn."""
        ingestor = self.start("--flush-interval", "10ms", "--rotate-bytes", "64KiB")
        stop = threading.Event()

        def load(sender: str) -> None:
            try:
                tls = senders.connect(ingestor.tls_port)
                for n in range(10_000_000):
                    if stop.is_set():
                        return
                    tls.sendall(f"{mark(sender, n)} {n * 2654435761 % 2**32:x}\n".encode())
            except OSError:
                pass  # it was killed: that is the point

        threads = [threading.Thread(target=load, args=(f"t{i}",)) for i in range(4)]
        for thread in threads:
            thread.start()
        archived = cordwood.wait_until(
            lambda: ingestor.metrics().sum("cordwood_records_archived_total") > 20_000
            and ingestor.metrics().sum("cordwood_records_archived_total"),
            "20,000 records are archived",
        )
        ingestor.kill()
        stop.set()
        for thread in threads:
            thread.join()

        self.start().stop()
        archive = Archive(ingestor.data_dir)
        for f in archive.files():
            f.check_frames() if f.family == "log" else f.records()
        archive.check_manifest()
        marks = archive.archived_marks()
        self.assertGreaterEqual(len(marks), archived)
        self.assertEqual(len(marks), len(set(marks)), "no record twice")
        archive.check_order()
        for i in range(4):
            numbers = [n for sender, n in marks if sender == f"t{i}"]
            self.assertEqual(numbers, list(range(len(numbers))), "no hole before the end")

    def test_torn_last_frame(self) -> None:
        ingestor = self.start("--shards", "1")
        senders.send(ingestor.tls_port, senders.raw_lines("a", 100))
        ingestor.settle(received=100)
        ingestor.kill()
        (open_file,) = ingestor.data_dir.glob("log_*.open")
        whole = open_file.read_bytes()
        with open(open_file, "ab") as file:
            file.write(whole[: len(whole) // 2])
        self.start().stop()
        archive = Archive(ingestor.data_dir)
        archive.check_manifest()
        self.assertEqual(sorted(archive.archived_marks()), [("a", n) for n in range(100)])
        tails = [name for name in archive.unpublished() if name.endswith(".tail")]
        self.assertEqual(archive.unpublished(), tails)
        self.assertEqual(len(tails), 1)
        salvaged = [r for f in archive.files("recovered") for r in f.records()]
        found = [m for r in salvaged for m in marks_in(str(r))]
        self.assertLessEqual(set(found), {("a", n) for n in range(100)})


if __name__ == "__main__":
    cordwood.main()

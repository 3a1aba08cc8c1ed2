# SPDX-License-Identifier: Apache-2.0
"""One flipped bit in a published file is never taken for content: `zstd -t` says that the file is
damaged, or the file still decodes to the same bytes."""
from __future__ import annotations

import os
import random
import subprocess
import time
from pathlib import Path

import cordwood
import senders
from archive_check import INDEX_BYTES, Archive, mark, parse_frames

FLIPS_ANYWHERE = 200
FLIPS_IN_HEADS = 50  # of zstd frames: magic, descriptor, sizes, first block
FLIPS_IN_INDEXES = 50
HEAD_BYTES = 12
SKIPPABLE_HEAD_BYTES = 8  # magic and size
LINES = 30_000  # several frames of 1 MiB


class BitFlips(cordwood.TestCase):
    def make_file(self) -> Path:
        ingestor = self.start("--shards", "1")
        noise = random.Random(1)
        lines = [f"{mark('a', n)} {noise.randbytes(4).hex()}".encode() for n in range(LINES)]
        senders.send(ingestor.tls_port, senders.lines(lines))
        ingestor.settle(received=LINES)
        _, archive = self.stop_and_check(ingestor)
        (file,) = Archive(ingestor.data_dir).files("log")
        archive.check_delivery({"a": LINES})
        return file.path

    def flips(self, data: bytes, dice: random.Random) -> tuple[list[int], list[int]]:
        """Numbers of bits: those that matter, and those that only our index frames hold."""
        heads, indexes, at = [], [], 0
        for frame in parse_frames(data):
            heads.append(range(at * 8, (at + HEAD_BYTES) * 8))
            at += frame.length + INDEX_BYTES
            indexes.append(range((at - INDEX_BYTES + SKIPPABLE_HEAD_BYTES) * 8, at * 8))
        self.assertEqual(at, len(data))
        self.assertGreater(len(heads), 2, "too few frames for this test")
        bits = [dice.randrange(len(data) * 8) for _ in range(FLIPS_ANYWHERE)]
        bits += [dice.choice(dice.choice(heads)) for _ in range(FLIPS_IN_HEADS)]
        bits += [dice.choice(dice.choice(indexes)) for _ in range(FLIPS_IN_INDEXES)]
        skipped = [bit for bit in bits if any(bit in index for index in indexes)]
        return [bit for bit in bits if bit not in skipped], skipped

    def is_flagged(self, data: bytes, bit: int, content: bytes) -> bool:
        """Whether `zstd -t` finds the flip; if not, it must not have changed anything."""
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        path = self.directory / "flipped.zst"
        path.write_bytes(flipped)
        if subprocess.run(["zstd", "-tq", str(path)], capture_output=True).returncode != 0:
            return True
        done = subprocess.run(["zstd", "-dcq", str(path)], capture_output=True)
        self.assertEqual(done.returncode, 0, f"bit {bit}: zstd -t took it, zstd -d does not")
        self.assertTrue(done.stdout == content, f"bit {bit}: other content, and nobody notices")
        return False

    def test_flips(self) -> None:
        seed = int(os.environ.get("CORDWOOD_SEED", time.time_ns() % 1_000_000))
        print(f"CORDWOOD_SEED={seed}", flush=True)
        path = self.make_file()
        data = path.read_bytes()
        content = subprocess.run(["zstd", "-dc", str(path)], capture_output=True, check=True).stdout
        bits, skipped = self.flips(data, random.Random(seed))
        flagged = [self.is_flagged(data, bit, content) for bit in bits]
        self.assertGreater(flagged.count(True), 0.9 * len(bits))
        flagged = [self.is_flagged(data, bit, content) for bit in skipped]
        self.assertEqual(flagged.count(True), 0, "every zstd tool skips index frames")


if __name__ == "__main__":
    cordwood.main()

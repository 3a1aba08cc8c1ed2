# SPDX-License-Identifier: Apache-2.0
"""The modes of everything that is made: given at creation, whatever the umask."""
from __future__ import annotations

import os
import stat
from pathlib import Path

import cordwood
import senders


class Modes(cordwood.TestCase):
    def modes_with(self, umask: int) -> dict[str, int]:
        """The modes of all that is made, on the way and at the end."""
        self.directory = self.directory / f"umask-{umask:o}"
        self.directory.mkdir()
        old = os.umask(umask)
        try:
            ingestor = self.start("--shards", "1", "--layout", "daily", "--flush-interval", "10ms")
        finally:
            os.umask(old)
        for n in range(1, 4):  # small frames: they are repacked
            senders.send(ingestor.tls_port, senders.raw_lines(f"a{n}", 1))
            ingestor.settle(received=n)
        senders.send(ingestor.tls_port, b"x" * 300_000 + b"\n")  # is rejected
        ingestor.settle(received=4)
        found = self.modes_below(ingestor.data_dir)
        self.assertTrue(any(name.endswith(".open") for name in found))
        self.stop_and_check(ingestor)
        return found | self.modes_below(ingestor.data_dir)

    def modes_below(self, top: Path) -> dict[str, int]:
        return {
            str(path.relative_to(top.parent)): stat.S_IMODE(path.stat().st_mode)
            for path in [top, *top.rglob("*")]
        }

    def test_modes_do_not_depend_on_the_umask(self) -> None:
        for umask in (0o000, 0o077):
            with self.subTest(umask=oct(umask)):
                modes = self.modes_with(umask)
                self.assertEqual(modes.pop("data/.state"), 0o700)
                state = {name for name in modes if name.startswith("data/.state/")}
                for name in state:
                    self.assertEqual(modes.pop(name) & 0o037, 0, name)
                directories = {name for name in modes if "." not in name}
                self.assertEqual(len(directories), 2, "data and the day's")
                for name, mode in modes.items():
                    self.assertEqual(mode, 0o750 if name in directories else 0o640, name)
                ends = {name.rpartition(".")[2] for name in modes} - directories
                self.assertEqual(ends, {"open", "zst", "jsonl", "lock"})


if __name__ == "__main__":
    cordwood.main()

# SPDX-License-Identifier: Apache-2.0
"""The examples of docs/reading.md, run literally on files of several frames each."""
from __future__ import annotations

import shutil
import subprocess
import unittest

import cordwood
import transcript

RECORDS = 40000
QUERY = cordwood.source("tests/reading")


class Reading(cordwood.TestCase):
    """One archive for all: the client's records are the same for the same seed."""

    text = cordwood.source("docs/reading.md").read_text()

    def setUp(self) -> None:
        super().setUp()
        ingestor = self.start("--shards", "1", "--rotate-bytes", "100KiB")
        subprocess.run([cordwood.program("cordwood-client"), "--tcp-port", str(ingestor.tls_port),
                        "--insecure", "--seed", "1", "--count", str(RECORDS), "--rate", "0"],
                       check=True, capture_output=True, timeout=120)
        ingestor.settle(received=RECORDS)
        self.stop_and_check(ingestor)

    def run_in_archive(self, *words: str) -> str:
        done = subprocess.run(words, capture_output=True, text=True, cwd=self.directory,
                              timeout=120)
        self.assertEqual(done.stderr, "", words[-1])
        return done.stdout

    def check(self, examples: list[tuple[str, str]], least: int, *words: str) -> None:
        self.assertGreaterEqual(len(examples), least)
        for example, said in examples:
            with self.subTest(example):
                self.assertEqual(self.run_in_archive(*words, example).rstrip("\n"),
                                 said.rstrip("\n"))

    def test_examples(self) -> None:
        files = sorted((self.directory / "data").glob("log_*.zst"))
        self.assertGreater(len(files), 1)
        for file in files:
            frames = subprocess.run(["zstd", "-lv", file], capture_output=True, text=True).stdout
            self.assertRegex(frames, r"# Zstandard Frames: [2-9]")
        self.check(transcript.commands(self.text), 8, "bash", "-c")
        self.check(transcript.programs(self.text, "python"), 4, "/usr/bin/python3", "-B", "-c")
        if shutil.which("node") is not None:
            self.check(transcript.programs(self.text, "js"), 1, "node", "--input-type=module", "-e")
        if (QUERY / "node_modules").exists():
            self.check(transcript.programs(self.text, "sql"), 2, "node", str(QUERY / "query.mjs"))
        else:
            print("skipped: no DuckDB in tests/reading/node_modules")


if __name__ == "__main__":
    unittest.main()

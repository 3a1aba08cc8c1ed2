# SPDX-License-Identifier: Apache-2.0
"""The transcripts of docs/registry.md, run literally: each command prints what stands below it."""
from __future__ import annotations

import shutil
import subprocess
import sys
import unittest

import cordwood
import registry
import transcript


class Docs(registry.TestCase):
    def test_transcripts(self) -> None:
        if shutil.which("curl") is None:
            print("skipped: no curl here")
            sys.exit(77)
        running = self.start()
        pairs = transcript.commands(cordwood.source("docs/registry.md").read_text())
        self.assertGreater(len(pairs), 20)
        for command, said in pairs:
            here = command.replace("localhost:8000", f"127.0.0.1:{running.port}")
            done = subprocess.run(["bash", "-c", here], capture_output=True, text=True,
                                  cwd=self.directory, timeout=60)
            self.assertEqual(done.stdout.rstrip("\n"), said, command)


if __name__ == "__main__":
    unittest.main()

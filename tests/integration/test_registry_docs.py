# SPDX-License-Identifier: Apache-2.0
"""The transcripts of docs/registry.md, run literally: each command prints what stands below it."""
from __future__ import annotations

import re
import shutil
import subprocess
import sys
import unittest

import cordwood
import registry

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[tuple[str, str]]:
    """(command, what it prints): a command begins with "$ " and goes on behind a backslash."""
    found: list[tuple[list[str], list[str]]] = []
    for block in BLOCK.findall(text):
        goes_on = False
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(([line[2:]], []))
            elif goes_on:
                found[-1][0].append(line)
            else:
                found[-1][1].append(line)
            goes_on = (line.startswith("$ ") or goes_on) and line.endswith("\\")
    return [("\n".join(command), "\n".join(said)) for command, said in found]


class Docs(registry.TestCase):
    def test_transcripts(self) -> None:
        if shutil.which("curl") is None:
            print("skipped: no curl here")
            sys.exit(77)
        running = self.start()
        pairs = commands(cordwood.source("docs/registry.md").read_text())
        self.assertGreater(len(pairs), 20)
        for command, said in pairs:
            here = command.replace("localhost:8000", f"127.0.0.1:{running.port}")
            done = subprocess.run(["bash", "-c", here], capture_output=True, text=True,
                                  cwd=self.directory, timeout=60)
            self.assertEqual(done.stdout.rstrip("\n"), said, command)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""The commands of docs/http.md, run literally: each prints what stands below it."""
from __future__ import annotations

import re
import shutil
import subprocess

import cordwood
import senders
import transcript

TEXT = cordwood.source("docs/http.md").read_text()
LINES = (b'{"timestamp":"2026-01-31T12:00:00Z","level":"info","message":"one","service":"shop"}',
         b'{"timestamp":"2026-01-31T12:00:01Z","level":"warn","message":"two","service":"shop"}',
         b'{"timestamp":"2026-01-31T12:00:02Z","level":"loud","message":"three","service":"shop"}')


class HttpDocs(cordwood.TestCase):
    def start_with_records(self) -> cordwood.Ingestor:
        ingestor = self.start("--shards", "1")
        tls = senders.connect(ingestor.tls_port)
        tls.sendall(b"".join(senders.frame(senders.JSON, line) for line in LINES))
        tls.unwrap().close()
        ingestor.settle(received=3)
        return ingestor

    def test_commands(self) -> None:
        if shutil.which("curl") is None or shutil.which("jq") is None:
            self.skipTest("no curl or no jq here")
        ingestor = self.start_with_records()
        pairs = transcript.commands(TEXT)
        self.assertGreater(len(pairs), 15)
        for command, said in pairs:
            with self.subTest(command):
                here = command.replace("localhost:3000", f"127.0.0.1:{ingestor.http_port}")
                done = subprocess.run(["bash", "-c", here], capture_output=True, text=True,
                                      timeout=60)
                self.assertEqual(done.stdout.rstrip("\n"), said)
        self.stop_and_check(ingestor)

    def test_members_of_the_json_view(self) -> None:
        ingestor = self.start_with_records()
        table = TEXT.split("| member | what |")[1].split("\n\n")[0]
        named = {name for row in re.findall(r"(?m)^\| (`[^|]*`) \|", table)
                 for name in re.findall(r"`(\w+)`", row)}
        self.assertEqual(named, set(ingestor.metrics_json()))
        self.stop_and_check(ingestor)


if __name__ == "__main__":
    cordwood.main()

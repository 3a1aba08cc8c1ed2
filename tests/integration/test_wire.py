# SPDX-License-Identifier: Apache-2.0
"""The sender of docs/wire.md is run as it stands; so is its line by hand. What the page says of
limits and endings is tested elsewhere (test_limits, test_rejects, test_delivery)."""
from __future__ import annotations

import re
import subprocess
import unittest

import cordwood
import transcript


class Wire(cordwood.TestCase):
    text = cordwood.source("docs/wire.md").read_text()

    def test_the_sender(self) -> None:
        certs = self.make_certs()
        ingestor = self.start("--cert", str(certs / "server.crt"),
                              "--key", str(certs / "server.key"))
        ((program, said),) = transcript.programs(self.text, "python")
        self.assertLessEqual(len(program.splitlines()), 28)
        done = subprocess.run(
            ["/usr/bin/python3", "-B", "-c", program, "localhost", str(ingestor.tls_port),
             str(certs / "ca.crt")], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.stdout, done.stderr), (said, ""))
        ingestor.settle(received=1000)
        _, archive = self.stop_and_check(ingestor)
        self.assertEqual([record["message"] for record in archive.records()],
                         [f"order {n} paid" for n in range(1000)])

    def test_the_line_by_hand(self) -> None:
        ingestor = self.start()
        match = re.search(r"(?m)^    (printf .*\n.*s_client.*)$", self.text)
        assert match is not None
        line = match[1].replace("localhost:3001", f"127.0.0.1:{ingestor.tls_port}")
        subprocess.run(["bash", "-c", line], check=True, capture_output=True, timeout=60)
        ingestor.settle(received=1)
        _, archive = self.stop_and_check(ingestor)
        (record,) = archive.records()
        self.assertEqual((record["timestamp"], record["level"], record["service"]),
                         ("2026-01-01T00:00:00Z", "WARN", "shop"))

    def test_the_limits_that_it_names(self) -> None:
        shown = subprocess.run([cordwood.program("cordwood-ingestor"), "--print-config"],
                               capture_output=True, text=True, env=cordwood.clean_environment())
        for setting in ("max-record-bytes: 256KiB", "max-message-bytes: 64KiB",
                        "flush-interval: 500ms", "fsync: flush", "tls-port: [3001]",
                        "udp-port: 3002"):
            self.assertIn(f"{setting} # default", shown.stdout)


if __name__ == "__main__":
    unittest.main()

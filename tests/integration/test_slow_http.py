# SPDX-License-Identifier: Apache-2.0
"""Slow clients of the HTTP side: slowhttptest's four modes, with more connections than there are
places, while /metrics is read. A program that is not on this machine is skipped; it is looked for
where ./dev test unpacks packages (build/tools) and on the PATH."""
from __future__ import annotations

import http.client
import shutil
import subprocess
import time

import cordwood

CONNECTIONS = 800  # the ingestor has 512 places
ATTACK_S = 6
ANSWERS_MIN = 10  # in one attack; a quiet machine gives hundreds


def find_tool() -> str | None:
    unpacked = cordwood.source("build/tools/usr/bin/slowhttptest")
    return str(unpacked) if unpacked.exists() else shutil.which("slowhttptest")


class SlowClients(cordwood.TestCase):
    def ask(self, port: int) -> None:
        """One scrape by a client of its own, which is to be answered at the first attempt."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=cordwood.PATIENCE_S)
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        self.assertEqual(answer.status, 200)
        self.assertIn(b"cordwood_records_received_total", answer.read())
        connection.close()

    def test_metrics_answer_in_all_four_modes(self) -> None:
        tool = find_tool()
        if tool is None:
            self.skipTest("no slowhttptest here")
        ingestor = self.start()
        url = f"http://127.0.0.1:{ingestor.http_port}/metrics"
        for mode in (["-H", "-i", "2"], ["-B", "-i", "2"], ["-R"], ["-X"]):
            with self.subTest(mode=mode[0]):
                attack = subprocess.Popen(
                    [tool, *mode, "-c", str(CONNECTIONS), "-r", "600", "-l", str(ATTACK_S),
                     "-u", url, "-v", "0"],
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                self.addCleanup(attack.kill)
                answers = 0
                while attack.poll() is None:
                    self.ask(ingestor.http_port)
                    answers += 1
                    time.sleep(0.02)
                self.assertGreaterEqual(answers, ANSWERS_MIN)
        self.stop_and_check(ingestor)


if __name__ == "__main__":
    cordwood.main()

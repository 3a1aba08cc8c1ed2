# SPDX-License-Identifier: Apache-2.0
"""syslog-ng's loggen sends over TLS for ten seconds as fast as it can: nothing is lost."""
from __future__ import annotations

import re
import subprocess

import cordwood
import forwarders
from archive_check import Archive

SECONDS = 10
CONNECTIONS = 2
BYTES = 300
MESSAGE = re.compile(rb'"message":"seq: (\d+), thread: (\d+), [^\n]*\n')


class Loggen(cordwood.TestCase):
    def test_full_speed(self) -> None:
        """Octet-counted RFC 5424; loggen numbers the messages of each connection."""
        ingestor = self.start()
        sent = forwarders.run_loggen(
            self, ingestor.tls_port, "--syslog-proto", "--interval", str(SECONDS),
            "--active-connections", str(CONNECTIONS), "--size", str(BYTES))
        metrics = ingestor.settle(received=sent)
        self.assertEqual(
            metrics.by("cordwood_records_archived_total", "format"), {"syslog": sent})
        totals = ingestor.stop()
        self.assertEqual(totals, cordwood.Totals(sent, sent, 0, 0, totals.bytes_read, 0, 0))
        self.assertEqual(self.archived_in_order(ingestor), sent)

    def archived_in_order(self, ingestor: cordwood.Ingestor) -> int:
        """How many messages are in the files; those of each connection without gap and in order.
        Not parsed as JSON: there are several 100,000."""
        following: dict[bytes, int] = {}
        for f in Archive(ingestor.data_dir).files("log"):
            content = subprocess.run(
                ["zstd", "-dc", str(f.path)], stdout=subprocess.PIPE, check=True).stdout
            found = MESSAGE.findall(content)
            self.assertEqual(len(found), content.count(b"\n"), f.path)
            for number, thread in found:
                self.assertEqual(int(number), following.get(thread, 0), thread)
                following[thread] = int(number) + 1
        self.assertEqual(len(following), CONNECTIONS)
        return sum(following.values())


if __name__ == "__main__":
    cordwood.main()

# SPDX-License-Identifier: Apache-2.0
"""rsyslog and syslog-ng, configured as docs/senders.md says, forward over TLS to the one port:
every message becomes a record with exactly the fields that were put in."""
from __future__ import annotations

import cordwood
import forwarders
import syslog_messages

COUNT = 20_000


class Forwarders(cordwood.TestCase):
    def start_with_certs(self, *more: str) -> cordwood.Ingestor:
        certs = self.make_certs()
        return self.start("--cert", str(certs / "server.crt"), "--key", str(certs / "server.key"),
                          *more)

    def forward(self, kind: type[forwarders.Forwarder], name: str, lines: bool) -> None:
        """All fields of COUNT messages; `lines`: the framing carries messages of several lines."""
        ingestor = self.start_with_certs()
        forwarder = kind(self, forwarders.block(name, ingestor, self.directory))
        sent = syslog_messages.messages("fwd", COUNT, lines)
        forwarder.feed(each.rfc5424() for each in sent)
        ingestor.settle(received=COUNT)
        forwarder.stop()
        totals, archive = self.stop_and_check(ingestor)
        self.assertEqual(totals.archived, COUNT)
        self.assertEqual(syslog_messages.difference(sent, archive.records()), "")

    def test_rsyslog_octet_counted(self) -> None:
        self.forward(forwarders.Rsyslog, "rsyslog-octets", lines=True)

    def test_rsyslog_lines(self) -> None:
        self.forward(forwarders.Rsyslog, "rsyslog-lines", lines=False)

    def test_syslog_ng_syslog(self) -> None:
        self.forward(forwarders.SyslogNg, "syslog-ng-syslog", lines=True)

    def test_syslog_ng_network(self) -> None:
        self.forward(forwarders.SyslogNg, "syslog-ng-network", lines=False)


if __name__ == "__main__":
    cordwood.main()

# SPDX-License-Identifier: Apache-2.0
"""rsyslog and syslog-ng, configured as docs/senders.md says, forward over TLS to the one port:
every message becomes a record with exactly the fields that were put in."""
from __future__ import annotations

import cordwood
import forwarders
import syslog_messages

COUNT = 20_000
COUNT_BSD = 2000
BSD = ("level", "service", "hostname", "facility", "procid")


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

    # What they send without being told RFC 5424: no year, no fraction of a second, no MSGID and no
    # structured data. Without a PROCID rsyslog leaves out the colon behind the tag, too: then
    # nobody can tell it from the text.

    def forward_bsd(self, kind: type[forwarders.Forwarder], name: str, without: str) -> None:
        ingestor = self.start_with_certs()
        configuration = forwarders.block(name, ingestor, self.directory)
        self.assertIn(without, configuration)
        forwarder = kind(self, configuration.replace(without, ""))
        sent = [each for each in syslog_messages.messages("fwd", COUNT_BSD, lines=False)
                if each.procid is not None]
        forwarder.feed(each.rfc5424() for each in sent)
        ingestor.settle(received=len(sent))
        forwarder.stop()
        _, archive = self.stop_and_check(ingestor)
        wanted, found = {}, {}
        for each in sent:
            fields = each.record()
            wanted[each.text] = [f"{each.time:%m-%dT%H:%M:%S}", *map(fields.get, BSD)]
        for record in archive.records():
            self.assertLessEqual(set(record), {"timestamp", "message", "time_source", *BSD})
            found[record["message"]] = [record["timestamp"][5:19], *map(record.get, BSD)]
        for text, fields in wanted.items():
            self.assertEqual(found.get(text), fields, text)
        self.assertEqual(len(archive.records()), len(sent))

    def test_rsyslog_by_default(self) -> None:
        self.forward_bsd(forwarders.Rsyslog, "rsyslog-lines",
                         'template="RSYSLOG_SyslogProtocol23Format"')

    def test_syslog_ng_by_default(self) -> None:
        self.forward_bsd(forwarders.SyslogNg, "syslog-ng-network", "flags(syslog-protocol)")


if __name__ == "__main__":
    cordwood.main()

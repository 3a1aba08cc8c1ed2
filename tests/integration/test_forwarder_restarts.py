# SPDX-License-Identifier: Apache-2.0
"""A forwarder with the disk queue of docs/senders.md loses nothing: not while the ingestor is away,
not when the forwarder itself is restarted meanwhile; rsyslog not when the ingestor is restarted
while it sends. A message that was on its way at such a moment may come twice."""
from __future__ import annotations

import time

import cordwood
import forwarders
import senders
import syslog_messages
from archive_check import Archive, marks_in

COUNT = 2000
RSYSLOG_BATCH = 16  # what rsyslog may lose of what it has in hand when it ends: see the document
SLICE = 50


class Restarts(cordwood.TestCase):
    def certs_options(self) -> tuple[str, ...]:
        certs = self.make_certs()
        return "--cert", str(certs / "server.crt"), "--key", str(certs / "server.key")

    def away(self, kind: type[forwarders.Forwarder], name: str, in_hand: int = 0) -> None:
        """The ingestor is away from the start; the forwarder ends and comes again before it. It may
        lose the `in_hand` first messages."""
        options = self.certs_options()
        before = self.start(*options)
        port = before.tls_port
        configuration = forwarders.block(name, before, self.directory)
        before.stop()
        sent = syslog_messages.messages("away", COUNT, lines=True)
        for half in (sent[: COUNT // 2], sent[COUNT // 2 :]):
            forwarder = kind(self, configuration)
            forwarder.feed(each.rfc5424() for each in half)
            if half[0].number == 0:
                forwarder.stop()
        ingestor = self.start(*options, "--tls-port", str(port))
        cordwood.wait_until(
            lambda: ingestor.metrics().sum("cordwood_records_received_total") >= COUNT - in_hand,
            "what was kept")
        forwarder.stop()
        _, archive = self.stop_and_check(ingestor)
        found = {marks_in(record["message"])[0]: record for record in archive.records()}
        kept = [each for each in sent if each.number >= in_hand or ("away", each.number) in found]
        self.assertEqual(syslog_messages.difference(kept, found.values()), "")

    def test_rsyslog_keeps_what_it_cannot_send(self) -> None:
        self.away(forwarders.Rsyslog, "rsyslog-octets", RSYSLOG_BATCH)

    def test_syslog_ng_keeps_what_it_cannot_send(self) -> None:
        self.away(forwarders.SyslogNg, "syslog-ng-syslog")

    def test_syslog_ng_begins_tls_late(self) -> None:
        """It connects at once and says nothing before its first message: its connection is ended
        by then, and the message comes over the next one."""
        ingestor = self.start(*self.certs_options(), "--handshake-timeout", "1s")
        forwarder = forwarders.SyslogNg(
            self, forwarders.block("syslog-ng-syslog", ingestor, self.directory))
        cordwood.wait_until(
            lambda: ingestor.metrics().sum(
                "cordwood_tls_handshake_failures_total", reason="timeout") == 1, "the timeout")
        sent = syslog_messages.messages("late", 3, lines=True)
        forwarder.feed(each.rfc5424() for each in sent)
        ingestor.settle(received=len(sent))
        forwarder.stop()
        _, archive = self.stop_and_check(ingestor)
        self.assertEqual(syslog_messages.difference(sent, archive.records()), "")

    def test_rsyslog_loses_nothing_when_the_ingestor_restarts(self) -> None:
        """It sends all the time. What was on its way twice is there twice, nothing is lost."""
        options = self.certs_options()
        ingestor = self.start(*options)
        forwarder = forwarders.Rsyslog(
            self, forwarders.block("rsyslog-octets", ingestor, self.directory))
        with forwarder.connect() as stream:
            for at in range(0, COUNT, SLICE):
                stream.sendall(senders.octet_counted(
                    senders.syslog_5424("all", n) for n in range(at, at + SLICE)))
                if at == COUNT // 2:
                    ingestor.stop()
                    ingestor = self.start(*options, "--tls-port", str(ingestor.tls_port))
                time.sleep(0.02)  # a steady flow, on both sides of the restart
        wanted = {("all", n) for n in range(COUNT)}
        first = set(Archive(ingestor.data_dir).archived_marks())
        self.assertLess(len(first), COUNT, "the restart came after the end")
        cordwood.wait_until(
            lambda: ingestor.metrics().sum("cordwood_records_received_total")
            >= len(wanted - first), "the rest")
        forwarder.stop()
        ingestor.stop()
        archive = Archive(ingestor.data_dir)
        archive.check_files()
        self.assertEqual(wanted - set(archive.archived_marks()), set(), "lost")


if __name__ == "__main__":
    cordwood.main()

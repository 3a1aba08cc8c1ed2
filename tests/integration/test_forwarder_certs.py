# SPDX-License-Identifier: Apache-2.0
"""With --client-ca, rsyslog and syslog-ng as docs/senders.md configures them are let in with the
right certificate only. A refusal is counted by its reason, and the log says which and why."""
from __future__ import annotations

import cordwood
import forwarders
import syslog_messages

COUNT = 100
# file of the certificate -> reason counted, what the log says: why, and the name in it
REFUSED = {
    "expired": ("bad_client_certificate", 'expired.* certificate="client"'),
    "other-client": ("bad_client_certificate", 'issuer.* certificate="client"'),
    "other-name": ("wrong_client_name", 'name.* certificate="other-name"'),
}


class Certificates(cordwood.TestCase):
    def start_strict(self) -> cordwood.Ingestor:
        certs = self.make_certs()
        return self.start(
            "--cert", str(certs / "server.crt"), "--key", str(certs / "server.key"),
            "--client-ca", str(certs / "ca.crt"), "--client-names", "client")

    def let_in(self, kind: type[forwarders.Forwarder], name: str) -> None:
        ingestor = self.start_strict()
        forwarder = kind(self, forwarders.block(name, ingestor, self.directory))
        sent = syslog_messages.messages("in", COUNT, lines=True)
        forwarder.feed(each.rfc5424() for each in sent)
        ingestor.settle(received=COUNT)
        forwarder.stop()
        _, archive = self.stop_and_check(ingestor)
        self.assertEqual(syslog_messages.difference(sent, archive.records()), "")

    def refuse(self, kind: type[forwarders.Forwarder], name: str, client: str, reason: str,
               said: str) -> None:
        """The forwarder is refused, nothing of it is received, and the log says why."""
        ingestor = self.start_strict()
        forwarder = kind(self, forwarders.block(name, ingestor, self.directory, client=client))
        forwarder.feed([syslog_messages.message("out", 0, lines=False).rfc5424()])
        cordwood.wait_until(
            lambda: ingestor.metrics().sum(
                "cordwood_tls_handshake_failures_total", reason=reason) >= 1,
            f"{client} is refused: {reason}")
        cordwood.wait_until(lambda: "event=tls_handshake_failed" in ingestor.log(), "the log line")
        lines = [line for line in ingestor.log().splitlines() if "tls_handshake_failed" in line]
        self.assertRegex(lines[0], r"peer=127\.0\.0\.1:\d+ ")
        self.assertRegex(lines[0], said)
        forwarder.stop()
        totals, _ = self.stop_and_check(ingestor)
        self.assertEqual(totals.received, 0)
        self.next_directory()

    def test_rsyslog_is_let_in(self) -> None:
        self.let_in(forwarders.Rsyslog, "rsyslog-certificate")

    def test_syslog_ng_is_let_in(self) -> None:
        self.let_in(forwarders.SyslogNg, "syslog-ng-certificate")

    def test_rsyslog_is_refused(self) -> None:
        self.refuse(forwarders.Rsyslog, "rsyslog-octets", "client", "no_client_certificate",
                    "certificate")
        for client, (reason, said) in REFUSED.items():
            with self.subTest(client=client):
                self.refuse(forwarders.Rsyslog, "rsyslog-certificate", client, reason, said)

    def test_syslog_ng_is_refused(self) -> None:
        self.refuse(forwarders.SyslogNg, "syslog-ng-syslog", "client", "no_client_certificate",
                    "certificate")
        for client, (reason, said) in REFUSED.items():
            with self.subTest(client=client):
                self.refuse(forwarders.SyslogNg, "syslog-ng-certificate", client, reason, said)


if __name__ == "__main__":
    cordwood.main()

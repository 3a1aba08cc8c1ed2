# SPDX-License-Identifier: Apache-2.0
"""Certificates: what the ingestor shows, whom it lets send, and that SIGHUP exchanges them."""
from __future__ import annotations

import shutil
import signal
import socket
import ssl
import subprocess
from pathlib import Path

import cordwood
import senders


class MutualTls(cordwood.TestCase):
    def start_with_certs(self, *more: str) -> tuple[cordwood.Ingestor, Path]:
        certs = self.make_certs()
        ingestor = self.start(
            "--cert", str(certs / "server.crt"), "--key", str(certs / "server.key"), *more
        )
        return ingestor, certs

    def send_as(self, ingestor: cordwood.Ingestor, certs: Path, name: str | None) -> None:
        """One record of a client with this certificate. A refusal may reach the client at any
        point behind its handshake (TLS 1.3), so only the ingestor's word counts."""
        client = certs / name if name else None
        context = senders.client_context(ca=certs / "ca.crt", client=client)
        try:
            tls = senders.connect(ingestor.tls_port, context)
            tls.sendall(senders.raw_lines(name or "none", 1))
            tls.unwrap()
        except OSError:
            pass

    def assert_refused(self, ingestor: cordwood.Ingestor, certs: Path, name: str | None,
                       reason: str) -> None:
        def failures() -> dict[str, float]:
            return ingestor.metrics().by("cordwood_tls_handshake_failures_total", "reason")

        before = failures().get(reason, 0)
        self.send_as(ingestor, certs, name)
        cordwood.wait_until(
            lambda: failures().get(reason, 0) == before + 1, f"{name} is refused: {reason}"
        )

    def test_server_certificate_is_verified_by_a_strict_client(self) -> None:
        ingestor, certs = self.start_with_certs()
        self.send_as(ingestor, certs, None)
        ingestor.settle(received=1)
        other = senders.client_context(ca=certs / "other-ca.crt")
        with self.assertRaises(ssl.SSLCertVerificationError):
            senders.connect(ingestor.tls_port, other)
        self.stop_and_check(ingestor)

    def test_our_client_knows_that_it_was_refused(self) -> None:
        """Whether the refusal reaches it before or after its batch and close_notify leave."""
        certs = self.make_certs()
        ingestor, _ = self.start_with_certs("--client-ca", str(certs / "ca.crt"))
        for _ in range(20):
            done = subprocess.run(
                [cordwood.program("cordwood-client"), "--tcp-port", str(ingestor.tls_port),
                 "--ca", str(certs / "ca.crt"), "--count", "10", "--rate", "0", "--retries", "0"],
                capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(ingestor.metrics().sum("cordwood_records_received_total"), 0)
        self.stop_and_check(ingestor)

    def test_client_authority(self) -> None:
        certs = self.make_certs()
        ingestor, _ = self.start_with_certs("--client-ca", str(certs / "ca.crt"))
        self.assert_refused(ingestor, certs, None, "no_client_certificate")
        self.assert_refused(ingestor, certs, "expired", "bad_client_certificate")
        self.assert_refused(ingestor, certs, "other-client", "bad_client_certificate")
        for name in ("client", "other-name"):
            self.send_as(ingestor, certs, name)
        ingestor.settle(received=2)
        _, archive = self.stop_and_check(ingestor)
        archive.check_delivery({"client": 1, "other-name": 1})

    def test_client_names(self) -> None:
        certs = self.make_certs()
        ingestor, _ = self.start_with_certs(
            "--client-ca", str(certs / "ca.crt"), "--client-names", "client"
        )
        self.assert_refused(ingestor, certs, "other-name", "wrong_client_name")
        self.send_as(ingestor, certs, "client")
        ingestor.settle(received=1)
        _, archive = self.stop_and_check(ingestor)
        archive.check_delivery({"client": 1})

    def test_old_protocol_versions_are_refused(self) -> None:
        ingestor, _ = self.start_with_certs()
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{ingestor.tls_port}", "-tls1_1",
                   "-cipher", "DEFAULT@SECLEVEL=0"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)
        self.assertNotEqual(done.returncode, 0)
        cordwood.wait_until(
            lambda: ingestor.metrics().sum(
                "cordwood_tls_handshake_failures_total", reason="protocol_version") == 1,
            "the refusal is counted by its reason",
        )
        self.stop_and_check(ingestor)

    def shown_certificate(self, ingestor: cordwood.Ingestor) -> bytes:
        with socket.create_connection(("127.0.0.1", ingestor.tls_port)) as plain:
            with senders.client_context().wrap_socket(plain, server_hostname="localhost") as tls:
                shown = tls.getpeercert(binary_form=True)
        assert shown is not None
        return shown

    def test_hangup_reloads_the_certificate(self) -> None:
        ingestor, certs = self.start_with_certs()
        open_before = senders.connect(ingestor.tls_port)
        first = self.shown_certificate(ingestor)
        for ending in ("crt", "key"):
            shutil.copy(certs / f"client.{ending}", certs / f"server.{ending}")
        ingestor.send_signal(signal.SIGHUP)
        cordwood.wait_until(lambda: self.shown_certificate(ingestor) != first, "the new one")

        second = self.shown_certificate(ingestor)
        (certs / "server.key").write_text("no key\n")
        ingestor.send_signal(signal.SIGHUP)
        cordwood.wait_until(lambda: "server.key" in ingestor.log(), "the failure is logged")
        self.assertIn("action=keep_settings", ingestor.log())
        self.assertEqual(self.shown_certificate(ingestor), second, "a bad file keeps the old one")

        senders.send_records(open_before, senders.raw_lines("kept", 3))
        senders.close_in_order(open_before)
        ingestor.settle(received=3)
        _, archive = self.stop_and_check(ingestor)
        archive.check_delivery({"kept": 3})


if __name__ == "__main__":
    cordwood.main()

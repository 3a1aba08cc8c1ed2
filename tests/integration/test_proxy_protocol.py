# SPDX-License-Identifier: Apache-2.0
"""--proxy-protocol: whose connection it is, who may say so, and ends without a byte."""
from __future__ import annotations

import signal
import socket
import ssl
import struct

import cordwood
import senders

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
V1 = b"PROXY TCP4 192.0.2.7 127.0.0.1 4242 3001\r\n"
V2 = (SIGNATURE + b"\x21\x11" + struct.pack(">H", 12 + 7)
      + socket.inet_aton("192.0.2.7") + socket.inet_aton("127.0.0.1")
      + struct.pack(">HH", 4242, 3001) + b"\x04\0\4abcd")
V2_IP6 = (SIGNATURE + b"\x21\x21" + struct.pack(">H", 36)
          + socket.inet_pton(socket.AF_INET6, "2001:db8::7")
          + socket.inet_pton(socket.AF_INET6, "2001:db8::1") + struct.pack(">HH", 4242, 3001))
LOCAL = SIGNATURE + b"\x20\0\0\0"
UNKNOWN = b"PROXY UNKNOWN\r\n"


class ProxyProtocol(cordwood.TestCase):
    def dial(self, ingestor: cordwood.Ingestor, start: bytes = b"") -> socket.socket:
        plain = socket.create_connection(("127.0.0.1", ingestor.tls_port), cordwood.PATIENCE_S)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.sendall(start)
        return plain

    def send(self, ingestor: cordwood.Ingestor, header: bytes, data: bytes) -> None:
        """A connection that begins with the header, and ends in order."""
        tls = senders.client_context().wrap_socket(
            self.dial(ingestor, header), server_hostname="localhost")
        tls.sendall(data)
        senders.close_in_order(tls)

    def assert_ended(self, ingestor: cordwood.Ingestor, **results: float) -> None:
        def ended() -> dict[str, float]:
            return ingestor.metrics().by("cordwood_connections_ended_total", "result")

        cordwood.wait_until(lambda: ended() == results, f"ends are counted: {results}")

    def peers_of_rejects(self, header: bytes) -> str:
        """The peer of a record that is rejected."""
        ingestor = self.start("--proxy-protocol", "127.0.0.0/8,::1")
        self.send(ingestor, header, senders.frame(senders.JSON, b"{}"))
        ingestor.settle(received=1)
        self.assert_ended(ingestor, ended=1)
        _, archive = self.stop_and_check(ingestor)
        (record,) = archive.rejected()
        self.next_directory()
        return str(record["peer"])

    def test_the_peer_is_the_client(self) -> None:
        self.assertEqual(self.peers_of_rejects(V1), "192.0.2.7:4242")
        self.assertEqual(self.peers_of_rejects(V2), "192.0.2.7:4242")
        self.assertEqual(self.peers_of_rejects(V2_IP6), "[2001:db8::7]:4242")

    def test_without_a_client_it_is_the_proxy(self) -> None:
        self.assertRegex(self.peers_of_rejects(LOCAL), r"^127\.0\.0\.1:\d+$")
        self.assertRegex(self.peers_of_rejects(UNKNOWN), r"^127\.0\.0\.1:\d+$")

    def test_header_and_handshake_in_any_pieces(self) -> None:
        """The wire bytes of header and TLS in one piece and in small ones: all records come."""
        ingestor = self.start("--proxy-protocol", "127.0.0.1")
        data = senders.raw_lines("x", 3)
        for header in (V1, V2):
            for piece in (1, 20, 4096):
                self.send_cut(ingestor, header, data, piece)
        ingestor.settle(received=6 * 3)
        self.assert_ended(ingestor, ended=6)
        totals, _ = self.stop_and_check(ingestor)
        self.assertEqual(totals.archived, 18)

    def send_cut(self, ingestor: cordwood.Ingestor, header: bytes, data: bytes,
                 piece: int) -> None:
        """The first flight, with the header before it, in pieces."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = senders.client_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
        with self.assertRaises(ssl.SSLWantReadError):
            tls.do_handshake()
        wire = header + outgoing.read()
        plain = self.dial(ingestor)
        for at in range(0, len(wire), piece):
            plain.sendall(wire[at:at + piece])
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                incoming.write(plain.recv(65536))
        tls.write(data)
        plain.sendall(outgoing.read())
        with self.assertRaises(ssl.SSLWantReadError):
            tls.unwrap()
        plain.sendall(outgoing.read())
        plain.close()

    def refusal(self, options: tuple[str, ...], start: bytes, event: str,
                peer: str = "127.0.0.1:") -> None:
        ingestor = self.start(*options)
        plain = self.dial(ingestor, start)
        self.assert_ended(ingestor, proxy_refused=1)
        self.assertIn(f"event={event} peer={peer}", ingestor.log())
        plain.close()
        self.stop_and_check(ingestor)
        self.next_directory()

    def test_headers_of_others_are_refused(self) -> None:
        for start in (V1, V2):
            self.refusal((), start, "proxy_header_not_expected")
            self.refusal(("--proxy-protocol", "10.0.0.0/8"), start, "proxy_header_not_expected")

    def test_a_proxy_must_send_a_good_one(self) -> None:
        options = ("--proxy-protocol", "127.0.0.1/32")
        self.refusal(options, b"\x16\x03\x01\x02\x00", "proxy_header_missing")
        self.refusal(options, b"<13>x\n", "proxy_header_missing")
        self.refusal(options, b"PROXY TCP4 x y 1 2\r\n", "bad_proxy_header")
        self.refusal(options, SIGNATURE + b"\x21\x11\xff\xff", "bad_proxy_header")
        self.refusal(options, V1 + V1, "proxy_header_not_expected", "192.0.2.7:4242")

    def test_half_a_header_ends_by_the_handshake_timeout(self) -> None:
        ingestor = self.start("--proxy-protocol", "127.0.0.1", "--handshake-timeout", "1s")
        plain = self.dial(ingestor, V2[:20])
        self.assert_ended(ingestor, handshake_failed=1)
        plain.close()
        plain = self.dial(ingestor, V1[:20])
        plain.close()
        self.assert_ended(ingestor, handshake_failed=1, proxy_refused=1)
        self.stop_and_check(ingestor)

    def test_probes_are_counted_and_not_logged(self) -> None:
        for options, start in (
            ((), b""),
            (("--proxy-protocol", "127.0.0.1"), b""),
            (("--proxy-protocol", "127.0.0.1"), V1),
            (("--proxy-protocol", "127.0.0.1"), LOCAL),
        ):
            ingestor = self.start(*options)
            before = ingestor.log()
            self.dial(ingestor, start).close()
            self.assert_ended(ingestor, probe=1)
            plain = self.dial(ingestor, start)
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            plain.close()
            self.assert_ended(ingestor, probe=2)
            self.assertEqual(ingestor.log(), before)
            self.stop_and_check(ingestor)
            self.next_directory()

    def test_the_limit_of_a_peer_is_the_clients(self) -> None:
        ingestor = self.start("--proxy-protocol", "127.0.0.1", "--max-connections-per-peer", "1")
        held = [self.dial(ingestor, header) for header in (V1, V2_IP6, LOCAL, UNKNOWN)]
        third = self.dial(ingestor, V2)
        self.assert_ended(ingestor, peer_limit=1)
        self.assertIn("event=too_many_connections_of_peer peer=192.0.2.7:4242", ingestor.log())
        for plain in [*held, third]:
            plain.close()
        self.assert_ended(ingestor, peer_limit=1, probe=4)
        self.send(ingestor, V1, senders.raw_lines("x", 1))
        ingestor.settle(received=1)
        self.stop_and_check(ingestor)

    def test_sighup_exchanges_the_list(self) -> None:
        config = self.directory / "config.yaml"
        config.write_text("proxy-protocol: 10.0.0.0/8\n")
        ingestor = self.start("--config", str(config))
        self.send(ingestor, b"", senders.raw_lines("x", 1))
        ingestor.settle(received=1)
        config.write_text("proxy-protocol: [10.0.0.0/8, 127.0.0.1]\n")
        ingestor.send_signal(signal.SIGHUP)
        cordwood.wait_until(lambda: "event=reloaded" in ingestor.log(), "it is reloaded")
        self.send(ingestor, V1, senders.raw_lines("x", 1))
        metrics = ingestor.settle(received=2)
        self.assertEqual(metrics.by("cordwood_records_archived_total", "format"), {"raw": 2})
        self.stop_and_check(ingestor)


if __name__ == "__main__":
    cordwood.main()

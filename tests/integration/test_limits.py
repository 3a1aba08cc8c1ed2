# SPDX-License-Identifier: Apache-2.0
"""The limits a user sets, at work in the real program: connections, of all and of one address, time
for a handshake, time without a byte, memory for what is half received. And SIGINT."""
from __future__ import annotations

import signal
import socket
import ssl
import struct

import cordwood
import senders
from archive_check import mark, rejected_bytes

LOOPBACK, OTHER = "127.0.0.1", "127.0.0.2"
MIB = 1 << 20


class Limits(cordwood.TestCase):
    def connect_from(self, host: str, port: int) -> ssl.SSLSocket:
        plain = socket.create_connection((LOOPBACK, port), senders.TIMEOUT_S, (host, 0))
        tls = senders.client_context().wrap_socket(plain, server_hostname="localhost")
        self.addCleanup(tls.close)
        return tls

    def assert_refused(self, ingestor: cordwood.Ingestor, host: str, reason: str) -> None:
        """A connection from there is closed at once, and counted so."""
        name = "cordwood_connections_refused_total"
        before = ingestor.metrics().sum(name, reason=reason)
        with self.assertRaises(OSError):
            self.connect_from(host, ingestor.tls_port)
        self.assertEqual(ingestor.metrics().sum(name, reason=reason), before + 1)

    def wait_for(self, ingestor: cordwood.Ingestor, name: str, label: str,
                 wanted: dict[str, float]) -> None:
        cordwood.wait_until(
            lambda: ingestor.metrics().by(name, label) == wanted, f"{name} is {wanted}")

    def wait_for_open(self, ingestor: cordwood.Ingestor, count: int) -> None:
        cordwood.wait_until(
            lambda: ingestor.metrics().sum("cordwood_connections_open") == count, f"{count} open")

    def close_all(self, connections: list[ssl.SSLSocket]) -> None:
        """So that the end need not wait for them."""
        for tls in connections:
            tls.close()

    def test_connections(self) -> None:
        ingestor = self.start("--max-connections", "3")
        first = [self.connect_from(LOOPBACK, ingestor.tls_port) for _ in range(3)]
        self.wait_for_open(ingestor, 3)
        self.assert_refused(ingestor, LOOPBACK, "limit")
        self.assert_refused(ingestor, OTHER, "limit")
        self.assertIn("max-connections", ingestor.log())
        senders.close_in_order(first.pop())
        self.wait_for_open(ingestor, 2)
        first.append(self.connect_from(OTHER, ingestor.tls_port))
        for number, tls in enumerate(first):
            tls.sendall(senders.raw_lines(f"c{number}", 2))
        ingestor.settle(received=6)
        self.close_all(first)
        _, archive = self.stop_and_check(ingestor)
        archive.check_delivery({f"c{number}": 2 for number in range(3)})

    def test_connections_of_one_address(self) -> None:
        ingestor = self.start("--max-connections-per-peer", "2")
        first = [self.connect_from(LOOPBACK, ingestor.tls_port) for _ in range(2)]
        self.wait_for_open(ingestor, 2)
        self.assert_refused(ingestor, LOOPBACK, "peer_limit")
        other = [self.connect_from(OTHER, ingestor.tls_port) for _ in range(2)]
        self.assert_refused(ingestor, OTHER, "peer_limit")
        senders.close_in_order(first.pop())
        self.wait_for_open(ingestor, 3)
        first.append(self.connect_from(LOOPBACK, ingestor.tls_port))
        for number, tls in enumerate(first + other):
            tls.sendall(senders.raw_lines(f"c{number}", 2))
        ingestor.settle(received=8)
        self.close_all(first + other)
        self.stop_and_check(ingestor)

    def test_handshake_that_does_not_go_on(self) -> None:
        """Neither a silent connection nor half a handshake stays; one that is done does."""
        ingestor = self.start("--handshake-timeout", "1s")
        done = self.connect_from(LOOPBACK, ingestor.tls_port)
        silent = socket.create_connection((LOOPBACK, ingestor.tls_port), senders.TIMEOUT_S)
        half = socket.create_connection((LOOPBACK, ingestor.tls_port), senders.TIMEOUT_S)
        half.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        for plain in (silent, half):
            with plain:
                self.assertEqual(plain.recv(100), b"")
        self.wait_for(ingestor, "cordwood_tls_handshake_failures_total", "reason", {"timeout": 2})
        self.wait_for(
            ingestor, "cordwood_connections_ended_total", "result", {"handshake_failed": 2})
        done.sendall(senders.raw_lines("done", 1))
        ingestor.settle(received=1)
        self.close_all([done])
        self.stop_and_check(ingestor)

    def test_idle_connections(self) -> None:
        """What a quiet one has sent is kept; one that goes on sending stays."""
        ingestor = self.start("--idle-timeout", "2s")
        quiet, busy = (self.connect_from(LOOPBACK, ingestor.tls_port) for _ in range(2))
        quiet.sendall(mark("quiet", 0).encode() + b"\n" + mark("quiet", 1).encode())
        count = 0

        def ended() -> bool:
            nonlocal count
            busy.sendall(mark("busy", count).encode() + b"\n")
            count += 1
            ends = ingestor.metrics().by("cordwood_connections_ended_total", "result")
            return ends == {"idle_timeout": 1}

        cordwood.wait_until(ended, "the quiet one is ended")
        self.assertEqual(senders.heard_at_last(quiet), "fin")
        self.assertEqual(senders.heard(busy), "nothing")
        ingestor.settle(received=count + 2)
        self.close_all([busy])
        _, archive = self.stop_and_check(ingestor)
        archive.check_delivery({"quiet": 2, "busy": count}, rejected=[("quiet", 1)])
        (cut,) = archive.rejected()
        self.assertEqual((cut["reason"], rejected_bytes(cut)),
                         ("truncated", mark("quiet", 1).encode()))

    def test_memory_for_half_received_records(self) -> None:
        """12 senders that stop in the middle of 15 MiB: at 17 MiB reading pauses for them, for
        others it goes on; those that wait too long are given up, with what they sent kept."""
        ingestor = self.start("--shards", "1", "--max-inflight-bytes", "17MiB",
                              "--max-record-bytes", "16MiB")
        claim = struct.pack(">BI", senders.RAW, 15 * MIB) + b"x" * (2 * MIB)
        halves = [senders.connect(ingestor.tls_port) for _ in range(12)]
        for tls in halves:
            self.addCleanup(tls.close)
            tls.setblocking(False)
        for tls in halves:
            self.send_what_goes(tls, claim)
        senders.send(ingestor.tls_port, senders.json_frames("good", 100))
        self.wait_for_archived(ingestor, 100)
        read = ingestor.metrics().sum("cordwood_received_bytes_total")
        self.assertLess(read, 21 * MIB)
        cordwood.wait_until(
            lambda: ingestor.metrics().by("cordwood_connections_ended_total", "result")
            .get("memory_limit", 0) > 0, "one is given up")
        self.assertIn("event=memory_limit peer=127.0.0.1:", ingestor.log())
        senders.send(ingestor.tls_port, senders.json_frames("later", 100))
        self.wait_for_archived(ingestor, 200)
        for tls in halves:
            senders.reset(tls)
        metrics = ingestor.settle(received=200 + len(halves))
        self.assertEqual(
            metrics.by("cordwood_records_rejected_total", "reason"), {"truncated": len(halves)})
        _, archive = self.stop_and_check(ingestor)
        self.assertEqual(len(archive.archived_marks()), 200)
        self.assertEqual({r["length"] for r in archive.rejected()}, {15 * MIB})

    def send_what_goes(self, tls: ssl.SSLSocket, data: bytes) -> None:
        """Sends until the other side takes no more."""
        at = 0
        try:
            while at < len(data):
                at += tls.send(data[at : at + senders.TLS_RECORD_BYTES_MAX])
        except ssl.SSLWantWriteError:
            pass

    def wait_for_archived(self, ingestor: cordwood.Ingestor, count: int) -> None:
        cordwood.wait_until(
            lambda: ingestor.metrics().sum("cordwood_records_archived_total") == count,
            f"{count} are archived")


class Interrupt(cordwood.TestCase):
    def test_sigint_ends_as_sigterm_does(self) -> None:
        """Drained: a connection that is still open gets FIN, and what it then sends is archived."""
        ingestor = self.start()
        tls = senders.connect(ingestor.tls_port)
        tls.sendall(senders.raw_lines("a", 10))
        ingestor.settle(received=10)
        ingestor.send_signal(signal.SIGINT)
        self.assertEqual(senders.heard_at_last(tls), "fin")
        tls.sendall(mark("a", 10).encode() + b"\n")
        senders.close_unread(tls)
        totals = ingestor.wait_totals()
        self.assertEqual((totals.archived, totals.dropped), (11, 0))
        archive = cordwood.Archive(ingestor.data_dir)
        archive.check_files()
        archive.check_delivery({"a": 11})

    def test_second_sigint_ends_at_once(self) -> None:
        ingestor = self.start()
        tls = senders.connect(ingestor.tls_port)
        tls.sendall(b"half a li")
        cordwood.wait_until(
            lambda: ingestor.metrics().sum("cordwood_connections_open") == 1, "connected")
        ingestor.send_signal(signal.SIGINT)
        self.assertEqual(senders.heard_at_last(tls), "fin")
        ingestor.send_signal(signal.SIGINT)
        self.assertEqual(ingestor.wait_exit(), -signal.SIGINT)
        tls.close()


if __name__ == "__main__":
    cordwood.main()

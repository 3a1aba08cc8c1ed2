# SPDX-License-Identifier: Apache-2.0
"""Nothing that arrived is lost, whatever the sender's manners: it closes without reading, resets,
sends TLS records of any size, cuts them anywhere, ends inside a record."""
from __future__ import annotations

import os
import socket
import ssl
import threading
from typing import Callable

import cordwood
import senders
from archive_check import mark, rejected_bytes

WRITE_ONLY_CLIENTS = 200
WRITE_ONLY_BYTES = 200_000
PADDED_LINE_BYTES = 1000
SHORT = 200


def padded_lines(sender: str, count: int) -> bytes:
    return senders.lines(
        mark(sender, n).encode().ljust(PADDED_LINE_BYTES - 1, b".") for n in range(count)
    )


def in_parallel(jobs: list[Callable[[], None]]) -> None:
    """Runs all jobs at once; the first failure is the caller's."""
    failures: list[BaseException] = []

    def guarded(job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as problem:  # handed on below
            failures.append(problem)

    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


class Delivery(cordwood.TestCase):
    def write_only(self, port: int, data: bytes, half_close: bool) -> None:
        """As old senders do: never reads, closes; or only its half, to see what comes until the
        other side closes too. Nothing may."""
        tls = senders.connect(port, senders.client_context(version=ssl.TLSVersion.TLSv1_3))
        senders.send_records(tls, data)
        self.assertEqual(senders.heard(tls), "nothing")
        if half_close:
            with socket.socket(fileno=os.dup(tls.fileno())) as plain:
                plain.shutdown(socket.SHUT_WR)
            self.assertEqual(senders.heard_at_last(tls), "fin")
        senders.close_unread(tls)

    def test_clients_that_only_write_and_close(self) -> None:
        """Tickets, early close_notify or any byte to them would turn their close into a reset."""
        ingestor = self.start()
        count = WRITE_ONLY_BYTES // PADDED_LINE_BYTES
        names = [f"w{i}" for i in range(WRITE_ONLY_CLIENTS)]
        jobs = [
            lambda name=name, half=i % 10 == 0: self.write_only(
                ingestor.tls_port, padded_lines(name, count), half
            )
            for i, name in enumerate(names)
        ]
        for at in range(0, len(jobs), 20):
            in_parallel(jobs[at : at + 20])
        metrics = ingestor.settle(received=count * len(names))
        self.assertEqual(
            metrics.by("cordwood_connections_ended_total", "result"), {"ended": len(names)}
        )
        totals, archive = self.stop_and_check(ingestor)
        self.assertEqual(totals.dropped, 0)
        archive.check_delivery({name: count for name in names})

    def test_many_connections_at_once(self) -> None:
        ingestor = self.start()
        jobs = [
            lambda i=i: senders.send(ingestor.tls_port, senders.json_frames(f"c{i}", SHORT), 1000)
            for i in range(20)
        ]
        in_parallel(jobs)
        ingestor.settle(received=20 * SHORT)
        _, archive = self.stop_and_check(ingestor)
        archive.check_delivery({f"c{i}": SHORT for i in range(20)})

    def test_tls_record_sizes(self) -> None:
        ingestor = self.start()
        sizes = (1, 7, 108, 1024, 16384)
        for size in sizes:
            senders.send(ingestor.tls_port, senders.json_frames(f"size-{size}", SHORT), size)
        ingestor.settle(received=SHORT * len(sizes))
        _, archive = self.stop_and_check(ingestor)
        archive.check_delivery({f"size-{size}": SHORT for size in sizes})

    def test_tls_versions(self) -> None:
        ingestor = self.start()
        versions = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
        for version in versions:
            context = senders.client_context(version=version)
            tls = senders.connect(ingestor.tls_port, context)
            senders.send_records(tls, senders.raw_lines(version.name, SHORT), 50)
            senders.close_in_order(tls)
        ingestor.settle(received=SHORT * len(versions))
        _, archive = self.stop_and_check(ingestor)
        archive.check_delivery({version.name: SHORT for version in versions})

    def test_bytes_of_tls_records_one_by_one(self) -> None:
        ingestor = self.start()
        wire = senders.TlsWire(ingestor.tls_port)
        for byte in wire.encrypt(senders.json_frames("slow", 5)) + wire.end():
            wire.plain.sendall(bytes([byte]))
        ingestor.settle(received=5)
        wire.close()
        _, archive = self.stop_and_check(ingestor)
        archive.check_delivery({"slow": 5})

    def test_many_tls_records_in_one_segment(self) -> None:
        """What waits inside the TLS library while the socket has nothing more is served too."""
        ingestor = self.start()
        wire = senders.TlsWire(ingestor.tls_port)
        data = b"".join(wire.encrypt(senders.frame(senders.JSON, senders.json_payload(
            senders.entry("burst", n)))) for n in range(2000))
        wire.plain.sendall(data)
        ingestor.settle(received=2000)  # without another byte from the sender
        wire.close()
        _, archive = self.stop_and_check(ingestor)
        archive.check_delivery({"burst": 2000})

    def test_half_a_tls_record_counts_nothing(self) -> None:
        ingestor = self.start()
        wire = senders.TlsWire(ingestor.tls_port)
        first = wire.encrypt(senders.raw_lines("half", 1))
        second = wire.encrypt(mark("half", 1).encode() + b"\n")
        wire.plain.sendall(first + second[:-1])
        ingestor.settle(received=1)
        wire.plain.sendall(second[-1:])
        ingestor.settle(received=2)
        wire.close()
        _, archive = self.stop_and_check(ingestor)
        archive.check_delivery({"half": 2})


class Endings(cordwood.TestCase):
    """How a stream's end decides about an unfinished last record."""

    def last_line(self, end: Callable[[ssl.SSLSocket], None]) -> tuple[int, dict[str, float]]:
        """Sends a whole line and one without LF; returns archived and rejected by reason."""
        ingestor = self.start()
        tls = senders.connect(ingestor.tls_port)
        tls.sendall(senders.raw_lines("end", 1) + mark("end", 1).encode())
        cordwood.wait_until(
            lambda: ingestor.metrics().sum("cordwood_records_received_total") == 1, "the first line"
        )
        end(tls)
        metrics = ingestor.settle(received=2)
        totals, archive = self.stop_and_check(ingestor)
        rejected = [("end", 1)] if totals.rejected else []
        archive.check_delivery({"end": 2}, rejected)
        kept = [(rejected_bytes(r), r["length"]) for r in archive.rejected()]
        last = mark("end", 1).encode()
        self.assertEqual(kept, [(last, len(last))] if totals.rejected else [])
        return totals.archived, metrics.by("cordwood_records_rejected_total", "reason")

    def test_line_then_close_notify(self) -> None:
        self.assertEqual(self.last_line(senders.close_in_order), (2, {}))

    def test_line_then_fin(self) -> None:
        self.assertEqual(self.last_line(senders.close_unread), (2, {}))

    def test_line_then_reset(self) -> None:
        self.assertEqual(self.last_line(senders.reset), (1, {"truncated": 1}))

    def test_partial_frame_is_truncated_after_any_end(self) -> None:
        for end in (senders.close_in_order, senders.close_unread, senders.reset):
            with self.subTest(end.__name__):
                ingestor = self.start()
                tls = senders.connect(ingestor.tls_port)
                tls.sendall(senders.json_frames("frame", 2)[:-1])
                cordwood.wait_until(
                    lambda: ingestor.metrics().sum("cordwood_records_received_total") == 1, "one"
                )
                end(tls)
                metrics = ingestor.settle(received=2)
                self.assertEqual(
                    metrics.by("cordwood_records_rejected_total", "reason"), {"truncated": 1}
                )
                _, archive = self.stop_and_check(ingestor)
                archive.check_delivery({"frame": 2}, [("frame", 1)])
                (record,) = archive.rejected()
                payload = senders.json_payload(senders.entry("frame", 1))
                self.assertEqual(rejected_bytes(record), payload[:-1])
                self.assertEqual(record["length"], len(payload))
            self.next_directory()


if __name__ == "__main__":
    cordwood.main()

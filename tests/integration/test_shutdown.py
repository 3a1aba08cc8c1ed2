# SPDX-License-Identifier: Apache-2.0
"""SIGTERM in the middle of everything: what was received before the end of the drain is archived,
every number adds up, and the end comes in time."""
from __future__ import annotations

import signal
import ssl
import threading
import time

import cordwood
import senders
from archive_check import mark, rejected_bytes

CLIENTS = 200
LINES = 200
LINE_BYTES = 1000
STOP_SECONDS_MAX = 15  # 10 promised; the machine may do much else


class WriteOnlyClient(threading.Thread):
    """Connects, writes, closes without reading; knows how far it came, and what it was sent: FIN at
    most, which is what draining means."""

    def __init__(self, port: int, name: str) -> None:
        super().__init__()
        self.port, self.sender = port, name
        self.finished = False
        self.heard: set[str] = set()
        self.answer: AssertionError | None = None

    def run(self) -> None:
        data = senders.lines(
            mark(self.sender, n).encode().ljust(LINE_BYTES - 1, b".") for n in range(LINES)
        )
        version = senders.client_context(version=ssl.TLSVersion.TLSv1_3)
        try:
            tls = senders.connect(self.port, version)
            for at in range(0, len(data), 4000):
                tls.sendall(data[at : at + 4000])
                self.heard.add(senders.heard(tls))
                time.sleep(0.002)
            tls.close()
            self.finished = True
        except AssertionError as problem:  # raised by the test
            self.answer = problem
        except OSError:
            pass  # refused or cut off: it knows, and so does the test


class Shutdown(cordwood.TestCase):
    def test_sigterm_among_clients_that_only_write(self) -> None:
        ingestor = self.start()
        clients = [WriteOnlyClient(ingestor.tls_port, f"w{i}") for i in range(CLIENTS)]
        for client in clients:
            client.start()
        cordwood.wait_until(
            lambda: ingestor.metrics().sum("cordwood_records_received_total") > 2000,
            "the first records arrive",
        )
        ingestor.send_signal(signal.SIGTERM)
        started = time.monotonic()
        for client in clients:
            client.join()
        totals = ingestor.wait_totals()
        self.assertLess(time.monotonic() - started, STOP_SECONDS_MAX)
        for client in clients:
            if client.answer is not None:
                raise client.answer
        self.assertIn("fin", set.union(*(client.heard for client in clients)), "it drained")

        archive = cordwood.Archive(ingestor.data_dir)
        archive.check_files()
        self.check_every_byte(totals, archive)
        numbers: dict[str, list[int]] = {}
        for sender, n in archive.archived_marks():
            numbers.setdefault(sender, []).append(n)
        finished = [client for client in clients if client.finished]
        self.assertGreater(len(finished), 0, "no client finished: this would check nothing")
        for client in finished:
            self.assertEqual(numbers.get(client.sender), list(range(LINES)), client.sender)
        for sender, found in numbers.items():
            self.assertEqual(found, list(range(len(found))), f"{sender}: a hole or a repetition")

    def check_every_byte(self, totals: cordwood.Totals, archive: cordwood.Archive) -> None:
        """Every byte that was read from a connection before the end of the drain is in a file."""
        records, rejected = archive.records(), archive.rejected()
        self.assertEqual(totals.dropped, 0)
        self.assertEqual((totals.archived, totals.rejected), (len(records), len(rejected)))
        self.assertLessEqual({record["reason"] for record in rejected}, {"truncated"})
        self.assertEqual({len(record["message"]) for record in records}, {LINE_BYTES - 1})
        cut = [rejected_bytes(record) for record in rejected]
        self.assertEqual([record["length"] for record in rejected], [len(bytes_) for bytes_ in cut])
        for line in cut:
            self.assertTrue(line.startswith(b"s=w"[: len(line)]), line)
        self.assertEqual(totals.bytes_read, len(records) * LINE_BYTES + sum(map(len, cut)))

    def test_idle_connections_do_not_hold_it_up_for_ever(self) -> None:
        ingestor = self.start()
        idle = [senders.connect(ingestor.tls_port) for _ in range(10)]
        idle[0].sendall(b"one line\nhalf a li")
        cordwood.wait_until(
            lambda: ingestor.metrics().sum("cordwood_records_received_total") == 1, "one record"
        )
        ingestor.send_signal(signal.SIGTERM)
        started = time.monotonic()
        totals = ingestor.wait_totals()
        self.assertLess(time.monotonic() - started, STOP_SECONDS_MAX)
        self.assertEqual((totals.archived, totals.rejected, totals.dropped), (1, 1, 0))
        self.assertEqual(totals.bytes_read, len(b"one line\nhalf a li"))
        for tls in idle:
            senders.heard(tls)
            tls.close()
        archive = cordwood.Archive(ingestor.data_dir)
        archive.check_files()
        self.assertEqual([r["message"] for r in archive.records()], ["one line"])
        (cut,) = archive.rejected()
        self.assertEqual((cut["reason"], rejected_bytes(cut)), ("truncated", b"half a li"))

    def test_second_signal_ends_at_once_and_the_next_start_repairs(self) -> None:
        ingestor = self.start()
        tls = senders.connect(ingestor.tls_port)
        tls.sendall(senders.raw_lines("a", 100))
        ingestor.settle(received=100)
        ingestor.send_signal(signal.SIGTERM)
        cordwood.wait_until(lambda: "name=SIGTERM" in ingestor.log(), "the first signal is taken")
        time.sleep(0.5)
        ingestor.send_signal(signal.SIGTERM)
        self.assertEqual(ingestor.wait_exit(), -signal.SIGTERM)
        tls.close()
        self.start().stop()
        archive = cordwood.Archive(ingestor.data_dir)
        archive.check_files()
        archive.check_delivery({"a": 100})


if __name__ == "__main__":
    cordwood.main()

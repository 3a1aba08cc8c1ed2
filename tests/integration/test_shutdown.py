# SPDX-License-Identifier: Apache-2.0
"""SIGTERM in the middle of everything: what was received before the end of the drain is archived,
every number adds up, and the end comes in time."""
from __future__ import annotations

import signal
import threading
import time
import unittest

import cordwood
import senders
from archive_check import mark

CLIENTS = 200
LINES = 200
LINE_BYTES = 1000
STOP_SECONDS_MAX = 15  # 10 promised; the machine may do much else


class WriteOnlyClient(threading.Thread):
    """Connects, writes, closes without reading; knows how far it came."""

    def __init__(self, port: int, name: str) -> None:
        super().__init__()
        self.port, self.sender = port, name
        self.connected = self.finished = False

    def run(self) -> None:
        data = senders.lines(
            mark(self.sender, n).encode().ljust(LINE_BYTES - 1, b".") for n in range(LINES)
        )
        try:
            tls = senders.connect(self.port)
            self.connected = True
            for at in range(0, len(data), 4000):
                tls.sendall(data[at : at + 4000])
                time.sleep(0.002)
            tls.close()
            self.finished = True
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
        self.assertEqual(ingestor.wait_exit(), 0, ingestor.log())
        self.assertLess(time.monotonic() - started, STOP_SECONDS_MAX)

        archive = cordwood.Archive(ingestor.data_dir)
        archive.check_files()
        numbers: dict[str, list[int]] = {}
        for sender, n in archive.archived_marks():
            numbers.setdefault(sender, []).append(n)
        finished = [client for client in clients if client.finished]
        self.assertGreater(len(finished), 0, "no client finished: this would check nothing")
        for client in finished:
            self.assertEqual(numbers.get(client.sender), list(range(LINES)), client.sender)
        for sender, found in numbers.items():
            self.assertEqual(found, list(range(len(found))), f"{sender}: a hole or a repetition")

    def test_idle_connections_do_not_hold_it_up_for_ever(self) -> None:
        ingestor = self.start()
        idle = [senders.connect(ingestor.tls_port) for _ in range(10)]
        idle[0].sendall(b"one line\nhalf a li")
        cordwood.wait_until(
            lambda: ingestor.metrics().sum("cordwood_records_received_total") == 1, "one record"
        )
        ingestor.send_signal(signal.SIGTERM)
        started = time.monotonic()
        self.assertEqual(ingestor.wait_exit(), 0, ingestor.log())
        self.assertLess(time.monotonic() - started, STOP_SECONDS_MAX)
        for tls in idle:
            tls.close()
        archive = cordwood.Archive(ingestor.data_dir)
        archive.check_files()
        self.assertEqual([r["message"] for r in archive.records()], ["one line"])
        self.assertEqual([r["reason"] for r in archive.rejected()], ["truncated"])

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
    unittest.main()

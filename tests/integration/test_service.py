# SPDX-License-Identifier: Apache-2.0
"""The ingestor under a service manager: sockets that outlive it, messages, watchdog, refusals.

The manager is a small one of the test's own (support/service_manager.py). The deployment tests
(test_packages.py) do the same with systemd itself.
"""
from __future__ import annotations

import http.client
import signal
import socket
import threading
import time

import cordwood
from archive_check import Archive
from senders import entry, json_payload
from service_manager import HungThread, Service, port_of, tcp_socket, udp_socket
from steady_senders import SteadyDatagrams, SteadySender

RESTARTS = 4
SENDERS = 4
WATCHDOG_S = 6.0


class HttpAsker(threading.Thread):
    """Asks /readyz all the time. Only a refused connection is a problem: one that the old instance
    had accepted may end without an answer."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.answers = 0
        self.problem = ""
        self._port = port
        self._ending = threading.Event()

    def run(self) -> None:
        while not self._ending.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
            try:
                connection.request("GET", "/readyz")
                self.answers += connection.getresponse().status in (200, 503)
            except ConnectionRefusedError as problem:
                self.problem = f"HTTP: {problem}"
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()
            time.sleep(0.02)

    def end(self) -> None:
        self._ending.set()
        self.join(60)


class ServiceTest(cordwood.TestCase):
    def make_service(self, *sockets: tuple[str, socket.socket], **how: object) -> Service:
        options = how.pop("options", ())
        command = [
            cordwood.program("cordwood-ingestor"), "--data-dir", str(self.directory / "data"),
            "--bind", "127.0.0.1", *options,  # type: ignore[misc]
        ]
        service = Service(self.directory, command, sockets, **how)  # type: ignore[arg-type]
        self.addCleanup(service.close)
        return service

    def test_restarts_lose_and_refuse_nothing(self) -> None:
        tls, udp, web = tcp_socket(), udp_socket(), tcp_socket()
        service = self.make_service(("tls", tls), ("udp", udp), ("http", web))
        senders = [SteadySender(f"tls{i}", port_of(tls)) for i in range(SENDERS)]
        datagrams = SteadyDatagrams("udp0", port_of(udp))
        asker = HttpAsker(port_of(web))
        everyone = [*senders, datagrams, asker]
        for one in everyone:  # before the first start: they wait, and nobody is turned away
            one.start()
        for life in range(1, RESTARTS + 2):
            service.start()
            service.wait_ready(life)
            time.sleep(0.7)
            if life == RESTARTS + 1:
                for one in everyone:
                    one.end()
                self.wait_archived(port_of(web), sum(s.sent for s in senders), datagrams.sent)
            self.assertEqual(service.stop(), 0, service.log()[-2000:])
        self.assertEqual([one.problem for one in everyone if one.problem], [])
        self.assertEqual(len(service.notify.having("STOPPING", "1")), RESTARTS + 1)
        self.assertGreater(asker.answers, 0)
        for sender in senders:
            self.assertGreaterEqual(sender.connections, RESTARTS, "it was sent away each time")
        archive = Archive(self.directory / "data")
        archive.check_files()
        marks = archive.archived_marks()
        self.assertEqual(len(marks), len(set(marks)), "records twice")
        wanted = {(s.sender, n) for s in (*senders, datagrams) for n in range(s.sent)}
        self.assertEqual(wanted - set(marks), set(), "records lost")
        self.assertEqual(set(marks) - wanted, set())

    def wait_archived(self, port: int, tls: int, udp: int) -> None:
        """Until nothing is under way any more: what is left in sockets is the next instance's."""

        def settled() -> bool:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/metrics")
            metrics = cordwood.Metrics(connection.getresponse().read().decode())
            connection.close()
            open_now = metrics.sum("cordwood_connections_open")
            return metrics.in_flight() == 0 and open_now == 0

        self.assertGreater(tls, 0)
        self.assertGreater(udp, 0)
        cordwood.wait_until(settled, "the last records archived")
        time.sleep(0.2)  # datagrams on their way through the loopback
        cordwood.wait_until(settled, "the last records archived")

    def test_waiting_connections_are_left_to_the_next_instance(self) -> None:
        """The old one neither accepts nor resets what waits when it ends."""
        tls = tcp_socket()
        service = self.make_service(
            ("tls", tls), options=("--udp-port", "off", "--http-port", "off")
        )
        service.start()
        service.wait_ready(1)
        assert service.process is not None
        service.process.send_signal(signal.SIGSTOP)
        waiting = [SteadySender(f"late{i}", port_of(tls)) for i in range(20)]
        for sender in waiting:
            sender.start()
        cordwood.wait_until(lambda: all(s.connections for s in waiting), "20 connections made")
        service.process.send_signal(signal.SIGTERM)
        service.process.send_signal(signal.SIGCONT)
        self.assertEqual(service.process.wait(60), 0)
        service.start()
        service.wait_ready(2)
        cordwood.wait_until(lambda: all(s.sent > 0 or s.problem for s in waiting), "all have sent")
        for sender in waiting:
            sender.end()
        self.assertEqual([s.problem for s in waiting if s.problem], [])
        self.assertEqual(service.stop(), 0)
        marks = Archive(self.directory / "data").archived_marks()
        wanted = [(s.sender, n) for s in waiting for n in range(s.sent)]
        self.assertEqual(sorted(marks), sorted(wanted))

    def test_ports_tell_what_unnamed_sockets_are_for(self) -> None:
        tls, udp, web = tcp_socket(), udp_socket(), tcp_socket()
        again = udp_socket(port_of(udp))
        service = self.make_service(
            ("x", web), ("x", tls), ("x", udp), ("x", again), named=False,
            options=(
                "--tls-port", str(port_of(tls)), "--udp-port", str(port_of(udp)),
                "--http-port", str(port_of(web)), "--shards", "2",
            ),
        )
        service.start()
        service.wait_ready(1)
        self.assertIn(f"listening tls 127.0.0.1:{port_of(tls)}\n", service.log())
        self.assertIn(f"listening udp 127.0.0.1:{port_of(udp)}\n", service.log())
        self.assertIn(f"listening http 127.0.0.1:{port_of(web)}\n", service.log())
        for n in range(64):  # of many ports: the kernel spreads them over both sockets
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.sendto(json_payload(entry(f"u{n}", 0)), ("127.0.0.1", port_of(udp)))
        self.wait_archived(port_of(web), 1, 1)
        self.assertEqual(service.stop(), 0)
        archive = Archive(self.directory / "data")
        self.assertEqual(len(archive.archived_marks()), 64)
        self.assertEqual({f.shard for f in archive.files("log")}, {0, 1}, "each shard has a socket")

    def test_what_the_manager_is_told(self) -> None:
        service = self.make_service(watchdog_s=WATCHDOG_S, options=(
            "--tls-port", "0", "--udp-port", "0", "--http-port", "0"))
        service.start()
        service.wait_ready(1)
        assert service.process is not None
        cordwood.wait_until(lambda: service.notify.having("STATUS"), "a line of state")
        self.assertRegex(
            service.notify.having("STATUS")[-1]["STATUS"],
            r"^archiving: \d+ records/s, [\d.]+ MB/s, 0 connections; 0 received, 0 archived, .*",
        )
        service.process.send_signal(signal.SIGHUP)
        service.wait_ready(2)
        reloading = service.notify.having("RELOADING", "1")
        self.assertEqual(len(reloading), 1)
        self.assertLess(int(reloading[0]["MONOTONIC_USEC"]), time.monotonic_ns() // 1000)
        cordwood.wait_until(lambda: len(service.notify.having("WATCHDOG", "1")) > 2, "it lives")
        for thread in ("shard-0", "http"):
            self.check_hung_thread(service, thread)
        self.assertEqual(service.stop(), 0, service.log()[-2000:])
        self.assertEqual(service.notify.messages[-1].get("STOPPING"), "1")

    def check_hung_thread(self, service: Service, name: str) -> None:
        """One thread alone stands still: then the watchdog hears nothing."""
        assert service.process is not None
        try:
            thread = HungThread(service.process.pid, name)
        except OSError as why:
            self.skipTest(str(why))
        time.sleep(WATCHDOG_S / 2)  # a message may have been due at once
        before = len(service.notify.having("WATCHDOG", "1"))
        line = f"event=thread_hangs thread={name.split('-')[0]}"
        cordwood.wait_until(lambda: line in service.log(), "it is named")
        time.sleep(WATCHDOG_S)
        self.assertEqual(len(service.notify.having("WATCHDOG", "1")), before, f"{name} hangs")
        thread.let_go()
        cordwood.wait_until(
            lambda: len(service.notify.having("WATCHDOG", "1")) > before, f"{name} goes on"
        )

    def test_refuses_what_it_cannot_use(self) -> None:
        local = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        local.bind(str(self.directory / "local"))
        local.listen()
        stray, everybody, web = tcp_socket(), tcp_socket("0.0.0.0"), tcp_socket()
        udp = udp_socket()
        cases = (
            ([("tls", local)], "is no socket of IPv4 or IPv6"),
            ([("x.socket", stray)], "but no setting has its port"),
            ([("http", everybody)], "other machines reach"),
            ([("http", web), ("http", web)], "two sockets for HTTP"),
            ([("udp", udp), ("udp", udp)], "2 UDP sockets for 1 shards"),
        )
        for sockets, text in cases:
            with self.subTest(text):
                self.next_directory()
                service = self.make_service(*sockets, options=(
                    "--shards", "1", "--tls-port", "0", "--udp-port", "0", "--http-port", "0"))
                service.start()
                assert service.process is not None
                self.assertEqual(service.process.wait(60), 2)
                self.assertIn(text, service.log())
                self.assertEqual(service.notify.having("READY"), [])


if __name__ == "__main__":
    cordwood.main()

# SPDX-License-Identifier: Apache-2.0
"""The Debian packages on a machine that boots: install, archive, upgrade under load, remove, purge.

The machine is a container with a systemd of its own (support/container.py). Where none can be
booted the test is skipped and says why.
"""
from __future__ import annotations

import http.client
import json
import re
import time
from pathlib import Path

import cordwood
import packages
from archive_check import Archive
from container import Container, Unavailable, make_root
from service_manager import HungThread
from steady_senders import SteadyDatagrams, SteadySender

HOST = "logs-1.example"
ARCHIVE = "/var/lib/cordwood/archive"
UNITS = ("cordwood-ingestor.socket", "cordwood-ingestor.service", "cordwood-registry.service")
SENDERS = 4
TLS_PORT, UDP_PORT, HTTP_PORT, REGISTRY_PORT = 3001, 3002, 3000, 8000
# What the machine itself writes while it runs, and what dpkg and adduser keep as a copy.
CHANGING = (
    "/var/lib/dpkg/", "/var/lib/systemd/", "/var/log/", "/var/cache/", "/etc/.pwd.lock",
    "/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-", "/etc/subuid-", "/etc/subgid-",
    "/var/tmp/", "/etc/machine-id",
)


class Boot(cordwood.TestCase):
    def setUp(self) -> None:
        super().setUp()
        if packages.missing_tool():
            self.skipTest(f"there is no {packages.missing_tool()}")
        self.packages = packages.make()
        newer = packages.with_version(
            self.packages["cordwood-ingestor"], "99.0", self.directory
        )
        shared = self.directory / "packages"
        shared.mkdir()
        for package in (*self.packages.values(), newer):
            (shared / package.name).write_bytes(package.read_bytes())
        try:
            root = make_root(packages.dependencies(self.packages))
            self.machine = Container(root, self.directory, shared, HOST)
        except Unavailable as why:
            self.skipTest(f"no machine can be booted here: {why}")
        self.addCleanup(self.machine.close)

    # --- asking it ---

    def get(self, port: int, path: str) -> str:
        def ask() -> str:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", path)
            text = connection.getresponse().read().decode()
            connection.close()
            return text

        return self.machine.in_network(ask)

    def metrics(self) -> cordwood.Metrics:
        metrics = cordwood.Metrics(self.get(HTTP_PORT, "/metrics"))
        metrics.check_law()
        return metrics

    def show(self, unit: str, name: str) -> str:
        done = self.machine.run("systemctl", "show", "--value", f"--property={name}", unit)
        return done.stdout.strip()

    def journal(self, unit: str) -> str:
        return self.machine.run("journalctl", "--no-pager", "--output=cat", f"--unit={unit}").stdout

    def files(self) -> set[str]:
        """All files and directories but those that change by themselves."""
        listing = self.machine.run("find", "/etc", "/usr", "/var", "-xdev").stdout.splitlines()
        return {name for name in listing if not (name + "/").startswith(CHANGING)
                and not name.startswith(CHANGING)}

    def users(self) -> set[str]:
        return set(self.machine.run("getent", "passwd").stdout.splitlines()) | set(
            self.machine.run("getent", "group").stdout.splitlines()
        )

    def settle(self) -> None:
        """Until nothing is under way any more."""

        def settled() -> bool:
            metrics = self.metrics()
            return metrics.in_flight() == 0 and metrics.sum("cordwood_connections_open") == 0

        cordwood.wait_until(settled, "everything is archived")
        time.sleep(0.2)  # datagrams in the socket
        cordwood.wait_until(settled, "everything is archived")

    # --- the life of a package ---

    def test_life_of_the_packages(self) -> None:
        files, users = self.files(), self.users()
        self.install()
        self.check_services()
        self.hang()
        senders = self.upgrade_under_load()
        self.check_archive(senders)
        self.remove(senders)
        self.install()  # removed, not purged: they come back and run
        self.purge()
        self.assertEqual(self.files() - files, set(), "left behind")
        self.assertEqual(files - self.files(), set(), "taken along")
        self.assertEqual(self.users(), users)

    def install(self) -> None:
        names = [f"/packages/{package.name}" for package in self.packages.values()]
        self.machine.run("dpkg", "--install", *names)
        for unit in UNITS:
            self.assertEqual(self.show(unit, "ActiveState"), "active", self.journal(unit))
            self.assertEqual(self.show(unit, "UnitFileState"), "enabled", unit)
            self.machine.run("systemd-analyze", "verify", "--man=no", unit)

    def check_services(self) -> None:
        service = "cordwood-ingestor.service"
        cordwood.wait_until(lambda: self.show(service, "StatusText"), "a line of state")
        self.assertRegex(self.show(service, "StatusText"), r"^archiving: ")
        self.machine.run("systemctl", "reload", service)
        cordwood.wait_until(lambda: "event=reloaded" in self.journal(service), "it is reloaded")
        self.assertEqual(self.show(service, "ActiveState"), "active")
        log = self.journal(service)
        self.assertEqual(log.count("event=patterns_not_compiled"), 1, "no machine code, said once")
        self.assertNotIn("event=not_pinned", log)
        self.assertNotIn("event=max_connections_lowered", log)
        self.assertIn("LogEntry-json", json.loads(self.get(REGISTRY_PORT, "/subjects")))
        self.machine.run(
            "cordwood-client", "--count", "1", "--insecure", "--tcp-port", str(TLS_PORT),
            "--address", "127.0.0.1", "--batch", "1", "--interval", "0",
        )
        cordwood.wait_until(
            lambda: self.metrics().sum("cordwood_records_archived_total") == 1, "a record archived"
        )

    def hang(self) -> None:
        """A shard that stands still: systemd misses the watchdog messages and starts anew. This in
        a sandbox that allows less than the unit does: no pinning, no limits."""
        service = "cordwood-ingestor.service"
        drop_in = self.machine.path(f"/run/systemd/system/{service}.d")
        drop_in.mkdir(parents=True)
        (drop_in / "watchdog.conf").write_text(
            "[Service]\nWatchdogSec=5\nLimitCORE=0\n"
            "SystemCallFilter=~sched_setaffinity setrlimit prlimit64\n"
        )
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "restart", service)
        try:
            thread = HungThread(self.outside(int(self.show(service, "MainPID"))), "shard-0")
        except OSError as why:
            print(f"no thread can be stopped here: {why}")
            return
        log = self.journal(service)
        self.assertEqual(log.count("event=not_pinned"), 1, "said once, whatever the shards")
        self.assertGreaterEqual(log.count("event=max_connections_lowered"), 1, "it goes by 1024")
        thread.await_death()
        cordwood.wait_until(lambda: self.show(service, "NRestarts") == "1", "a new start")
        cordwood.wait_until(lambda: self.show(service, "ActiveState") == "active", "it runs")
        self.assertIn("Watchdog timeout", self.journal(service))
        self.assertIn("event=thread_hangs thread=shard index=0", self.journal(service))
        (drop_in / "watchdog.conf").unlink()
        self.machine.run("systemctl", "daemon-reload")

    @staticmethod
    def outside(inside: int) -> int:
        """The number that a process of the machine has here."""
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                text = status.read_text()
            except OSError:
                continue  # it has ended
            if re.search(rf"^Name:\tcordwood-ingest$.*^NSpid:\t\d+\t{inside}$", text, re.M | re.S):
                return int(status.parent.name)
        raise AssertionError(f"no process {inside} of the machine")

    def upgrade_under_load(self) -> list[SteadySender | SteadyDatagrams]:
        enter = self.machine.enter_network
        senders: list[SteadySender | SteadyDatagrams] = [
            SteadySender(f"tls{i}", TLS_PORT, enter=enter) for i in range(SENDERS)
        ]
        senders.append(SteadyDatagrams("udp", UDP_PORT, enter=enter))
        for sender in senders:
            sender.start()
        cordwood.wait_until(lambda: all(s.sent > 100 for s in senders), "everybody sends")
        before = self.show("cordwood-ingestor.service", "MainPID")
        self.machine.run("dpkg", "--install", "/packages/cordwood-ingestor_99.0.deb")
        sent = [s.sent for s in senders]
        self.assertNotEqual(self.show("cordwood-ingestor.service", "MainPID"), before)
        cordwood.wait_until(
            lambda: all(s.sent > n + 100 or s.problem for s, n in zip(senders, sent)), "they go on"
        )
        for sender in senders:
            sender.end()
        self.assertEqual([s.problem for s in senders if s.problem], [])
        for sender in senders[:-1]:
            assert isinstance(sender, SteadySender)
            self.assertGreaterEqual(sender.connections, 2, "it was sent away by the old version")
        self.settle()
        return senders

    def check_archive(self, senders: list[SteadySender | SteadyDatagrams]) -> None:
        self.machine.run("systemctl", "stop", UNITS[0], UNITS[1])
        self.assertEqual(self.show(UNITS[1], "Result"), "success")
        archive = Archive(self.machine.path(ARCHIVE))
        archive.check_files()
        marks = archive.archived_marks()
        wanted = {(s.sender, n) for s in senders for n in range(s.sent)}
        self.assertEqual(len(marks), len(set(marks)), "records twice")
        self.assertEqual(wanted - set(marks), set(), "records lost")
        self.assertEqual({f.instance for f in archive.files("log")}, {HOST})

    def remove(self, senders: list[SteadySender | SteadyDatagrams]) -> None:
        self.machine.run("systemctl", "start", UNITS[1])
        self.machine.run("dpkg", "--remove", *packages.NAMES)
        for unit in UNITS:
            self.assertIn(self.show(unit, "ActiveState"), ("inactive", "failed"))
        marks = set(Archive(self.machine.path(ARCHIVE)).archived_marks())
        self.assertEqual(len(marks), sum(s.sent for s in senders), "removal keeps the archive")
        self.assertTrue(self.machine.path("/etc/cordwood/cordwood.yaml").exists())
        self.assertTrue(self.machine.path("/var/lib/cordwood/registry/registry.db").exists())

    def purge(self) -> None:
        self.machine.run("dpkg", "--purge", "cordwood-registry")
        self.assertTrue(self.machine.path(ARCHIVE).exists(), "it is the other package's")
        self.machine.run("dpkg", "--purge", "cordwood-ingestor", "cordwood-client")


if __name__ == "__main__":
    cordwood.main()

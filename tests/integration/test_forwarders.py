# SPDX-License-Identifier: Apache-2.0
"""Real syslog forwarders, configured as README says, send over TLS to the one port.

A forwarder that is not on this machine is skipped by name. They are looked for on the PATH and
where ./dev test unpacks packages (build/tools).
"""
from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

import cordwood
import senders
from archive_check import mark

COUNT = 200

RSYSLOG = """
global(workDirectory="{dir}" defaultNetstreamDriverCAFile="{ca}")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="{dir}/input" RateLimit.Interval="0")
action(type="omfwd" target="localhost" port="{port}" protocol="tcp" {framing}
       StreamDriver="{driver}" StreamDriverMode="1" StreamDriverAuthMode="x509/name"
       StreamDriverPermittedPeers="localhost" {template})
"""

SYSLOG_NG = """
@version: 3.38
source s_input {{ unix-dgram("{dir}/input"); }};
destination d_cordwood {{
    {driver}("localhost" port({port}) {transport}
        tls(ca-file("{ca}") peer-verify(required-trusted)));
}};
log {{ source(s_input); destination(d_cordwood); }};
"""


def tools() -> Path:
    return cordwood.source("build/tools")


def find(name: str) -> str | None:
    unpacked = tools() / "usr/sbin" / name
    return str(unpacked) if unpacked.exists() else shutil.which(name, path="/usr/sbin:/usr/bin")


class Forwarders(cordwood.TestCase):
    def setUp(self) -> None:
        super().setUp()
        certs = self.make_certs()
        self.ingestor = self.start(
            "--cert", str(certs / "server.crt"), "--key", str(certs / "server.key")
        )
        self.values = {
            "dir": str(self.directory), "ca": str(certs / "ca.crt"),
            "port": str(self.ingestor.tls_port),
        }

    def launch_forwarder(self, command: list[str]) -> None:
        """Starts it and waits until it takes messages."""
        libraries = [str(p.parent) for p in tools().glob("usr/lib/**/lib*.so*")]
        environment = cordwood.clean_environment(LD_LIBRARY_PATH=":".join(sorted(set(libraries))))
        with open(self.directory / "forwarder.log", "wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        cordwood.wait_until(
            lambda: (self.directory / "input").exists() or process.poll() is not None, "its input"
        )
        self.assertIsNone(process.poll(), (self.directory / "forwarder.log").read_text())

    def check_messages(self) -> None:
        """Feeds it as programs feed syslog, and finds every message in the archive."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as feed:
            for n in range(COUNT):
                text = f"<{8 * 3 + n % 8}>Nov 21 04:11:45 app[{n + 1}]: {mark('fwd', n)}"
                feed.sendto(text.encode(), str(self.directory / "input"))
        self.ingestor.settle(received=COUNT)
        _, archive = self.stop_and_check(self.ingestor)
        archive.check_delivery({"fwd": COUNT})
        for n, record in enumerate(archive.records()):
            self.assertEqual(record["service"], "app")
            self.assertEqual(record["facility"], "daemon")
            self.assertEqual(record["procid"], str(n + 1))
            self.assertIn(record["level"], ("EMERG", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE",
                                            "INFO", "DEBUG"))

    def rsyslog(self, framing: str = "", template: str = "") -> None:
        program = find("rsyslogd")
        modules = [p.parent for p in tools().glob("usr/lib/*/rsyslog/imuxsock.so")]
        modules += [p.parent for p in Path("/usr/lib").glob("*/rsyslog/imuxsock.so")]
        drivers = [
            name for name in ("ossl", "gtls")
            if any((directory / f"lmnsd_{name}.so").exists() for directory in modules[:1])
        ]
        if program is None or not drivers:
            self.skipTest("no rsyslog with TLS on this machine")
        config = self.directory / "rsyslog.conf"
        config.write_text(RSYSLOG.format(
            **self.values, framing=framing, driver=drivers[0], template=template))
        self.launch_forwarder(
            [program, "-n", "-f", str(config), "-i", str(self.directory / "pid"),
             "-M", str(modules[0])]
        )
        self.check_messages()

    def test_rsyslog_octet_counted(self) -> None:
        self.rsyslog('TCP_Framing="octet-counted"')

    def test_rsyslog_lines(self) -> None:
        self.rsyslog('TCP_Framing="traditional"')

    def test_rsyslog_rfc5424(self) -> None:
        self.rsyslog('TCP_Framing="octet-counted"', 'template="RSYSLOG_SyslogProtocol23Format"')

    def syslog_ng(self, driver: str, transport: str) -> None:
        program = find("syslog-ng")
        if program is None:
            self.skipTest("no syslog-ng on this machine")
        config = self.directory / "syslog-ng.conf"
        config.write_text(SYSLOG_NG.format(**self.values, driver=driver, transport=transport))
        command = [program, "-F", "--no-caps", "-f", str(config)]
        for name in ("persist-file", "pidfile", "control"):
            command += [f"--{name}", str(self.directory / name)]
        modules = [str(p.parent) for p in tools().glob("usr/lib/syslog-ng/*/libaffile.so")]
        if modules:
            command += ["--module-path", modules[0]]
        self.launch_forwarder(command)
        self.check_messages()

    def test_syslog_ng_rfc5424(self) -> None:
        self.syslog_ng("syslog", 'transport("tls")')

    def test_syslog_ng_lines(self) -> None:
        self.syslog_ng("network", 'transport("tls")')


if __name__ == "__main__":
    cordwood.main()

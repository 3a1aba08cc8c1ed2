# SPDX-License-Identifier: Apache-2.0
"""Real forwarders with the configurations of docs/senders.md, and messages that pass through them.

A block of the document begins with ```LANGUAGE NAME; a test takes it by its name, and only host,
ports and paths are replaced. What a test adds to a forwarder is an input that changes nothing:
octet-counted RFC 5424 over a local stream, without limits on rates and lengths.

The programs are those on the PATH and those that ./dev test unpacks into build/tools; a test of one
that is on neither is skipped.
"""
from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Iterable, Mapping

import cordwood
import senders

BLOCK = re.compile(r"^```\w+ ([\w-]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

RSYSLOG_INPUT = """
global(workDirectory="{dir}" maxMessageSize="64k" parser.escapeControlCharactersOnReceive="off")
module(load="imptcp")
input(type="imptcp" path="{dir}/input" unlink="on")
"""

SYSLOG_NG_INPUT = """
@version: 3.38
options {{ keep-hostname(yes); use-dns(no); log-msg-size(65536); stats-freq(0); }};
source s_src {{
    syslog(ip("127.0.0.1") port({input}) transport("tcp") log-iw-size(10000));
}};
"""


def blocks() -> dict[str, str]:
    """The fenced blocks of docs/senders.md by their names."""
    found = BLOCK.findall(cordwood.source("docs/senders.md").read_text())
    names = [name for name, _ in found]
    if len(set(names)) != len(names):
        raise AssertionError(f"a name is used twice in docs/senders.md: {sorted(names)}")
    return dict(found)


def block(name: str, ingestor: cordwood.Ingestor, directory: Path, **client: str) -> str:
    """A block as it is used here. Certificates are those of `directory`/certs; `client` replaces
    the name of the client's certificate."""
    text = blocks()[name]
    certs = directory / "certs"
    for written, here in (
        ("logs.example.org", "localhost"),
        ("3001", str(ingestor.tls_port)),
        ("3002", str(ingestor.udp_port) if ingestor.ports("udp") else "off"),
        ("/etc/cordwood/client", str(certs / client.get("client", "client"))),
        ("/etc/cordwood", str(certs)),
        ("/var/spool/rsyslog", str(directory)),
        ("/var/lib/syslog-ng", str(directory)),
        ("/var/lib/cordwood", str(directory)),
    ):
        text = text.replace(written, here)
    return text


# --- programs --------------------------------------------------------------------------------


def tools() -> Path:
    return cordwood.source("build/tools").absolute()


def find(name: str) -> str | None:
    for folder in ("usr/sbin", "usr/bin", "usr/lib/systemd", "lib/systemd"):
        if (tools() / folder / name).exists():
            return str(tools() / folder / name)
    return shutil.which(name, path="/usr/sbin:/usr/bin:/lib/systemd:" + os.environ.get("PATH", ""))


def environment(**more: str) -> dict[str, str]:
    """What the unpacked programs need to find their libraries."""
    libraries = sorted({str(p.parent) for p in tools().glob("usr/lib/**/lib*.so*")})
    return cordwood.clean_environment(LD_LIBRARY_PATH=":".join(libraries)) | more


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def rsyslog_modules() -> list[str]:
    """The option that tells rsyslog where its modules are; empty if they lack TLS by OpenSSL."""
    found = [*tools().glob("usr/lib/*/rsyslog/lmnsd_ossl.so"),
             *Path("/usr/lib").glob("*/rsyslog/lmnsd_ossl.so")]
    return ["-M", str(found[0].parent)] if found else []


def syslog_ng_places(directory: Path) -> list[str]:
    """The options that tell syslog-ng where its modules and its own files are."""
    options = []
    for name in ("persist-file", "pidfile", "control"):
        options += [f"--{name}", str(directory / f"syslog-ng-{name}")]
    modules = [*tools().glob("usr/lib/syslog-ng/*/libaffile.so")]
    return options + (["--module-path", str(modules[0].parent)] if modules else [])


class Program:
    """A program that runs until it is stopped; its output is in `log`."""

    def __init__(self, case: cordwood.TestCase, name: str, command: list[str],
                 **more: str) -> None:
        self.name = name
        self.log_path = case.directory / f"{name}.log"
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=environment(**more), cwd=case.directory)
        case.addCleanup(self.stop)

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def wait_for(self, condition: object, what: str) -> None:
        cordwood.wait_until(lambda: condition() or self.process.poll() is not None, what)
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} ended: {self.log()}")

    def stop(self) -> None:
        """In order; it writes what it keeps for its next start."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(cordwood.PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Forwarder(Program):
    """rsyslog or syslog-ng with an input of our own."""

    def feed(self, messages: Iterable[bytes]) -> None:
        """Gives it messages, octet-counted, and waits until it has read them all: then it closes
        the connection, too."""
        data = senders.octet_counted(messages)
        with self.connect() as stream:
            stream.settimeout(senders.TIMEOUT_S)
            stream.sendall(data)
            stream.shutdown(socket.SHUT_WR)
            stream.recv(1)

    def listens(self) -> bool:
        try:
            self.connect().close()
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        return True

    def connect(self) -> socket.socket:
        raise NotImplementedError


class Rsyslog(Forwarder):
    def __init__(self, case: cordwood.TestCase, configuration: str) -> None:
        program, modules = find("rsyslogd"), rsyslog_modules()
        if program is None or not modules:
            case.skipTest("no rsyslog with OpenSSL on this machine")
        self.input = case.directory / "input"
        config = case.directory / "rsyslog.conf"
        config.write_text(RSYSLOG_INPUT.format(dir=case.directory) + configuration)
        super().__init__(case, "rsyslog", [
            program, "-n", "-f", str(config), "-i", str(case.directory / "rsyslog.pid"), *modules])
        self.wait_for(self.listens, "the input of rsyslog")

    def connect(self) -> socket.socket:
        stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            stream.connect(str(self.input))
        except OSError:
            stream.close()
            raise
        return stream


class SyslogNg(Forwarder):
    def __init__(self, case: cordwood.TestCase, configuration: str) -> None:
        program = find("syslog-ng")
        if program is None:
            case.skipTest("no syslog-ng on this machine")
        self.input = free_port()
        config = case.directory / "syslog-ng.conf"
        config.write_text(SYSLOG_NG_INPUT.format(input=self.input) + configuration)
        command = [program, "-F", "--no-caps", "-f", str(config), *syslog_ng_places(case.directory)]
        super().__init__(case, "syslog-ng", command)
        self.wait_for(self.listens, "the input of syslog-ng")

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.input), senders.TIMEOUT_S)


def run_loggen(case: cordwood.TestCase, port: int, *options: str) -> int:
    """syslog-ng's load generator over TLS, as fast as it can; returns how many it says it sent."""
    program = find("loggen")
    if program is None:
        case.skipTest("no loggen on this machine")
    more = {}
    if tools() in Path(program).parents:
        more["SYSLOGNG_PREFIX"] = str(tools() / "usr")  # where its plugins are
    done = subprocess.run(
        [program, "--use-ssl", "--rate", "10000000", *options, "127.0.0.1", str(port)],
        capture_output=True, text=True, env=environment(**more), timeout=cordwood.PATIENCE_S)
    counts = re.findall(r"average rate = .*count=(\d+)", done.stdout + done.stderr)
    if done.returncode != 0 or len(counts) != 1:
        raise AssertionError(f"loggen ended with {done.returncode}: {done.stderr[-500:]}")
    return int(counts[0])

# SPDX-License-Identifier: Apache-2.0
"""A small service manager: binds sockets, starts a program with them, hears what it says.

It does what systemd does for Type=notify services with socket units (sd_listen_fds(3),
sd_notify(3)), and nothing of ours: the sockets stay open here while the program is away.
"""
from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Sequence

from cordwood import PATIENCE_S, clean_environment, wait_until

PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH = 0x4206, 0x4207, 17
WAIT_ALL = 0x40000000  # waitpid: threads too

# The child must set LISTEN_PID to its own number: it puts the descriptors at 3 and up, then becomes
# the program. Copies are made above them first, so that none is overwritten.
EXEC = """
import fcntl, os, sys
count = int(sys.argv[1])
fds = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 100) for fd in sys.argv[2:2 + count]]
for at, fd in enumerate(fds):
    os.dup2(fd, 3 + at)
    os.close(fd)
for fd in range(3 + count, 100):
    try:
        os.close(fd)
    except OSError:
        pass
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[2 + count], sys.argv[2 + count:])
"""


class NotifySocket:
    """Receives the datagrams of the program; each is a dict of its lines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(0.2)
        self._closing = threading.Event()
        self.messages: list[dict[str, str]] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while not self._closing.is_set():
            try:
                text = self._socket.recv(65536).decode()
            except TimeoutError:
                continue
            lines = [line.split("=", 1) for line in text.splitlines()]
            self.messages.append({key: value for key, value in lines})

    def having(self, key: str, value: str | None = None) -> list[dict[str, str]]:
        return [m for m in list(self.messages) if key in m and value in (None, m[key])]

    def close(self) -> None:
        self._closing.set()
        self._thread.join()
        self._socket.close()


class Service:
    """A program and the sockets (with their names) that outlive it."""

    def __init__(
        self, directory: Path, command: Sequence[str], sockets: Sequence[tuple[str, socket.socket]],
        watchdog_s: float | None = None, named: bool = True,
    ) -> None:
        self.notify = NotifySocket(directory / "notify")
        self.process: subprocess.Popen[bytes] | None = None
        self.log_path = directory / "service.log"
        self._command = list(command)
        self._sockets = list(sockets)
        self._watchdog_s = watchdog_s
        self._named = named
        self._directory = directory

    def start(self) -> None:
        """Starts it without waiting."""
        environment = clean_environment(
            NOTIFY_SOCKET=str(self.notify.path), LISTEN_FDS=str(len(self._sockets))
        )
        if self._named:
            environment["LISTEN_FDNAMES"] = ":".join(name for name, _ in self._sockets)
        if self._watchdog_s is not None:
            environment["WATCHDOG_USEC"] = str(int(self._watchdog_s * 1e6))
        fds = [s.fileno() for _, s in self._sockets]
        helper = [sys.executable, "-c", EXEC, str(len(fds)), *map(str, fds)]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*helper, *self._command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=environment, cwd=self._directory, pass_fds=fds,
            )

    def wait_ready(self, count: int) -> None:
        """Until it has said so `count` times, over all its lives."""
        assert self.process is not None
        process = self.process
        wait_until(
            lambda: len(self.notify.having("READY", "1")) >= count or process.poll() is not None,
            "READY=1",
        )
        if process.poll() is not None:
            raise AssertionError(f"ended with {process.returncode}: {self.log()}")

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(PATIENCE_S)

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE_S)
        self.notify.close()
        for _, s in self._sockets:
            s.close()


def tcp_socket(address: str = "127.0.0.1") -> socket.socket:
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, 0))
    s.listen(4096)
    return s


def udp_socket(port: int = 0) -> socket.socket:
    """Several of one port share what comes in."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    s.bind(("127.0.0.1", port))
    return s


def port_of(s: socket.socket) -> int:
    return s.getsockname()[1]


class HungThread:
    """One thread of a program that stands still while the others go on, as under a debugger. To be
    made and let go by the same thread. OSError where the system forbids it."""

    def __init__(self, process_id: int, name: str) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._thread = _thread_of(process_id, name)
        if self._libc.ptrace(PTRACE_SEIZE, self._thread, None, None) != 0:
            raise OSError(ctypes.get_errno(), f"ptrace: {os.strerror(ctypes.get_errno())}")
        self._libc.ptrace(PTRACE_INTERRUPT, self._thread, None, None)
        os.waitpid(self._thread, WAIT_ALL)

    def let_go(self) -> None:
        self._libc.ptrace(PTRACE_DETACH, self._thread, None, None)

    def await_death(self) -> None:
        """Takes note that the program was ended: until then it is not quite gone."""
        os.waitpid(self._thread, WAIT_ALL)


def _thread_of(process_id: int, name: str) -> int:
    """The number of a program's thread."""
    for task in Path(f"/proc/{process_id}/task").iterdir():
        if (task / "comm").read_text().strip() == name:
            return int(task.name)
    raise AssertionError(f"process {process_id} has no thread {name}")

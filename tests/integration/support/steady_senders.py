# SPDX-License-Identifier: Apache-2.0
"""Senders that go on through restarts: they see that the other side ends, close in order, and
connect again at once. Each numbers what it has handed to the system. `enter` is called first by
the sender's thread: it may go to another network."""
from __future__ import annotations

import select
import socket
import ssl
import threading
import time
from typing import Callable

from senders import JSON, TIMEOUT_S, client_context, entry, frame, json_payload

BATCH = 10


class SteadySender(threading.Thread):
    """Sends frames over TLS until told to end; `sent` records are then at the other side."""

    def __init__(
        self, name: str, port: int, pause_s: float = 0.002, enter: Callable[[], None] | None = None
    ) -> None:
        super().__init__(daemon=True)
        self._enter = enter
        self.sender = name
        self.sent = 0
        self.connections = 0
        self.problem = ""
        self._port = port
        self._pause_s = pause_s
        self._ending = threading.Event()

    def run(self) -> None:
        if self._enter is not None:
            self._enter()
        try:
            while not self._ending.is_set():
                self._one_connection()
        except OSError as problem:  # a refusal, a reset: what must not happen
            self.problem = f"{self.sender}: {type(problem).__name__}: {problem}"

    def _one_connection(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self._port), TIMEOUT_S)
        self.connections += 1
        with client_context().wrap_socket(plain, server_hostname="localhost") as tls:
            while not self._ending.is_set() and not self._has_ended(tls):
                batch = range(self.sent, self.sent + BATCH)
                tls.sendall(
                    b"".join(frame(JSON, json_payload(entry(self.sender, n))) for n in batch)
                )
                self.sent += BATCH
                time.sleep(self._pause_s)
            try:
                tls.unwrap()
            except (ssl.SSLError, OSError):
                pass  # the other side has sent FIN without close_notify: it is the first to end

    @staticmethod
    def _has_ended(tls: ssl.SSLSocket) -> bool:
        """The ingestor never sends application bytes: readable means FIN."""
        return bool(select.select([tls], [], [], 0)[0])

    def end(self) -> None:
        self._ending.set()
        self.join(TIMEOUT_S)


class SteadyDatagrams(threading.Thread):
    """The same by UDP, slowly enough for any buffer."""

    def __init__(
        self, name: str, port: int, pause_s: float = 0.005, enter: Callable[[], None] | None = None
    ) -> None:
        super().__init__(daemon=True)
        self._enter = enter
        self.sender = name
        self.sent = 0
        self.problem = ""
        self._port = port
        self._pause_s = pause_s
        self._ending = threading.Event()

    def run(self) -> None:
        if self._enter is not None:
            self._enter()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.connect(("127.0.0.1", self._port))
            while not self._ending.is_set():
                try:
                    udp.send(json_payload(entry(self.sender, self.sent)))
                except OSError as problem:  # "port unreachable": nobody was bound to it
                    self.problem = f"{self.sender}: {problem}"
                    return
                self.sent += 1
                time.sleep(self._pause_s)

    def end(self) -> None:
        self._ending.set()
        self.join(TIMEOUT_S)

# SPDX-License-Identifier: Apache-2.0
"""A TLS server that keeps what it is sent, with the manners a test gives it.

    sink = Sink(certs, [keep, end_side_after(1000), keep])

The n-th connection gets the n-th manner, further ones the last.
"""
from __future__ import annotations

import os
import socket
import ssl
import struct
import threading
from pathlib import Path
from typing import Callable

RAW = 4  # the go-client's format byte of a raw record


class Connection:
    """One connection and all that came over it."""

    def __init__(self, tls: ssl.SSLSocket) -> None:
        self.tls = tls
        self.data = bytearray()
        self.in_order = False  # it ended with close_notify or FIN, at a frame's edge or not

    def read(self) -> bool:
        """Keeps what is there next; False at the end."""
        got = self.tls.recv(65536)
        self.data += got
        self.in_order = not got
        return bool(got)

    def frames(self) -> list[tuple[int, bytes]]:
        """(format, payload) of every frame; a partial one fails."""
        found = []
        at = 0
        while at < len(self.data):
            kind, length = struct.unpack_from(">BI", self.data, at)
            payload = bytes(self.data[at + 5 : at + 5 + length])
            assert len(payload) == length, f"partial frame at {at}"
            found.append((kind, payload))
            at += 5 + length
        return found


Manner = Callable[[Connection], None]


def keep(connection: Connection) -> None:
    while connection.read():
        pass


def end_side_after(count: int) -> Manner:
    """Sends FIN, without close_notify, after so many bytes, and reads on: a server that drains."""

    def manner(connection: Connection) -> None:
        while len(connection.data) < count:
            if not connection.read():
                return
        with socket.socket(fileno=os.dup(connection.tls.fileno())) as plain:
            plain.shutdown(socket.SHUT_WR)
        keep(connection)

    return manner


def reset_after(count: int) -> Manner:
    def manner(connection: Connection) -> None:
        while len(connection.data) < count:
            connection.read()
        linger = struct.pack("ii", 1, 0)
        connection.tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    return manner


class Sink:
    def __init__(self, certs: Path, manners: list[Manner], client_ca: Path | None = None) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certs / "server.crt", certs / "server.key")
        self.context.num_tickets = 0
        if client_ca is not None:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(client_ca)
        self.manners = manners
        self.connections: list[Connection] = []
        self.refused = 0  # handshakes that failed
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.threads: list[threading.Thread] = []
        self._start(self._accept)

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        number = 0
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return  # close()
            self._start(self._serve, plain, self.manners[min(number, len(self.manners) - 1)])
            number += 1

    def _serve(self, plain: socket.socket, manner: Manner) -> None:
        try:
            tls = self.context.wrap_socket(plain, server_side=True)
        except OSError:
            self.refused += 1
            plain.close()
            return
        connection = Connection(tls)
        self.connections.append(connection)
        try:
            manner(connection)
        except OSError:
            pass  # the client broke off
        tls.close()

    def close(self) -> None:
        """Waits for all connections to end. A second call does nothing."""
        if self.listener.fileno() < 0:
            return
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join(60)

    def frames(self) -> list[tuple[int, bytes]]:
        return [frame for connection in self.connections for frame in connection.frames()]

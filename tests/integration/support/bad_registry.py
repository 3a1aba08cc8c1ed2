# SPDX-License-Identifier: Apache-2.0
"""A registry that misbehaves as it is told."""
from __future__ import annotations

import socket
import threading

from cordwood import PATIENCE_S

CHUNK = b"x" * (1 << 20)


class BadRegistry:
    """Listens on a port and answers every request badly.
    how: "hang", "garbage", "huge" (1 GB), "redirect" (to `target`), "error" (status 500)."""

    def __init__(self, how: str, target: str = "") -> None:
        self.how = how
        self.requests = 0
        self._target = target
        self._closing = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        workers = []
        while not self._closing.is_set():
            try:
                peer, _ = self._socket.accept()
            except TimeoutError:
                continue
            worker = threading.Thread(target=self._answer, args=(peer,))
            worker.start()
            workers.append(worker)
        for worker in workers:
            worker.join()

    def _answer(self, peer: socket.socket) -> None:
        with peer:
            peer.settimeout(PATIENCE_S)
            try:
                if peer.recv(65536):
                    self.requests += 1
                    getattr(self, f"_{self.how}")(peer)
            except OSError:
                pass  # the asker has had enough

    def _hang(self, _peer: socket.socket) -> None:
        self._closing.wait(PATIENCE_S)

    def _garbage(self, peer: socket.socket) -> None:
        body = b'{"schema":[[[["\xff'
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    def _huge(self, peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        for _ in range(1000):
            peer.sendall(CHUNK)

    def _redirect(self, peer: socket.socket) -> None:
        peer.sendall(
            b"HTTP/1.1 302 Found\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n"
            % self._target.encode()
        )

    def _error(self, peer: socket.socket) -> None:
        body = b'{"error_code":50001,"message":"Error in the backend data store"}'
        peer.sendall(
            b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: %d\r\n\r\n%b"
            % (len(body), body)
        )

    def stop(self) -> None:
        self._closing.set()
        self._thread.join()
        self._socket.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]

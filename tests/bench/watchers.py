# SPDX-License-Identifier: Apache-2.0
"""Those who watch an ingestor while it works, in a process of their own: readers of /events, as
open dashboards are, and a scrape of /metrics every second, as Prometheus makes them.

As a program: watchers.py PORT READERS. It says "ready" when every reader has its first event or was
refused, watches until its standard input ends, and then says as JSON what it saw.
"""
from __future__ import annotations

import json
import selectors
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

SCRAPE_S = 1.0
PATIENCE_S = 30.0
READ_BYTES = 1 << 16
REQUEST = b"GET /events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"
EVENT = b"event: stats"


@dataclass
class Reader:
    """One open dashboard. An event's name may lie across two reads."""

    socket: socket.socket
    events: int = 0
    open: bool = True
    tail: bytes = b""

    def read(self) -> None:
        got = self.socket.recv(READ_BYTES)
        text = self.tail + got
        self.events += text.count(EVENT)
        self.tail = text[-(len(EVENT) - 1):]
        self.open = bool(got) and not text.startswith(b"HTTP/1.1 5")


class Crowd:
    def __init__(self, port: int, readers: int) -> None:
        self.port = port
        self.scrapes = 0
        self.readers = [self._open() for _ in range(readers)]
        self.selector = selectors.DefaultSelector()
        for reader in self.readers:
            self.selector.register(reader.socket, selectors.EVENT_READ, reader)

    def _open(self) -> Reader:
        opened = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)
        opened.sendall(REQUEST)
        return Reader(opened)

    def turn(self, wait_s: float) -> bool:
        """Reads what is there; whether standard input has ended."""
        for key, _ in self.selector.select(wait_s):
            if key.data is None:
                return True
            try:
                key.data.read()
            except ConnectionError:
                key.data.open = False
            if not key.data.open:
                self.selector.unregister(key.fileobj)
                key.data.socket.close()
        return False

    def greet(self) -> None:
        """Until each reader has an event or was refused."""
        deadline = time.monotonic() + PATIENCE_S
        while any(r.open and r.events == 0 for r in self.readers):
            if time.monotonic() > deadline:
                raise TimeoutError("readers without an event")
            self.turn(SCRAPE_S)

    def scrape(self) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        answer.read()
        connection.close()
        self.scrapes += answer.status == 200

    def watch(self) -> None:
        self.selector.register(sys.stdin, selectors.EVENT_READ, None)
        due = time.monotonic()
        while not self.turn(max(due - time.monotonic(), 0.0)):
            if time.monotonic() >= due:
                self.scrape()
                due += SCRAPE_S

    def said(self) -> dict[str, int]:
        return {
            "readers": sum(r.open for r in self.readers),
            "events": sum(r.events for r in self.readers),
            "scrapes": self.scrapes,
        }


class Watchers:
    """The process, from the side that measures."""

    def __init__(self, port: int, readers: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-B", __file__, str(port), str(readers)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        if self._process.stdout.readline() != b"ready\n":
            raise AssertionError("the watchers did not become ready")

    def finish(self) -> dict[str, Any]:
        said, _ = self._process.communicate(timeout=PATIENCE_S)
        if self._process.returncode != 0:
            raise AssertionError(f"the watchers ended with {self._process.returncode}")
        return json.loads(said)

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


def main() -> int:
    crowd = Crowd(int(sys.argv[1]), int(sys.argv[2]))
    crowd.greet()
    print("ready", flush=True)
    crowd.watch()
    print(json.dumps(crowd.said()), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

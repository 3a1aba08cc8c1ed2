# SPDX-License-Identifier: Apache-2.0
"""Runs the real registry in a temporary directory and asks it over HTTP."""
from __future__ import annotations

import http.client
import json
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Any

import cordwood

JSON = "application/vnd.schemaregistry.v1+json"
TEXT = "text/plain; charset=utf-8"


class Answer:
    def __init__(self, status: int, kind: str, body: bytes, headers: dict[str, str]) -> None:
        self.status, self.kind, self.body, self.headers = status, kind, body, headers

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


class Registry:
    def __init__(self, *arguments: str, db: str, port: int = 0) -> None:
        self.db = db
        self.process = subprocess.Popen(
            [cordwood.program("cordwood-registry"), "--port", str(port), "--db", db,
             *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=cordwood.clean_environment(),
        )
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        match = cordwood.LISTENING.match(first)
        if match is None or self.process.stdout.readline() != "ready\n":
            raise AssertionError(f"the registry did not start: {first!r}")
        self.address, self.port = match[2], int(match[3])
        self.url = f"http://127.0.0.1:{self.port}"

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """`body`: bytes as they are, anything else as JSON."""
        connection = self.connect()
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, data, {k.replace("_", "-"): v for k, v in headers.items()})
        response = connection.getresponse()
        answer = Answer(response.status, response.getheader("Content-Type") or "",
                        response.read(), dict(response.getheaders()))
        connection.close()
        return answer

    def register(self, subject: str, schema: str, **more: Any) -> int:
        answer = self.ask("POST", f"/subjects/{subject}/versions", {"schema": schema, **more})
        assert answer.status == 200, answer.text
        return int(answer.json()["id"])

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=60)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status


class TestCase(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def start(self, *arguments: str) -> Registry:
        registry = Registry(*arguments, db=str(self.directory / "registry.db"))
        self.addCleanup(lambda: registry.process.poll() is None and registry.stop())
        return registry

# SPDX-License-Identifier: Apache-2.0
"""A registry whose only schema is LogEntry's JSON Schema {}: it allows anything, so that a row with
it beside one without shows what validation costs."""
from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATH = "/subjects/LogEntry-json/versions/"
SCHEMA = {"subject": "LogEntry-json", "id": 1, "version": 1, "schemaType": "JSON", "schema": "{}"}
ABSENT = {"error_code": 40401, "message": "Subject not found."}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = self.path.startswith(PATH)
        body = json.dumps(SCHEMA if known else ABSENT).encode()
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class AnyRegistry:
    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

# SPDX-License-Identifier: Apache-2.0
"""What people and Prometheus read from the ingestor: every page, every refusal, many readers.

The pages are the real ones; the numbers behind them are fake_admin's, which this test sets.
"""
from __future__ import annotations

import http.client
import json
import shutil
import socket
import subprocess
import threading
import time
import unittest
from typing import Any

import cordwood

FORMATS = ("json", "proto", "avro", "raw", "syslog", "journald", "unknown")
READERS_MAX = 256


class Admin:
    """A running fake_admin."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [cordwood.program("fake_admin"), *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self.port = int(self.line().rsplit(" ", 1)[1])

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def tell(self, command: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.line()
        if answer != "ok":
            raise AssertionError(f"{command!r}: {answer!r}")

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=named)
        response = connection.getresponse()
        body = response.read().decode()
        connection.close()
        return Answer(response.status, dict(response.getheaders()), body)

    def end(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        status = self.process.wait(timeout=60)
        self.process.stdout.close()
        if status != 0:
            raise AssertionError(f"fake_admin ended with {status}")


class Answer:
    def __init__(self, status: int, headers: dict[str, str], body: str) -> None:
        self.status, self.headers, self.body = status, headers, body


class Case(unittest.TestCase):
    def start(self, *arguments: str) -> Admin:
        admin = Admin(*arguments)
        self.addCleanup(admin.end)
        return admin

    def open_events(self, admin: Admin, buffer: int = 0) -> socket.socket:
        """A reader of /events that has sent its request and read nothing."""
        connection = socket.socket()
        if buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        connection.settimeout(60)
        connection.connect(("127.0.0.1", admin.port))
        connection.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.addCleanup(connection.close)
        return connection


def read_events(connection: socket.socket, count: int) -> list[dict[str, Any]]:
    """The first `count` events of a reader behind the history, whatever the chunks."""
    with connection.makefile("rb") as stream:
        while stream.readline() != b"\r\n":
            pass
        data = b""
        while data.count(b"\n\n") < count + 1:
            size = int(stream.readline(), 16)
            data += stream.read(size)
            stream.readline()
    events = []
    for event in data.decode().split("\n\n")[: count + 1]:
        name, text = event.split("\n")
        assert name == ("event: stats" if events else "event: history"), name
        events.append(json.loads(text.removeprefix("data: ")))
    return events[1:]


class Pages(Case):
    def test_refusals(self) -> None:
        admin = self.start()
        self.assertEqual(admin.ask("/nothing").status, 404)
        self.assertEqual(admin.ask("/metrics/").status, 404)
        self.assertEqual(admin.ask("/%6detrics").status, 404)
        self.assertEqual(admin.ask("/../etc/passwd").status, 404)
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
            answer = admin.ask("/metrics", method)
            self.assertEqual(answer.status, 405)
            self.assertEqual(answer.headers["Allow"], "GET, HEAD")

    def test_every_answer_is_guarded(self) -> None:
        admin = self.start()
        for path in ("/", "/app.js", "/metrics", "/metrics.json", "/healthz", "/readyz",
                     "/version", "/nothing"):
            headers = admin.ask(path).headers
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertEqual(headers["Referrer-Policy"], "no-referrer")
            self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
            self.assertNotIn("unsafe", headers["Content-Security-Policy"])
            self.assertIn(headers["Cache-Control"], ("no-store", "no-cache"))

    def test_tail_refuses_what_it_does_not_know(self) -> None:
        admin = self.start()
        for query in ("level=loud", "level=" + "w" * 100, "text=" + "x" * 256, "text=%2"):
            self.assertEqual(admin.ask(f"/tail?{query}").status, 400, query)
        for query in ("", "level=warn", "level=&text=a%20b", "other=1"):
            self.assertEqual(admin.ask(f"/tail?{query}", "HEAD").status, 200, query)

    def test_head_has_no_body(self) -> None:
        admin = self.start()
        for path in ("/", "/metrics", "/metrics.json", "/healthz", "/readyz", "/version",
                     "/events"):
            answer = admin.ask(path, "HEAD")
            self.assertEqual((answer.status, answer.body), (200, ""))

    def test_health_and_readiness(self) -> None:
        admin = self.start()
        self.assertEqual(admin.ask("/healthz").body, "ok\n")
        self.assertEqual(admin.ask("/readyz").status, 200)
        admin.tell("state stall")
        answer = admin.ask("/readyz")
        self.assertEqual(answer.status, 503)
        self.assertIn("stalled", answer.body)
        self.assertEqual(admin.ask("/healthz").status, 200)
        admin.tell("state drain")
        answer = admin.ask("/readyz")
        self.assertEqual(answer.status, 503)
        self.assertIn("draining", answer.body)
        self.assertEqual(json.loads(admin.ask("/metrics.json").body)["state"], "draining")
        admin.tell("state run")
        self.assertEqual(admin.ask("/readyz").status, 200)

    def test_version(self) -> None:
        version = json.loads(self.start().ask("/version?unknown=1").body)
        self.assertEqual(version["name"], "cordwood-ingestor")
        self.assertRegex(version["version"], r"^\d+\.\d+\.\d+$")

    def test_static_files(self) -> None:
        admin = self.start()
        page = admin.ask("/")
        self.assertTrue(page.headers["Content-Type"].startswith("text/html"))
        self.assertNotRegex(page.body, r"(?:src|href)=\"(?:https?:)?//")
        script = admin.ask("/app.js")
        self.assertTrue(script.headers["Content-Type"].startswith("text/javascript"))
        known = admin.ask("/app.js", If_None_Match=script.headers["ETag"])
        self.assertEqual((known.status, known.body), (304, ""))
        self.assertEqual(admin.ask("/app.js", If_None_Match='"other"').body, script.body)
        self.assertIn("MIT", admin.ask("/uPlot.LICENSE.txt").body)


class Numbers(Case):
    def test_forms_of_metrics(self) -> None:
        admin = self.start()
        openmetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"
        text = "text/plain; version=0.0.4; charset=utf-8"
        for path, accept, want in (
            ("/metrics", "", text),
            ("/metrics?other=1", "*/*", text),
            ("/metrics?format=xml", "*/*", text),
            ("/metrics", "application/json", "application/json"),
            ("/metrics", "application/openmetrics-text;version=1.0.0", openmetrics),
            ("/metrics?format=json", "", "application/json"),
            ("/metrics?format=prometheus", "application/json", text),
            ("/metrics.json", "text/plain", "application/json"),
            ("/metrics-json", "", "application/json"),
        ):
            headers = {"Accept": accept} if accept else {}
            self.assertEqual(admin.ask(path, **headers).headers["Content-Type"], want, path)

    def test_openmetrics_ends_and_names_families(self) -> None:
        body = self.start().ask("/metrics?format=openmetrics").body
        self.assertTrue(body.endswith("\n# EOF\n"))
        families = [line.split() for line in body.splitlines() if line.startswith("# TYPE")]
        self.assertGreater(len(families), 30)
        for _, _, name, kind in families:
            self.assertFalse(name.endswith("_total"), name)
            if kind == "counter":
                self.assertIn(f"\n{name}_total", body)

    def test_promtool_finds_nothing(self) -> None:
        if shutil.which("promtool") is None:
            self.skipTest("no promtool here")
        admin = self.start()
        admin.tell("archive json 1000")
        admin.tell("reject raw bad_json x")
        done = subprocess.run(["promtool", "check", "metrics"], input=admin.ask("/metrics").body,
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_counts(self) -> None:
        admin = self.start()
        admin.tell("archive syslog 41")
        admin.tell("fly syslog 1")
        admin.tell('reject json bad_json {"reason":"bad_json"}')
        admin.tell('sample syslog {"message":"\\u0000 <b>ü"}')
        scrape = cordwood.Metrics(admin.ask("/metrics").body)
        self.assertEqual(scrape.sum("cordwood_records_archived_total", format="syslog"), 41)
        self.assertEqual(scrape.sum("cordwood_records_in_flight"), 1)
        stats = json.loads(admin.ask("/metrics.json").body)
        self.assertEqual(stats["syslog"], 41)
        self.assertEqual(stats["samples"]["syslog"], ['{"message":"\\u0000 <b>ü"}'])
        self.assertEqual(stats["rejects"], ['{"reason":"bad_json"}'])

    def test_the_law_holds_in_every_answer(self) -> None:
        admin = self.start()
        done = threading.Event()

        def work() -> None:
            while not done.is_set():
                for command in ("archive json 7", "fly raw 3", "reject avro schema x",
                                "drop raw 2"):
                    admin.tell(command)

        worker = threading.Thread(target=work)
        worker.start()
        try:
            for _ in range(100):
                for law in json.loads(admin.ask("/metrics.json").body)["records"].values():
                    self.assertEqual(law["received"], law["archived"] + law["rejected"]
                                     + law["dropped"] + law["in_flight"])
                scrape = cordwood.Metrics(admin.ask("/metrics").body)
                for name in FORMATS:
                    parts = [scrape.sum(f"cordwood_records_{part}", format=name) for part in
                             ("archived_total", "rejected_total", "dropped_total", "in_flight")]
                    received = scrape.sum("cordwood_records_received_total", format=name)
                    self.assertEqual(received, sum(parts))
        finally:
            done.set()
            worker.join()


class Access(Case):
    def test_foreign_host_names(self) -> None:
        admin = self.start()
        for host in ("evil.example", "evil.example:3000", "10.1.2.3", "localhost.evil.example"):
            answer = admin.ask("/metrics", Host=host)
            self.assertEqual(answer.status, 421)
            self.assertIn("--http-token-file", answer.body)
            self.assertEqual(admin.ask("/", Host=host).status, 421)
            self.assertEqual(admin.ask("/nothing", Host=host).status, 421)
            self.assertEqual(admin.ask("/healthz", Host=host).status, 200)
            self.assertEqual(admin.ask("/readyz", Host=host).status, 200)
        for host in ("localhost:3000", "LOCALHOST", "127.0.0.1", "[::1]:1", socket.gethostname()):
            self.assertEqual(admin.ask("/metrics", Host=host).status, 200)

    def test_token(self) -> None:
        admin = self.start("127.0.0.1", "0", "s3cr3t/+ &")
        for headers in ({}, {"Authorization": "Bearer no"}, {"Authorization": "Basic s3cr3t/+ &"},
                        {"Cookie": "cordwood=s3cr3t"}):
            for path in ("/", "/metrics", "/events", "/app.js", "/nothing", "/?token=no"):
                answer = admin.ask(path, **headers)
                self.assertEqual(answer.status, 401)
                self.assertTrue(answer.headers["WWW-Authenticate"].startswith("Bearer"))
                self.assertNotIn("Set-Cookie", answer.headers)
        self.assertEqual(admin.ask("/healthz").status, 200)
        self.assertEqual(admin.ask("/readyz").status, 200)
        self.assertEqual(admin.ask("/metrics?token=s3cr3t%2F%2B+%26").status, 200)
        self.assertEqual(admin.ask("/metrics?token=s3cr3t%2F%2B+%26", Host="any.example").status,
                         200)
        self.assertEqual(admin.ask("/metrics", Authorization="Bearer s3cr3t/+ &").status, 200)

    def test_a_token_of_base64_is_pasted_as_it_is(self) -> None:
        admin = self.start("127.0.0.1", "0", "ab+c/d=")
        self.assertEqual(admin.ask("/?token=ab+c/d=").status, 200)
        self.assertEqual(admin.ask("/?token=ab%2Bc/d=").status, 200)
        self.assertEqual(admin.ask("/?token=ab-c/d=").status, 401)

    def test_token_by_header_and_cookie(self) -> None:
        admin = self.start("127.0.0.1", "0", "s3cr3t")
        self.assertEqual(admin.ask("/metrics", Authorization="Bearer s3cr3t").status, 200)
        self.assertEqual(admin.ask("/events", "HEAD", Authorization="Bearer s3cr3t").status, 200)
        page = admin.ask("/?token=s3cr3t")
        cookie = page.headers["Set-Cookie"]
        self.assertEqual(page.status, 200)
        self.assertIn("HttpOnly", cookie)
        self.assertIn("SameSite=Strict", cookie)
        self.assertNotIn("s3cr3t", cookie)
        self.assertEqual(admin.ask("/app.js", Cookie="a=1; " + cookie.split(";")[0]).status, 200)


class Readers(Case):
    def test_first_event_at_once_then_one_a_second(self) -> None:
        admin = self.start()
        admin.tell("archive json 10")
        time.sleep(1.5)
        events = read_events(self.open_events(admin), 3)
        times = [event["time"] for event in events]
        self.assertEqual(len(set(times)), 3)
        self.assertEqual([event["json"] for event in events], [10, 10, 10])
        self.assertEqual(events[0].keys(), json.loads(admin.ask("/metrics.json").body).keys())

    def test_rates(self) -> None:
        admin = self.start()
        reader = self.open_events(admin)
        read_events(self.open_events(admin), 1)  # rates are between two events: one is there
        admin.tell("archive json 500")
        events = read_events(reader, 5)
        rates = [event["logs_per_sec"] for event in events]
        self.assertGreater(max(rates), 0)
        self.assertEqual(rates[-1], 0)
        self.assertIn(50.0, [event["latency_us"] for event in events])

    def test_readers_beyond_the_limit(self) -> None:
        admin = self.start()
        readers = [self.open_events(admin) for _ in range(READERS_MAX)]
        for reader in readers:
            self.assertTrue(reader.recv(12).startswith(b"HTTP/1.1 200"))
        answer = admin.ask("/events")
        self.assertEqual(answer.status, 503)
        self.assertIn("Retry-After", answer.headers)
        self.assertEqual(admin.ask("/metrics").status, 200)
        readers[0].close()
        cordwood.wait_until(
            lambda: admin.ask("/events", "HEAD").status == 200
            and self.open_events(admin).recv(12) == b"HTTP/1.1 200", "a place for a new reader")

    def test_slow_readers_hold_up_nobody(self) -> None:
        admin = self.start()
        for name in FORMATS:
            for _ in range(3):
                admin.tell(f"sample {name} " + "x" * 1000)
        slow = [self.open_events(admin, buffer=4096) for _ in range(READERS_MAX - 1)]
        events = read_events(self.open_events(admin), 8)
        self.assertEqual(len({event["time"] for event in events}), 8)
        self.assertEqual(admin.ask("/healthz").status, 200)
        self.assertGreater(len(read_events(slow[0], 2)[1]["samples"]["json"][0]), 999)

    def test_many_idle_connections(self) -> None:
        admin = self.start()
        for _ in range(100):
            idle = socket.create_connection(("127.0.0.1", admin.port), timeout=60)
            self.addCleanup(idle.close)
        self.assertEqual(admin.ask("/healthz").status, 200)


if __name__ == "__main__":
    cordwood.main()

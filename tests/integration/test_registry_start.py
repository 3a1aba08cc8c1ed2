# SPDX-License-Identifier: Apache-2.0
"""cordwood-registry's first start, which is whole or has not been, and who may ask it for what."""
from __future__ import annotations

import os
import socket
import subprocess
import time
import unittest

import cordwood
import registry

PROTO = 'syntax = "proto3"; message A { string x = 1; }'
ALL = ["LogEntry-avro", "LogEntry-json", "LogEntry-proto", "a-avro", "b-proto"]


class Seeding(registry.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.schemas = self.directory / "schemas"
        self.schemas.mkdir()
        (self.schemas / "a.avsc").write_text('"int"')

    def spawn(self, **environment: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [cordwood.program("cordwood-registry"), "--port", "0", "--db",
             str(self.directory / "registry.db"), "--schemas", str(self.schemas)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env=cordwood.clean_environment(**environment))

    def check_whole(self) -> None:
        (self.schemas / "b.proto").write_text(PROTO)
        self.assertEqual(self.start("--schemas", str(self.schemas)).ask("GET", "/subjects").json(),
                         ALL)

    def test_a_bad_file_leaves_nothing(self) -> None:
        (self.schemas / "b.proto").write_text("message {")
        for _ in range(2):
            process = self.spawn()
            _, said = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 1)
            self.assertIn(b"b.proto", said)
        self.check_whole()

    def test_a_manager_with_a_full_queue_hears_of_the_start_later(self) -> None:
        with (
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager,
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other,
        ):
            manager.bind(str(self.directory / "notify"))
            manager.settimeout(60)
            other.setblocking(False)
            try:
                while True:
                    other.sendto(b"STATUS=x", str(self.directory / "notify"))
            except BlockingIOError:
                pass
            self.start_as_service()
            while not manager.recv(1024).startswith(b"READY=1\n"):
                pass

    def start_as_service(self) -> None:
        process = subprocess.Popen(
            [cordwood.program("cordwood-registry"), "--port", "0", "--db",
             str(self.directory / "registry.db")],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=cordwood.clean_environment(NOTIFY_SOCKET=str(self.directory / "notify")))
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        assert process.stdout is not None
        self.assertTrue(any(line == b"ready\n" for line in process.stdout))
        time.sleep(0.5)  # its first attempt is made

    def test_kill_in_the_middle_leaves_nothing(self) -> None:
        (self.schemas / "b.proto").write_text(PROTO)
        bin_ = self.directory / "bin"
        bin_.mkdir()
        begun = self.directory / "begun"
        protoc = bin_ / "protoc"
        protoc.write_text(f"#!/bin/sh\n: >'{begun}'\nexec sleep 5\n")
        protoc.chmod(0o755)
        process = self.spawn(PATH=f"{bin_}:{os.environ['PATH']}")
        cordwood.wait_until(begun.exists, "protoc is started")
        time.sleep(0.1)
        process.kill()
        process.communicate()
        self.check_whole()

    def test_what_was_deleted_does_not_come_back(self) -> None:
        first = self.start()
        for permanent in ("", "?permanent=true"):
            for subject in ALL[:3]:
                first.ask("DELETE", f"/subjects/{subject}{permanent}")
        first.stop()
        self.assertEqual(self.start().ask("GET", "/subjects?deleted=true").json(), [])


class Access(registry.TestCase):
    def test_protobuf_is_compiled_for_writers_only(self) -> None:
        token = self.directory / "token"
        token.write_text("s3cret\n")
        running = self.start("--bind", "0.0.0.0", "--write-token-file", str(token))
        path = "/compatibility/subjects/LogEntry-proto/versions"
        body = {"schema": PROTO, "schemaType": "PROTOBUF"}
        for where in (path, path + "/latest"):
            self.assertEqual(running.ask("POST", where, body).status, 403)
            shown = running.ask("POST", where, body, Authorization="Bearer s3cret")
            self.assertEqual(shown.json(), {"is_compatible": False})
        other = running.ask("POST", "/compatibility/subjects/s/versions", {"schema": '"int"'})
        self.assertEqual(other.json(), {"is_compatible": True})
        lookup = running.ask("POST", "/subjects/LogEntry-proto", body)
        self.assertEqual(lookup.json()["error_code"], 40403)

    def test_pages_of_other_sites_have_nothing_compiled(self) -> None:
        running = self.start()
        body = {"schema": PROTO, "schemaType": "PROTOBUF"}
        path = "/compatibility/subjects/s/versions"
        self.assertEqual(running.ask("POST", path, body, Origin="http://evil.example").status, 403)
        self.assertEqual(running.ask("POST", path, body).status, 200)

    def test_foreign_names_do_not_read(self) -> None:
        running = self.start()
        for host, status in (("evil.example", 403), ("localhost:1", 200), ("127.0.0.1", 200)):
            self.assertEqual(running.ask("GET", "/subjects", Host=host).status, status)
            self.assertEqual(running.ask("GET", "/schema/list", Host=host).status, status)

    def test_a_token_with_a_space_is_refused(self) -> None:
        token = self.directory / "token"
        token.write_text("two words\n")
        done = subprocess.run(
            [cordwood.program("cordwood-registry"), "--port", "0", "--db",
             str(self.directory / "x.db"), "--write-token-file", str(token)], capture_output=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"white space", done.stderr)


if __name__ == "__main__":
    unittest.main()

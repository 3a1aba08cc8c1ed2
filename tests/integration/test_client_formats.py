# SPDX-License-Identifier: Apache-2.0
"""cordwood-client's binary formats, types and replay, read by Google's and Apache's packages."""
from __future__ import annotations

import base64
import http.server
import io
import json
import re
import signal
import socket
import struct
import subprocess
import threading
import time
import unittest
from pathlib import Path
from typing import Any

import avro.io
import avro.schema
import cordwood
import zstandard
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from sink import RAW, Sink, keep

JSON, PROTO, AVRO = 1, 2, 3
FOUR = {"timestamp", "level", "message", "service"}
STAMP = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
LEVELS = {"ERROR", "WARN", "INFO", "DEBUG"}

ORDER_AVRO = {
    "type": "record", "name": "Order", "namespace": "shop", "fields": [
        {"name": "id", "type": "string"},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["NEW", "PAID"]}},
        {"name": "user", "type": ["null", {"type": "record", "name": "User", "fields": [
            {"name": "email", "type": "string"}, {"name": "age", "type": "int"}]}]},
        {"name": "items", "type": {"type": "array", "items": "double"}},
        {"name": "labels", "type": {"type": "map", "values": "long"}},
        {"name": "digest", "type": {"type": "fixed", "name": "Digest", "size": 16}}]}

ORDER_PROTO = """syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
message Order {
  enum State { UNKNOWN = 0; NEW = 1; PAID = 2; }
  message User { string email = 1; uint32 age = 2; repeated User friends = 3; }
  string id = 1;
  google.protobuf.Timestamp at = 2;
  State state = 3;
  User user = 4;
  repeated sint64 deltas = 5;
  map<string, double> prices = 6;
  oneof way { string street = 7; bytes code = 8; }
  optional bool gift = 9;
  fixed64 serial = 20;
}
"""

ORDER_JSON = {
    "type": "object", "required": ["id", "at", "lines"], "additionalProperties": False,
    "x-cordwood-assert-format": True, "properties": {
        "id": {"type": "string", "format": "uuid"}, "at": {"type": "string", "format": "date-time"},
        "lines": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/line"}},
        "gift": {"type": "boolean"}},
    "$defs": {"line": {"type": "object", "required": ["count"], "properties": {
        "count": {"type": "integer", "minimum": 1}, "price": {"type": "number"}}}}}


def descriptors(directory: str, name: str, text: str) -> bytes:
    """What protoc makes of a text, with all it imports."""
    Path(directory, name).write_text(text)
    out = Path(directory, "set.desc")
    subprocess.run(["protoc", f"--proto_path={directory}", "--include_imports",
                    f"--descriptor_set_out={out}", name], check=True)
    return out.read_bytes()


def message_class(descriptor_set: bytes, name: str) -> Any:
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(descriptor_set).file:
        pool.Add(file)
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName(name))


def avro_read(schema: Any, payload: bytes) -> Any:
    stream = io.BytesIO(payload)
    value = avro.io.DatumReader(schema).read(avro.io.BinaryDecoder(stream))
    assert stream.read() == b"", "bytes are left behind the datum"
    return value


class Registry:
    """Answers as a registry that has these subjects, unless `manner` is another than good."""

    def __init__(self, subjects: dict[str, dict[str, Any]], manner: str = "good") -> None:
        registry = self
        self.manner = manner

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if registry.manner == "hang":
                    time.sleep(30)
                    return
                if registry.manner == "garbage":
                    self.answer(200, b"<html>")
                    return
                found = self.find()
                if found is None:
                    self.answer(404, b'{"error_code":40401,"message":"Subject not found."}')
                    return
                if "format=serialized" in self.path:
                    found["schema"] = found.pop("serialized")
                else:
                    found.pop("serialized", None)
                self.answer(200, json.dumps(found).encode())

            def find(self) -> dict[str, Any] | None:
                """By /subjects/NAME/… or by /schemas/ids/ID."""
                parts = self.path.partition("?")[0].split("/")
                for name, found in subjects.items():
                    if parts[2] == name or parts[1:] == ["schemas", "ids", str(found["id"])]:
                        return dict(found)
                return None

            def answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.socket.close()


class FormatTest(cordwood.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.certs = self.make_certs()

    def registry(self, subjects: dict[str, dict[str, Any]], manner: str = "good") -> Registry:
        registry = Registry(subjects, manner)
        self.addCleanup(registry.close)
        return registry

    def run_client(self, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([cordwood.program("cordwood-client"), *options], capture_output=True,
                              text=True, timeout=120, cwd=self.directory)

    def send(self, *options: str, status: int = 0) -> list[tuple[int, bytes]]:
        """Runs the client against a sink; the frames that came."""
        sink = Sink(self.certs, [keep])
        self.addCleanup(sink.close)
        done = self.run_client("--tcp-port", str(sink.port), "--ca", str(self.certs / "ca.crt"),
                               *options)
        self.assertEqual(done.returncode, status, done.stderr)
        sink.close()
        self.output = done.stdout
        return sink.frames()

    def check_entry(self, entry: dict[str, str]) -> None:
        self.assertEqual(set(entry), FOUR)
        self.assertRegex(entry["timestamp"], STAMP)
        self.assertIn(entry["level"], LEVELS)
        self.assertGreater(len(entry["message"]), 20)
        self.assertRegex(entry["service"], r"^[a-z]+$")


class LogEntry(FormatTest):
    def test_proto(self) -> None:
        text = cordwood.source("schemas/logentry.proto").read_text()
        kind = message_class(descriptors(self.directory, "logentry.proto", text), "log.LogEntry")
        frames = self.send("--format", "proto", "--count", "3000", "--rate", "0")
        self.assertEqual(len(frames), 3000)
        for format_byte, payload in frames:
            self.assertEqual(format_byte, PROTO)
            message = kind.FromString(payload)
            self.check_entry({f.name: value for f, value in message.ListFields()})
            self.assertEqual(message.SerializeToString(deterministic=True), payload)

    def test_avro(self) -> None:
        schema = avro.schema.parse(cordwood.source("schemas/logentry.avsc").read_text())
        frames = self.send("--format", "avro", "--count", "3000", "--rate", "0")
        self.assertEqual(len(frames), 3000)
        for format_byte, payload in frames:
            self.assertEqual(format_byte, AVRO)
            self.check_entry(avro_read(schema, payload))

    def test_the_same_records_in_each_format(self) -> None:
        """One seed: the formats differ in nothing but the time."""
        schema = avro.schema.parse(cordwood.source("schemas/logentry.avsc").read_text())
        text = cordwood.source("schemas/logentry.proto").read_text()
        kind = message_class(descriptors(self.directory, "logentry.proto", text), "log.LogEntry")
        got = {}
        for name, read in (("json", json.loads), ("avro", lambda p: avro_read(schema, p)),
                           ("proto", lambda p: json_format.MessageToDict(kind.FromString(p)))):
            frames = self.send("--format", name, "--count", "500", "--seed", "7", "--levels",
                               "error=1,debug=1")
            got[name] = [{k: v for k, v in read(payload).items() if k != "timestamp"}
                         for _, payload in frames]
        self.assertEqual(got["json"], got["avro"])
        self.assertEqual(got["json"], got["proto"])
        self.assertEqual({r["level"] for r in got["json"]}, {"ERROR", "DEBUG"})

    def test_fields_that_the_type_does_not_have(self) -> None:
        for name in ("proto", "avro"):
            done = self.run_client("--format", name, "--fields", "user_id")
            self.assertEqual((done.returncode, done.stdout, done.stderr), (
                1, "", f'error: --fields: "user_id" is no field of LogEntry in {name}; allowed: '
                "its own fields\n"))

    def test_bursts(self) -> None:
        frames = self.send("--format", "avro", "--rate", "100", "--burst", "10x:1s/60s",
                           "--duration", "1s")
        self.assertGreater(len(frames), 300)


class Types(FormatTest):
    def test_avro(self) -> None:
        text = json.dumps(ORDER_AVRO)
        registry = self.registry({"Order-avro": {"subject": "Order-avro", "version": 1, "id": 5,
                                                 "schema": text}})
        frames = self.send("--format", "avro", "--type", "Order", "--registry", registry.url,
                           "--count", "1000", "--rate", "0")
        schema = avro.schema.parse(text)
        states, lengths = set(), set()
        for format_byte, payload in frames:
            self.assertEqual(format_byte, AVRO)
            order = avro_read(schema, payload)
            states.add(order["state"])
            lengths.add(len(order["items"]))
            self.assertLess(abs(order["at"].timestamp() - time.time()), 120)
            self.assertEqual(len(order["digest"]), 16)
            if order["user"] is not None:
                self.assertIn("@example.", order["user"]["email"])
                self.assertTrue(18 <= order["user"]["age"] <= 90)
        self.assertEqual(len(frames), 1000)
        self.assertEqual((states, lengths), ({"NEW", "PAID"}, {0, 1, 2, 3}))

    def test_proto(self) -> None:
        descriptor_set = descriptors(self.directory, "order.proto", ORDER_PROTO)
        last = descriptor_pb2.FileDescriptorSet.FromString(descriptor_set).file[-1]
        registry = self.registry({"Order-proto": {
            "subject": "Order-proto", "version": 1, "id": 6, "schemaType": "PROTOBUF",
            "schema": ORDER_PROTO,
            "serialized": base64.b64encode(last.SerializeToString()).decode()}})
        frames = self.send("--format", "proto", "--type", "Order", "--registry", registry.url,
                           "--count", "1000", "--rate", "0", "--fields", "gift")
        kind = message_class(descriptor_set, "shop.Order")
        ways, seen = set(), set()
        for format_byte, payload in frames:
            self.assertEqual(format_byte, PROTO)
            order = kind.FromString(payload)
            self.assertEqual(len(order.UnknownFields()), 0)
            self.assertLess(abs(order.at.seconds - time.time()), 120)
            self.assertIn("@example.", order.user.email)
            ways.add(order.WhichOneof("way"))
            seen |= {field.name for field, _ in order.ListFields()}
        self.assertEqual(len(frames), 1000)
        self.assertEqual(ways, {"street", "code"})
        self.assertEqual(seen, {f.name for f in kind.DESCRIPTOR.fields})

    def test_json(self) -> None:
        registry = self.registry({"Order-json": {
            "subject": "Order-json", "version": 1, "id": 7, "schemaType": "JSON",
            "schema": json.dumps(ORDER_JSON)}})
        frames = self.send("--type", "Order", "--registry", registry.url, "--count", "500",
                           "--rate", "0")
        self.assertEqual(len(frames), 500)
        for format_byte, payload in frames:
            self.assertEqual(format_byte, JSON)
            order = json.loads(payload)
            self.assertLessEqual({"id", "at", "lines"}, set(order))
            self.assertLessEqual(set(order), {"id", "at", "lines", "gift"})
            self.assertTrue(all(line["count"] >= 1 for line in order["lines"]))

    def test_entry_with_more_fields(self) -> None:
        """A registry's LogEntry may want more than the four fields."""
        text = json.dumps({"type": "record", "name": "LogEntry", "fields": [
            {"name": name, "type": "string"} for name in sorted(FOUR)]
            + [{"name": "user_id", "type": "long"}]})
        registry = self.registry({"LogEntry-avro": {"subject": "LogEntry-avro", "version": 2,
                                                    "id": 8, "schema": text}})
        frames = self.send("--format", "avro", "--registry", registry.url, "--count", "300",
                           "--rate", "0", "--fields", "user_id")
        for _, payload in frames:
            entry = avro_read(avro.schema.parse(text), payload)
            self.assertIsInstance(entry.pop("user_id"), int)
            self.assertRegex(entry["timestamp"], STAMP)
            self.assertIn(entry["level"], LEVELS)
        self.assertEqual(len(frames), 300)


class Failures(FormatTest):
    def refused(self, registry: Registry | str, *options: str) -> str:
        url = registry if isinstance(registry, str) else registry.url
        begin = time.monotonic()
        done = self.run_client("--registry", url, *options)
        self.assertLess(time.monotonic() - begin, 30)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        self.assertTrue(done.stderr.startswith("error: "), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1)
        return done.stderr

    def test_dead(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        self.assertIn(url, self.refused(url))

    def test_hanging(self) -> None:
        registry = self.registry({}, "hang")
        self.assertIn(registry.url, self.refused(registry))

    def test_a_signal_ends_the_wait(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            registry = self.registry({}, "hang")
            client = subprocess.Popen(
                [cordwood.program("cordwood-client"), "--registry", registry.url],
                cwd=self.directory, stderr=subprocess.DEVNULL)
            time.sleep(0.5)
            self.assertIsNone(client.poll())
            begin = time.monotonic()
            client.send_signal(number)
            self.assertEqual(client.wait(timeout=30), -number)
            self.assertLess(time.monotonic() - begin, 2)

    def test_unknown_type(self) -> None:
        registry = self.registry({})
        why = self.refused(registry, "--type", "Order", "--format", "avro")
        self.assertIn("Order-avro", why)
        self.assertIn("Subject not found.", why)

    def test_garbage(self) -> None:
        self.refused(self.registry({}, "garbage"))

    def test_no_url(self) -> None:
        self.refused("ftp://127.0.0.1/")

    def test_another_kind(self) -> None:
        registry = self.registry({"Order-avro": {
            "subject": "Order-avro", "version": 1, "id": 7, "schemaType": "JSON",
            "schema": json.dumps(ORDER_JSON)}})
        self.assertIn("JSON", self.refused(registry, "--type", "Order", "--format", "avro"))

    def test_schema_that_is_none(self) -> None:
        registry = self.registry({"Order-avro": {"subject": "Order-avro", "version": 1, "id": 7,
                                                 "schema": '{"type":"wood"}'}})
        self.assertIn("wood", self.refused(registry, "--type", "Order", "--format", "avro"))

    def test_schema_that_nothing_fits(self) -> None:
        schema = {"type": "object", "required": ["a"], "properties": {"a": False}}
        registry = self.registry({"Order-json": {"subject": "Order-json", "version": 1, "id": 7,
                                                 "schemaType": "JSON",
                                                 "schema": json.dumps(schema)}})
        why = self.refused(registry, "--type", "Order")
        self.assertIn("no record of Order in json passes its own schema: schema: ", why)


class Replay(FormatTest):
    def rejected(self, name: str, *records: dict[str, Any]) -> str:
        """A file as the ingestor writes it: several frames, a skippable one between them."""
        path = Path(self.directory) / name
        lines = [json.dumps({"received_at": "2026-11-21T04:11:45.123456Z", "peer": "[::1]:1",
                             "reason": "schema", "detail": "", **record}).encode() + b"\n"
                 for record in records]
        data = b""
        for line in lines:
            data += zstandard.compress(line) + struct.pack("<II", 0x184D2A5C, 3) + b"abc"
        path.write_bytes(data)
        return str(path)

    def test_original_formats(self) -> None:
        binary = bytes(range(256))
        first = self.rejected(
            "rejected_0_a.jsonl.zst",
            {"format": "json", "length": 2, "payload": "{}"},
            {"format": "proto", "length": 256, "payload_base64": base64.b64encode(binary).decode()},
            {"format": "avro", "length": 2, "payload": "\u0000\u0001"},
            {"format": "raw", "length": 4, "payload": "r\u00e4w"})
        second = self.rejected(
            "rejected_1_a.jsonl.zst",
            {"format": "syslog", "length": 5, "payload": "<13>x"},
            {"format": "journald", "length": 15, "payload": '{"MESSAGE":"x"}'},
            {"format": "avro", "length": 70000, "payload": "head"},
            {"format": "unknown", "length": 3, "payload": "GET"},
            {"format": "json", "length": 0, "payload": ""})
        frames = self.send("--replay", first, second, status=1)
        self.assertEqual(frames, [
            (JSON, b"{}"), (PROTO, binary), (AVRO, b"\x00\x01"), (RAW, "r\u00e4w".encode()),
            (RAW, b"<13>x"), (RAW, b'{"MESSAGE":"x"}')])
        self.assertIn(" replay_sent=6 replay_cut=1 replay_empty=1 replay_unknown=1 replay_bad=0 "
                      "replay_files_broken=0 replay_files_unread=0\n", self.output)

    def test_everything_sent_is_success(self) -> None:
        path = self.rejected("r.zst", *[{"format": "raw", "length": 1, "payload": str(n % 10)}
                                        for n in range(1000)])
        frames = self.send("--replay", path, "--connections", "3", "--batch", "7")
        self.assertEqual(sorted(frames), sorted((RAW, str(n % 10).encode()) for n in range(1000)))

    def test_what_is_left_is_no_success(self) -> None:
        path = self.rejected("r.zst", *[{"format": "raw", "length": 1, "payload": "x"}] * 1000)
        self.send("--replay", path, path, "--rate", "20", "--batch", "1", "--duration", "1s",
                  status=1)
        self.assertIn(" replay_files_broken=0 replay_files_unread=2\n", self.output)

    def test_missing_file(self) -> None:
        done = self.run_client("--replay", "/no/file")
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (2, "", "error: --replay: /no/file: No such file or directory\n"))

    def test_through_the_ingestor(self) -> None:
        """What an ingestor rejected and kept comes back in the same formats."""
        ingestor = self.start()
        sink_options = ["--tcp-port", str(ingestor.tls_port), "--address", "127.0.0.1",
                        "--insecure"]
        path = self.rejected("r.zst", {"format": "json", "length": 2, "payload": "{}"},
                             {"format": "syslog", "length": 11, "payload": "<13>a: b c!"},
                             {"format": "journald", "length": 38,
                              "payload": '{"MESSAGE":"hello you","PRIORITY":"6"}'},
                             {"format": "raw", "length": 5, "payload": "hello"})
        done = self.run_client(*sink_options, "--replay", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        metrics = ingestor.settle(received=4)
        for name in ("json", "syslog", "journald", "raw"):
            self.assertEqual(metrics.sum("cordwood_records_received_total", format=name), 1, name)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""Every path of cordwood-registry, every error code, with exact bodies and media types."""
from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import threading
import unittest
from typing import Any

import cordwood
import registry
from registry import JSON, TEXT

STRING, INT = '"string"', '"int"'
R1 = '{"type":"record","name":"R","fields":[{"name":"x","type":"int"}]}'
R2 = ('{"type":"record","name":"R","fields":[{"name":"x","type":"int"},'
      '{"name":"y","type":"int","default":1}]}')
BAD_VERSION = ("The specified version '{}' is not a valid version id. Allowed values are between "
               "[1, 2^31-1] and the string \"latest\"")
PROTO = 'syntax = "proto3"; message A { string x = 1; }'
ENTRY = {"timestamp": "2026-01-31T12:00:00Z", "level": "INFO", "message": "m", "service": "s"}


def error(code: int, message: str) -> dict[str, Any]:
    return {"error_code": code, "message": message}


class Confluent(registry.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.registry = self.start()

    def check(self, method: str, path: str, body: Any, status: int, want: Any) -> None:
        """The exact bytes of the answer: compact JSON in this order."""
        answer = self.registry.ask(method, path, body)
        exact = json.dumps(want, separators=(",", ":"), ensure_ascii=False)
        self.assertEqual((answer.status, answer.text, answer.kind), (status, exact, JSON),
                         f"{method} {path}")

    def test_root_and_types(self) -> None:
        self.check("GET", "/", None, 200, {})
        self.check("GET", "/schemas/types", None, 200, ["JSON", "PROTOBUF", "AVRO"])
        self.check("GET", "/subjects", None, 200,
                   ["LogEntry-avro", "LogEntry-json", "LogEntry-proto"])

    def test_subjects_and_versions(self) -> None:
        self.check("POST", "/subjects/s/versions", {"schema": R1, "unknown": 1}, 200, {"id": 4})
        self.check("POST", "/subjects/s/versions", {"schema": R1}, 200, {"id": 4})
        self.check("POST", "/subjects/t/versions", {"schema": R1}, 200, {"id": 4})
        self.check("POST", "/subjects/s/versions?unknown=1", {"schema": R2}, 200, {"id": 5})
        self.check("GET", "/subjects?subjectPrefix=s", None, 200, ["s"])
        self.check("GET", "/subjects/s/versions", None, 200, [1, 2])
        self.check("GET", "/subjects/s/versions/", None, 200, [1, 2])
        first = {"subject": "s", "version": 1, "id": 4, "schema": R1}
        last = {"subject": "s", "version": 2, "id": 5, "schema": R2}
        self.check("GET", "/subjects/s/versions/1", None, 200, first)
        self.check("GET", "/subjects/s/versions/latest", None, 200, last)
        self.check("GET", "/subjects/s/versions/-1", None, 200, last)
        self.check("GET", "/subjects/s/versions/1/schema", None, 200, json.loads(R1))
        self.check("POST", "/subjects/s", {"schema": R1}, 200, first)
        self.check("GET", "/schemas/ids/4", None, 200, {"schema": R1})
        self.check("GET", "/schemas/ids/4?fetchMaxId=true", None, 200, {"schema": R1, "maxId": 5})
        self.check("GET", "/schemas/ids/4/schema", None, 200, json.loads(R1))
        self.check("GET", "/schemas/ids/4/subjects", None, 200, ["s", "t"])
        self.check("GET", "/schemas/ids/4/versions", None, 200,
                   [{"subject": "s", "version": 1}, {"subject": "t", "version": 1}])
        self.assertEqual(self.registry.ask("HEAD", "/subjects/s/versions").status, 200)

    def test_normalize(self) -> None:
        spaced = '{"type": "string" , "a":1}'
        self.assertEqual(self.registry.register("n", spaced), 4)
        self.check("POST", "/subjects/n/versions?normalize=true", {"schema": spaced}, 200,
                   {"id": 5})
        self.check("POST", "/subjects/n/versions?normalize=true",
                   {"schema": '{"a":1,"type":"string"}'}, 200, {"id": 5})

    def test_not_found(self) -> None:
        self.registry.register("s", STRING)
        no_subject = error(40401, "Subject 'x' not found.")
        for method, path, body in (
            ("GET", "/subjects/x/versions", None), ("GET", "/subjects/x/versions/1", None),
            ("GET", "/subjects/x/versions/latest", None), ("DELETE", "/subjects/x", None),
            ("DELETE", "/subjects/x/versions/1", None), ("POST", "/subjects/x", {"schema": INT}),
            ("GET", "/subjects/x/versions/1/schema", None),
            ("GET", "/subjects/x/versions/1/referencedby", None),
            ("POST", "/compatibility/subjects/x/versions/1", {"schema": INT}),
            ("DELETE", "/config/x", None), ("DELETE", "/mode/x", None),
        ):
            self.check(method, path, body, 404, no_subject)
        for method, path in (("GET", "/subjects/s/versions/2"),
                             ("DELETE", "/subjects/s/versions/2")):
            self.check(method, path, None, 404, error(40402, "Version 2 not found."))
        self.check("POST", "/subjects/s", {"schema": INT}, 404, error(40403, "Schema not found"))
        for path in ("/schemas/ids/99", "/schemas/ids/99/schema", "/schemas/ids/99/subjects",
                     "/schemas/ids/99/versions"):
            self.check("GET", path, None, 404, error(40403, "Schema 99 not found"))
        self.check("GET", "/config/s", None, 404, error(
            40408, "Subject 's' does not have subject-level compatibility configured"))
        self.check("GET", "/mode/s", None, 404, error(
            40409, "Subject 's' does not have subject-level mode configured"))

    def test_bad_requests(self) -> None:
        for version in ("0", "x", "-2", "2147483648", "1x"):
            want = error(42202, BAD_VERSION.format(version))
            self.check("GET", f"/subjects/s/versions/{version}", None, 422, want)
            self.check("DELETE", f"/subjects/s/versions/{version}", None, 422, want)
        self.check("POST", "/subjects/s/versions", {}, 422, error(42201, "Empty schema"))
        self.check("POST", "/subjects/s/versions", {"schema": INT, "schemaType": "XML"}, 422,
                   error(42201, "Invalid schema type XML"))
        self.check("POST", "/subjects/s/versions", b"{", 400,
                   error(400, "the body is no JSON: line 1 column 1"))
        self.check("POST", "/subjects/s/versions", b"[]", 400,
                   error(400, "the body is no JSON object"))
        self.check("PUT", "/config", {"compatibility": "x"}, 422, error(
            42203, "Invalid compatibility level. Valid values are none, backward, forward, full, "
                   "backward_transitive, forward_transitive, and full_transitive"))
        self.check("PUT", "/mode", {"mode": "x"}, 422, error(
            42204, "Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE, and "
                   "IMPORT"))
        for schema, kind in (("{}", "AVRO"), ('{"type":1}', "JSON"), ("message", "PROTOBUF")):
            answer = self.registry.ask("POST", "/subjects/s/versions",
                                       {"schema": schema, "schemaType": kind})
            self.assertEqual((answer.status, answer.json()["error_code"]), (422, 42201))
        self.check("POST", "/subjects/LogEntry-json/versions", {"schema": INT}, 422, error(
            42201, 'Invalid schema: subject "LogEntry-json" takes schemas of type JSON only'))

    def test_methods_paths_sizes(self) -> None:
        for method, path in (("PATCH", "/subjects"), ("POST", "/subjects"), ("PUT", "/subjects/s"),
                             ("DELETE", "/schemas/types"), ("GET", "/compatibility/subjects/s/"
                                                                   "versions")):
            self.check(method, path, None, 405, error(405, "HTTP 405 Method Not Allowed"))
        for path in ("/x", "/subjects//versions", "/subjects/s/versions/1/x", "/schemas/ids/x",
                     "/subjects/%/versions", "/subjects/%00/versions", "/subjects/%ff/versions",
                     "/subjects/" + "s" * 600 + "/versions", "/a/b/c/d/e/f/g/h"):
            self.check("GET", path, None, 404, error(404, "HTTP 404 Not Found"))
        connection = self.registry.connect()
        connection.putrequest("POST", "/subjects/s/versions")
        connection.putheader("Content-Length", str(1024 * 1024 + 1))
        connection.endheaders()  # the server answers without waiting for the body
        self.assertEqual(connection.getresponse().status, 413)
        connection.close()
        body = b'{"schema":"\\"int\\""}' + b" " * (1024 * 1024 - 20)
        self.assertEqual(self.registry.ask("POST", "/subjects/s/versions", body,
                                           Content_Type="text/odd").status, 200)

    def test_subject_with_a_slash(self) -> None:
        self.check("POST", "/subjects/a%2Fb%20%C3%A4/versions", {"schema": INT}, 200, {"id": 4})
        self.check("GET", "/subjects/a%2Fb%20%C3%A4/versions/1", None, 200,
                   {"subject": "a/b ä", "version": 1, "id": 4, "schema": INT})
        self.check("GET", "/subjects?subjectPrefix=a%2F", None, 200, ["a/b ä"])

    def test_compatibility(self) -> None:
        self.registry.register("s", STRING)
        answer = self.registry.ask("POST", "/subjects/s/versions", {"schema": INT})
        self.assertEqual((answer.status, answer.json()["error_code"]), (409, 409))
        self.assertIn('incompatible with an earlier schema for subject "s", details: [',
                      answer.json()["message"])
        path = "/compatibility/subjects/s/versions"
        self.check("POST", path, {"schema": STRING}, 200, {"is_compatible": True})
        self.check("POST", path + "/latest", {"schema": INT}, 200, {"is_compatible": False})
        self.check("POST", path + "/1?verbose=true", {"schema": STRING}, 200,
                   {"is_compatible": True, "messages": []})
        answer = self.registry.ask("POST", path + "?verbose=true", {"schema": INT})
        self.assertEqual(len(answer.json()["messages"]), 1)
        self.check("POST", path + "/9", {"schema": INT}, 404, error(40402, "Version 9 not found."))
        self.check("POST", "/compatibility/subjects/none/versions", {"schema": INT}, 200,
                   {"is_compatible": True})

    def test_levels(self) -> None:
        self.check("GET", "/config", None, 200, {"compatibilityLevel": "BACKWARD"})
        self.check("PUT", "/config", {"compatibility": "full"}, 200, {"compatibility": "FULL"})
        self.check("GET", "/config", None, 200, {"compatibilityLevel": "FULL"})
        self.check("GET", "/config/s?defaultToGlobal=true", None, 200,
                   {"compatibilityLevel": "FULL"})
        self.check("PUT", "/config/s", {"compatibility": "NONE"}, 200, {"compatibility": "NONE"})
        self.registry.register("s", STRING)
        self.registry.register("s", INT)
        self.check("GET", "/config/s", None, 200, {"compatibilityLevel": "NONE"})
        self.check("DELETE", "/config/s", None, 200, {"compatibilityLevel": "NONE"})
        self.check("DELETE", "/config", None, 200, {"compatibilityLevel": "FULL"})
        self.check("GET", "/config", None, 200, {"compatibilityLevel": "BACKWARD"})

    def test_transitive_levels_look_at_all(self) -> None:
        one, two = STRING, '["string","int"]'
        three = '["int","string","null"]'
        for level, good in (("BACKWARD", True), ("BACKWARD_TRANSITIVE", True),
                            ("FORWARD", False), ("FULL", False), ("NONE", True)):
            self.registry.ask("DELETE", "/subjects/l")
            self.registry.ask("PUT", "/config/l", {"compatibility": "NONE"})
            self.registry.register("l", one)
            self.registry.register("l", two)
            self.registry.ask("PUT", "/config/l", {"compatibility": level})
            self.check("POST", "/compatibility/subjects/l/versions", {"schema": three}, 200,
                       {"is_compatible": good})
        self.registry.ask("PUT", "/config/l", {"compatibility": "NONE"})
        self.registry.register("l", INT)
        for level, good in (("BACKWARD", True), ("BACKWARD_TRANSITIVE", False)):
            self.registry.ask("PUT", "/config/l", {"compatibility": level})
            self.check("POST", "/compatibility/subjects/l/versions", {"schema": '"long"'}, 200,
                       {"is_compatible": good})

    def test_modes(self) -> None:
        self.check("GET", "/mode", None, 200, {"mode": "READWRITE"})
        self.check("PUT", "/mode/s", {"mode": "READONLY"}, 200, {"mode": "READONLY"})
        refusal = error(42205, "Subject s is in read-only mode")
        self.check("POST", "/subjects/s/versions", {"schema": INT}, 422, refusal)
        self.check("PUT", "/config/s", {"compatibility": "NONE"}, 422, refusal)
        self.check("DELETE", "/subjects/s", None, 422, refusal)
        self.check("GET", "/mode/t?defaultToGlobal=true", None, 200, {"mode": "READWRITE"})
        self.check("DELETE", "/mode/s", None, 200, {"mode": "READONLY"})
        self.check("PUT", "/mode", {"mode": "IMPORT"}, 422,
                   error(42205, "Cannot import since found existing subjects"))
        self.check("POST", "/subjects/i/versions", {"schema": INT, "id": 77}, 422,
                   error(42205, "Subject i is not in import mode"))
        self.check("PUT", "/mode/i", {"mode": "IMPORT"}, 200, {"mode": "IMPORT"})
        self.check("POST", "/subjects/i/versions", {"schema": INT}, 422,
                   error(42205, "Subject i is not in read-write mode"))
        self.check("POST", "/subjects/i/versions", {"schema": INT, "id": 77, "version": 5}, 200,
                   {"id": 77})
        self.check("GET", "/subjects/i/versions", None, 200, [5])
        self.check("POST", "/subjects/i/versions", {"schema": INT, "id": 78}, 422,
                   error(42207, "Schema already registered with id 77 instead of input id 78"))
        self.check("POST", "/subjects/i/versions", {"schema": STRING, "id": 77}, 422,
                   error(42205, "Overwrite new schema with id 77 is not permitted."))
        self.check("PUT", "/mode?force=true", {"mode": "IMPORT"}, 200, {"mode": "IMPORT"})
        self.check("DELETE", "/mode", None, 200, {"mode": "IMPORT"})

    def test_deletion(self) -> None:
        self.registry.register("s", R1)
        self.registry.register("s", R2)
        self.check("DELETE", "/subjects/s?permanent=true", None, 404, error(
            40405, "Subject 's' was not deleted first before being permanently deleted"))
        self.check("DELETE", "/subjects/s/versions/1?permanent=true", None, 404, error(
            40407, "Subject 's' Version 1 was not deleted first before being permanently deleted"))
        self.check("DELETE", "/subjects/s/versions/1", None, 200, 1)
        self.check("DELETE", "/subjects/s/versions/1", None, 404, error(
            40406, "Subject 's' Version 1 was soft deleted.Set permanent=true to delete "
                   "permanently"))
        self.check("GET", "/subjects/s/versions", None, 200, [2])
        self.check("GET", "/subjects/s/versions?deleted=true", None, 200, [1, 2])
        self.check("GET", "/subjects/s/versions?deletedOnly=true", None, 200, [1])
        self.check("GET", "/subjects/s/versions/1", None, 404, error(40402, "Version 1 not found."))
        self.check("GET", "/subjects/s/versions/1?deleted=true", None, 200,
                   {"subject": "s", "version": 1, "id": 4, "schema": R1})
        self.check("GET", "/schemas/ids/4", None, 200, {"schema": R1})
        self.check("DELETE", "/subjects/s/versions/1?permanent=true", None, 200, 1)
        self.check("GET", "/schemas/ids/4", None, 404, error(40403, "Schema 4 not found"))
        self.check("DELETE", "/subjects/s", None, 200, [2])
        self.check("DELETE", "/subjects/s", None, 404, error(
            40404, "Subject 's' was soft deleted.Set permanent=true to delete permanently"))
        self.check("GET", "/subjects?subjectPrefix=s", None, 200, [])
        self.check("GET", "/subjects?subjectPrefix=s&deleted=true", None, 200, ["s"])
        self.check("GET", "/subjects?deletedOnly=true", None, 200, ["s"])
        self.check("POST", "/subjects/s?deleted=true", {"schema": R2}, 200,
                   {"subject": "s", "version": 2, "id": 5, "schema": R2})
        self.check("POST", "/subjects/s/versions", {"schema": R2}, 200, {"id": 5})
        self.check("GET", "/subjects/s/versions", None, 200, [3])
        self.check("DELETE", "/subjects/s/versions/latest", None, 200, 3)
        self.check("DELETE", "/subjects/s?permanent=true", None, 200, [3])
        self.check("GET", "/subjects/s/versions?deleted=true", None, 404,
                   error(40401, "Subject 's' not found."))

    def test_references(self) -> None:
        cases = (
            ("AVRO", R1, '{"type":"record","name":"Q","fields":[{"name":"r","type":"R"}]}', "R"),
            ("JSON", '{"type":"string"}', '{"properties":{"a":{"$ref":"other.json"}}}',
             "other.json"),
            ("PROTOBUF", PROTO, 'syntax = "proto3"; import "d/a.proto"; message B { A a = 1; }',
             "d/a.proto"),
        )
        for kind, used, user, name in cases:
            inner, outer = f"in{kind}", f"out{kind}"
            self.registry.register(inner, used, schemaType=kind)
            missing = self.registry.ask("POST", f"/subjects/{outer}/versions",
                                        {"schema": user, "schemaType": kind})
            self.assertEqual(missing.json()["error_code"], 42201, missing.text)
            reference = {"name": name, "subject": inner, "version": 1}
            number = self.registry.register(outer, user, schemaType=kind, references=[reference])
            self.check("GET", f"/subjects/{inner}/versions/1/referencedby", None, 200, [number])
            shown = self.registry.ask("GET", f"/schemas/ids/{number}").json()
            self.assertEqual((shown["references"], shown["schema"]), ([reference], user))
            refusal = error(42206, "One or more references exist to the schema {magic=1,"
                                   f"keytype=SCHEMA,subject={inner},version=1}}.")
            self.check("DELETE", f"/subjects/{inner}", None, 422, refusal)
            self.check("DELETE", f"/subjects/{inner}/versions/1", None, 422, refusal)
            self.check("DELETE", f"/subjects/{outer}", None, 200, [1])
            self.check("DELETE", f"/subjects/{inner}", None, 200, [1])
        self.check("POST", "/subjects/z/versions",
                   {"schema": INT, "references": [{"name": "n", "subject": "no", "version": 3}]},
                   422, error(42201, "Invalid schema: No schema reference found for subject "
                                     "\"no\" and version 3"))

    def test_protobuf_forms(self) -> None:
        number = self.registry.register("p", PROTO, schemaType="PROTOBUF")
        text = self.registry.ask("GET", f"/schemas/ids/{number}?format=serialized").json()["schema"]
        self.assertIn(b"\x0a\x01A", base64.b64decode(text))
        whole = self.registry.ask("GET", "/schema/descriptor?name=LogEntry").body
        for subject, schema in (("file", text), ("set", base64.b64encode(whole).decode())):
            self.registry.register(subject, schema, schemaType="PROTOBUF")
            shown = self.registry.ask("GET", f"/subjects/{subject}/versions/1").json()
            self.assertEqual((shown["schemaType"], shown["schema"]), ("PROTOBUF", schema))
        self.check("POST", "/subjects/q/versions",
                   {"schemaType": "PROTOBUF", "schema": 'syntax = "proto3";\nmessage A {\n  x\n}'},
                   422, error(42201, 'Invalid schema: schema.proto:4:1: Expected field name.'))
        old = self.registry.ask("POST", "/subjects/q/versions", {
            "schemaType": "PROTOBUF", "schema": 'syntax = "proto2"; message A {}'})
        self.assertEqual(old.json()["error_code"], 42201)
        outside = self.registry.ask("POST", "/subjects/q/versions", {
            "schemaType": "PROTOBUF", "schema": PROTO,
            "references": [{"name": "../../x.proto", "subject": "p", "version": 1}]})
        self.assertEqual(outside.json()["error_code"], 42201)
        self.assertIn("no plain relative path", outside.text)

    def test_the_same_schema_at_once_is_one_id(self) -> None:
        ids: list[int] = []
        threads = [threading.Thread(
            target=lambda: ids.append(self.registry.register("twice", R1))) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((len(ids), set(ids)), (16, {4}))
        self.check("GET", "/subjects/twice/versions", None, 200, [1])


class Go(registry.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.registry = self.start()

    def check(self, method: str, path: str, body: Any, status: int, text: str) -> None:
        answer = self.registry.ask(method, path, body)
        self.assertEqual((answer.status, answer.text, answer.kind), (status, text + "\n", TEXT),
                         f"{method} {path}")

    def test_register_get_list(self) -> None:
        for name, schema in (("avro", INT), ("json", '{"type":"object"}'), ("proto", PROTO)):
            for _ in range(2):
                self.check("POST", "/schema/register",
                           {"format": name, "name": "X", "schema": schema}, 201,
                           f"Registered schema {name}:X")
            answer = self.registry.ask("GET", f"/schema/get?format={name}&name=X")
            self.assertEqual((answer.status, answer.kind, answer.json()), (
                200, "application/json", {"format": name, "name": "X", "schema": schema}))
        listed = self.registry.ask("GET", "/schema/list").json()
        self.assertEqual([(s["format"], s["name"]) for s in listed],
                         [("avro", "LogEntry"), ("json", "LogEntry"), ("proto", "LogEntry"),
                          ("avro", "X"), ("json", "X"), ("proto", "X")])
        self.registry.register("other", INT)
        self.assertEqual(len(self.registry.ask("GET", "/schema/list").json()), 6)
        self.assertEqual(self.registry.ask("GET", "/subjects/X-avro/versions").json(), [1])

    def test_refusals(self) -> None:
        self.check("GET", "/schema/get?format=json&name=none", None, 404, "Schema not found")
        self.check("GET", "/schema/descriptor?name=none", None, 404, "Schema not found")
        self.check("POST", "/schema/validate", {"format": "json", "name": "none", "data": 1}, 404,
                   "Schema not found")
        self.check("GET", "/schema/get?format=xml&name=x", None, 400,
                   "format must be json, avro or proto")
        self.check("GET", "/schema/get?format=json", None, 400, "name must have 1 to 495 bytes")
        self.check("GET", "/schema/register", None, 405, "HTTP 405 Method Not Allowed")
        self.check("POST", "/schema/get", None, 405, "HTTP 405 Method Not Allowed")
        self.check("GET", "/schema/none", None, 404, "HTTP 404 Not Found")
        bad = self.registry.ask("POST", "/schema/register",
                                {"format": "avro", "name": "X", "schema": "{}"})
        self.assertEqual((bad.status, bad.kind), (400, TEXT))
        self.registry.ask("POST", "/schema/register",
                          {"format": "avro", "name": "X", "schema": STRING})
        bad = self.registry.ask("POST", "/schema/register",
                                {"format": "avro", "name": "X", "schema": INT})
        self.assertEqual((bad.status, bad.kind), (409, TEXT))

    def test_descriptor(self) -> None:
        answer = self.registry.ask("GET", "/schema/descriptor?name=LogEntry")
        self.assertEqual((answer.status, answer.kind), (200, "application/octet-stream"))
        self.assertIn(b"logentry.proto", answer.body)

    def test_validate(self) -> None:
        for name in ("json", "avro", "proto"):
            request = {"format": name, "name": "LogEntry", "data": ENTRY}
            self.check("POST", "/schema/validate", request, 200, "Validation successful")
            request["data"] = {**ENTRY, "level": 3}
            answer = self.registry.ask("POST", "/schema/validate", request)
            self.assertEqual((answer.status, answer.kind), (400, TEXT))
            self.assertTrue(answer.text.startswith("Validation failed: "), answer.text)
        avro = b"".join(bytes([len(v) * 2]) + v.encode() for v in ENTRY.values())
        proto = b"".join(bytes([n * 8 + 2, len(v)]) + v.encode()
                         for n, v in enumerate(ENTRY.values(), 1))
        for name, data, good in (
            ("json", json.dumps(ENTRY), True), ("json", "{", False), ("json", "{} x", False),
            ("avro", base64.b64encode(avro).decode(), True),
            ("avro", base64.b64encode(avro[:-1]).decode(), False), ("avro", "?", False),
            ("proto", base64.b64encode(proto).decode(), True),
            ("proto", base64.b64encode(proto[:-1]).decode(), False),
        ):
            answer = self.registry.ask("POST", "/schema/validate",
                                       {"format": name, "name": "LogEntry", "data": data})
            self.assertEqual(answer.status, 200 if good else 400, (name, data, answer.text))


class Program(registry.TestCase):
    def test_sigterm_and_what_stays(self) -> None:
        first = self.start()
        number = first.register("s", R1)
        self.assertEqual(first.stop(), 0)
        second = self.start()
        self.assertEqual(second.register("s", R1), number)
        self.assertEqual(len(second.ask("GET", "/subjects").json()), 4)

    def test_schemas_directory(self) -> None:
        directory = self.directory / "schemas"
        directory.mkdir()
        (directory / "a.schema.json").write_text('{"type":"object"}')
        (directory / "b.avsc").write_text(R1)
        (directory / "c.proto").write_text(PROTO)
        (directory / "README.md").write_text("no schema")
        running = self.start("--schemas", str(directory))
        self.assertEqual(running.ask("GET", "/subjects").json(), [
            "LogEntry-avro", "LogEntry-json", "LogEntry-proto", "a-json", "b-avro", "c-proto"])

    def test_settings_that_are_refused(self) -> None:
        for arguments, text in ((("--bind", "here"), "--bind"), (("--port", "off"), "--port"),
                                (("--none",), "--none"), (("--port", "70000"), "--port")):
            done = subprocess.run([cordwood.program("cordwood-registry"), *arguments],
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 2)
            self.assertIn(text, done.stderr)
        done = subprocess.run([cordwood.program("cordwood-registry"), "--port", "0", "--db",
                               "/none/x.db"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("/none/x.db", done.stderr)
        for flag in ("--help", "--version"):
            done = subprocess.run([cordwood.program("cordwood-registry"), flag],
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 0)
            self.assertIn("cordwood-registry", done.stdout)

    def test_a_network_address_takes_no_writes_without_token(self) -> None:
        running = self.start("--bind", "0.0.0.0")
        answer = running.ask("POST", "/subjects/s/versions", {"schema": INT})
        self.assertEqual((answer.status, answer.kind), (403, JSON))
        self.assertEqual(answer.json(), error(
            403, "this registry is read-only for the network: it was started without "
                 "--write-token-file"))
        for method, path in (("DELETE", "/subjects/s"), ("PUT", "/config"), ("PUT", "/mode"),
                             ("DELETE", "/mode"), ("POST", "/schema/register")):
            self.assertEqual(running.ask(method, path, {}).status, 403, path)
        self.assertEqual(running.ask("GET", "/subjects").status, 200)

    def test_token(self) -> None:
        token = self.directory / "token"
        token.write_text("s3cret\n")
        running = self.start("--bind", "0.0.0.0", "--write-token-file", str(token))
        body = {"schema": INT}
        for headers in ({}, {"Authorization": "Bearer no"}):
            answer = running.ask("POST", "/subjects/s/versions", body, **headers)
            self.assertEqual(answer.status, 403)
        answer = running.ask("POST", "/subjects/s/versions", body, Authorization="Bearer s3cret")
        self.assertEqual(answer.json(), {"id": 4})

    def test_pages_of_other_sites_do_not_write(self) -> None:
        running = self.start()
        for headers, status in (({"Origin": "http://evil.example"}, 403), ({"Origin": "null"}, 403),
                                ({"Host": "evil.example"}, 403), ({"Host": "localhost:1"}, 200),
                                ({"Origin": "http://localhost:8000"}, 200)):
            answer = running.ask("POST", "/subjects/s/versions", {"schema": INT}, **headers)
            self.assertEqual(answer.status, status, headers)

    def test_page(self) -> None:
        running = self.start()
        nasty = '{"type":"record","name":"N","doc":"<script>alert(1)</script>&\'","fields":[]}'
        running.register("%3Cb%3E", nasty)
        page = running.ask("GET", "/", Accept="text/html,*/*;q=0.8")
        self.assertEqual((page.status, page.kind), (200, "text/html; charset=utf-8"))
        self.assertIn("&lt;b&gt;", page.text)
        page = running.ask("GET", "/?subject=%3Cb%3E&version=1", Accept="text/html")
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&#39;", page.text)
        self.assertNotIn("<script", page.text)
        self.assertNotIn("<b>", page.text)
        self.assertIn("default-src 'none'", page.headers["Content-Security-Policy"])
        page = running.ask("GET", "/?subject=none", Accept="text/html")
        self.assertEqual(page.status, 404)
        self.assertEqual(running.ask("GET", "/page.css").kind, "text/css")

    def test_health_and_metrics(self) -> None:
        running = self.start()
        self.assertEqual(running.ask("GET", "/healthz").text, "ok\n")
        running.ask("GET", "/x")
        text = running.ask("GET", "/metrics").text
        scrape = cordwood.Metrics(text)
        self.assertEqual(scrape.sum("cordwood_registry_subjects"), 3)
        self.assertEqual(scrape.sum("cordwood_registry_requests_total", status="404"), 1)
        if shutil.which("promtool") is not None:
            done = subprocess.run(["promtool", "check", "metrics"], input=text,
                                  capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_a_taken_port_is_named(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            done = subprocess.run(
                [cordwood.program("cordwood-registry"), "--port", str(taken.getsockname()[1]),
                 "--db", str(self.directory / "x.db")], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("--port", done.stderr)


if __name__ == "__main__":
    unittest.main()

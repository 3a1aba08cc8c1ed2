# SPDX-License-Identifier: Apache-2.0
"""Rules of cordwood-registry that need more than one request: texts that are cut, modes, numbers,
deletions, references."""
from __future__ import annotations

import json
import sqlite3
import unittest
from typing import Any

import registry

INT, STRING = '"int"', '"string"'


class TestCase(registry.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.registry = self.start()

    def refuse(self, method: str, path: str, body: Any, code: int, text: str) -> None:
        answer = self.registry.ask(method, path, body)
        self.assertEqual(answer.json()["error_code"], code, answer.text)
        self.assertIn(text, answer.json()["message"])

    def put(self, subject: str, schema: str, **more: Any) -> registry.Answer:
        return self.registry.ask("POST", f"/subjects/{subject}/versions",
                                 {"schema": schema, **more})


class Messages(TestCase):
    def test_cut_in_the_middle_of_a_character(self) -> None:
        for width in range(1, 4):
            subject = "s" * width + "\u00e4" * 240
            path = f"/subjects/{'s' * width}{'%C3%A4' * 240}"
            self.assertEqual(self.registry.ask("POST", path + "/versions",
                                               {"schema": STRING}).status, 200)
            self.refuse("POST", path + "/versions", {"schema": INT}, 409, subject[:99])
            self.registry.ask("PUT", path.replace("/subjects/", "/mode/"), {"mode": "READONLY"})
            self.refuse("POST", path + "/versions", {"schema": INT}, 42205, "read-only")
        for width in range(4):
            version = "1" * width + "\u20ac" * 100
            escaped = "1" * width + "%E2%82%AC" * 100
            self.refuse("GET", f"/subjects/s/versions/{escaped}", None, 42202, version[:60])

    def test_an_array_is_a_schema_for_the_other_api_too(self) -> None:
        answer = self.registry.ask("POST", "/schema/register",
                                   {"format": "avro", "name": "U", "schema": ["int", "null"]})
        self.assertEqual(answer.status, 201, answer.text)


class Numbers(TestCase):
    def test_a_version_is_one_more(self) -> None:
        for version in (2, 7, 2_000_000_000):
            self.assertEqual(self.put("s", INT, version=version).json(), {
                "error_code": 42201, "message": "Version is not one more than previous version"})
        for version in (2_000_000_001, 2_147_483_647, -2, "1", 1.5):
            self.refuse("POST", "/subjects/s/versions", {"schema": INT, "version": version}, 42201,
                        "version must be a number from 1 to 2000000000")
        self.assertEqual(self.put("s", INT, version=1).json(), {"id": 4})
        for version in (0, -1, None):
            self.assertEqual(self.put("s", INT, version=version, id=version).json(), {"id": 4})

    def test_ids_leave_room(self) -> None:
        self.registry.ask("PUT", "/mode/i", {"mode": "IMPORT"})
        self.refuse("POST", "/subjects/i/versions", {"schema": INT, "id": 2_147_483_647}, 42201,
                    "id must be a number")
        self.assertEqual(self.put("i", INT, id=2_000_000_000, version=2_000_000_000).status, 200)
        self.assertEqual(self.put("s", STRING).json(), {"id": 2_000_000_001})
        self.registry.ask("DELETE", "/mode/i")
        self.assertEqual(self.put("i", '"long"').json(), {"id": 2_000_000_002})
        self.assertEqual(self.registry.ask("GET", "/subjects/i/versions").json(),
                         [2_000_000_000, 2_000_000_001])

    def test_the_latest_of_an_unknown_subject_takes_everything(self) -> None:
        answer = self.registry.ask("POST", "/compatibility/subjects/none/versions/latest",
                                   {"schema": INT})
        self.assertEqual(answer.json(), {"is_compatible": True})


class Modes(TestCase):
    def test_what_is_there_is_found_in_any_mode(self) -> None:
        self.put("s", INT)
        for mode in ("READONLY", "READONLY_OVERRIDE"):
            self.registry.ask("PUT", "/mode/s", {"mode": mode})
            self.assertEqual(self.put("s", INT).json(), {"id": 4})
            self.refuse("POST", "/subjects/s/versions", {"schema": '"long"'}, 42205, "read-only")

    def test_override_comes_before_the_subjects_own(self) -> None:
        self.registry.ask("PUT", "/mode/s", {"mode": "READWRITE"})
        self.registry.ask("PUT", "/mode", {"mode": "READONLY"})
        self.assertEqual(self.put("s", INT).status, 200)
        self.registry.ask("PUT", "/mode", {"mode": "READONLY_OVERRIDE"})
        self.refuse("POST", "/subjects/s/versions", {"schema": '"long"'}, 42205, "read-only")
        self.assertEqual(self.registry.ask("GET", "/mode/s").json(), {"mode": "READWRITE"})

    def test_ids_of_what_was_deleted_can_be_brought(self) -> None:
        for subject in ("LogEntry-avro", "LogEntry-json", "LogEntry-proto"):
            self.registry.ask("DELETE", f"/subjects/{subject}")
        self.registry.ask("DELETE", "/subjects/LogEntry-json?permanent=true")
        self.assertEqual(self.registry.ask("PUT", "/mode", {"mode": "IMPORT"}).status, 200)
        for id_, schema in ((1, INT), (2, STRING), (3, '"long"')):
            self.assertEqual(self.put(f"s{id_}", schema, id=id_).json(), {"id": id_})

    def test_a_subject_gives_its_ids_back(self) -> None:
        self.put("s", INT)
        self.put("t", STRING)
        self.registry.ask("DELETE", "/subjects/s")
        self.registry.ask("PUT", "/mode/s", {"mode": "IMPORT"})
        self.assertEqual(self.put("s", '"long"', id=4, version=1).json(), {"id": 4})
        self.refuse("POST", "/subjects/s/versions", {"schema": '"bytes"', "id": 5}, 42205,
                    "Overwrite new schema with id 5")


class Deletions(TestCase):
    def test_the_last_version_takes_the_settings_with_it(self) -> None:
        self.put("s", INT)
        self.put("s", '"long"')
        self.registry.ask("PUT", "/config/s", {"compatibility": "NONE"})
        self.registry.ask("PUT", "/mode/s", {"mode": "READWRITE"})
        self.registry.ask("DELETE", "/subjects/s/versions/1")
        self.assertEqual(self.registry.ask("GET", "/config/s").status, 200)
        self.registry.ask("DELETE", "/subjects/s/versions/2")
        self.assertEqual(self.registry.ask("GET", "/config/s").json()["error_code"], 40408)
        self.assertEqual(self.registry.ask("GET", "/mode/s").json()["error_code"], 40409)

    def test_deleted_only_is_wholly_deleted(self) -> None:
        self.put("s", INT)
        self.put("s", '"long"')
        self.registry.ask("DELETE", "/subjects/s/versions/1")
        self.assertEqual(self.registry.ask("GET", "/subjects?deletedOnly=true").json(), [])
        self.registry.ask("DELETE", "/subjects/s/versions/2")
        self.assertEqual(self.registry.ask("GET", "/subjects?deletedOnly=true").json(), ["s"])

    def test_registered_anew_replaces_what_was_deleted(self) -> None:
        self.put("s", INT)
        self.registry.ask("DELETE", "/subjects/s")
        self.assertEqual(self.put("s", INT).json(), {"id": 4})
        self.assertEqual(self.registry.ask("GET", "/subjects/s/versions?deleted=true").json(), [2])


def proto(text: str, *imports: str) -> str:
    return 'syntax = "proto3";\n' + "".join(f'import "{i}";\n' for i in imports) + text


class Protobuf(TestCase):
    def refer(self, subject: str, text: str, **names: str) -> registry.Answer:
        """Registers with references: subject=import path."""
        return self.put(subject, proto(text, *names.values()), schemaType="PROTOBUF", references=[
            {"name": name, "subject": to, "version": None} for to, name in names.items()])

    def test_odd_names_of_references(self) -> None:
        self.refer("a", "message A {}")
        self.refer("b", "message B {}")
        for first, second in (("a.proto", "a.proto/b.proto"), ("d/a.proto/b.proto", "d/a.proto"),
                              ("n" * 256, "b.proto"), ("d/" + "n" * 256, "b.proto")):
            answer = self.refer("s", "message S {}", a=first, b=second)
            self.assertEqual(answer.json()["error_code"], 42201, answer.text)
            self.assertIn("cannot be imported", answer.text)
        for number, (first, second) in enumerate((
                ("schema.proto", "b.proto"), ("schema.proto/a", "b.proto"),
                ("schema.proto", "schema-1.proto"))):
            answer = self.refer(f"s{number}", "message S { A a = 1; B b = 2; }", a=first, b=second)
            self.assertEqual(answer.status, 200, answer.text)

    def test_the_reason_comes_before_warnings(self) -> None:
        answer = self.put("s", "message S {\n  string x = 1\n}", schemaType="PROTOBUF")
        self.assertIn("schema.proto:2:3: Expected", answer.json()["message"])
        self.refer("a", "message A {}")
        answer = self.refer("s", "message S { Unknown u = 1; }", a="a.proto")
        self.assertIn("Unknown", answer.json()["message"])

    def test_an_import_may_go_with_its_field(self) -> None:
        self.refer("a", "message A { message In { int32 x = 1; } In in = 1; } message Other {}")
        self.refer("a2", "message A { message In { string x = 1; } In in = 1; }")
        first = self.refer("s", "message S { A a = 1; map<string, A> m = 2; string t = 3; }",
                           a="a.proto")
        self.assertEqual(first.status, 200, first.text)
        path = "/compatibility/subjects/s/versions"
        for text, names, good in (
            ("message S { string t = 3; }", {}, True),
            ("message S { A a = 1; string t = 3; }", {"a": "a.proto"}, True),
            ("message S { A a = 1; }", {"a2": "a.proto"}, False),
            ("message S { map<string, A> m = 2; }", {"a2": "a.proto"}, False),
            ("message T { string t = 3; }", {}, False),
        ):
            answer = self.registry.ask("POST", path, {
                "schemaType": "PROTOBUF", "schema": proto(text, *names.values()), "references": [
                    {"name": n, "subject": s, "version": 1} for s, n in names.items()]})
            self.assertEqual(answer.json(), {"is_compatible": good}, text)


def record(name: str, **fields: Any) -> str:
    return json.dumps({"type": "record", "name": name, "fields": [
        {"name": key, "type": value} for key, value in fields.items()]})


class Avro(TestCase):
    def refer(self, subject: str, schema: str, *names: str) -> registry.Answer:
        """Registers with references to subjects, whose types have the same names."""
        return self.put(subject, schema, references=[
            {"name": name, "subject": name, "version": 1} for name in names])

    def test_a_union_of_references(self) -> None:
        for name in ("a.b.Customer", "a.b.Product"):
            self.assertEqual(self.put(name, record(name, id="int")).status, 200)
        names = ["a.b.Customer", "a.b.Product"]
        answer = self.refer("all", json.dumps(names), *names)
        self.assertEqual(answer.status, 200, answer.text)
        self.refuse("POST", "/subjects/all/versions", {"schema": json.dumps(names + ["a.b.No"])},
                    42201, "a.b.")

    def test_references_in_any_order(self) -> None:
        self.put("n.In", record("n.In", x="int"))
        self.assertEqual(self.refer("n.Mid", record("n.Mid", a="In", b="In"), "n.In").status, 200)
        # a type without namespace, and one that another definition brings with it
        self.put("Plain", record("Plain", e={"type": "enum", "name": "E", "symbols": ["X"]}))
        top = record("n.Top", m="n.Mid", i={"type": "array", "items": "n.In"},
                     u=["null", {"type": "map", "values": "Mid"}])
        for number, order in enumerate((("n.In", "n.Mid"), ("n.Mid", "n.In"), ("n.Mid",))):
            answer = self.refer(f"top{number}", top, *order)
            self.assertEqual(answer.status, 200, answer.text)
        both = json.dumps(["E", "Plain", "n.Mid"])
        answer = self.refer("both", both, "Plain", "n.Mid")
        self.assertEqual(answer.status, 200, answer.text)

    def test_what_references_hold_is_compared(self) -> None:
        self.put("n.In", record("n.In", x="int"))
        self.put("long", record("n.In", x="long"))
        self.assertEqual(self.refer("s", record("S", i="n.In"), "n.In").status, 200)
        path = "/compatibility/subjects/s/versions"
        for field, good in (("long", True), ("string", False)):
            self.put(field, record("n.In", x=field))
            answer = self.registry.ask("POST", path, {
                "schema": record("S", i="n.In"),
                "references": [{"name": "n.In", "subject": field, "version": 1}]})
            self.assertEqual(answer.json(), {"is_compatible": good})

    def test_too_deep_is_the_senders_fault(self) -> None:
        for number in range(10):
            inner: Any = f"T{number - 1}" if number > 0 else "int"
            for _ in range(20):
                inner = {"type": "map", "values": inner}
            above = [inner_name for inner_name in (f"T{number - 1}",) if number > 0]
            answer = self.refer(f"T{number}", record(f"T{number}", t=inner), *above)
            if answer.status != 200:
                break
        self.assertGreater(number, 3)
        self.assertEqual(answer.json()["error_code"], 42201, answer.text)
        self.assertIn("nested too deeply", answer.text)


class BrokenStore(TestCase):
    def test_what_cannot_be_read_is_no_incompatibility(self) -> None:
        self.put("s", INT)
        self.registry.stop()
        store = sqlite3.connect(self.directory / "registry.db")
        store.execute("UPDATE schemas SET refs = 'broken' WHERE id = 4")
        store.commit()
        store.close()
        self.registry = self.start()
        body = {"schema": '"long"'}
        self.refuse("POST", "/subjects/s/versions", body, 50001, "stored references")
        self.refuse("POST", "/compatibility/subjects/s/versions", body, 50001, "stored references")


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""Apache's Avro for Python writes, we read: every type and logical type, random schemas, JSON back
to data, and which schemas can be read by which. Our side is tests/support/avro_answer.c."""
from __future__ import annotations

import base64
import datetime
import decimal
import io
import json
import math
import random
import struct
import subprocess
import unittest
import uuid
from typing import Any

import avro.compatibility
import avro.io
import avro.schema
import cordwood

FILLED_IN = ("timestamp", "level", "message", "service")
UTC = datetime.timezone.utc


def write(schema: Any, value: Any) -> bytes:
    out = io.BytesIO()
    writer = avro.io.DatumWriter(avro.schema.parse(json.dumps(schema)))
    writer.write(value, avro.io.BinaryEncoder(out))
    return out.getvalue()


def record(**fields: Any) -> dict[str, Any]:
    return {"type": "record", "name": "R",
            "fields": [{"name": name, "type": t} for name, t in fields.items()]}


class Answerer:
    """The program of ours, asked line by line."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([cordwood.program("avro_answer")], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, **question: Any) -> dict[str, Any]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self) -> int:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(timeout=cordwood.PATIENCE_S)


class RandomSchema:
    """Schemas with values, and the JSON that we should make of each value."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.names = 0
        self.known: list[dict[str, Any]] = []

    def name(self) -> str:
        self.names += 1
        return f"T{self.names}"

    def schema(self, depth: int = 0) -> Any:
        simple = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
        kind = self.random.choice(simple + ["enum", "fixed"] + (
            ["array", "map", "record", "union", "named"] * 3 if depth < 4 else []))
        if kind in simple:
            return kind
        if kind == "enum":
            return self.keep({"type": "enum", "name": self.name(), "symbols": ["A", "B", "C"]})
        if kind == "fixed":
            return self.keep({"type": "fixed", "name": self.name(),
                              "size": self.random.randrange(1, 20)})
        if kind == "array":
            return {"type": "array", "items": self.schema(depth + 1)}
        if kind == "map":
            return {"type": "map", "values": self.schema(depth + 1)}
        if kind == "named":
            return self.random.choice(self.known)["name"] if self.known else "int"
        if kind == "union":
            other = self.random.choice(["int", "string", "array"])
            return ["null", {"type": "array", "items": self.schema(depth + 1)}
                    if other == "array" else other]
        fields = [{"name": f"f{i}", "type": self.schema(depth + 1)}
                  for i in range(self.random.randrange(5))]
        return self.keep({"type": "record", "name": self.name(), "fields": fields})

    def keep(self, schema: dict[str, Any]) -> dict[str, Any]:
        self.known.append(schema)
        return schema

    def integer(self, bits: int) -> int:
        return self.random.randrange(-(1 << (bits - 1)), 1 << (bits - 1)) >> \
            self.random.randrange(bits)

    def text(self) -> str:
        length = self.random.choice([0, 1, 5, 63, 64, 65, 200])
        return "".join(self.random.choice("ab \"\\\n\x7f\u0085\u2028\u00e9\U0001f332") for _ in
                       range(length))

    def value(self, schema: Any) -> tuple[Any, Any]:
        """A value for Python's encoder, and what json.loads() gives for our JSON of it."""
        r = self.random
        if isinstance(schema, list):
            return (None, None) if r.random() < 0.5 else self.value(schema[1])
        if isinstance(schema, str) and schema[0] == "T":
            schema = next(s for s in self.known if s["name"] == schema)
        kind = schema if isinstance(schema, str) else schema["type"]
        if kind == "bytes" or kind == "fixed":
            size = r.randrange(9) if kind == "bytes" else schema["size"]
            raw = r.randbytes(size)
            return raw, base64.b64encode(raw).decode()
        if kind == "array":
            pairs = [self.value(schema["items"]) for _ in range(r.randrange(4))]
            return [p[0] for p in pairs], [p[1] for p in pairs]
        if kind == "map":
            members = {f"k{i}": self.value(schema["values"]) for i in range(r.randrange(4))}
            return {k: v[0] for k, v in members.items()}, {k: v[1] for k, v in members.items()}
        if kind == "record":
            members = {f["name"]: self.value(f["type"]) for f in schema["fields"]}
            return {k: v[0] for k, v in members.items()}, {k: v[1] for k, v in members.items()}
        value = self.simple(kind)
        return value, value

    def simple(self, kind: str) -> Any:
        r = self.random
        if kind == "float":
            return struct.unpack("<f", struct.pack("<f", r.uniform(-1e6, 1e6)))[0]
        return {"null": lambda: None, "boolean": lambda: r.random() < 0.5,
                "int": lambda: self.integer(32), "long": lambda: self.integer(64),
                "double": lambda: r.uniform(-1, 1) * 10 ** r.randrange(-30, 30),
                "string": self.text, "enum": lambda: r.choice("ABC")}[kind]()


def same(ours: Any, theirs: Any) -> bool:
    """Equal, where numbers may have become shorter: a float has seven digits."""
    if isinstance(theirs, dict):
        return isinstance(ours, dict) and ours.keys() == theirs.keys() and \
            all(same(ours[k], theirs[k]) for k in theirs)
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(theirs, float):
        return isinstance(ours, (int, float)) and math.isclose(ours, theirs, rel_tol=1e-7)
    return type(ours) is type(theirs) and ours == theirs


class AvroOracle(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.answerer = Answerer()

    @classmethod
    def tearDownClass(cls) -> None:
        assert cls.answerer.end() == 0

    def decode(self, schema: Any, datum: bytes) -> dict[str, Any]:
        answer = self.answerer.ask(do="decode", schema=json.dumps(schema), datum=datum.hex())
        self.assertEqual(answer["error"], "ok", f"{schema} {datum.hex()} {answer}")
        got = json.loads(answer["line"])
        return {k: v for k, v in got.items() if k not in FILLED_IN}

    def encode(self, schema: Any, value: Any) -> bytes:
        answer = self.answerer.ask(do="encode", schema=json.dumps(schema), value=value)
        self.assertEqual(answer["error"], "ok", f"{schema} {value} {answer}")
        return bytes.fromhex(answer["datum"])

    def assert_both_ways(self, t: Any, value: Any, want: Any) -> None:
        schema = record(v=t)
        datum = write(schema, {"v": value})
        self.assertEqual(self.decode(schema, datum), {"v": want})
        self.assertEqual(self.encode(schema, {"v": want}), datum)

    def test_logical_types(self) -> None:
        moment = datetime.datetime(2026, 11, 21, 4, 11, 45, 123000, tzinfo=UTC)
        before = datetime.datetime(1901, 2, 3, 4, 5, 6, 7000, tzinfo=UTC)
        identity = uuid.UUID("12345678-1234-5678-1234-567812345678")
        rows = [
            ("long", "timestamp-millis", moment, "2026-11-21T04:11:45.123Z"),
            ("long", "timestamp-millis", before, "1901-02-03T04:05:06.007Z"),
            ("long", "timestamp-micros", moment, "2026-11-21T04:11:45.123000Z"),
            ("int", "date", datetime.date(2026, 11, 21), "2026-11-21"),
            ("int", "date", datetime.date(1, 1, 1), "0001-01-01"),
            ("int", "time-millis", datetime.time(23, 59, 59, 999000), "23:59:59.999"),
            ("long", "time-micros", datetime.time(0, 0, 0, 1), "00:00:00.000001"),
            ("string", "uuid", str(identity), str(identity)),
        ]
        for t, logical, value, want in rows:
            with self.subTest(logical=logical, want=want):
                self.assert_both_ways({"type": t, "logicalType": logical}, value, want)

    def test_decimals(self) -> None:
        as_bytes = {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 4}
        as_fixed = {"type": "fixed", "name": "F", "size": 9, "logicalType": "decimal",
                    "precision": 20, "scale": 4}
        for text in ("0.0000", "0.0001", "-0.0001", "12.8000", "-12.8000", "3.2767", "-3.2768",
                     "9999999999999999.9999", "-9999999999999999.9999"):
            for t in (as_bytes, as_fixed):
                with self.subTest(text=text, t=t["type"]):
                    schema = record(v=t)
                    datum = write(schema, {"v": decimal.Decimal(text)})
                    self.assertEqual(self.decode(schema, datum), {"v": text})
                    ours = self.encode(schema, {"v": text})
                    reader = avro.io.DatumReader(avro.schema.parse(json.dumps(schema)))
                    read = reader.read(avro.io.BinaryDecoder(io.BytesIO(ours)))
                    self.assertEqual(read["v"], decimal.Decimal(text))

    def test_names_and_namespaces(self) -> None:
        inner = {"type": "record", "name": "Inner", "fields": [{"name": "x", "type": "int"}]}
        schema = {"type": "record", "name": "Outer", "namespace": "a.b", "fields": [
            {"name": "first", "type": inner},
            {"name": "again", "type": "Inner"},
            {"name": "full", "type": ["null", "a.b.Inner"]},
            {"name": "other", "type": {"type": "enum", "name": "c.E", "symbols": ["X", "Y"]}},
            {"name": "same", "type": {"type": "array", "items": "c.E"}},
            {"name": "self", "type": ["null", "Outer"]}]}
        value: dict[str, Any] = {"first": {"x": 1}, "again": {"x": 2}, "full": {"x": 3},
                                 "other": "Y", "same": ["X", "Y"], "self": None}
        value["self"] = dict(value)
        self.assertEqual(self.decode(schema, write(schema, value)), value)
        self.assertEqual(self.encode(schema, value), write(schema, value))

    def test_random_schemas(self) -> None:
        for seed in range(400):
            made = RandomSchema(seed)
            schema = {"type": "record", "name": "Root",
                      "fields": [{"name": f"r{i}", "type": made.schema()} for i in range(4)]}
            for _ in range(3):
                pairs = {f["name"]: made.value(f["type"]) for f in schema["fields"]}
                datum = write(schema, {k: v[0] for k, v in pairs.items()})
                want = {k: v[1] for k, v in pairs.items()}
                got = self.decode(schema, datum)
                self.assertTrue(same(got, want), f"seed {seed}: {schema}\n{got}\n{want}")
                self.assertEqual(self.encode(schema, got), datum, f"seed {seed}: {schema} {got}")

    def changed(self, made: RandomSchema, schema: Any) -> Any:
        """The schema with a few things different."""
        text = json.dumps(schema)
        for old, new in made.random.sample([
                ('"int"', '"long"'), ('"long"', '"double"'), ('"string"', '"bytes"'),
                ('"C"]', '"D"]'), ('"f0"', '"g0"'), ('["null", "int"]', '"int"'),
                ('"float"', '["float", "null"]'), ('"boolean"', '"null"')], 2):
            text = text.replace(old, new)
        return json.loads(text)

    def test_resolution(self) -> None:
        """What Python's checker says of random pairs; it knows no rule for decimals."""
        verdicts = {True: 0, False: 0}
        for seed in range(1000):
            made = RandomSchema(seed)
            schema = {"type": "record", "name": "Root",
                      "fields": [{"name": "r", "type": made.schema()}]}
            other = self.changed(made, schema)
            try:
                reader = avro.schema.parse(json.dumps(other))
            except avro.errors.AvroException:
                continue  # two branches of one type
            writer = avro.schema.parse(json.dumps(schema))
            checker = avro.compatibility.ReaderWriterCompatibilityChecker()
            verdict = checker.get_compatibility(reader, writer).compatibility
            want = verdict is avro.compatibility.SchemaCompatibilityType.compatible
            answer = self.answerer.ask(do="compat", reader=json.dumps(other),
                                       writer=json.dumps(schema))
            self.assertEqual(answer["error"], "ok" if want else "exists",
                             f"seed {seed}: {other}\n{schema}\n{answer}")
            verdicts[want] += 1
        self.assertGreater(min(verdicts.values()), 50)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""Protobuf messages of every construct, and damaged ones, decoded by us and by Google's package.

The messages are random, but the same in each run. What Google's parser and its ProtoJSON make of
the bytes is what we must make of them.
"""
from __future__ import annotations

import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import unittest
import warnings
from pathlib import Path

try:
    from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
    from google.protobuf.descriptor import FieldDescriptor
    from google.protobuf.message import DecodeError
except ImportError:
    print("skipped: python3-protobuf is not installed")
    sys.exit(77)

BIN = Path(os.environ["CORDWOOD_BIN"])
SOURCE = Path(os.environ["CORDWOOD_SOURCE"])
MESSAGES = int(os.environ.get("CORDWOOD_ORACLE_MESSAGES", "3000"))

INTEGERS = {
    FieldDescriptor.TYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_SINT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_SFIXED32: (-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_SINT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_SFIXED64: (-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.TYPE_FIXED32: (0, 2**32 - 1),
    FieldDescriptor.TYPE_UINT64: (0, 2**64 - 1),
    FieldDescriptor.TYPE_FIXED64: (0, 2**64 - 1),
}
TEXTS = ("", "a", "INFO", "two words", "quote \" and \\", "line\nbreak\x00\x1f\x7f",
         "é\u2028\u0085", "\U0001f600 smile", "x" * 40, "key")
DOUBLES = (0.0, 1.0, -1.5, 0.1, 1e300, 5e-324, 1e21, 123456789.125, 3e-7)


class Maker:
    """Random messages."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def integer(self, low: int, high: int) -> int:
        r = self.random
        value = r.choice((0, 1, -1, low, high, r.randint(low, high), r.randint(0, 200)))
        return min(max(value, low), high)

    def scalar(self, field: FieldDescriptor):
        r = self.random
        if field.type in INTEGERS:
            return self.integer(*INTEGERS[field.type])
        if field.type == FieldDescriptor.TYPE_BOOL:
            return r.random() < 0.5
        if field.type == FieldDescriptor.TYPE_STRING:
            return r.choice(TEXTS)
        if field.type == FieldDescriptor.TYPE_BYTES:
            return r.randbytes(r.randrange(0, 8))
        if field.type == FieldDescriptor.TYPE_ENUM:
            return r.choice((*field.enum_type.values_by_number, 0, 77))
        if field.type == FieldDescriptor.TYPE_FLOAT:
            value = r.choice((0.0, 0.1, -2.5, 3e38, 1e-30))
            return struct.unpack("<f", struct.pack("<f", value))[0]
        if field.containing_type.full_name == "google.protobuf.Value":
            return r.choice(DOUBLES)
        return r.choice((*DOUBLES, float("inf"), float("nan"), r.uniform(-1e6, 1e6)))

    def known(self, message) -> bool:
        """Fills messages that have rules of their own."""
        r = self.random
        name = message.DESCRIPTOR.full_name
        nanos = r.choice((0, 1, 120_000_000, 123_456_000, 123_456_789, 999_999_999))
        if name == "google.protobuf.Timestamp":
            message.seconds = r.choice((0, -62135596800, 253402300799, r.randint(-10**10, 10**10)))
            message.nanos = nanos
            return True
        if name == "google.protobuf.Duration":
            message.seconds = r.choice((0, -315576000000, 315576000000, r.randint(-1000, 1000)))
            message.nanos = -nanos if message.seconds < 0 else nanos
            return True
        if name == "google.protobuf.FieldMask":
            paths = ("a", "b_c", "x.y_z.w", "")
            message.paths.extend(r.choice(paths) for _ in range(r.randrange(3)))
            return True
        return name == "google.protobuf.Any"

    def set_field(self, message, field: FieldDescriptor, depth: int) -> None:
        r = self.random
        count = r.choice((0, 1, 2, 5))
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            key, value = (field.message_type.fields_by_number[n] for n in (1, 2))
            for _ in range(count):
                at = self.scalar(key)
                if value.message_type is None:
                    getattr(message, field.name)[at] = self.scalar(value)
                else:
                    self.fill(getattr(message, field.name)[at], depth + 1)
        elif field.label == FieldDescriptor.LABEL_REPEATED:
            for _ in range(count):
                if field.message_type is None:
                    getattr(message, field.name).append(self.scalar(field))
                else:
                    self.fill(getattr(message, field.name).add(), depth + 1)
        elif field.message_type is not None:
            getattr(message, field.name).SetInParent()
            self.fill(getattr(message, field.name), depth + 1)
        else:
            setattr(message, field.name, self.scalar(field))

    def fill(self, message, depth: int) -> None:
        if self.known(message):
            return
        fields = message.DESCRIPTOR.fields
        wanted = self.random.choice((0, 1, 3, 8)) if depth else self.random.choice((1, 3, 10, 60))
        share = wanted / max(len(fields), 1) / (depth + 1)
        for field in fields:
            if depth < 6 and self.random.random() < share:
                self.set_field(message, field, depth)
        if message.DESCRIPTOR.full_name == "google.protobuf.Value" and (
            message.WhichOneof("kind") is None
        ):
            message.string_value = "v"


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out) + bytes([value])


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def split_fields(data: bytes) -> list[bytes]:
    """The fields of a valid message without groups, each with its tag."""
    parts = []
    at = 0
    while at < len(data):
        begin = at
        tag, at = read_varint(data, at)
        if tag & 7 == 0:
            _, at = read_varint(data, at)
        elif tag & 7 == 2:
            length, at = read_varint(data, at)
            at += length
        else:
            at += 8 if tag & 7 == 1 else 4
        parts.append(data[begin:at])
    return parts


UNKNOWN = (
    varint(1000 << 3) + b"\x05",
    varint(1001 << 3 | 1) + b"12345678",
    varint(1002 << 3 | 2) + b"\x03abc",
    varint(1003 << 3 | 5) + b"1234",
    varint(1004 << 3 | 3) + b"\x08\x01\x1b\x1c" + varint(1004 << 3 | 4),
    b"\x1d1234",  # a known number, another wire type
)


def no_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), names
    return dict(pairs)


class Oracle(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls) -> None:
        cls.dir = tempfile.TemporaryDirectory()
        cls.set_path = Path(cls.dir.name, "rich.desc")
        subprocess.run(
            ["protoc", f"--proto_path={SOURCE / 'tests/support'}", "--include_imports",
             f"--descriptor_set_out={cls.set_path}", "rich.proto"], check=True)
        files = descriptor_pb2.FileDescriptorSet.FromString(cls.set_path.read_bytes())
        pool = descriptor_pool.DescriptorPool()
        for file in files.file:
            pool.Add(file)
        factory = message_factory.MessageFactory(pool)
        cls.rich = factory.GetPrototype(pool.FindMessageTypeByName("test.Rich"))

    @classmethod
    def tearDownClass(cls) -> None:
        cls.dir.cleanup()

    def decode(self, payloads: list[bytes]) -> list[str]:
        frames = b"".join(struct.pack("<I", len(p)) + p for p in payloads)
        done = subprocess.run([BIN / "protobuf_decode", self.set_path, "test.Rich"], input=frames,
                              stdout=subprocess.PIPE, check=True)
        lines = done.stdout.decode().split("\n")
        self.assertEqual(len(lines), len(payloads) + 1)
        return lines[:-1]

    def expected(self, payload: bytes):
        """What Google's package makes of it; None if it refuses."""
        message = self.rich()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                message.ParseFromString(payload)
                if caught:  # it only warns of a stray end of a group
                    return None
                return json_format.MessageToDict(message)
            except (DecodeError, json_format.Error, ValueError, OverflowError):
                return None

    def payload(self, maker: Maker) -> bytes:
        """One to three messages in one, their fields in any order, others among them."""
        r = maker.random
        parts = []
        for _ in range(r.choice((1, 1, 2, 3))):
            message = self.rich()
            maker.fill(message, 0)
            parts.extend(split_fields(message.SerializeToString()))
        if r.random() < 0.5:
            r.shuffle(parts)
        for _ in range(r.choice((0, 0, 1, 3))):
            parts.insert(r.randrange(len(parts) + 1), r.choice(UNKNOWN))
        return b"".join(parts)

    def test_valid_messages(self) -> None:
        maker = Maker(1)
        payloads = [self.payload(maker) for _ in range(MESSAGES)]
        refused = 0
        for payload, line in zip(payloads, self.decode(payloads)):
            want = self.expected(payload)
            if want is None:  # merged times may leave their range
                self.assertEqual(line[0], "!", payload.hex())
                refused += 1
                continue
            self.assertEqual(line[0], "{", f"{line} {payload.hex()}")
            got = json.loads(line, object_pairs_hook=no_duplicates)
            self.assertEqual(repr_of(got), repr_of(want), payload.hex())
        self.assertLess(refused, MESSAGES // 4)

    def test_damaged_messages(self) -> None:
        maker = Maker(2)
        r = maker.random
        payloads = []
        for _ in range(MESSAGES):
            payload = bytearray(self.payload(maker))
            for _ in range(r.choice((1, 1, 2))):
                if payload:
                    payload[r.randrange(len(payload))] = r.choice((0, 0xFF, r.randrange(256)))
            if r.random() < 0.3:
                del payload[r.randrange(len(payload) + 1):]
            payloads.append(bytes(payload))
        lenient = stricter = 0
        for payload, line in zip(payloads, self.decode(payloads)):
            want = self.expected(payload)
            if "outside" in line and line[0] == "!":
                continue  # Google's package does not look at the range of nanoseconds
            if "a broken tag" in line and want is not None:
                # Google's package drops what is beyond 32 bits of a tag of five bytes; we, as Go's
                # does, refuse it.
                self.assertRegex(payload, b"[\x80-\xff]{4}[\x10-\x7f]", payload.hex())
                stricter += 1
            elif line[0] == "!":
                self.assertIsNone(want, f"{line} {payload.hex()}")
            elif want is None:
                lenient += 1  # what is wrong stood in a value that a later one replaces
            else:
                got = json.loads(line, object_pairs_hook=no_duplicates)
                self.assertEqual(repr_of(got), repr_of(want), payload.hex())
        self.assertLess(lenient, MESSAGES // 50)
        self.assertLess(stricter, MESSAGES // 200)


def whole(value):
    """With 1.0 as 1: JSON has one kind of number."""
    if isinstance(value, dict):
        return {name: whole(v) for name, v in value.items()}
    if isinstance(value, list):
        return [whole(v) for v in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def repr_of(value) -> str:
    return json.dumps(whole(value), sort_keys=True, indent=1)


if __name__ == "__main__":
    unittest.main()

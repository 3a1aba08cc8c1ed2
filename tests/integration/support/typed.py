# SPDX-License-Identifier: Apache-2.0
"""Records in Protobuf and Avro, encoded by Google's and Apache's own packages, and what the archive
must make of them, by the same packages or by hand."""
from __future__ import annotations

import io
import struct
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import avro.io
import avro.schema
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

from archive_check import mark

ORDER_PROTO = """syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";

message Order {
  string id = 1;
  Customer customer = 2;
  repeated Item items = 3;
  map<string, string> labels = 4;
  Status status = 5;
  google.protobuf.Timestamp placed_at = 6;
  string message = 7;
  oneof payment {
    string card = 8;
    int64 voucher = 9;
  }
  repeated double ratios = 10;

  message Customer {
    string name = 1;
    bytes key = 2;
  }
  message Item {
    string sku = 1;
    uint32 count = 2;
    Item parent = 3;
  }
  enum Status {
    STATUS_UNKNOWN = 0;
    STATUS_PAID = 1;
    STATUS_SENT = 2;
  }
}
"""

ORDER_AVRO = """{
  "type": "record", "name": "Order", "namespace": "shop",
  "fields": [
    {"name": "id", "type": "string"},
    {"name": "customer", "type": {"type": "record", "name": "Customer", "fields": [
      {"name": "name", "type": "string"},
      {"name": "key", "type": "bytes"}]}},
    {"name": "items", "type": {"type": "array", "items": {"type": "record", "name": "Item",
      "fields": [{"name": "sku", "type": "string"}, {"name": "count", "type": "int"}]}}},
    {"name": "labels", "type": {"type": "map", "values": "string"}},
    {"name": "status", "type": {"type": "enum", "name": "Status", "symbols": ["PAID", "SENT"]}},
    {"name": "placed_at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
    {"name": "message", "type": "string"},
    {"name": "voucher", "type": ["null", "long", "string"], "default": null},
    {"name": "ratio", "type": "double"}
  ]
}"""

ORDER_JSON = """{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "id": {"type": "string", "pattern": "^o-[0-9]+$"},
    "items": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/item"}},
    "message": {"type": "string"},
    "status": {"enum": ["PAID", "SENT"]}
  },
  "required": ["id", "items", "status"],
  "$defs": {"item": {
    "type": "object", "required": ["sku"], "additionalProperties": false,
    "properties": {"sku": {"type": "string"}, "count": {"type": "integer", "minimum": 1}}}}
}"""


def prefixed(schema_id: int, payload: bytes) -> bytes:
    """The Confluent wire format: 00, the id, the payload."""
    return struct.pack(">BI", 0, schema_id) + payload


def prefixed_message(schema_id: int, payload: bytes, indexes: bytes = b"\x00") -> bytes:
    """The same for Protobuf, with the indexes of the message; 00 is the first one."""
    return prefixed(schema_id, indexes + payload)


def message_class(proto_text: str, name: str) -> type:
    """The Python class of a message, made by protoc and Google's package."""
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "a.proto").write_text(proto_text)
        subprocess.run(
            ["protoc", f"-I{directory}", "-I/usr/include", "--include_imports",
             f"--descriptor_set_out={directory}/a.desc", "a.proto"], check=True,
        )
        files = descriptor_pb2.FileDescriptorSet.FromString(
            (Path(directory) / "a.desc").read_bytes()
        )
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName(name))


def order_message(order: type, sender: str, number: int) -> Any:
    """An Order whose message bears its mark and whose other fields vary with its number."""
    made = order(
        id=f"o-{number}", message=mark(sender, number), status=number % 3,
        labels={f"k{i}": f"v\u00e9{number}" for i in range(number % 4)},
        ratios=[number / 7, -0.5, 1e300][: number % 4],
    )
    made.customer.name = f'N\u00e4me "{number}"'
    made.customer.key = bytes(range(number % 256))[:20]
    made.placed_at.FromJsonString(f"2026-11-21T04:11:{number % 60:02d}.25Z")
    for i in range(number % 3):
        made.items.add(sku=f"sku-{i}", count=i).parent.sku = "parent"
    if number % 2:
        made.voucher = number * 10**12
    else:
        made.card = "visa"
    return made


def message_fields(message: Any) -> dict[str, Any]:
    """What the archived line must hold of it: Google's own JSON mapping."""
    return json_format.MessageToDict(message)


def avro_encode(schema: str, value: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    avro.io.DatumWriter(avro.schema.parse(schema)).write(value, avro.io.BinaryEncoder(out))
    return out.getvalue()

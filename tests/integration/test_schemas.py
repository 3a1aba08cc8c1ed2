# SPDX-License-Identifier: Apache-2.0
"""Protobuf, Avro and JSON under schemas: what independent packages encode is archived field by
field, whether the schema is built in, or was registered a moment before the record came."""
from __future__ import annotations

import base64
import datetime
import unittest
from typing import Any

import cordwood
import senders
import typed
from archive_check import mark, rejected_bytes
from registry import Registry

COUNT = 200
ENTRY_PROTO = cordwood.source("schemas/logentry.proto")
ENTRY_AVRO = cordwood.source("schemas/logentry.avsc")
STARTED = datetime.datetime(2026, 11, 21, 4, 11, 45, 250000, tzinfo=datetime.timezone.utc)


def entry_protobuf(record: dict[str, Any]) -> bytes:
    return ENTRY_CLASS(**record).SerializeToString()


def entry_avro(record: dict[str, Any]) -> bytes:
    return typed.avro_encode(ENTRY_AVRO.read_text(), record)


ENTRY_CLASS = typed.message_class(ENTRY_PROTO.read_text(), "log.LogEntry")
ORDER_CLASS = typed.message_class(typed.ORDER_PROTO, "shop.Order")


def order_datum(sender: str, number: int) -> dict[str, Any]:
    return {
        "id": f"o-{number}",
        "customer": {"name": "N\u00e4me", "key": bytes([number % 256, 0, 255])},
        "items": [{"sku": f"sku-{i}", "count": -i} for i in range(number % 3)],
        "labels": {"a": "b\n"} if number % 2 else {}, "status": ("PAID", "SENT")[number % 2],
        "placed_at": STARTED + datetime.timedelta(milliseconds=number),
        "message": mark(sender, number), "voucher": (None, number * 10**12, "v")[number % 3],
        "ratio": number / 7,
    }


def order_datum_fields(datum: dict[str, Any]) -> dict[str, Any]:
    placed = datum["placed_at"].strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    key = base64.b64encode(datum["customer"]["key"]).decode()
    return datum | {"placed_at": placed, "customer": datum["customer"] | {"key": key}}


def order_object(sender: str, number: int) -> dict[str, Any]:
    return {
        "id": f"o-{number}", "items": [{"sku": "s", "count": 1 + number}], "status": "PAID",
        "message": mark(sender, number), "anything": {"else": [number]},
    }


class BuiltIn(cordwood.TestCase):
    def test_entries_of_independent_encoders(self) -> None:
        """LogEntry in three formats on one connection, equal field by field."""
        ingestor = self.start()
        stream, wanted = b"", {}
        texts = ("plain", "", "tab\tquote\" back\\slash \u2028 \U0001f600 \x7f", "x" * 300)
        for n in range(COUNT):
            record = senders.entry("b", n, service=f"s{n}", level=("info", "WARN")[n % 2])
            record["message"] += " " + texts[n % len(texts)]
            stream += senders.frame(senders.PROTO, entry_protobuf(record))
            stream += senders.frame(senders.AVRO, entry_avro(record))
            stream += senders.frame(senders.JSON, senders.json_payload(record))
            wanted[n] = record | {"level": record["level"].upper()}
        senders.send_unread(ingestor.tls_port, stream)
        metrics = ingestor.settle(received=3 * COUNT)
        for name in ("json", "proto", "avro"):
            self.assertEqual(
                metrics.sum("cordwood_records_archived_total", format=name), COUNT, name
            )
            self.assertEqual(
                metrics.sum("cordwood_schema_validations_total", type="LogEntry", format=name),
                COUNT,
            )
        _, archive = self.stop_and_check(ingestor)
        found = archive.records()
        for n in range(COUNT):
            self.assertEqual(found[3 * n : 3 * n + 3], [wanted[n]] * 3)

    def test_bad_payloads_between_good_ones(self) -> None:
        good = senders.entry("b", 0)
        proto, avro = entry_protobuf(good), entry_avro(good)
        bad = [
            (senders.PROTO, b"\x80\x80\x80\x80\x10", "bad_protobuf"),
            (senders.PROTO, proto[:-1], "bad_protobuf"),
            (senders.PROTO, b"\x00" + proto, "schema"),  # an id without a registry
            (senders.PROTO, proto.replace(b"test", b"t\xffst"), "bad_utf8"),
            (senders.PROTO, entry_protobuf(good | {"timestamp": "now"}), "bad_timestamp"),
            (senders.PROTO, entry_protobuf(good | {"message": ""}), "missing_message"),
            (senders.PROTO, b"\x0b" * 101, "too_deep"),
            (senders.AVRO, avro + b"\x00", "bad_avro"),
            (senders.AVRO, avro[:-1], "bad_avro"),
            (senders.AVRO, b"\x01", "bad_avro"),
            (senders.AVRO, b"\xff" * 11, "bad_avro"),
            (senders.AVRO, avro.replace(b"test", b"t\xffst"), "bad_utf8"),
            (senders.AVRO, entry_avro(good | {"level": "LOUD"}), "bad_level"),
        ]
        ingestor = self.start()
        stream = senders.frame(senders.AVRO, avro)
        for kind, payload, _ in bad:
            stream += senders.frame(kind, payload) + senders.frame(senders.PROTO, proto)
        senders.send_unread(ingestor.tls_port, stream)
        ingestor.settle(received=2 * len(bad) + 1)
        totals, archive = self.stop_and_check(ingestor)
        self.assertEqual(totals.archived, len(bad) + 1)
        for record, (kind, payload, reason) in zip(archive.rejected(), bad, strict=True):
            with self.subTest(reason=reason, payload=payload[:20]):
                self.assertEqual(record["reason"], reason, record)
                self.assertEqual(record["format"], ("", "json", "proto", "avro")[kind])
                self.assertEqual(rejected_bytes(record), payload)


class Registered(cordwood.TestCase):
    """A richer type, registered while the ingestor runs and sent at once. The refresh interval is
    an hour: nothing waits for it."""

    def begin(self, *options: str) -> cordwood.Ingestor:
        self.registry = Registry(db=str(self.directory / "registry.db"))
        self.addCleanup(self.registry.stop)
        return self.start(
            "--registry", self.registry.url, "--schema-refresh", "1h", "--avro-prefix", "always",
            *options,
        )

    def check_orders(
        self, ingestor: cordwood.Ingestor, fields: list[dict[str, Any]], kind: str
    ) -> None:
        metrics = ingestor.settle(received=len(fields))
        self.assertEqual(metrics.sum("cordwood_records_rejected_total"), 0)
        passed = metrics.sum("cordwood_schema_validations_total", type="Order", format=kind)
        self.assertEqual(passed, len(fields))
        _, archive = self.stop_and_check(ingestor)
        for found, wanted in zip(archive.records(), fields, strict=True):
            self.assertEqual(found["type"], "Order")
            self.assertEqual(found["level"], "INFO")
            self.assertEqual(found["service"], kind)
            self.assertEqual(found["time_source"], "received")
            own = {name: found[name] for name in wanted}
            self.assertEqual(own, wanted)
            added = {"timestamp", "level", "message", "service", "type", "time_source"}
            self.assertLessEqual(set(found) - set(wanted), added)

    def test_protobuf(self) -> None:
        ingestor = self.begin()
        schema_id = self.registry.register("Order-proto", typed.ORDER_PROTO, schemaType="PROTOBUF")
        made = [typed.order_message(ORDER_CLASS, "o", n) for n in range(COUNT)]
        senders.send_unread(ingestor.tls_port, b"".join(
            senders.frame(
                senders.PROTO, typed.prefixed_message(schema_id, m.SerializeToString())
            ) for m in made
        ))
        self.check_orders(ingestor, [typed.message_fields(m) for m in made], "proto")

    def test_message_by_its_indexes(self) -> None:
        ingestor = self.begin()
        schema_id = self.registry.register("Order-proto", typed.ORDER_PROTO, schemaType="PROTOBUF")
        customer = ORDER_CLASS().customer
        customer.name = "n"
        payload = typed.prefixed_message(
            schema_id, customer.SerializeToString(), indexes=b"\x04\x00\x02"
        )
        absent = typed.prefixed_message(schema_id, b"", indexes=b"\x02\x08")
        senders.send(
            ingestor.tls_port,
            senders.frame(senders.PROTO, payload) + senders.frame(senders.PROTO, absent),
        )
        ingestor.settle(received=2)
        _, archive = self.stop_and_check(ingestor)
        self.assertEqual([r["reason"] for r in archive.rejected()], ["schema"])

    def test_avro(self) -> None:
        ingestor = self.begin()
        schema_id = self.registry.register("Order-avro", typed.ORDER_AVRO)
        made = [order_datum("o", n) for n in range(COUNT)]
        senders.send_unread(ingestor.tls_port, b"".join(
            senders.frame(
                senders.AVRO, typed.prefixed(schema_id, typed.avro_encode(typed.ORDER_AVRO, d))
            ) for d in made
        ))
        self.check_orders(ingestor, [order_datum_fields(d) for d in made], "avro")

    def test_json(self) -> None:
        ingestor = self.begin()
        schema_id = self.registry.register("Order-json", typed.ORDER_JSON, schemaType="JSON")
        made = [order_object("o", n) for n in range(COUNT)]
        senders.send_unread(ingestor.tls_port, b"".join(
            senders.frame(senders.JSON, typed.prefixed(schema_id, senders.json_payload(o)))
            for o in made
        ))
        self.check_orders(ingestor, made, "json")

    def test_json_that_its_schema_refuses(self) -> None:
        ingestor = self.begin()
        schema_id = self.registry.register("Order-json", typed.ORDER_JSON, schemaType="JSON")
        good = order_object("o", 0)
        bad = [
            good | {"id": "17"}, good | {"items": []}, good | {"items": [{"sku": "s", "x": 1}]},
            good | {"status": "LOST"}, {"id": "o-1"},
        ]
        senders.send_unread(ingestor.tls_port, b"".join(
            senders.frame(senders.JSON, typed.prefixed(schema_id, senders.json_payload(o)))
            for o in [*bad, good]
        ))
        metrics = ingestor.settle(received=len(bad) + 1)
        self.assertEqual(
            metrics.sum("cordwood_schema_failures_total", type="Order", format="json"), len(bad)
        )
        _, archive = self.stop_and_check(ingestor)
        self.assertEqual([r["message"] for r in archive.records()], [good["message"]])
        places = ["/id: ", "/items: ", "/items/*/*: ", "/status: ", "required "]
        for record, place in zip(archive.rejected(), places, strict=True):
            self.assertEqual(record["reason"], "schema")
            self.assertIn(place, record["detail"])
            self.assertGreater(len(record["detail"]), 3)

    def test_default_type_of_another_name(self) -> None:
        """--type Order: payloads without an id are Orders; lines stay LogEntry."""
        registry = Registry(db=str(self.directory / "registry.db"))
        self.addCleanup(registry.stop)
        registry.register("Order-json", typed.ORDER_JSON, schemaType="JSON")
        registry.register("Order-avro", typed.ORDER_AVRO)
        ingestor = self.start("--registry", registry.url, "--type", "Order")
        datum = order_datum("o", 3)
        senders.send(ingestor.tls_port, b"".join((
            senders.frame(senders.JSON, senders.json_payload(order_object("o", 1))),
            senders.frame(senders.JSON, senders.json_payload(senders.entry("o", 2))),
            senders.frame(senders.AVRO, typed.avro_encode(typed.ORDER_AVRO, datum)),
            senders.frame(senders.PROTO, b"\x0a\x01x"),
            senders.frame(senders.RAW, b"just a line"),
        )))
        senders.send(ingestor.tls_port, senders.ndjson("n", 1))
        ingestor.settle(received=6)
        _, archive = self.stop_and_check(ingestor)
        self.assertEqual(
            sorted((r.get("type", ""), r["message"]) for r in archive.records()),
            [("", "just a line"), ("", mark("n", 0)),
             ("Order", mark("o", 1)), ("Order", mark("o", 3))],
        )
        self.assertEqual(
            [(r["format"], r["reason"]) for r in archive.rejected()],
            [("json", "schema"), ("proto", "schema")],
        )

    def test_udp_does_not_wait(self) -> None:
        ingestor = self.begin()
        schema_id = self.registry.register("Order-json", typed.ORDER_JSON, schemaType="JSON")
        datagram = typed.prefixed(schema_id, senders.json_payload(order_object("u", 0)))
        senders.send_udp(ingestor.udp_port, [datagram])
        ingestor.settle(received=1)
        # It made the schema known to those behind it.
        cordwood.wait_until(
            lambda: any(
                labels["type"] == "Order" for name, labels, _ in ingestor.metrics().samples
                if name == "cordwood_schema_id"
            ), "the type is known",
        )
        senders.send_udp(ingestor.udp_port, [datagram + b"\n" + datagram])
        ingestor.settle(received=3)
        totals, archive = self.stop_and_check(ingestor)
        self.assertEqual((totals.archived, totals.rejected), (2, 1))
        self.assertEqual(archive.rejected()[0]["reason"], "schema")


if __name__ == "__main__":
    unittest.main()

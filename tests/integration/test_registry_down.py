# SPDX-License-Identifier: Apache-2.0
"""A registry that is dead, hangs, answers garbage, a gigabyte, an error or a redirection stops
nothing: known types are archived as ever, unknown ids are kept as rejects, and brought in by
--replay once the registry is back."""
from __future__ import annotations

import subprocess
import time
import unittest
from typing import Any

import cordwood
import senders
import typed
from archive_check import rejected_bytes
from bad_registry import BadRegistry, free_port
from registry import Registry

COUNT = 5000
ORDER = {"id": "o-1", "items": [{"sku": "s"}], "status": "SENT", "message": "s=order n=0"}


class BadAnswers(cordwood.TestCase):
    def check(self, url: str, shards: int = 2) -> list[dict[str, Any]]:
        """Everything known is archived; an unknown id is rejected and kept; metrics and log tell
        what is wrong. Returns the records of the archive."""
        started = time.monotonic()
        ingestor = self.start("--registry", url, "--schema-refresh", "200ms", f"--shards={shards}")
        self.assertLess(time.monotonic() - started, 30)
        record = senders.entry("p", 0)
        unknown = typed.prefixed(77, senders.json_payload(record))
        tls = senders.connect(ingestor.tls_port)
        tls.sendall(senders.frame(senders.JSON, unknown) + senders.json_frames("behind", 1))
        senders.send_unread(ingestor.tls_port, senders.json_frames("j", COUNT))
        senders.send_unread(
            ingestor.tls_port,
            senders.frame(senders.PROTO, senders.proto_payload(record))
            + senders.frame(senders.AVRO, senders.avro_payload(record)),
        )
        cordwood.wait_until(
            lambda: ingestor.metrics().sum("cordwood_schema_fetch_errors_total") >= 2,
            "errors of fetching are counted",
        )
        senders.close_in_order(tls)
        metrics = ingestor.settle(received=COUNT + 4)
        self.assertEqual(metrics.sum("cordwood_schema_registry_up"), 0)
        self.assertEqual(metrics.sum("cordwood_records_dropped_total"), 0)
        totals, archive = self.stop_and_check(ingestor)
        self.assertEqual((totals.archived, totals.rejected), (COUNT + 3, 1))
        (kept,) = archive.rejected()
        self.assertEqual((kept["reason"], kept["format"]), ("schema", "json"))
        self.assertEqual(rejected_bytes(kept), unknown)
        self.assertIn("mod=schema", ingestor.log())
        return archive.records()

    def bad(self, how: str, target: str = "") -> BadRegistry:
        registry = BadRegistry(how, target)
        self.addCleanup(registry.stop)
        return registry

    def test_dead(self) -> None:
        self.check(f"http://127.0.0.1:{free_port()}")

    def test_hanging(self) -> None:
        """Who waits for the id holds up nobody else, on the same shard: what stands behind that
        record is archived after all that other connections sent later."""
        records = self.check(self.bad("hang").url, shards=1)
        self.assertEqual(records[-1]["message"], senders.entry("behind", 0)["message"])

    def test_garbage(self) -> None:
        self.check(self.bad("garbage").url)

    def test_gigabyte(self) -> None:
        self.check(self.bad("huge").url)

    def test_error(self) -> None:
        self.check(self.bad("error").url)

    def test_redirection_is_not_followed(self) -> None:
        target = self.bad("garbage")
        self.check(self.bad("redirect", target.url + "/subjects").url)
        self.assertEqual(target.requests, 0)


class Outage(cordwood.TestCase):
    def test_replay_after_the_registry_is_back(self) -> None:
        registry = Registry(db=str(self.directory / "registry.db"))
        port = registry.port
        schema_id = registry.register("Order-json", typed.ORDER_JSON, schemaType="JSON")
        registry.stop()
        ingestor = self.start(
            "--registry", f"http://127.0.0.1:{port}", "--schema-refresh", "500ms"
        )
        payload = typed.prefixed(schema_id, senders.json_payload(ORDER))
        senders.send(ingestor.tls_port, senders.frame(senders.JSON, payload))
        ingestor.settle(received=1)
        _, archive = self.stop_and_check(ingestor)
        (kept,) = archive.rejected()
        self.assertEqual(kept["reason"], "schema")
        files = [str(f.path) for f in archive.files("rejected")]

        registry = Registry(db=str(self.directory / "registry.db"), port=port)
        self.addCleanup(registry.stop)
        self.directory = self.directory / "after"
        self.directory.mkdir()
        ingestor = self.start("--registry", registry.url)
        subprocess.run(
            [cordwood.program("cordwood-client"), "--address", "127.0.0.1", "--insecure",
             "--tcp-port", str(ingestor.tls_port), "--replay", *files],
            check=True, timeout=cordwood.PATIENCE_S, env=cordwood.clean_environment(),
        )
        ingestor.settle(received=1)
        _, archive = self.stop_and_check(ingestor)
        (found,) = archive.records()
        self.assertEqual((found["type"], found["id"]), ("Order", "o-1"))

    def test_last_good_schemas_survive_a_restart(self) -> None:
        """The registry is gone when the ingestor starts again: what it said last holds."""
        registry = Registry(db=str(self.directory / "registry.db"))
        registry.register("Order-json", typed.ORDER_JSON, schemaType="JSON")
        options = ("--registry", registry.url, "--type", "Order")
        ingestor = self.start(*options)
        senders.send(ingestor.tls_port, senders.frame(senders.JSON, senders.json_payload(ORDER)))
        ingestor.settle(received=1)
        ingestor.stop()
        registry.stop()
        ingestor = self.start(*options)
        bad = ORDER | {"status": "LOST"}
        senders.send(ingestor.tls_port, b"".join(
            senders.frame(senders.JSON, senders.json_payload(o)) for o in (ORDER, bad)
        ))
        metrics = ingestor.settle(received=2)
        self.assertEqual(metrics.sum("cordwood_schema_registry_up"), 0)
        totals = ingestor.stop()
        self.assertEqual((totals.archived, totals.rejected), (1, 1))

    def test_type_that_nobody_knows(self) -> None:
        url = f"http://127.0.0.1:{free_port()}"
        ingestor = self.launch("--registry", url, "--type", "Nonsense")
        self.assertNotEqual(ingestor.wait_exit(), 0)
        self.assertIn("Nonsense", ingestor.log())


if __name__ == "__main__":
    unittest.main()

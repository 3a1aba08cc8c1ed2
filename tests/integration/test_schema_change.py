# SPDX-License-Identifier: Apache-2.0
"""New versions of a schema under load: a version that fits what arrives is in force within the
refresh interval, one that would reject it is not adopted and said so, and no record is lost or
judged by half of two versions."""
from __future__ import annotations

import json
import threading
import time
import unittest
from typing import Any

import cordwood
import senders
from registry import Registry

REFRESH_S = 0.5
BASE: dict[str, Any] = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("timestamp", "level", "message",
                                                         "service")},
    "required": ["timestamp", "level", "message", "service"],
}


def schema(required: tuple[str, ...] = (), **properties: Any) -> str:
    return json.dumps(BASE | {
        "properties": BASE["properties"] | properties,
        "required": [*BASE["required"], *required],
    })


class Load(threading.Thread):
    """Connections that send records in small pieces until told to stop."""

    def __init__(self, port: int, name: str) -> None:
        super().__init__()
        self.sent = 0
        self._port, self._name = port, name
        self._end = threading.Event()

    def run(self) -> None:
        tls = senders.connect(self._port)
        while not self._end.is_set():
            record = senders.entry(self._name, self.sent)
            tls.sendall(senders.frame(senders.JSON, senders.json_payload(record)))
            self.sent += 1
            if self.sent % 50 == 0:
                time.sleep(0.005)
        senders.close_in_order(tls)

    def finish(self) -> int:
        self._end.set()
        self.join(cordwood.PATIENCE_S)
        return self.sent


class Change(cordwood.TestCase):
    def version(self, metrics: cordwood.Metrics) -> float:
        """The newest version of LogEntry's JSON Schema that has judged anything or is in force."""
        return max(
            float(labels["version"]) for name, labels, _ in metrics.samples
            if name == "cordwood_schema_id"
            and (labels["type"], labels["format"]) == ("LogEntry", "json")
        )

    def wait_version(self, ingestor: cordwood.Ingestor, version: int) -> None:
        cordwood.wait_until(
            lambda: self.version(ingestor.metrics()) == version, f"version {version} is in force"
        )

    def test_versions_under_load(self) -> None:
        registry = Registry(db=str(self.directory / "registry.db"))
        self.addCleanup(registry.stop)
        registry.ask("PUT", "/config/LogEntry-json", {"compatibility": "NONE"})
        ingestor = self.start(
            "--registry", registry.url, "--schema-refresh", f"{int(REFRESH_S * 1000)}ms"
        )
        loads = [Load(ingestor.tls_port, f"l{i}") for i in range(4)]
        for load in loads:
            load.start()
        bad = senders.entry("bad", 0, region=17)
        bad_frame = senders.frame(senders.JSON, senders.json_payload(bad))
        senders.send(ingestor.tls_port, bad_frame)  # allowed: nothing is said about it yet
        first = self.version(ingestor.metrics())

        registry.register("LogEntry-json", schema(region={"type": "string"}), schemaType="JSON")
        second = int(first) + 1
        self.wait_version(ingestor, second)
        senders.send(ingestor.tls_port, bad_frame)

        strict = schema(("region",), region={"type": "string"})
        registry.register("LogEntry-json", strict, schemaType="JSON")
        cordwood.wait_until(
            lambda: ingestor.metrics().sum("cordwood_schema_refused_total") >= 1,
            "the version that would reject everything is refused",
        )
        time.sleep(2 * REFRESH_S)
        metrics = ingestor.metrics()
        self.assertEqual(self.version(metrics), second)
        self.assertEqual(
            metrics.sum("cordwood_schema_refused_version", type="LogEntry", format="json"),
            second + 1,
        )
        sent = sum(load.finish() for load in loads)
        metrics = ingestor.settle(received=sent + 2)
        self.assertEqual(metrics.sum("cordwood_records_rejected_total"), 1)
        self.assertEqual(
            metrics.sum("cordwood_schema_validations_total", type="LogEntry", format="json"),
            sent + 2,
        )
        _, archive = self.stop_and_check(ingestor)
        (kept,) = archive.rejected()
        self.assertEqual(kept["reason"], "schema")
        self.assertIn("/region", kept["detail"])
        by_sender: dict[str, list[int]] = {}
        for name, number in archive.archived_marks():
            by_sender.setdefault(name, []).append(number)
        for i, load in enumerate(loads):
            self.assertEqual(sorted(by_sender[f"l{i}"]), list(range(load.sent)))
        log = ingestor.log()
        self.assertRegex(log, r"event=\S*adopted.*version=%d" % second)
        self.assertRegex(log, r"level=error.*version=%d" % (second + 1))

        # A pin is the operator's word against the guard.
        pinned = self.start("--registry", registry.url, f"--schema-pin=LogEntry={second + 1}")
        senders.send(pinned.tls_port, senders.json_frames("p", 3))
        metrics = pinned.settle(received=3)
        self.assertEqual(metrics.sum("cordwood_records_rejected_total", reason="schema"), 3)
        pinned.stop()


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus reads the ingestor as deploy/prometheus says; promtool judges the rules.

Every number that rules and dashboard ask for is one that the ingestor tells. Both programs are
Debian's; where they are not to be had the tests skip.
"""
from __future__ import annotations

import http.client
import json
import re
import shutil
import socket
import subprocess
import sys
import urllib.parse
from pathlib import Path
from typing import Any

import cordwood
import senders

PROMETHEUS = cordwood.source("deploy/prometheus")
GRAFANA = cordwood.source("deploy/grafana")
METRIC = re.compile(r"\bcordwood_[a-z0-9_]+\b")
HISTOGRAM_ENDS = ("_bucket", "_sum", "_count")
COUNT = 40


def tool(name: str) -> str | None:
    unpacked = cordwood.source("build/tools/usr/bin") / name
    return str(unpacked) if unpacked.exists() else shutil.which(name)


def alerts(text: str) -> list[str]:
    return re.findall(r"^ +- alert: (\w+)$", text, re.MULTILINE)


def expressions() -> list[str]:
    """Every expression of Grafana's dashboard, with its variables filled in."""
    panels = json.loads((GRAFANA / "dashboards/cordwood.json").read_text())["panels"]
    found = [target["expr"] for panel in panels for target in panel.get("targets", [])]
    values = {"$__rate_interval": "1m", "$__range": "5m", "$job": ".+", "$instance": ".+"}
    for name, value in values.items():
        found = [expr.replace(name, value) for expr in found]
    return found


class Rules(cordwood.TestCase):
    def promtool(self, *arguments: str) -> None:
        program = tool("promtool")
        if program is None:
            self.skipTest("no promtool here")
        done = subprocess.run([program, *arguments], cwd=PROMETHEUS, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_configuration_is_valid(self) -> None:
        self.promtool("check", "config", "prometheus.yml")

    def test_every_rule_fires_when_it_should_and_not_otherwise(self) -> None:
        self.promtool("test", "rules", "rules_test.yml")

    def test_every_rule_is_tested_both_ways(self) -> None:
        tests = (PROMETHEUS / "rules_test.yml").read_text()
        for name in alerts((PROMETHEUS / "rules.yml").read_text()):
            asked = tests.split(f"alertname: {name}\n")[1:]
            silent = [text for text in asked if text.lstrip().startswith("exp_alerts: []")]
            self.assertGreaterEqual(
                len(silent), 2, f"{name} stays silent first, and if all is well"
            )
            self.assertGreater(len(asked), len(silent), f"{name} fires")

    def test_dashboard_is_what_its_source_makes(self) -> None:
        done = subprocess.run([sys.executable, GRAFANA / "dashboard.py", "--check"],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)


class Scraped(cordwood.TestCase):
    def start_prometheus(self, ingestor: cordwood.Ingestor) -> None:
        program = tool("prometheus")
        if program is None:
            self.skipTest("no prometheus here")
        config = (PROMETHEUS / "prometheus.yml").read_text()
        config = config.replace("15s", "1s")
        config = config.replace("ingestor:3000", f"127.0.0.1:{ingestor.http_port}")
        config = re.sub(r"\n  - job_name: cordwood-registry.*", "", config, flags=re.DOTALL)
        (self.directory / "prometheus.yml").write_text(config)
        shutil.copy(PROMETHEUS / "rules.yml", self.directory)
        self.port = self.free_port()
        log = open(self.directory / "prometheus.log", "wb")
        self.addCleanup(log.close)
        process = subprocess.Popen(
            [program, f"--config.file={self.directory}/prometheus.yml",
             f"--storage.tsdb.path={self.directory}/tsdb",
             f"--web.listen-address=127.0.0.1:{self.port}"],
            stdout=log, stderr=log, cwd=self.directory,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        cordwood.wait_until(self.is_ready, "Prometheus is ready")
        cordwood.wait_until(lambda: self.value("up{job='cordwood'}") == 1, "target up")

    @staticmethod
    def free_port() -> int:
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            return holder.getsockname()[1]

    def is_ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", "/-/ready")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def ask(self, path: str, **parameters: str) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", f"{path}?{urllib.parse.urlencode(parameters)}")
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        self.assertEqual(answer["status"], "success", answer)
        return answer["data"]

    def value(self, expression: str) -> float | None:
        """The only sample of an expression; None while it has none."""
        result = self.ask("/api/v1/query", query=expression)["result"]
        return float(result[0]["value"][1]) if result else None

    def send(self, ingestor: cordwood.Ingestor) -> None:
        senders.send(ingestor.tls_port, senders.json_frames("a", COUNT))
        senders.send(ingestor.tls_port, senders.raw_lines("b", COUNT))
        senders.send(ingestor.tls_port, senders.frame(senders.JSON, b"{"))
        ingestor.settle(received=2 * COUNT + 1)

    def test_counters_equal_what_was_sent(self) -> None:
        ingestor = self.start()
        self.start_prometheus(ingestor)
        self.send(ingestor)
        received = "sum(cordwood_records_received_total)"
        cordwood.wait_until(lambda: self.value(received) == 2 * COUNT + 1, "counters in Prometheus")
        for expression, count in (
            ('cordwood_records_archived_total{format="json"}', COUNT),
            ('cordwood_records_archived_total{format="raw"}', COUNT),
            ('cordwood_records_rejected_total{format="json",reason="bad_json"}', 1),
            ("sum(cordwood_records_dropped_total)", 0),
            ("cordwood_record_latency_seconds_count", 2 * COUNT),
        ):
            self.assertEqual(self.value(expression), count, expression)
        self.check_rules()
        self.check_dashboard()
        self.stop_and_check(ingestor)

    def check_rules(self) -> None:
        """All are loaded and can be evaluated; of those that need no time, the right ones speak."""
        def rules() -> list[dict[str, Any]]:
            groups = self.ask("/api/v1/rules")["groups"]
            return [rule for group in groups for rule in group["rules"]]

        cordwood.wait_until(lambda: all(rule["health"] == "ok" for rule in rules()),
                            "every rule was evaluated")
        text = (PROMETHEUS / "rules.yml").read_text()
        self.assertEqual(sorted(rule["name"] for rule in rules()), sorted(alerts(text)))
        speaking = {rule["name"] for rule in rules() if rule["state"] != "inactive"}
        self.assertLessEqual({"CordwoodDevelopmentCertificate"}, speaking)
        self.assertLessEqual(speaking, {"CordwoodDevelopmentCertificate", "CordwoodRejectRatio"})

    def check_dashboard(self) -> None:
        """Each expression of Grafana's dashboard is one, and has an answer where there must be."""
        for expression in expressions():
            result = self.ask("/api/v1/query", query=expression)["result"]
            if "schema_failures" not in expression and " / " not in expression:
                self.assertTrue(result, expression)

    def test_every_metric_asked_for_is_told(self) -> None:
        told = set(METRIC.findall(self.start().get("/metrics")[2].decode()))
        asked = METRIC.findall((PROMETHEUS / "rules.yml").read_text())
        asked += [name for expression in expressions() for name in METRIC.findall(expression)]
        self.assertGreater(len(set(asked)), 20)
        without_types = {"cordwood_schema_refused_version"}  # told once a registry is asked
        self.assertEqual(set(asked) - told - without_types, set())


if __name__ == "__main__":
    cordwood.main()

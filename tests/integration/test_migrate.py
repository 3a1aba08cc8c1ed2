# SPDX-License-Identifier: Apache-2.0
"""docs/migrate.md: what it says stays the same does."""
from __future__ import annotations

import json
import re
import subprocess
import unittest
from typing import Any

import cordwood
import registry

TEXT = cordwood.source("docs/migrate.md").read_text()


def rows(title: str) -> list[list[str]]:
    """The cells of the table in a section, without its head."""
    part = TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]
    table = [line.strip()[1:-1].split("|") for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in table[2:]]


def options_of(program: str) -> dict[str, Any]:
    done = subprocess.run([cordwood.program(program), "--print-options"], capture_output=True,
                          text=True, check=True, env=cordwood.clean_environment())
    return {row["name"]: row for row in json.loads(done.stdout)["options"]}


class Migration(cordwood.TestCase):
    def test_ports(self) -> None:
        found = 0
        for _, here, port in rows("Ports and programs"):
            for program, option in re.findall(r"`(cordwood-\w+) --([a-z-]+)`", here):
                self.assertEqual(options_of(program)[option]["default"], port)
                found += 1
        self.assertEqual(found, 4)

    def test_options_of_the_client(self) -> None:
        table, client = rows("Client"), options_of("cordwood-client")
        self.assertEqual(len(table), 8)
        for name, _, default in table:
            option = client[name.strip("`").removeprefix("--")]
            self.assertEqual(option["default"].removesuffix("false"), default, name)

    def test_a_command_of_the_go_client(self) -> None:
        ingestor = self.start()
        for kind in ("json", "proto", "avro", "raw"):
            subprocess.run(
                [cordwood.program("cordwood-client"), "--address", "127.0.0.1", "--tcp-port",
                 str(ingestor.tls_port), "--batch", "50", "--interval", "10", "--format", kind,
                 "--type", "LogEntry"][:-2 if kind == "raw" else None] +
                ["--count", "100", "--insecure"], check=True, capture_output=True, timeout=60)
        ingestor.settle(received=400)
        self.stop_and_check(ingestor)

    def test_keys_of_the_json_view(self) -> None:
        ingestor = self.start()
        named = [name for row in rows("Metrics") for name in re.findall(r"`(\w+)`", row[0])]
        self.assertEqual(len(named), 13)
        for path in ("/metrics-json", "/metrics.json", "/metrics?format=json"):
            self.assertLessEqual(set(named), set(json.loads(ingestor.get(path)[2])))
        self.stop_and_check(ingestor)

    def test_the_registry_answers_as_the_old_one(self) -> None:
        running = registry.Registry(db=str(self.directory / "registry.db"))
        self.addCleanup(running.kill)
        listed = running.ask("GET", "/schema/list").json()
        self.assertEqual({(row["format"], row["name"]) for row in listed},
                         {(kind, "LogEntry") for kind in ("json", "avro", "proto")})
        for path in re.findall(r"`(?:GET|POST) (/schema/\w+)`", TEXT):
            self.assertNotEqual(running.ask("GET", path).status, 404, path)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""docs/operate.md: certificates, backup and configuration work as written. docs/metrics.md names
every metric and every reason there is, and no other."""
from __future__ import annotations

import re
import subprocess
import unittest

import cordwood
import registry
import transcript

OPERATE = cordwood.source("docs/operate.md").read_text()
METRICS = cordwood.source("docs/metrics.md").read_text()
SECTION = re.compile(r"(?m)^## (.+)$")


def section(title: str) -> str:
    parts = SECTION.split(OPERATE)
    return parts[parts.index(title) + 1]


class Certificates(cordwood.TestCase):
    def make(self, *which: int) -> None:
        """Runs some of the page's three blocks."""
        shells = [block for language, block in transcript.blocks(section("Certificates"))
                  if language == "sh"]
        self.assertEqual(len(shells), 3)
        for number in which:
            done = subprocess.run(["bash", "-ec", shells[number]], cwd=self.directory,
                                  capture_output=True, text=True, timeout=120)
            self.assertEqual(done.returncode, 0, done.stderr)

    def send(self, ingestor: cordwood.Ingestor, *options: str) -> int:
        done = subprocess.run(
            [cordwood.program("cordwood-client"), "--tcp-port", str(ingestor.tls_port), "--count",
             "10", "--rate", "0", "--retries", "0", *options], cwd=self.directory,
            capture_output=True, text=True, timeout=60)
        return done.returncode

    def test_rsa_4096_with_a_common_name_only(self) -> None:
        self.make(0)
        shown = subprocess.run(["openssl", "x509", "-in", "cert.pem", "-noout", "-text"],
                               cwd=self.directory, capture_output=True, text=True).stdout
        self.assertIn("Public-Key: (4096 bit)", shown)
        self.assertNotIn("Alternative Name", shown)
        ingestor = self.start("--cert", "cert.pem", "--key", "key.pem")
        self.assertEqual(self.send(ingestor, "--ca", "cert.pem"), 0)
        self.assertEqual(self.send(ingestor), 1, "nobody else's trust")
        ingestor.settle(received=10)
        self.stop_and_check(ingestor)

    def test_mutual_tls(self) -> None:
        self.make(1, 2)
        ingestor = self.start("--cert", "server.crt", "--key", "server.key", "--client-ca",
                              "ca.crt", "--client-names", "web1,web2")
        self.assertEqual(self.send(ingestor, "--ca", "ca.crt", "--cert", "web1.crt", "--key",
                                   "web1.key"), 0)
        self.assertEqual(self.send(ingestor, "--ca", "ca.crt"), 1)
        metrics = ingestor.settle(received=10)
        self.assertEqual(metrics.by("cordwood_tls_handshake_failures_total", "reason"),
                         {"no_client_certificate": 1})
        self.stop_and_check(ingestor)


class Sizing(unittest.TestCase):
    def test_the_guide_promises_nothing_better_than_was_measured(self) -> None:
        """It may be older than the table of results, as long as it errs on the safe side."""
        performance = cordwood.source("docs/performance.md").read_text()
        guide = section("Sizing")
        for row, said in (("json", r"JSON frame (\d+) ns"), ("rfc5424", r"syslog (\d+) to"),
                          ("rfc3164", r"syslog \d+ to (\d+) ns"), ("ndjson", r"JSON line (\d+) ns"),
                          ("json-1g", r"each log line costs ([\d.]+) us")):
            cells = re.search(rf"(?m)^\| `{row}` \|[^|]*\|[^|]*\| (\d+) ", performance)
            number = re.search(said, guide)
            assert cells is not None and number is not None, row
            promised = float(number[1]) * (1000 if "us" in said else 1)
            self.assertGreater(promised, 0.9 * int(cells[1]), row)
            self.assertLess(promised, 2.5 * int(cells[1]), row)


class Files(cordwood.TestCase):
    def test_the_example_files_are_valid(self) -> None:
        examples = [block for language, block in transcript.blocks(OPERATE) if language == "yaml"]
        self.assertEqual(len(examples), 2)
        for example in examples:
            path = self.directory / "cordwood.yaml"
            path.write_text(example)
            done = subprocess.run(
                [cordwood.program("cordwood-ingestor"), "--config", str(path), "--print-config"],
                capture_output=True, text=True, env=cordwood.clean_environment())
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_backup(self) -> None:
        ingestor = self.start("--rotate-bytes", "64KiB")
        running = registry.Registry(db=str(self.directory / "registry.db"))
        self.addCleanup(running.kill)
        subprocess.run([cordwood.program("cordwood-client"), "--tcp-port", str(ingestor.tls_port),
                        "--insecure", "--count", "30000", "--rate", "0"], check=True,
                       capture_output=True, timeout=120)
        ingestor.settle(received=30000)
        cordwood.wait_until(
            lambda: ingestor.metrics().sum("cordwood_archive_files_published_total") > 0, "a file")
        copy, verify, sqlite = (block for language, block in
                                transcript.blocks(section("Backup")) if language == "sh")
        self.run_shell(copy)
        self.assertEqual(self.run_shell(verify), "verified\n")
        (next((self.directory / "backup").glob("log_*.zst"))).write_bytes(b"broken")
        damaged = subprocess.run(["bash", "-c", verify], cwd=self.directory, capture_output=True)
        self.assertNotEqual(damaged.returncode, 0)
        self.run_shell(sqlite)
        copied = registry.Registry(db=str(self.directory / "registry-copy.db"))
        self.addCleanup(copied.kill)
        self.assertEqual(copied.ask("GET", "/subjects").json(),
                         running.ask("GET", "/subjects").json())

    def run_shell(self, text: str) -> str:
        done = subprocess.run(["bash", "-ec", text], cwd=self.directory, capture_output=True,
                              text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""), text)
        return done.stdout


class Names(cordwood.TestCase):
    def test_every_metric_and_no_other(self) -> None:
        running = registry.Registry(db=str(self.directory / "registry.db"))
        self.addCleanup(running.kill)
        ingestor = self.start("--registry", running.url)
        running.ask("GET", "/subjects")
        texts = (ingestor.get("/metrics")[2].decode(), running.ask("GET", "/metrics").text)
        exported = {name for text in texts for name in re.findall(r"(?m)^# TYPE (\S+)", text)}
        self.assertGreater(len(exported), 50)
        rows = re.findall(r"(?m)^\| `(cordwood_[a-z_]+)`", METRICS)
        self.assertEqual(sorted(rows), sorted(exported))
        named = set(re.findall(r"`(cordwood_[a-z_]+)", METRICS + OPERATE))
        self.assertEqual(named - exported, set())
        self.stop_and_check(ingestor)

    def test_every_reason_and_no_other(self) -> None:
        source = cordwood.source("common/wire/reason.h").read_text()
        reasons = re.findall(r"X\([A-Z0-9_]+, \"([a-z0-9_]+)\"", source)
        self.assertGreater(len(reasons), 15)
        table = METRICS.split("## Why a record was rejected")[1].split("\n## ")[0]
        self.assertEqual(sorted(re.findall(r"(?m)^\| `([a-z0-9_]+)`", table)), sorted(reasons))

    def test_labels_that_the_page_names(self) -> None:
        ingestor = self.start()
        text = ingestor.get("/metrics")[2].decode()
        for name, labels in re.findall(r"(?m)^\| `(cordwood_[a-z_]+)` `\{([a-z,]+)\}`", METRICS):
            for line in re.findall(rf"(?m)^{name}(?:_bucket)?\{{(.*)\}} ", text):
                own = set(re.findall(r'([a-z]+)="', line)) - {"le"}
                self.assertEqual(own, set(labels.split(",")), name)
        self.stop_and_check(ingestor)

    def test_every_way_to_fail_is_told(self) -> None:
        """The values of `reason` and `result` stand in the row; those of rejects have a table."""
        ingestor = self.start()
        text = ingestor.get("/metrics")[2].decode()
        found = set(re.findall(r'(?m)^(\w+)\{[^}]*(?:reason|result)="(\w+)"', text))
        self.assertGreater(len(found), 30)
        for name, value in found:
            row = re.search(rf"(?m)^\| `{name}`.*$", METRICS)
            assert row is not None
            if name != "cordwood_records_rejected_total":
                self.assertIn(f"`{value}`", row[0], name)
        self.stop_and_check(ingestor)


if __name__ == "__main__":
    unittest.main()

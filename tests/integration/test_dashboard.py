# SPDX-License-Identifier: Apache-2.0
"""The dashboard over a real ingestor with real traffic: dashboard_live.mjs drives the browser, this
starts the ingestor and does what it asks for. With CORDWOOD_SHOTS=DIR it takes pictures too
(docs/images/README.md)."""
from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import cordwood
import markup
import senders
import traffic

BROWSER = Path("/usr/bin/chromium")
NAME_BYTES_MAX = 60  # of certificates and levels; both may be a little longer
NAMES = 6  # of senders; each costs a certificate


class Dashboard(cordwood.TestCase):
    def start_on(self, *ports: str) -> cordwood.Ingestor:
        certs = self.make_certs()
        config = self.directory / "cordwood.yaml"
        config.write_text("# the test's\nflush-interval: 250ms\n")
        return self.start(
            "--config", str(config), "--cert", str(certs / "server.crt"),
            "--key", str(certs / "server.key"), "--client-ca", str(certs / "ca.crt"),
            "--rotate-bytes", "1GiB", "--shards", "2", *ports, CORDWOOD_ZSTD_LEVEL="2",
        )

    # ---- what the browser's side asks for ----

    def do_traffic(self) -> str:
        self.stack.enter_context(self.traffic.running())
        self.traffic.foreign()
        return "running"

    def do_settle(self) -> str:
        self.stack.close()
        cordwood.wait_until(lambda: self.ingestor.metrics().in_flight() == 0, "none in flight")
        return "settled"

    def do_metrics(self) -> dict[str, Any]:
        metrics = self.ingestor.metrics()
        ends = ("received_total", "archived_total", "rejected_total", "dropped_total")
        by_format = {end.removesuffix("_total"): metrics.by(f"cordwood_records_{end}", "format")
                     for end in ends}
        law = {name: sum(counts.values()) for name, counts in by_format.items()}
        return by_format | {
            "law": law | {"in_flight": metrics.in_flight()},
            "reasons": metrics.by("cordwood_records_rejected_total", "reason"),
            "severities": metrics.by("cordwood_records_by_severity_total", "severity"),
        }

    def make_named(self, number: int, name: str) -> Path:
        """A certificate whose common name is `name`."""
        certs = self.make_certs()
        base = certs / f"evil-{number}"
        subject = "/CN=" + re.sub(r"([/\\+])", r"\\\1", name)
        make = ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-noenc", "-subj", subject, "-keyout", f"{base}.key", "-out", f"{base}.csr"]
        sign = ["openssl", "x509", "-req", "-in", f"{base}.csr", "-CA", str(certs / "ca.crt"),
                "-CAkey", str(certs / "ca.key"), "-days", "2", "-out", f"{base}.crt"]
        for command in (make, sign):
            subprocess.run(command, check=True, capture_output=True)
        return base

    def do_evil(self) -> dict[str, Any]:
        payloads = markup.PAYLOADS
        good = [senders.entry("evil", number, message=f"evil {payload}", service=payload)
                for number, payload in enumerate(payloads)]
        levels = [{"time": traffic.now(), "lvl": payload, "msg": "evil level", "service": "level"}
                  for payload in payloads]
        bad = [entry | {"timestamp": entry["message"]} for entry in good]
        context = self.traffic.context()
        for data in (
            senders.lines(json.dumps(record).encode() for record in levels),
            b"".join(senders.frame(senders.JSON, senders.json_payload(record)) for record in bad),
            b"".join(senders.frame(senders.JSON, senders.json_payload(record)) for record in good),
        ):
            tls = senders.connect(self.ingestor.tls_port, context)
            tls.sendall(data)
            senders.close_in_order(tls)
        names = [payload for payload in payloads if len(payload) <= NAME_BYTES_MAX][:NAMES]
        for number, name in enumerate(names):
            named = senders.client_context(ca=self.make_certs() / "ca.crt",
                                           client=self.make_named(number, name))
            tls = senders.connect(self.ingestor.tls_port, named)
            # More than anybody else, so that it is among the twenty that are shown.
            tls.sendall(senders.lines([b"x" * 60_000] * (40 + number)))
            senders.close_in_order(tls)
        shown = [json.dumps(payload.upper())[1:-1] for payload in payloads
                 if len(payload) <= NAME_BYTES_MAX]
        return {"payloads": payloads, "names": names, "levels": shown, "lines": 2 * len(payloads)}

    def do_stop(self) -> str:
        ports = self.ingestor
        self.ports = ("--tls-port", str(ports.tls_port), "--udp-port", str(ports.udp_port),
                      "--http-port", str(ports.http_port))
        self.stop_and_check(self.ingestor)
        return "stopped"

    def do_start(self) -> str:
        self.directory = self.directory / "again"
        self.directory.mkdir()
        self.ingestor = self.start_on(*self.ports)
        return "started"

    # ---- the test ----

    def serve(self, browser: subprocess.Popen[str]) -> None:
        """Does what it asks for until it ends; what else it says is passed on."""
        assert browser.stdin is not None and browser.stdout is not None
        for line in browser.stdout:
            if not line.startswith('{"ask"'):
                print(line, end="", flush=True)
                continue
            answer = getattr(self, "do_" + json.loads(line)["ask"])()
            browser.stdin.write(json.dumps(answer) + "\n")
            browser.stdin.flush()

    def test_in_a_browser(self) -> None:
        node = shutil.which("node")
        if not BROWSER.exists() or node is None:
            self.skipTest(f"no {BROWSER} or no node here")
        self.ingestor = self.start_on()
        self.traffic = traffic.Traffic(self.ingestor.tls_port, self.ingestor.udp_port,
                                       self.make_certs())
        shots = [os.environ["CORDWOOD_SHOTS"]] if "CORDWOOD_SHOTS" in os.environ else []
        with contextlib.ExitStack() as self.stack:
            browser = subprocess.Popen(
                [node, str(cordwood.source("tests/integration/dashboard_live.mjs")),
                 f"http://127.0.0.1:{self.ingestor.http_port}/", *shots],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )
            self.addCleanup(browser.kill)
            self.serve(browser)
            self.assertEqual(browser.wait(), 0)
            assert browser.stdin is not None and browser.stdout is not None
            browser.stdin.close()
            browser.stdout.close()
        self.stop_and_check(self.ingestor)


if __name__ == "__main__":
    cordwood.main()

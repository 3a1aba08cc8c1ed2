# SPDX-License-Identifier: Apache-2.0
"""Registers schemas, then reads them by id and by version; prints rates and latencies, and whether
the registry's memory grew while the reads went on.

    CORDWOOD_BIN=build/release/bin /usr/bin/python3 -B tests/bench/registry_reads.py
"""
from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GROWTH_KIB_MAX = 8192  # of resident memory between the middle and the end of the reads


class Registry:
    def __init__(self, db: str) -> None:
        program = str(Path(os.environ["CORDWOOD_BIN"]) / "cordwood-registry")
        self.process = subprocess.Popen([program, "--port", "0", "--db", db],
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        port = int(self.process.stdout.readline().rsplit(":", 1)[1])
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method: str, path: str, body: str | None = None) -> bytes:
        self.connection.request(method, path, body)
        response = self.connection.getresponse()
        data = response.read()
        if response.status != 200:
            raise AssertionError(f"{method} {path}: {response.status} {data!r}")
        return data

    def resident_kib(self) -> int:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError("no VmRSS")

    def stop(self) -> int:
        self.connection.close()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


def schema(number: int) -> str:
    fields = [{"name": f"f{i}", "type": "string"} for i in range(4)]
    return json.dumps({"type": "record", "name": f"R{number}", "fields": fields})


def show(name: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    p50, p99 = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
    print(f"{name:13} {len(seconds):7}  {len(seconds) / sum(seconds):8.0f}/s  "
          f"p50 {p50 * 1e6:6.0f} us  p99 {p99 * 1e6:6.0f} us  max {ordered[-1] * 1e3:6.1f} ms")


def register_all(registry: Registry, count: int) -> list[int]:
    ids, seconds = [], []
    for number in range(count):
        body = json.dumps({"schema": schema(number)})
        start = time.perf_counter()
        answer = registry.ask("POST", f"/subjects/s{number}/versions", body)
        seconds.append(time.perf_counter() - start)
        ids.append(json.loads(answer)["id"])
    if len(set(ids)) != count:
        raise AssertionError("two schemas have one id")
    show("registrations", seconds)
    return ids


def read_all(registry: Registry, ids: list[int], count: int) -> int:
    """Returns the growth of resident memory in the second half."""
    chance, seconds, middle_kib = random.Random(1), [], 0
    for i in range(count):
        number = chance.randrange(len(ids))
        path = f"/schemas/ids/{ids[number]}" if i % 2 else f"/subjects/s{number}/versions/latest"
        start = time.perf_counter()
        answer = registry.ask("GET", path)
        seconds.append(time.perf_counter() - start)
        if i % 100 == 0 and json.loads(answer)["schema"] != schema(number):
            raise AssertionError(f"{path}: another schema")
        if i == count // 2:
            middle_kib = registry.resident_kib()
    show("reads", seconds)
    return registry.resident_kib() - middle_kib


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--schemas", type=int, default=10000)
    parser.add_argument("--reads", type=int, default=100000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        registry = Registry(directory + "/registry.db")
        try:
            growth = read_all(registry, register_all(registry, args.schemas), args.reads)
            print(f"memory {registry.resident_kib()} KiB, growth in the second half {growth} KiB")
        finally:
            status = registry.stop()
    return 0 if status == 0 and growth <= GROWTH_KIB_MAX else 1


if __name__ == "__main__":
    sys.exit(main())

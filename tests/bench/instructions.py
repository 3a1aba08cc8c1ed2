# SPDX-License-Identifier: Apache-2.0
"""Instructions per record, counted by callgrind: no other load on the machine changes them.

    instructions.py COMPILER        compares with instructions.json: more than 10% above it fails
    instructions.py COMPILER --record   writes what it counts there instead

A row is a kind of record of bench_record. The figures hold for the compiler they were recorded
with (its name and major version); with another one nothing is compared.
"""
from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

FIGURES = Path(__file__).with_name("instructions.json")
SKIPPED = 77
TOLERANCE = 1.10
ROUNDS = (1, 2)  # what differs between two runs is one round: no start, no warm-up


def program() -> str:
    return str(Path(os.environ["CORDWOOD_BIN"]) / "bench_record")


def run(rounds: int, kind: str) -> tuple[int, int]:
    """Instructions of the whole run, and records of one round."""
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program(), str(rounds),
         kind], capture_output=True, text=True, check=True)
    collected = re.search(r"Collected : (\d+)", done.stderr)
    records = re.search(r" (\d+) records a round", done.stdout)
    if collected is None or records is None:
        raise AssertionError(f"no counts: {done.stdout}{done.stderr}")
    return int(collected[1]), int(records[1])


def kinds() -> list[str]:
    done = subprocess.run([program(), "1"], capture_output=True, text=True, check=True)
    return [line.split(" best ")[0].strip() for line in done.stdout.splitlines()]


def count(kind: str) -> float:
    (few, records), (more, _) = (run(rounds, kind) for rounds in ROUNDS)
    return round((more - few) / (records * (ROUNDS[1] - ROUNDS[0])), 1)


def compare(counted: dict[str, float], recorded: dict[str, float]) -> int:
    """Prints both figures of each row; returns how many are too high or missing."""
    bad = 0
    for kind in sorted(set(counted) | set(recorded)):
        now, then = counted.get(kind), recorded.get(kind)
        said = ""
        if now is None or then is None:
            said = "  not in both: record anew"
        elif now > then * TOLERANCE:
            said = "  more than 10% above"
        bad += said != ""
        print(f"{kind:20} {now or 0:8.1f} instructions a record, recorded {then or 0:8.1f}{said}")
    return bad


def main(compiler: str, *options: str) -> int:
    if shutil.which("valgrind") is None:
        print("skipped: no valgrind")
        return SKIPPED
    figures = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    if options == ("--record",):
        counted = {kind: count(kind) for kind in kinds()}
        FIGURES.write_text(json.dumps({"compiler": compiler, "rows": counted}, indent=2) + "\n")
        return 0
    if figures["compiler"] != compiler:
        print(f"skipped: recorded with {figures['compiler']}, this is {compiler}")
        return SKIPPED
    return 1 if compare({kind: count(kind) for kind in kinds()}, figures["rows"]) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

# SPDX-License-Identifier: Apache-2.0
"""The benchmark of the ingestor: docs/performance.md says what is measured and how.

Exit status 1: a sender over TLS lost a record, the law did not hold, or something was rejected.
Speeds are only reported.
"""
from __future__ import annotations

import argparse
import os
import shlex
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/integration/support"))
os.environ.setdefault("CORDWOOD_BIN", str(SOURCE / "build/release/bin"))

import report  # noqa: E402
import rows  # noqa: E402
from measure import Measurement, Result, descriptors_for  # noqa: E402

REPEATS = 5
MEMORY = Path("/dev/shm")


def parse_arguments() -> argparse.Namespace:
    names = " ".join(row.name for row in rows.ROWS)
    parser = argparse.ArgumentParser(
        description="Measures the ingestor beside the roofline.", epilog=f"rows: {names}"
    )
    parser.add_argument("--rows", nargs="+", default=[], metavar="ROW", help="only these")
    parser.add_argument("--records", type=int, help="records of every row, instead of its own")
    parser.add_argument("--repeats", type=int, default=REPEATS, help="runs a row (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="one run of each row")
    parser.add_argument(
        "--memory", type=Path, help="directory in memory (%(default)s)",
        default=MEMORY if MEMORY.is_dir() else Path(tempfile.gettempdir()),
    )
    parser.add_argument(
        "--disk", type=Path, default=SOURCE / "build", help="directory on a disk (%(default)s)"
    )
    return parser.parse_args()


def measure(row: rows.Row, records: int, parent: Path) -> Result:
    with tempfile.TemporaryDirectory(prefix="cordwood-bench-", dir=parent) as name:
        measurement = Measurement(row, records, Path(name))
        try:
            return measurement.run()
        finally:
            measurement.clean_up()


def measure_all(selected: list[rows.Row], args: argparse.Namespace) -> dict[str, list[Result]]:
    """All rows once, then all again: whatever else the machine does at a time hits every row."""
    measured: dict[str, list[Result]] = {row.name: [] for row in selected}
    repeats = 1 if args.quick else args.repeats
    for repeat in range(1, repeats + 1):
        for row in selected:
            parent = args.disk if row.disk else args.memory
            result = measure(row, args.records or row.records, parent)
            measured[row.name].append(result)
            progress = f"{row.name} {repeat}/{repeats}: {result.cpu_ns:.0f} ns/record"
            print(progress, file=sys.stderr, flush=True)
    return measured


def problems(row: rows.Row, results: list[Result]) -> list[str]:
    """What must not be, however slow the machine is."""
    found = []
    for r in results:
        if r.rejected:
            found.append(f"{row.name}: {r.rejected} records rejected")
        if r.dropped:
            found.append(f"{row.name}: {r.dropped} records dropped")
        if r.lost and not row.udp:
            found.append(f"{row.name}: {r.lost} of {r.records} records lost")
    return found


def main() -> int:
    args = parse_arguments()
    try:
        selected = rows.select(args.rows)
    except ValueError as problem:
        print(f"error: --rows: {problem}", file=sys.stderr)
        return 2
    command = shlex.join(["./dev", "bench", *sys.argv[1:]])
    print(report.head(SOURCE, args.memory, args.disk, command) + "\n", flush=True)
    able = [row for row in selected if descriptors_for(row)]
    measured = measure_all(able, args)
    found = [p for row in able for p in problems(row, measured[row.name])]
    print(report.tables(able, measured))
    for row in selected:
        if row not in able:
            print(f"- `{row.name}`: skipped, too few descriptors (ulimit -n)")
    for problem in found:
        print(f"- **failed**: {problem}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

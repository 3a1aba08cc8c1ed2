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
os.environ.setdefault("CORDWOOD_SOURCE", str(SOURCE))

import receivers  # noqa: E402
import report  # noqa: E402
import report_peers  # noqa: E402
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
    parser.add_argument(
        "--peers", nargs="*", default=list(receivers.PEERS), choices=receivers.PEERS,
        metavar="PROGRAM", help="other receivers beside the syslog rows (all of these): "
        f"{' '.join(receivers.PEERS)}",
    )
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


def measure_peers(row: rows.Row, args: argparse.Namespace, parent: Path,
                  peers: report_peers.Measured) -> None:
    """The same row, the other receivers."""
    for peer in args.peers:
        if not receivers.takes(row) or receivers.program_of(peer) is None:
            continue
        with tempfile.TemporaryDirectory(prefix="cordwood-bench-", dir=parent) as name:
            records = min(args.records or row.records, receivers.RECORDS_MAX)
            result = receivers.measure_peer(peer, row, records, Path(name))
        peers.setdefault((row.name, peer), []).append(result)
        print(f"{row.name} {peer}: {result.cpu_ns:.0f} ns/record", file=sys.stderr, flush=True)


def measure_all(selected: list[rows.Row], args: argparse.Namespace,
                peers: report_peers.Measured) -> dict[str, list[Result]]:
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
            measure_peers(row, args, parent, peers)
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
    peers: report_peers.Measured = {}
    measured = measure_all(able, args, peers)
    found = [p for row in able for p in problems(row, measured[row.name])]
    print(report.tables(able, measured))
    if peers:
        print(report_peers.table(measured, peers, args.peers))
    for row in selected:
        if row not in able:
            print(f"- `{row.name}`: skipped, too few descriptors (ulimit -n)")
    for problem in found:
        print(f"- **failed**: {problem}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

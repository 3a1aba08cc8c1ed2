# SPDX-License-Identifier: Apache-2.0
"""What follows from rows of one run taken together: one line of Markdown each."""
from __future__ import annotations

from statistics import median
from typing import Callable

from measure import Result
from rows import Row

Measured = dict[str, list[Result]]


def _cpu_ns(results: list[Result]) -> float:
    return median(r.cpu_ns for r in results)


def _beside(measured: Measured, name: str, other: str) -> str:
    """CPU per record of a row, of another, and their quotient."""
    one, two = _cpu_ns(measured[name]), _cpu_ns(measured[other])
    return f"{one:.0f} / {two:.0f} ns = {one / two:.2f}"


def _quiet(row: Row, measured: Measured) -> str:
    waits = sorted(w for r in measured[row.name] for w in r.quiet_ms)
    p50, p99 = (waits[int(q * (len(waits) - 1))] for q in (0.5, 0.99))
    return (
        f"- `{row.name}`: from written until in a file, {len(waits)} records of {row.quiet} quiet "
        f"connections: p50 {p50:.1f} ms, p99 {p99:.1f} ms, longest {waits[-1]:.1f} ms"
    )


def _watched(row: Row, measured: Measured) -> str:
    results = measured[row.name]
    readers = min(r.watched["readers"] for r in results)
    events, scrapes = (sum(r.watched[what] for r in results) for what in ("events", "scrapes"))
    return (
        f"- `{row.name}`: {readers} readers of /events got {events} events, beside {scrapes} "
        f"scrapes of /metrics; runs: {len(results)}"
    )


def _idle(row: Row, measured: Measured) -> str:
    mib = median(r.rss_mib for r in measured[row.name]) - median(
        r.rss_mib for r in measured["json"])
    return f"- {row.idle} idle connections: {mib:.0f} MiB, {mib * 1024 / row.idle:.0f} KiB each"


PAIRS = [
    ("json", "json-any", "What validation costs, CPU per record by LogEntry's JSON Schema to one "
     "that allows anything"),
    ("proto", "json", "Protobuf to JSON, CPU per record"),
    ("avro", "json", "Avro to JSON, CPU per record"),
    ("json", "json-1shard", "Default shards to one, CPU per record"),
    ("watched", "unwatched", "Watched to unwatched, CPU per record (at most 1.10 is wanted)"),
]


def notes(rows: list[Row], measured: Measured) -> list[str]:
    """Those whose rows were measured."""
    lines = [
        f"- {what}: {_beside(measured, name, other)}"
        for name, other, what in PAIRS if {name, other} <= measured.keys()
    ]
    kinds: list[tuple[Callable[[Row, Measured], str], Callable[[Row], bool]]] = [
        (_quiet, lambda row: row.quiet > 0),
        (_watched, lambda row: row.watchers > 0),
        (_idle, lambda row: row.idle > 0 and "json" in measured),
    ]
    return lines + [note(row, measured) for note, fits in kinds for row in rows if fits(row)]

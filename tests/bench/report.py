# SPDX-License-Identifier: Apache-2.0
"""The benchmark's output: what it ran on, and a table in Markdown."""
from __future__ import annotations

import os
import platform
import re
import subprocess
import time
from pathlib import Path
from statistics import median
from typing import Callable

from cordwood import clean_environment, program
from measure import Result
from rows import Row

HEADER = (
    "| row | records/s | MB/s | CPU ns/record | CPU ns/byte | rooflines | roofline tls + zstd, ns "
    "| sender ns/record | RSS MiB | p50 / p99 us | lost | dropped | rejected |"
)
RULE = "|---" + "|---:" * 12 + "|"


def _output(*command: str) -> str:
    """What a command prints; "unknown" if it fails or is not on this machine."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=clean_environment())
    except FileNotFoundError:
        return "unknown"
    return done.stdout.strip() if done.returncode == 0 else "unknown"


def _cpu_model() -> str:
    match = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return match[1] if match else platform.processor()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _file_system(path: Path) -> str:
    return _output("findmnt", "--noheadings", "--output=FSTYPE", "--target", str(path))


def _commit(source: Path) -> str:
    commit = _output("git", "-C", str(source), "rev-parse", "--short=12", "HEAD")
    changed = _output("git", "-C", str(source), "status", "--porcelain", "--untracked-files=no")
    return commit if changed in ("", "unknown") else f"{commit} with local changes"


def _settings() -> str:
    """Those that matter most here, as the program itself tells its defaults."""
    shown = _output(program("cordwood-ingestor"), "--print-config")
    names = ("zstd-level", "flush-interval", "fsync", "rotate-bytes")
    pairs = re.findall(r"^([a-z-]+): ([^ #]+)", shown, re.MULTILINE)
    return ", ".join(f"{name} {value}" for name, value in pairs if name in names)


def head(source: Path, memory_dir: Path, disk_dir: Path, command: str) -> str:
    distribution = platform.freedesktop_os_release().get("PRETTY_NAME", "unknown")
    zstd = _output("pkg-config", "--modversion", "libzstd")
    model, cores, memory = _cpu_model(), os.cpu_count(), _memory_gib()
    load = os.getloadavg()[0]
    rows = [
        ("date", time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())),
        ("commit", _commit(source)),
        ("machine", f"{model}, {cores} cores, {memory:.0f} GiB; load average before: {load:.2f}"),
        ("system", f"{distribution}, Linux {platform.release()}"),
        ("compiler", _output("gcc", "--version").split("\n")[0]),
        ("libraries", f"{_output('openssl', 'version').split(' (')[0]}, libzstd {zstd}"),
        ("files", f"memory: {memory_dir} ({_file_system(memory_dir)}), "
                  f"disk: {disk_dir} ({_file_system(disk_dir)})"),
        ("programs", f"{program('cordwood-ingestor')}, Release build"),
        ("settings", f"{_settings()}; the rest is default too"),
        ("command", command),
    ]
    return "\n".join(f"- {name}: {value}" for name, value in rows)


def _spread(results: list[Result], value: Callable[[Result], float], form: str) -> str:
    values = [value(r) for r in results]
    middle = format(median(values), form)
    if len(values) == 1:
        return middle
    return f"{middle} ({format(min(values), form)}-{format(max(values), form)})"


def _row_line(row: Row, results: list[Result]) -> str:
    def spread(value: Callable[[Result], float], form: str = ".0f") -> str:
        return _spread(results, value, form)

    roofline = "-" if row.udp else (
        f"{median(r.tls_ns for r in results):.0f} + {median(r.zstd_ns for r in results):.0f}"
    )
    cells = [
        f"`{row.name}`",
        spread(lambda r: r.records / r.seconds / 1e6, ".2f") + " M",
        spread(lambda r: r.bytes / r.seconds / 1e6),
        spread(lambda r: r.cpu_ns),
        spread(lambda r: r.cpu_ns * r.records / r.bytes, ".2f"),
        "-" if row.udp else f"**{spread(lambda r: r.rooflines, '.2f')}**",
        roofline,
        spread(lambda r: r.sender_ns),
        spread(lambda r: r.rss_mib),
        f"{median(r.p50_us for r in results):.0f} / {median(r.p99_us for r in results):.0f}",
        str(max(r.lost for r in results)),
        str(max(r.dropped for r in results)),
        str(max(r.rejected for r in results)),
    ]
    return "| " + " | ".join(cells) + " |"


def _row_note(row: Row, results: list[Result]) -> str:
    """One line below the table for each row: what the load was."""
    r = results[0]
    packets = "datagrams" if row.udp else "TLS records"
    return (
        f"- `{row.name}`: {row.about}; {r.records} records of {r.bytes / r.records:.1f} bytes in "
        f"{r.packets} {packets} on {row.connections} connections to {r.shards} shards; {r.cipher}; "
        f"archived lines of {r.line_bytes:.1f} bytes become {r.file_bytes:.1f}"
    )


def _quiet_note(row: Row, results: list[Result]) -> str:
    waits = sorted(w for r in results for w in r.quiet_ms)
    p50, p99 = (waits[int(q * (len(waits) - 1))] for q in (0.5, 0.99))
    return (
        f"- `{row.name}`: from written until in a file, {len(waits)} records of {row.quiet} quiet "
        f"connections: p50 {p50:.1f} ms, p99 {p99:.1f} ms, longest {waits[-1]:.1f} ms"
    )


def _shards_note(measured: dict[str, list[Result]]) -> str:
    """CPU per record of all shards against one, in the same run."""
    many, one = (median(r.cpu_ns for r in measured[name]) for name in ("json", "json-1shard"))
    return f"- CPU per record, default shards to one: {many:.0f} / {one:.0f} = {many / one:.2f}"


def _watched_note(row: Row, measured: dict[str, list[Result]]) -> str:
    """What was watched, and CPU per record beside the row that nobody watched, of the same run."""
    results = measured[row.name]
    readers = min(r.watched["readers"] for r in results)
    events, scrapes = (sum(r.watched[what] for r in results) for what in ("events", "scrapes"))
    note = f"- `{row.name}`: {readers} readers of /events, {events} events, {scrapes} scrapes"
    if "unwatched" not in measured:
        return note
    watched, alone = (median(r.cpu_ns for r in rs) for rs in (results, measured["unwatched"]))
    return (
        f"{note}; CPU per record to that of `unwatched`: {watched:.0f} / {alone:.0f} = "
        f"{watched / alone:.2f}"
    )


def tables(rows: list[Row], measured: dict[str, list[Result]]) -> str:
    """The table, and below it what each row was."""
    lines = [HEADER, RULE, *(_row_line(row, measured[row.name]) for row in rows), ""]
    lines += [_row_note(row, measured[row.name]) for row in rows]
    lines += [_quiet_note(row, measured[row.name]) for row in rows if row.quiet]
    lines += [_watched_note(row, measured) for row in rows if row.watchers]
    if {"json", "json-1shard"} <= measured.keys():
        lines.append(_shards_note(measured))
    return "\n".join(lines)

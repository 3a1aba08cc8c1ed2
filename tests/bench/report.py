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

import report_notes
from cordwood import clean_environment, program
from measure import Result
from rows import Row

HEADER = (
    "| row | records/s | MB/s | CPU ns/record | CPU ns/byte | rooflines | roofline tls + zstd, ns "
    "| sender ns/record | RSS MiB | p50 / p99 us | lost | dropped | rejected |"
)
RULE = "|---" + "|---:" * 12 + "|"
LOAD_HEADER = (
    "| row | load | records | bytes each | sent in | archived line, bytes | compressed to, bytes |"
)
LOAD_RULE = "|---|---" + "|---:" * 5 + "|"


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
    """The uppermost, where several are mounted over each other."""
    said = _output("findmnt", "--noheadings", "--output=FSTYPE", "--target", str(path))
    return said.splitlines()[-1]


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


def _short(path: Path, source: Path) -> str:
    """Within the source tree as from there: where that lies says nothing."""
    return str(path.relative_to(source)) if path.is_relative_to(source) else str(path)


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
                  f"disk: {_short(disk_dir, source)} ({_file_system(disk_dir)})"),
        ("programs", "cordwood-ingestor, Release build"),
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


def _load_line(row: Row, results: list[Result]) -> str:
    """What the load of a row was."""
    r = results[0]
    cells = [
        f"`{row.name}`",
        f"{row.about}; {row.connections} connections, shards: {r.shards}",
        f"{r.records:,}",
        f"{r.bytes / r.records:.1f}",
        f"{r.packets:,} {'datagrams' if row.udp else 'TLS records'}",
        f"{r.line_bytes:.1f}",
        f"{r.file_bytes:.1f}",
    ]
    return "| " + " | ".join(cells) + " |"


def tables(rows: list[Row], measured: dict[str, list[Result]]) -> str:
    """What came out, what each row's load was, and what follows from some of the rows together."""
    ciphers = sorted({r.cipher for row in rows if not row.udp for r in measured[row.name]})
    lines = [HEADER, RULE, *(_row_line(row, measured[row.name]) for row in rows), ""]
    lines += [LOAD_HEADER, LOAD_RULE, *(_load_line(row, measured[row.name]) for row in rows), ""]
    lines += [f"- TLS: {', '.join(ciphers)}", *report_notes.notes(rows, measured)]
    return "\n".join(lines)

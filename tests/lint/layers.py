# SPDX-License-Identifier: Apache-2.0
"""Layers: who may include whom, which libraries a module may use, and that headers form no cycle.

The two tables below are the architecture; an edge that is not in them fails the build.
"""
from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from source import Report, find_files, module_of, parse_root, strip_comments

COMMON = ("base", "wire", "schema", "check", "codec", "render", "archive", "net", "regapi")

SOCKETS = ("sys/socket.h", "netinet/", "arpa/", "netdb.h", "sys/un.h", "sys/epoll.h", "poll.h")
FILES = ("fcntl.h", "sys/stat.h", "dirent.h", "unistd.h", "sys/mman.h")
CLOCKS = ("sys/time.h", "base/clock.h")
LOGGING = ("base/log.h", "syslog.h")


@dataclass(frozen=True)
class Layer:
    modules: tuple[str, ...]  # of ours, besides itself
    libraries: tuple[str, ...] = ()
    never: tuple[str, ...] = LOGGING  # headers, by name or by directory
    never_calls: tuple[str, ...] = ()


ALLOCATION = ("malloc", "calloc", "realloc", "free", "aligned_alloc", "posix_memalign", "strdup")

LAYERS = {
    "base": Layer((), (), never=()),
    "wire": Layer(("base",), (), never=SOCKETS + FILES + CLOCKS + LOGGING),
    "schema": Layer(
        ("wire", "base"), ("jansson", "protobuf-c", "pcre2"), never=SOCKETS + FILES + LOGGING
    ),
    "check": Layer(
        ("schema", "wire", "base"), ("pcre2",), never=SOCKETS + FILES + LOGGING,
        never_calls=ALLOCATION,
    ),
    "codec": Layer(("schema", "wire", "base"), (), never=SOCKETS + LOGGING, never_calls=ALLOCATION),
    "render": Layer(("wire", "base"), (), never=SOCKETS + FILES + LOGGING),
    "archive": Layer(("base",), ("zstd", "openssl"), never=SOCKETS + LOGGING),
    "net": Layer(("base",), ("openssl", "microhttpd", "curl")),
    "regapi": Layer(("net", "schema", "base"), ("jansson",)),
    "ingestor": Layer(COMMON, ("yaml",), never=()),
    # jansson: its requests, answers and schema texts are JSON, and it is no hot path.
    "registry": Layer(COMMON, ("yaml", "sqlite3", "jansson"), never=()),
    # jansson: values of any type, and lines of rejected records; zstd: the files these stand in.
    "client": Layer(COMMON, ("yaml", "jansson", "zstd"), never=()),
}

LIBRARY_HEADERS = {
    r"openssl/": "openssl",
    r"(zstd|zstd_errors|zdict)\.h$": "zstd",
    r"microhttpd\.h$": "microhttpd",
    r"yaml\.h$": "yaml",
    r"jansson\.h$": "jansson",
    r"curl/": "curl",
    r"pcre2\.h$": "pcre2",
    r"sqlite3\.h$": "sqlite3",
    r"(google/)?protobuf-c/": "protobuf-c",
    r"avro(\.h$|/)": "avro",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def includes_of(path: Path) -> list[tuple[int, bool, str]]:
    """(line, whether in quotes, name) of each include."""
    text = path.read_text()
    return [
        (text.count("\n", 0, m.start(2)) + 1, m.group(1) == '"', m.group(2))
        for m in INCLUDE.finditer(text)
    ]


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(name.startswith(p) if p.endswith("/") else name == p for p in patterns)


def check_include(path: Path, report: Report, include: tuple[int, bool, str]) -> None:
    line, quoted, name = include
    module = module_of(path, report.root)
    if ".." in Path(name).parts:
        report.add(path, line, "parent-include", name)
        return
    if quoted and "/" not in name:
        report.add(path, line, "no-module", f'"{name}" must name its module: "module/{name}"')
        return
    if module == "tests":
        return
    layer = LAYERS.get(module)
    if layer is None:
        report.add(path, line, "unknown-module", f"{module} is in no layer")
        return
    if matches(name, layer.never):
        report.add(path, line, "never", f"{module} must not include {name}")
    target = name.split("/")[0]
    if quoted and target != module and target not in layer.modules:
        report.add(path, line, "layer", f"{module} must not include {name}")
    for pattern, library in LIBRARY_HEADERS.items():
        if not quoted and re.match(pattern, name) and library not in layer.libraries:
            report.add(path, line, "library", f"{module} must not use {library}")


def check_calls(path: Path, report: Report) -> None:
    layer = LAYERS.get(module_of(path, report.root))
    if layer is None or not layer.never_calls:
        return
    calls = re.compile(r"\b(%s)\s*\(" % "|".join(layer.never_calls))
    for number, line in enumerate(strip_comments(path.read_text()).split("\n"), 1):
        for match in calls.finditer(line):
            report.add(path, number, "allocation", f"{match.group(1)}() in this module")


def check_cycles(root: Path, headers: list[Path], report: Report) -> None:
    """Peels off headers that include no unpeeled header; what stays is on or behind a cycle."""
    names = {}
    for path in headers:
        relative = str(path.relative_to(root))
        names[relative.removeprefix("common/")] = path
    edges = {
        name: {i[2] for i in includes_of(path) if i[1] and i[2] in names}
        for name, path in names.items()
    }
    while True:
        leaves = {name for name, targets in edges.items() if not targets}
        if not leaves:
            break
        edges = {name: targets - leaves for name, targets in edges.items() if name not in leaves}
    for name, targets in edges.items():
        report.add(names[name], 1, "cycle", f"includes {', '.join(sorted(targets))} in a cycle")


def main() -> int:
    root = parse_root(__doc__)
    report = Report(root)
    files = find_files(root, ".c", ".h")
    for path in files:
        for include in includes_of(path):
            check_include(path, report, include)
        check_calls(path, report)
    check_cycles(root, [p for p in files if p.suffix == ".h"], report)
    return report.finish(f"layers: {len(files)} files")


if __name__ == "__main__":
    sys.exit(main())

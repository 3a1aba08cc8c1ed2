# SPDX-License-Identifier: Apache-2.0
"""Sizes: at most 600 lines a file, 100 columns a line; 70 lines and 5 parameters a C function."""
from __future__ import annotations

import statistics
import sys
from pathlib import Path

from source import Report, find_files, find_functions, parse_root

FILE_LINES_MAX = 600
LINE_COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 70
PARAMETERS_MAX = 5
PARAMETERS_GIVEN = {"request_step"}  # libmicrohttpd calls it with eight


def check_file(path: Path, report: Report) -> None:
    lines = path.read_text().splitlines()
    if len(lines) > FILE_LINES_MAX:
        report.add(path, len(lines), "file-lines", f"{len(lines)} lines; {FILE_LINES_MAX} allowed")
    if path.suffix in (".c", ".h", ".py"):
        for number, line in enumerate(lines, 1):
            if len(line) > LINE_COLUMNS_MAX:
                report.add(path, number, "line-columns", f"{len(line)} columns")


def check_functions(path: Path, report: Report) -> list[int]:
    """Returns the lengths of the file's functions."""
    functions = find_functions(path)
    for f in functions:
        if f.lines > FUNCTION_LINES_MAX:
            report.add(path, f.line, "function-lines", f"{f.name}() has {f.lines} lines")
        if len(f.parameters) > PARAMETERS_MAX and f.name not in PARAMETERS_GIVEN:
            report.add(path, f.line, "parameters", f"{f.name}() has {len(f.parameters)}")
    return [f.lines for f in functions]


def main() -> int:
    root = parse_root(__doc__)
    report = Report(root)
    lengths: list[int] = []
    suffixes = (".c", ".h", ".py", ".sh", ".js", ".mjs", ".css", ".cmake")
    files = find_files(root, *suffixes, names=("dev",))
    for path in files:
        check_file(path, report)
        if path.suffix in (".c", ".h"):
            lengths += check_functions(path, report)
    median = statistics.median(lengths) if lengths else 0
    return report.finish(
        f"sizes: {len(files)} files, {len(lengths)} functions, median {median:g} lines"
    )


if __name__ == "__main__":
    sys.exit(main())

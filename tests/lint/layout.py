# SPDX-License-Identifier: Apache-2.0
"""Layout: every C file is as clang-format 14 writes it.

Versions of clang-format differ in detail, so another one proves nothing: it is named, and the
exit status is 77 (CTest: skipped).
"""
from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from source import Report, find_files, parse_root

VERSION = 14
SKIPPED = 77


def find_formatter() -> str | None:
    """The first clang-format of the right version; None if there is none."""
    for name in (f"clang-format-{VERSION}", "clang-format"):
        path = shutil.which(name)
        if path is None:
            continue
        said = subprocess.run([path, "--version"], check=True, capture_output=True, text=True)
        match = re.search(r"version (\d+)", said.stdout)
        if match and int(match.group(1)) == VERSION:
            return path
    return None


def check_files(formatter: str, files: list[Path], report: Report) -> None:
    done = subprocess.run(
        [formatter, "--dry-run", "-Werror", "--style=file", *map(str, files)],
        capture_output=True, text=True,
    )
    found = re.findall(r"^(.+):(\d+):\d+: error: ", done.stderr, re.MULTILINE)
    for path, line in found:
        report.add(Path(path), int(line), "layout", "run ./dev format")
    if done.returncode != 0 and not found:
        sys.exit(f"{formatter} failed: {done.stderr}")


def main() -> int:
    root = parse_root(__doc__)
    formatter = find_formatter()
    if formatter is None:
        print(f"skipped: no clang-format {VERSION} here, and another version formats otherwise")
        return SKIPPED
    report = Report(root)
    files = find_files(root, ".c", ".h")
    check_files(formatter, files, report)
    return report.finish(f"layout: {len(files)} files")


if __name__ == "__main__":
    sys.exit(main())

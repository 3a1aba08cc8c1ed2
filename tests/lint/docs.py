# SPDX-License-Identifier: Apache-2.0
"""Docs: every file and folder that a README names in backticks is there.

Names are looked up beside the README, at the project's root, below common/ and among all files
(a header may go without its module). Names with capitals such as NAME.c are patterns, not files.
"""
from __future__ import annotations

import re
import sys
from pathlib import Path

from source import Report, find_files, parse_root

QUOTED = re.compile(r"`([^`\s]+)`")
FILE = re.compile(r"(?:[a-z0-9_.*-]+/)*(?:[a-z0-9_*-]+\.(?:h|c|py|sh|md|txt|json|cmake)|)")
MADE_BY_THE_BUILD = ("build/", "data/", "manifest.jsonl")


def named_files(text: str) -> list[tuple[int, str]]:
    """(line, name) of what looks like a file of the project, or a folder ending in /."""
    found = []
    for match in QUOTED.finditer(text):
        name = match.group(1).removeprefix("./")
        if name and FILE.fullmatch(name) and not name.startswith(MADE_BY_THE_BUILD):
            found.append((text.count("\n", 0, match.start()) + 1, name))
    return found


def exists(name: str, places: list[Path], known: set[str]) -> bool:
    if "/" not in name and "*" not in name and name in known:
        return True
    return any(next(place.glob(name.rstrip("/")), None) for place in places)


def main() -> int:
    root = parse_root(__doc__)
    report = Report(root)
    known = {path.name for path in root.rglob("*.[chp]*") if "build" not in path.parts}
    count = 0
    for path in find_files(root, ".md"):
        for line, name in named_files(path.read_text()):
            count += 1
            if not exists(name, [path.parent, root, root / "common"], known):
                report.add(path, line, "no-such-file", name)
    return report.finish(f"docs: {count} names")


if __name__ == "__main__":
    sys.exit(main())

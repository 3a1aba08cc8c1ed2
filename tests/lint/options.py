# SPDX-License-Identifier: Apache-2.0
"""Options: every option that a document names is one.

In backticks (`--name`) it must be an option of one of our programs or scripts; behind a program's
name in the same line it must be an option of that program. The tables are read as text: in C the
rows of `struct option rows[]`, in Python the arguments of add_argument, in ./dev the words
themselves.
"""
from __future__ import annotations

import re
import sys
from pathlib import Path

from source import Report, find_files, parse_root

PROGRAM_TABLES = {
    "cordwood-ingestor": "ingestor/ingestor_cfg_table.c",
    "cordwood-registry": "registry/registry_cfg.c",
    "cordwood-client": "client/args.c",
}
# Options of other programs that a page names alone.
OTHERS = {"no-act", "tcp",  # of logger, in docs/senders.md
          "scale"}  # of docker compose, in deploy/README.md

ROW = re.compile(r'\.name = "([a-z0-9-]+)"')
ARGUMENT = re.compile(r'add_argument\(\s*"--([a-z0-9-]+)"')
WORD = re.compile(r"--([a-z0-9][a-z0-9-]*)")
QUOTED = re.compile(r"`--([a-z0-9][a-z0-9-]*)")
COMMAND = re.compile(r"(cordwood-(?:ingestor|registry|client))( [^`|;&#]*)")


def options_of(path: Path) -> set[str]:
    """The names in one table, and what every table has by a macro."""
    return set(ROW.findall(path.read_text())) | {"help"} if path.is_file() else set()


def all_options(root: Path) -> set[str]:
    found: set[str] = set()
    for path in find_files(root, ".c", ".py", names=("dev",)):
        text = path.read_text()
        if path.suffix == ".py":
            found.update(ARGUMENT.findall(text))
        elif path.name == "dev":
            found.update(WORD.findall(text))
        elif "struct option rows[]" in text:
            found.update(ROW.findall(text))
    return found | {"help"} | OTHERS


def main() -> int:
    root = parse_root(__doc__)
    report = Report(root)
    known = all_options(root)
    tables = {name: options_of(root / table) for name, table in PROGRAM_TABLES.items()}
    count = 0
    for path in find_files(root, ".md"):
        for number, line in enumerate(path.read_text().split("\n"), 1):
            named = [(name, known) for name in QUOTED.findall(line)]
            for command in COMMAND.finditer(line):
                named += [(name, tables[command[1]]) for name in WORD.findall(command[2])]
            for name, allowed in named:
                count += 1
                if name not in allowed:
                    report.add(path, number, "no-such-option", f"--{name}")
    return report.finish(f"options: {count} names")


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: Apache-2.0
"""Words: what no source file may contain, and what each must begin with.

Banned calls, recursion, `else` after `return`, words of unfinished work; a licence line and a
comment that says what the file is for at the head of each file.
"""
from __future__ import annotations

import re
import sys
from pathlib import Path

from source import Function, Report, find_files, find_functions, parse_root, strip_comments

BANNED_CALLS = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|strtok|alloca|atoi|gets)\s*\(")
ELSE_AFTER_RETURN = re.compile(r"(?:^|[{;}])\s*return\b[^;]*;\s*\}\s*else\b", re.MULTILINE)
# A letter in brackets keeps this file from finding itself.
UNFINISHED = re.compile(
    r"\b(?:T[O]DO|F[I]XME|X[X]X|H[A]CK|p[l]aceholder|not i[m]plemented|for n[o]w)\b", re.IGNORECASE
)
LICENCE = "SPDX-License-Identifier: Apache-2.0"
HEAD_LINES = 4
CALL = re.compile(r"(?<![\w.>])([A-Za-z_]\w*)\s*\(")  # not through a pointer in a struct
SCRIPTS = ("dev", ".ci/run")


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def check_head(path: Path, text: str, report: Report) -> None:
    """The licence within the first lines, and words of our own in the comment that holds it."""
    head = text.split("\n")[:HEAD_LINES]
    if not any(LICENCE in line for line in head):
        report.add(path, 1, "licence", f"no {LICENCE} in the first {HEAD_LINES} lines")
        return
    behind = text[text.index(LICENCE) + len(LICENCE) :]
    if path.suffix in (".c", ".h", ".css"):
        about = behind.split("*/")[0]
    elif path.suffix == ".py":
        match = re.match(r'\s*(?:"""(.*?)"""|((?:#[^\n]*\n)+))', behind, re.DOTALL)
        about = (match.group(1) or match.group(2)) if match else ""
    else:
        match = re.match(r"[^\n]*\n((?:\s*(?:#|//|\*)[^\n]*\n)+)", behind)
        about = match.group(1) if match else ""
    if len(re.findall(r"[A-Za-z]{2,}", about)) < 3:
        report.add(path, 1, "head", "no comment that says what this file is for")


def check_c(path: Path, text: str, report: Report) -> None:
    code = strip_comments(text)
    for match in BANNED_CALLS.finditer(code):
        report.add(path, line_of(code, match.start()), "banned", f"{match.group(1)}()")
    for match in ELSE_AFTER_RETURN.finditer(code):
        report.add(path, line_of(code, match.end()), "else-after-return", "drop the else")


def check_recursion(functions: list[Function], report: Report) -> None:
    """Finds cycles among calls by name. A static function of a .c file is known only there."""
    by_key: dict[tuple[str, str], Function] = {}
    for f in functions:
        by_key[(str(f.path), f.name)] = f
    anywhere = {f.name: key for key, f in by_key.items() if f.shared}
    edges: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for key, f in by_key.items():
        edges[key] = set()
        for name in CALL.findall(f.body):
            if (key[0], name) in by_key:
                edges[key].add((key[0], name))
            elif name in anywhere:
                edges[key].add(anywhere[name])
    for key, f in by_key.items():
        seen: set[tuple[str, str]] = set()
        waiting = list(edges[key])
        while waiting:
            callee = waiting.pop()
            if callee not in seen:
                seen.add(callee)
                waiting.extend(edges[callee])
        if key in seen:
            report.add(f.path, f.line, "recursion", f"{f.name}() can call itself")


def main() -> int:
    root = parse_root(__doc__)
    report = Report(root)
    functions: list[Function] = []
    files = find_files(root, ".c", ".h", ".py", ".sh", ".js", ".mjs", ".css", names=SCRIPTS)
    for path in files:
        text = path.read_text()
        check_head(path, text, report)
        for match in UNFINISHED.finditer(text):
            report.add(path, line_of(text, match.start()), "unfinished", match.group(0))
        if path.suffix in (".c", ".h"):
            check_c(path, text, report)
            functions += find_functions(path)
    check_recursion(functions, report)
    return report.finish(f"words: {len(files)} files, {len(functions)} functions")


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: Apache-2.0
"""What the lint scripts share: finding the project's files, reading C as text, reporting.

C is read line by line, on what clang-format guarantees: the braces of a function stand alone in
column 0, and nothing else puts an opening brace there.
"""
from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

SKIPPED_DIRS = {"build", "data", ".git", "node_modules", "__pycache__", "generated", "vendor"}


@dataclass
class Report:
    """Collects findings; the exit status is 1 if there are any."""

    root: Path
    findings: list[str] = field(default_factory=list)

    def add(self, path: Path, line: int, rule: str, text: str) -> None:
        where = path.relative_to(self.root) if path.is_relative_to(self.root) else path
        self.findings.append(f"{where}:{line}: {rule}: {text}")

    def finish(self, checked: str) -> int:
        for finding in sorted(self.findings):
            print(finding)
        print(f"{checked}: {len(self.findings)} findings")
        return 1 if self.findings else 0


def parse_root(description: str) -> Path:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2])
    return parser.parse_args().root.resolve()


def find_files(root: Path, *suffixes: str, names: tuple[str, ...] = ()) -> list[Path]:
    """The project's own files with one of these suffixes or names, sorted; never empty."""
    found = []
    for path in root.rglob("*"):
        parts = path.relative_to(root).parts
        if SKIPPED_DIRS.intersection(parts[:-1]) or path.is_symlink() or not path.is_file():
            continue
        if path.suffix in suffixes or str(path.relative_to(root)) in names:
            found.append(path)
    if not found:
        sys.exit(f"lint: no files found below {root}")
    return sorted(found)


def module_of(path: Path, root: Path) -> str:
    """base, wire, …: the directory below common/; for a program or tests/ the top directory."""
    parts = path.relative_to(root).parts
    return parts[1] if parts[0] == "common" and len(parts) > 2 else parts[0]


_COMMENT_OR_STRING = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL
)


def strip_comments(text: str) -> str:
    """C without comments and without the contents of strings; line numbers stay."""

    def blank(match: re.Match[str]) -> str:
        token = match.group(0)
        if token[0] in "\"'":
            return token[0] * 2
        return " " + "\n" * token.count("\n")

    return _COMMENT_OR_STRING.sub(blank, text)


@dataclass
class Function:
    name: str
    path: Path
    line: int  # of the first line of the signature
    lines: int  # from the signature to the closing brace
    parameters: list[str]
    body: str
    shared: bool  # callable from other files: external, or in a header


_SIGNATURE = re.compile(r"([A-Za-z_]\w*)\s*\(")


def _split_parameters(text: str) -> list[str]:
    """The parameters of `(a, b)`, given the text behind its opening parenthesis."""
    depth, current, parameters = 0, "", []
    for char in text:
        if char == ")" and depth == 0:
            break
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == "," and depth == 0:
            parameters.append(current)
            current = ""
        else:
            current += char
    parameters.append(current)
    return [p.strip() for p in parameters if p.strip() not in ("", "void", "...")]


def find_functions(path: Path) -> list[Function]:
    lines = strip_comments(path.read_text()).split("\n")
    functions = []
    start = None
    for i, line in enumerate(lines):
        if line == "{":
            start = i
        elif line.startswith("}") and start is not None:
            first = start
            while first > 0 and re.match(r"[^#}\s].*[^;}]\s*$|\s+\S", lines[first - 1]):
                first -= 1
            signature = " ".join(lines[first:start])
            match = _SIGNATURE.search(re.sub(r"__attribute__\s*\(\(.*?\)\)", "", signature))
            if match:
                parameters = _split_parameters(match.string[match.end() :])
                body = "\n".join(lines[start + 1 : i])
                shared = path.suffix == ".h" or not re.search(r"\bstatic\b", signature)
                functions.append(
                    Function(
                        match.group(1), path, first + 1, i - first + 1, parameters, body, shared
                    )
                )
            start = None
    return functions

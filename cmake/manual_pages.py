# SPDX-License-Identifier: Apache-2.0
"""Writes a manual page: the options from a program's own table, the rest from a text of docs/man/.

    manual_pages.py OUT NAME SECTION VERSION DATE TABLE.json TEXT.md

TABLE.json is what the program prints for --print-options. TEXT.md begins with the line for NAME;
each "## SECTION" becomes one. In it, blank lines part paragraphs, lines indented by four spaces are
an example, "- `TERM`: text" is an entry of a list, and `this` is bold.
"""
from __future__ import annotations

import json
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

BEFORE_OPTIONS = ("DESCRIPTION",)
OTHERS = ("cordwood-ingestor(1)", "cordwood-registry(1)", "cordwood-client(1)", "cordwood.yaml(5)")


def escape(text: str) -> str:
    """Text as roff source: nothing in it is a request, an escape or another dash."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    text = text.replace("^", "\\(ha").replace("~", "\\(ti")
    return "\\&" + text if text.startswith(".") else text


def prose(text: str) -> str:
    """Text with `bold` parts, one sentence a line."""
    parts = re.split(r"`([^`]+)`", " ".join(text.split()))
    marked = "".join(f"\\fB{escape(part)}\\fR" if i % 2 else escape(part).removeprefix("\\&")
                     for i, part in enumerate(parts))
    sentences = re.sub(r"(?<=[A-Za-z0-9)]\.) (?=[A-Z])", "\n", marked).split("\n")
    return "\n".join(guard(line) for sentence in sentences for line in wrap(sentence))


def wrap(text: str) -> list[str]:
    return textwrap.wrap(text, 78, break_long_words=False, break_on_hyphens=False)


def guard(line: str) -> str:
    """A line of text that begins like a request is none."""
    return "\\&" + line if line.startswith((".", "'")) else line


def example(lines: list[str]) -> list[str]:
    return [".IP", ".nf", ".ft CR", *(escape(line[4:]) or "\\&" for line in lines), ".ft", ".fi"]


def entry(term: str, text: str) -> list[str]:
    return [".TP", f"\\fB{escape(term)}\\fR", prose(text)]


def block(text: str, first: bool) -> list[str]:
    """One paragraph, example or list."""
    lines = text.rstrip().split("\n")
    if all(line.startswith("    ") for line in lines):
        return example(lines)
    if lines[0].startswith("- "):
        out: list[str] = []
        for item in re.split(r"(?m)^- ", text)[1:]:
            match = re.fullmatch(r"`([^`]+)`: (.*)", " ".join(item.split()))
            if match is None:
                raise SystemExit(f"no `TERM`: text: {item!r}")
            out += entry(match[1], match[2])
        return out
    return ([] if first else [".PP"]) + [prose(text)]


def section(name: str, text: str) -> list[str]:
    out = [f".SH {name}"]
    for i, part in enumerate(re.split(r"\n\n+", text.strip("\n"))):
        out += block(part, i == 0)
    return out


def described(option: dict[str, Any], is_key: bool) -> str:
    """Help, bounds, default and when it counts, as sentences."""
    text = option["help"]
    said = [text[0].upper() + text[1:] + "."]
    if option["kind"] not in ("text", "path", "truth value"):
        said.append(f"Allowed: {option['allowed']}.")
    if option["list"]:
        said.append("A list." if is_key else "Repeatable; commas part items.")
    if option["default"] and option["kind"] != "truth value":
        said.append(f"Default: {option['default']}.")
    if option["reload"]:
        said.append("SIGHUP may change it.")
    return " ".join(said)


def options(table: dict[str, Any], is_file: bool) -> list[str]:
    """The options by group; for the page of the file its keys."""
    out = [".SH KEYS" if is_file else ".SH OPTIONS"]
    for group in table["groups"]:
        rows = [row for row in table["options"] if row["group"] == group["name"]
                and row["in_file" if is_file else "in_arguments"]]
        if not rows:
            continue
        out += [f".SS {escape(group['name'].capitalize())}: {escape(group['help'])}"]
        for row in rows:
            head = f"\\fB{escape(row['name'] if is_file else '--' + row['name'])}\\fR"
            if is_file:
                head += ":"
            if row["arg"] or is_file:
                head += f" \\fI{escape(row['arg'] or 'true|false')}\\fR"
            out += [".TP", head, prose(described(row, is_file))]
    return out


def page(name: str, number: str, version: str, date: str, table: dict[str, Any],
         text: str) -> str:
    first, *rest = re.split(r"(?m)^## (.+)\n", text)
    title = [line for line in first.split("\n") if line and not line.startswith("<!--")]
    sections = dict(zip(rest[::2], rest[1::2]))
    is_file = number == "5"
    out = [f'.TH {name.upper()} {number} {date} "cordwood {version}" "cordwood manual"',
           ".SH NAME", *wrap(f"{escape(name)} \\- {escape(title[0])}")]
    if not is_file:
        out += [".SH SYNOPSIS", f"\\fB{escape(name)}\\fR [\\fIOPTION\\fR]..."]
    for wanted in BEFORE_OPTIONS:
        out += section(wanted, sections.pop(wanted))
    out += options(table, is_file)
    for title_of, body in sections.items():
        out += section(title_of, body)
    others = [other for other in OTHERS if not other.startswith(name + "(")]
    out += [".SH SEE ALSO",
            ",\n".join(f".BR {other[:-3]} {other[-3:]}".replace("-", "\\-")
                       for other in others).replace(",\n", " ,\n")]
    return "\n".join(out) + "\n"


def main() -> None:
    out, name, number, version, date, table, text = sys.argv[1:]
    Path(out).write_text(
        page(name, number, version, date, json.loads(Path(table).read_text()),
             Path(text).read_text()))


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""The examples of a document: what is fenced in it, and what it says that they print."""
from __future__ import annotations

import re

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(text: str) -> list[tuple[str, str]]:
    """(language, content) of each fenced block."""
    return [(match[1], match[2]) for match in BLOCK.finditer(text)]


def commands(text: str) -> list[tuple[str, str]]:
    """(command, what it prints) of the console blocks: a command begins with "$ " and goes on
    behind a backslash."""
    found: list[tuple[list[str], list[str]]] = []
    for language, block in blocks(text):
        goes_on = False
        for line in block.splitlines() if language == "console" else ():
            if line.startswith("$ "):
                found.append(([line[2:]], []))
            elif goes_on:
                found[-1][0].append(line)
            else:
                found[-1][1].append(line)
            goes_on = (line.startswith("$ ") or goes_on) and line.endswith("\\")
    return [("\n".join(command), "\n".join(said)) for command, said in found]


def programs(text: str, language: str) -> list[tuple[str, str]]:
    """(program, what it prints) of the blocks in a language: the text block behind each."""
    found, all_blocks = [], blocks(text)
    for i, (name, block) in enumerate(all_blocks):
        if name == language:
            following, said = all_blocks[i + 1]
            assert following == "text", f"what does this print? {block}"
            found.append((block, said))
    return found

# SPDX-License-Identifier: Apache-2.0
"""Texts that break formats, and JSON that holds them."""
from __future__ import annotations

import json
import re
from typing import Any

from senders import TIMESTAMP

LINE_BREAKERS = ("\n", "\r", "\v", "\f", "\x1c", "\x1e", "\x85", "\u2028", "\u2029")
CONTROLS = ("\0", "\x01", "\b", "\t", "\x1b", "\x1f", "\x7f", "\x80", "\x9b", "\x9f")
SYNTAX = ('"', "\\", "'", "/", ",", ";", "{", "}", "[", "]", "<", "=", " {", "\\n", "\\u0041",
          '\\"')
OTHERS = (" ", "\xa0", "\xe9", "\u07ff", "\u0800", "\u20ac", "\ud7ff", "\ue000", "\ufeff", "\ufffd",
          "\uffff", "\U00010000", "\U0001f332", "\U0010ffff", "e\u0301")
PIECES = LINE_BREAKERS + CONTROLS + SYNTAX + OTHERS

NOT_UTF8 = (b"\x80", b"\xbf\xbf", b"\xc2", b"\xc0\xaf", b"\xc3(", b"\xe2\x82", b"\xe2\x28\xa1",
            b"\xe0\x80\xaf", b"\xed\xa0\x80", b"\xed\xb0\x80", b"\xf0\x9f\x8c", b"\xf0\x80\x80\xaf",
            b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xfe\xff", b"\xff")
FILLERS = (14, 15, 16, 17, 62, 63, 64, 65)  # around the widths of vector loads


def texts() -> list[str]:
    """Each piece alone, inside, and at every place that a scanner could miss."""
    found = [*PIECES, "".join(PIECES), "".join(reversed(PIECES))]
    for piece in PIECES:
        found += [f"a{piece}", f"{piece}a", f"a{piece}{piece}z"]
        found += ["x" * count + piece + "y" * 20 for count in FILLERS]
    return found


def not_utf8() -> list[bytes]:
    found = [*NOT_UTF8, b"-".join(NOT_UTF8)]
    for piece in NOT_UTF8:
        found += [b"a" + piece, piece + b"a", "\u2028\x85".encode() + piece + "\u20ac".encode()]
        found += [b"x" * count + piece + b"y" * 20 for count in FILLERS]
    return found


def fully_escaped(text: str) -> str:
    """A JSON string in which every character is \\uXXXX."""
    units = text.encode("utf-16-be")
    codes = [units[i : i + 2].hex() for i in range(0, len(units), 2)]
    return '"' + "".join(f"\\u{code}" for code in codes) + '"'


def entry_around(text: str) -> dict[str, Any]:
    """The text as message, service, an extra's value and name, and deeper in."""
    return {
        "timestamp": TIMESTAMP, "level": "INFO", "message": text, "service": text[:60],
        "value": text, f"name {text}": 1, "list": [text, {f"in {text}": [text, None]}],
    }


def written(record: dict[str, Any]) -> list[bytes]:
    """The record as JSON in three spellings: bare, ASCII only, and nothing but \\uXXXX."""
    strings = re.compile(r'"(?:[^"\\]|\\.)*"')
    bare = json.dumps(record, ensure_ascii=False)
    escaped = strings.sub(lambda match: fully_escaped(json.loads(match[0])), bare)
    return [bare.encode(), json.dumps(record).encode(), escaped.encode()]

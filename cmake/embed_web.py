# SPDX-License-Identifier: Apache-2.0
"""Embeds the dashboard: writes a C file that defines web_files.h's table from files.

    embed_web.py OUT NAME=FILE …     NAME is the path below / under which FILE is served
"""
from __future__ import annotations

import hashlib
import sys
from pathlib import Path

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
BYTES_PER_LINE = 80


def literal(data: bytes) -> str:
    """C string literals, one a line. Octal escapes have three digits, so what follows cannot be
    taken for a part of them; ? is escaped because of trigraphs."""
    lines = []
    for start in range(0, len(data), BYTES_PER_LINE):
        chunk = data[start : start + BYTES_PER_LINE]
        text = "".join(
            chr(b) if 0x20 <= b < 0x7F and b not in b'"\\?' else f"\\{b:03o}" for b in chunk
        )
        lines.append(f'    "{text}"')
    return "\n".join(lines) or '    ""'


def main() -> int:
    out, *pairs = sys.argv[1:]
    rows, parts = [], []
    for number, pair in enumerate(pairs):
        name, _, file = pair.partition("=")
        data = Path(file).read_bytes()
        etag = hashlib.sha256(data).hexdigest()[:16]
        parts.append(f"static const char file_{number}[] =\n{literal(data)};\n")
        media = TYPES[Path(name).suffix]
        rows.append(
            f'    {{"/{name}", "{media}", "\\"{etag}\\"",'
            f" {{file_{number}, sizeof(file_{number}) - 1}}}},"
        )
    table = "\n".join(rows)
    Path(out).write_text(
        '/* Made by cmake/embed_web.py. */\n#include "ingestor/web_files.h"\n\n'
        + "\n".join(parts)
        + f"\nconst struct web_file web_files[] = {{\n{table}\n}};\n"
        + f"const size_t web_files_count = {len(rows)};\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

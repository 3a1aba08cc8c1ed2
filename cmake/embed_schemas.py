# SPDX-License-Identifier: Apache-2.0
"""Embeds the schemas of LogEntry: writes a C file that defines schema_builtin.h's functions.

    embed_schemas.py OUT JSON_SCHEMA AVRO_SCHEMA DESCRIPTOR_SET PROTO_TEXT WELL_KNOWN_SET
"""
from __future__ import annotations

import sys
from pathlib import Path

from embed_web import literal

NAMES = ("json", "avro", "descriptor", "proto_text", "well_known")


def main() -> int:
    out, *files = sys.argv[1:]
    parts = ["/* Made by cmake/embed_schemas.py. */", '#include "schema/schema_builtin.h"', ""]
    for name, file in zip(NAMES, files, strict=True):
        parts.append(f"static const char {name}[] =\n{literal(Path(file).read_bytes())};\n")
    parts.append(
        """struct span schema_builtin(enum schema_kind kind)
{
    switch (kind) {
    case SCHEMA_KIND_JSON:
        return span_of(json, sizeof(json) - 1);
    case SCHEMA_KIND_AVRO:
        return span_of(avro, sizeof(avro) - 1);
    case SCHEMA_KIND_PROTOBUF:
        return span_of(descriptor, sizeof(descriptor) - 1);
    case SCHEMA_KIND_COUNT:
        break;
    }
    return span_of(NULL, 0);
}

struct span schema_builtin_proto_text(void)
{
    return span_of(proto_text, sizeof(proto_text) - 1);
}

struct span schema_builtin_well_known(void)
{
    return span_of(well_known, sizeof(well_known) - 1);
}
"""
    )
    Path(out).write_text("\n".join(parts))
    return 0


if __name__ == "__main__":
    sys.exit(main())

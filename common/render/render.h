/* SPDX-License-Identifier: Apache-2.0
 *
 * render: a record as one line of output, LF included. One table entry per --out format; a program
 * picks its entry once. A line function writes at most the bound, returns the end, never fails.
 * JSON: {"timestamp":…,"level":…,"message":…,"service":…[, extras][, our additions]}; valid UTF-8,
 * control characters (C0, DEL, C1), U+2028 and U+2029 escaped, so one record is one line for every
 * reader. A sender's member whose name is one of ours (RENDER_OWN_NAMES) or of the four is stored
 * as _NAME (with more underscores while that is taken). */
#pragma once

#include "wire/record.h"

struct render {
    const char *name;   /* "jsonl", "csv", "text": the --out value */
    const char *suffix; /* of file names, without dot: "jsonl", "csv", "log" */
    struct span header; /* first line of every file, LF included; empty for none */
    /* An upper bound of the line's bytes, LF included. */
    size_t (*bound)(const struct record *rec);
    /* Writes the line at `out`; returns the byte behind it. */
    char *(*line)(const struct record *rec, char *out);
};

/* The entry of that name, or NULL. Static. */
const struct render *render_find(struct span name);

/* No bound() of a record of up to `record_bytes` payload is more, nor render_reject_bound() of as
 * many kept bytes. The dearest byte is a control character in structured data that comes with bytes
 * that are no UTF-8: \u00XX with its backslash counted as two, and 4/3 of base64. The rest is for
 * the four names, additions (the stamp among them, its quotes counted thrice), and the names that a
 * schema gives to the fields of a small Protobuf or Avro record. */
#define RENDER_LINE_BYTES_MAX(record_bytes) \
    ((size_t)(record_bytes)*9 + 65536 + 3 * RECORD_STAMP_BYTES_MAX)

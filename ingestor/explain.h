/* SPDX-License-Identifier: Apache-2.0
 *
 * explain: --explain. A file goes the way of a connection's bytes (conn, proto, judge, stamp,
 * render: the very same code, with the same settings), and instead of being archived each record is
 * told about: what it was taken for, what was found in it, what was filled in and why, what judged
 * it, and the line that would be written, or why it would be rejected and what to change. Nothing
 * is written, locked or listened to. One record at a time is held. */
#pragma once

#include "ingestor/ingestor_cfg.h"
#include "wire/batch.h"

#define EXPLAIN_ALL_GOOD 0 /* every record would be archived */
#define EXPLAIN_REJECTS  1 /* at least one would be rejected */
#define EXPLAIN_FAILED   2 /* the input cannot be read, the settings not be used */

/* One record, or one reject, as explain_text and explain_json show it. All it points to lives until
 * the next one. */
struct explain_item {
    uint64_t number;    /* from 1 */
    uint64_t offset;    /* of its first byte in the input, framing not counted */
    const char *stream; /* what the stream was taken for: "syslog lines", "RELP", "nothing known" */
    enum format format;
    uint64_t length; /* bytes, as sent, without framing */

    const struct record *found; /* as decoded; NULL: nothing could be */
    bool defaulted[FIELD_COUNT];
    const char *rules;              /* that judged it; "": it did not come so far */
    const struct schema_type *type; /* whose schema; NULL: it did not come so far */
    const struct record *kept;      /* as archived; NULL: rejected */

    const struct reject *reject; /* NULL: archived */
    const char *change;          /* what the sender should change; "" */

    struct span line; /* of the archive, or of the file of rejected records; without LF */
};

struct explain_totals {
    uint64_t archived;
    uint64_t rejected;
    uint64_t blank_lines;
    uint64_t bytes; /* of the input that were read */
    bool closed;    /* the connection would have been closed before the input's end */
};

/* Explains cfg->explain on standard output. Returns the exit status (above). */
int explain_run(const struct ingestor_cfg *cfg);

/* SPDX-License-Identifier: Apache-2.0
 *
 * replay_line: one line of a file of rejected records (render/render_reject.h writes them). */
#pragma once

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

/* A line that is longer is no record of ours: base64 or escapes of the largest record that is kept
 * at the ingestor's default limit take less. */
#define REPLAY_LINE_BYTES_MAX (4u * 1024u * 1024u)

enum replay_line_verdict {
    REPLAY_LINE_SEND,
    REPLAY_LINE_CUT,     /* the payload is shorter than the record was */
    REPLAY_LINE_EMPTY,   /* there was nothing in it */
    REPLAY_LINE_UNKNOWN, /* nobody knows in which format it came */
    REPLAY_LINE_BAD,     /* the line is none of ours */
    REPLAY_LINE_VERDICTS
};

/* "cut", …: the name of its counter. */
const char *replay_line_name(enum replay_line_verdict verdict);

/* `ret_payload` is emptied and then, for REPLAY_LINE_SEND, holds the original bytes; `ret_format`
 * is the format byte of the frame that brings them back: 1 to 3 for json, proto and avro; 4 for
 * raw, and for syslog and journald, which the ingestor recognises in such a frame by their first
 * bytes. ERR_NOMEM. */
MUST_CHECK err_t replay_line_parse(struct span line, struct buf *ret_payload, uint8_t *ret_format,
                                   enum replay_line_verdict *ret_verdict);

/* SPDX-License-Identifier: Apache-2.0
 *
 * frame_line: lines ended by LF, or by LF or NUL, whichever terminator is seen first on the stream
 * (RFC 6587 section 3.4.2). A line is never scanned twice, however it arrives.
 * A line above the limit is skipped up to its terminator and yields REASON_TOO_LARGE with its head
 * and true length. Blank lines (nothing, or only CR) are framing: they are counted, not returned.
 * The last line without terminator is a record after FRAME_END_ORDERLY, REASON_TRUNCATED after
 * FRAME_END_CUT. */
#pragma once

#include "wire/frame.h"

enum frame_line_mode {
    FRAME_LINE_LF,       /* raw lines: LF ends a line, everything else belongs to it, CR too */
    FRAME_LINE_LF_OR_NUL /* syslog, NDJSON: the first terminator seen is the stream's; with LF, one
                            CR before it is removed */
};

struct frame_line {
    uint32_t line_bytes_max;
    uint8_t mode;         /* enum frame_line_mode */
    bool decided;         /* the terminator is known */
    bool skipping;        /* inside a line above the limit */
    char terminator;      /* valid when decided */
    size_t scanned;       /* bytes of the unfinished line already searched */
    uint32_t blank_count; /* blank lines since the caller last set it to 0 */
    struct frame_skip skip;
};

void frame_line_init(struct frame_line *f, enum frame_line_mode mode, uint32_t line_bytes_max);
void frame_line_done(struct frame_line *f);
MUST_CHECK err_t frame_line_next(struct frame_line *f, struct span in, size_t *ret_used,
                                 struct frame *ret);
MUST_CHECK err_t frame_line_finish(struct frame_line *f, struct span in, enum frame_end end,
                                   struct frame *ret);

/* SPDX-License-Identifier: Apache-2.0
 *
 * frame: what every framing yields, and the state of skipping a frame that exceeds the limit. The
 * framings are frame_length (go-client), frame_line (LF / NUL) and frame_octet (RFC 6587); each has
 *
 *   err_t frame_X_next(struct frame_X *f, struct span in, size_t *ret_used, struct frame *ret);
 *     ERR_OK      one frame; `*ret_used` bytes of `in` are done with once the caller has finished
 *                 with `ret` (its payload points into `in`, or into the state for a skipped frame,
 *                 and is valid until the next call)
 *     ERR_AGAIN   no whole frame yet; `*ret_used` bytes (being skipped, or framing) may be consumed
 *     ERR_SYNTAX  the stream is out of step: no later byte can be trusted; `*ret_used` bytes of
 *                 framing before the offending ones may be consumed
 *   err_t frame_X_finish(struct frame_X *f, struct span in, enum frame_end end, struct frame *ret);
 *     the stream has ended and `in`, for which frame_X_next said ERR_AGAIN, is all that is left.
 *     ERR_OK: one last frame; ERR_EOF: nothing. The state is then at a stream's start.
 *
 * A caller's buffer holds at least the limit plus FRAME_OVERHEAD_BYTES: then ERR_AGAIN with nothing
 * used never meets a full buffer.
 * A frame with reason REASON_NONE is a whole record; any other is a reject. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "wire/reason.h"

#include <stdint.h>

/* The most that any framing adds to a payload: seven digits and a space (frame_octet). */
#define FRAME_OVERHEAD_BYTES 8u

struct frame {
    struct span payload; /* without framing; of a skipped frame the first REJECT_KEEP_BYTES */
    uint64_t length;    /* true payload length; of a truncated frame the announced one, if it was */
    uint8_t type;       /* frame_length: the format byte; else 0 */
    uint8_t reason;     /* enum reason */
    const char *detail; /* static, "" if the reason says it all */
};

enum frame_end {
    FRAME_END_ORDERLY, /* close_notify, or FIN: a last line without terminator is a record */
    FRAME_END_CUT      /* reset, timeout, error: what is left is truncated */
};

/* A frame above the limit that is being skipped: its head is kept, the rest only counted. */
struct frame_skip {
    struct buf kept;
    uint64_t seen; /* payload bytes met so far */
    char last;     /* the last of them */
};

/* Counts `bytes` as part of the skipped payload and keeps what fits into REJECT_KEEP_BYTES; when
 * memory is short it keeps less. */
void frame_skip_take(struct frame_skip *s, struct span bytes);
void frame_skip_done(struct frame_skip *s);

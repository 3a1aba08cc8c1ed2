/* SPDX-License-Identifier: Apache-2.0
 *
 * frame_length: go-client frames: 1 byte format, 4 bytes big-endian payload length, payload.
 *   format 1-4, length 1..max            -> a record
 *   format 1-4, length max+1..64 MiB     -> skipped, REASON_TOO_LARGE, with head and true length
 *   other format, length 1..max          -> skipped whole, REASON_UNKNOWN_FORMAT, with its payload
 *   any format, length 0                 -> REASON_EMPTY
 *   else                                 -> ERR_SYNTAX: the stream is out of step
 * A partial frame at the end of the stream is REASON_TRUNCATED whatever the end was. */
#pragma once

#include "wire/frame.h"

struct frame_length {
    uint32_t payload_bytes_max;
    uint32_t skip_left; /* bytes of an over-long frame still to come; 0: at a frame's start */
    uint32_t skip_length;
    uint8_t skip_type;
    struct frame_skip skip;
};

void frame_length_init(struct frame_length *f, uint32_t payload_bytes_max);
void frame_length_done(struct frame_length *f);
MUST_CHECK err_t frame_length_next(struct frame_length *f, struct span in, size_t *ret_used,
                                   struct frame *ret);
MUST_CHECK err_t frame_length_finish(struct frame_length *f, struct span in, enum frame_end end,
                                     struct frame *ret);

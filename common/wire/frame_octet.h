/* SPDX-License-Identifier: Apache-2.0
 *
 * frame_octet: octet-counted messages, MSG-LEN SP MSG. Source: RFC 5425 section 4.3, RFC 6587
 * section 3.4.1.
 *   [1-9][0-9]{0,6} SP, count up to max   -> a record
 *   the same, count above max             -> skipped, REASON_TOO_LARGE, with head and true length
 *   CR, LF, NUL before a count            -> skipped: some senders end counted messages with them
 *   else                                  -> ERR_SYNTAX: the stream is out of step
 * A partial message at the end of the stream is REASON_TRUNCATED whatever the end was. */
#pragma once

#include "wire/frame.h"

struct frame_octet {
    uint32_t message_bytes_max;
    uint32_t skip_left; /* bytes of an over-long message still to come; 0: at a count's start */
    uint32_t skip_length;
    struct frame_skip skip;
};

void frame_octet_init(struct frame_octet *f, uint32_t message_bytes_max);
void frame_octet_done(struct frame_octet *f);
MUST_CHECK err_t frame_octet_next(struct frame_octet *f, struct span in, size_t *ret_used,
                                  struct frame *ret);
MUST_CHECK err_t frame_octet_finish(struct frame_octet *f, struct span in, enum frame_end end,
                                    struct frame *ret);

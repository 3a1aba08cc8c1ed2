/* SPDX-License-Identifier: Apache-2.0
 *
 * frame: what is kept of a frame that is being skipped. */
#include "wire/frame.h"

#include "base/limits.h"

void frame_skip_take(struct frame_skip *s, struct span bytes)
{
    struct span head = span_head(bytes, REJECT_KEEP_BYTES - s->kept.len);

    /* Only an unbroken head is worth keeping: nothing is added once something was left out. */
    if (head.len > 0 && s->kept.len == s->seen) {
        IGNORE(buf_append(&s->kept, head), "when memory is short, less is kept");
    }
    if (bytes.len > 0) {
        s->last = bytes.at[bytes.len - 1];
    }
    s->seen += bytes.len;
}

void frame_skip_done(struct frame_skip *s)
{
    buf_done(&s->kept);
    *s = (struct frame_skip){0};
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * frame_length: a frame that fits is returned in place once all of it is there; the five bytes of
 * its head are all that is looked at until then. A longer one is consumed as it arrives. */
#include "wire/frame_length.h"

#include "base/limits.h"

#include <assert.h>

struct head {
    uint8_t type;
    uint32_t length;
};

static struct head head_of(struct span in)
{
    uint32_t length_be = 0;

    memcpy(&length_be, in.at + 1, sizeof(length_be));
    return (struct head){.type = (uint8_t)in.at[0], .length = __builtin_bswap32(length_be)};
}

static bool type_known(uint8_t type)
{
    return type >= 1 && type <= 4;
}

void frame_length_init(struct frame_length *f, uint32_t payload_bytes_max)
{
    assert(payload_bytes_max > 0 && payload_bytes_max <= FRAME_SKIP_BYTES_MAX);
    *f = (struct frame_length){.payload_bytes_max = payload_bytes_max};
}

void frame_length_done(struct frame_length *f)
{
    frame_skip_done(&f->skip);
}

static struct frame skipped_frame(const struct frame_length *f, enum reason reason,
                                  const char *detail)
{
    return (struct frame){.payload = buf_span(&f->skip.kept),
                          .length = f->skip_length,
                          .type = f->skip_type,
                          .reason = (uint8_t)reason,
                          .detail = detail};
}

/* Takes what `in` has of the frame being skipped; returns how much that was. */
static size_t skip_more(struct frame_length *f, struct span in)
{
    struct span part = span_head(in, f->skip_left);

    frame_skip_take(&f->skip, part);
    f->skip_left -= (uint32_t)part.len;
    return part.len;
}

static err_t skip_next(struct frame_length *f, struct span in, size_t *ret_used, struct frame *ret)
{
    *ret_used += skip_more(f, in);
    ENSURE(f->skip_left == 0, ERR_AGAIN);
    *ret = skipped_frame(f, REASON_TOO_LARGE, "");
    return ERR_OK;
}

/* A frame within the limit, or an empty one. */
static err_t whole_next(struct head head, struct span in, size_t *ret_used, struct frame *ret)
{
    enum reason reason = type_known(head.type) ? REASON_NONE : REASON_UNKNOWN_FORMAT;

    ENSURE(in.len - FRAME_HEAD_BYTES >= head.length, ERR_AGAIN);
    *ret = (struct frame){.payload = span_of(in.at + FRAME_HEAD_BYTES, head.length),
                          .length = head.length,
                          .type = head.type,
                          .reason = (uint8_t)(head.length == 0 ? REASON_EMPTY : reason),
                          .detail = ""};
    *ret_used = FRAME_HEAD_BYTES + head.length;
    return ERR_OK;
}

err_t frame_length_next(struct frame_length *f, struct span in, size_t *ret_used, struct frame *ret)
{
    *ret_used = 0;
    if (f->skip_left > 0) {
        return skip_next(f, in, ret_used, ret);
    }
    if (f->skip.seen > 0) {
        frame_skip_done(&f->skip);
    }
    ENSURE(in.len >= FRAME_HEAD_BYTES, ERR_AGAIN);

    struct head head = head_of(in);
    if (head.length <= f->payload_bytes_max) {
        return whole_next(head, in, ret_used, ret);
    }
    ENSURE(type_known(head.type) && head.length <= FRAME_SKIP_BYTES_MAX, ERR_SYNTAX);
    f->skip_type = head.type;
    f->skip_length = head.length;
    f->skip_left = head.length;
    *ret_used = FRAME_HEAD_BYTES;
    return skip_next(f, span_skip(in, FRAME_HEAD_BYTES), ret_used, ret);
}

/* What arrived of a frame within the limit. Of an incomplete head the bytes themselves are kept:
 * they are all there is. */
static struct frame partial_frame(struct span in)
{
    struct frame frame = {.payload = in,
                          .length = in.len,
                          .type = (uint8_t)in.at[0],
                          .reason = REASON_TRUNCATED,
                          .detail = "the stream ended inside a frame's head"};

    if (in.len >= FRAME_HEAD_BYTES) {
        frame.payload = span_skip(in, FRAME_HEAD_BYTES);
        frame.length = head_of(in).length;
        frame.detail = "the stream ended inside a frame";
    }
    return frame;
}

err_t frame_length_finish(struct frame_length *f, struct span in, enum frame_end end,
                          struct frame *ret)
{
    (void)end; /* a partial frame is truncated whatever the end was */
    if (f->skip_left > 0) {
        skip_more(f, in);
        f->skip_left = 0;
        *ret = skipped_frame(f, REASON_TRUNCATED, "the stream ended inside a frame");
        return ERR_OK;
    }
    ENSURE(in.len > 0, ERR_EOF);
    *ret = partial_frame(in);
    return ERR_OK;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * frame_octet: a count has at most seven digits, so reading it again while its message arrives
 * costs a constant per call. A message above the limit is consumed as it arrives. */
#include "wire/frame_octet.h"

#include "base/limits.h"

#include <assert.h>

#define COUNT_DIGITS_MAX 7u

_Static_assert(COUNT_DIGITS_MAX + 1 <= FRAME_OVERHEAD_BYTES, "count and space fit the overhead");

void frame_octet_init(struct frame_octet *f, uint32_t message_bytes_max)
{
    assert(message_bytes_max > 0);
    *f = (struct frame_octet){.message_bytes_max = message_bytes_max};
}

void frame_octet_done(struct frame_octet *f)
{
    frame_skip_done(&f->skip);
}

static size_t separator_bytes(struct span in)
{
    size_t i = 0;

    while (i < in.len && (in.at[i] == '\n' || in.at[i] == '\r' || in.at[i] == '\0')) {
        i++;
    }
    return i;
}

/* The count and the bytes it takes with its space. ERR_AGAIN: more digits or the space may follow;
 * ERR_SYNTAX: no count. */
static err_t parse_count(struct span in, uint32_t *ret_count, size_t *ret_bytes)
{
    uint32_t count = 0;

    for (size_t i = 0; i < in.len; i++) {
        unsigned digit = (unsigned char)in.at[i] - (unsigned)'0';
        if (i > 0 && in.at[i] == ' ') {
            *ret_count = count;
            *ret_bytes = i + 1;
            return ERR_OK;
        }
        ENSURE(digit <= 9 && i < COUNT_DIGITS_MAX && (i > 0 || digit > 0), ERR_SYNTAX);
        count = count * 10 + digit;
    }
    return ERR_AGAIN;
}

static struct frame skipped_frame(const struct frame_octet *f, enum reason reason,
                                  const char *detail)
{
    return (struct frame){.payload = buf_span(&f->skip.kept),
                          .length = f->skip_length,
                          .reason = (uint8_t)reason,
                          .detail = detail};
}

/* Takes what `in` has of the message being skipped; returns how much that was. */
static size_t skip_more(struct frame_octet *f, struct span in)
{
    struct span part = span_head(in, f->skip_left);

    frame_skip_take(&f->skip, part);
    f->skip_left -= (uint32_t)part.len;
    return part.len;
}

static err_t skip_next(struct frame_octet *f, struct span in, size_t *ret_used, struct frame *ret)
{
    *ret_used += skip_more(f, in);
    ENSURE(f->skip_left == 0, ERR_AGAIN);
    *ret = skipped_frame(f, REASON_TOO_LARGE, "");
    return ERR_OK;
}

/* `in` begins where a count must; `*ret_used` is what lies before it. */
static err_t message_next(struct frame_octet *f, struct span in, size_t *ret_used,
                          struct frame *ret)
{
    uint32_t count = 0;
    size_t head = 0;

    TRY(parse_count(in, &count, &head));
    struct span message = span_skip(in, head);
    if (count > f->message_bytes_max) {
        f->skip_length = count;
        f->skip_left = count;
        *ret_used += head;
        return skip_next(f, message, ret_used, ret);
    }
    ENSURE(message.len >= count, ERR_AGAIN);
    *ret = (struct frame){.payload = span_head(message, count), .length = count, .detail = ""};
    *ret_used += head + count;
    return ERR_OK;
}

err_t frame_octet_next(struct frame_octet *f, struct span in, size_t *ret_used, struct frame *ret)
{
    *ret_used = 0;
    if (f->skip_left > 0) {
        return skip_next(f, in, ret_used, ret);
    }
    if (f->skip.seen > 0) {
        frame_skip_done(&f->skip);
    }
    ENSURE(in.len > 0, ERR_AGAIN);

    size_t separators = separator_bytes(in);
    *ret_used = separators;
    return message_next(f, span_skip(in, separators), ret_used, ret);
}

/* What arrived of a message within the limit; of an incomplete count its digits. */
static struct frame partial_frame(struct span in)
{
    struct frame frame = {.payload = in,
                          .length = in.len,
                          .reason = REASON_TRUNCATED,
                          .detail = "the stream ended inside a message's count"};
    uint32_t count = 0;
    size_t head = 0;

    if (parse_count(in, &count, &head) == ERR_OK) {
        frame.payload = span_skip(in, head);
        frame.length = count;
        frame.detail = "the stream ended inside a message";
    }
    return frame;
}

err_t frame_octet_finish(struct frame_octet *f, struct span in, enum frame_end end,
                         struct frame *ret)
{
    (void)end; /* a partial message is truncated whatever the end was */
    if (f->skip_left > 0) {
        skip_more(f, in);
        f->skip_left = 0;
        *ret = skipped_frame(f, REASON_TRUNCATED, "the stream ended inside a message");
        return ERR_OK;
    }
    ENSURE(in.len > 0, ERR_EOF);
    *ret = partial_frame(in);
    return ERR_OK;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * buf: owned, growing bytes. The allocation always has SPAN_SLACK_BYTES behind `cap`, so spans into
 * a buffer may be scanned with whole vectors. A zeroed struct buf is an empty buffer. */
#pragma once

#include "base/err.h"
#include "base/span.h"

struct buf {
    char *at;
    size_t len; /* bytes in use */
    size_t cap; /* bytes allocated, without the slack */
};

/* Frees the memory; the buffer is empty afterwards and may be used again. */
void buf_done(struct buf *b);

/* Room for `more` bytes behind `len`. ERR_NOMEM leaves the buffer as it was. */
MUST_CHECK err_t buf_reserve(struct buf *b, size_t more);
MUST_CHECK err_t buf_append(struct buf *b, struct span bytes);

/* printf into the buffer. ERR_NOMEM leaves the buffer as it was. */
MUST_CHECK err_t buf_printf(struct buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Gives memory back: about as much stays as is in use. What cannot be given back stays too. */
void buf_shrink(struct buf *b);

/* Removes the first `n` bytes; the rest moves to the front. */
void buf_consume(struct buf *b, size_t n);

/* Everything in the buffer; valid until the buffer is changed. */
static inline struct span buf_span(const struct buf *b)
{
    return (struct span){b->at, b->len};
}

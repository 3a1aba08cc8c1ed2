/* SPDX-License-Identifier: Apache-2.0
 *
 * buf: growth by doubling; the slack behind the capacity is zeroed once, so that vector loads past
 * the end read defined bytes. */
#include "base/buf.h"

#include "base/limits.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define BUF_BYTES_MIN 256u

void buf_done(struct buf *b)
{
    free(b->at);
    *b = (struct buf){0};
}

err_t buf_reserve(struct buf *b, size_t more)
{
    ENSURE(more <= SIZE_MAX / 4 - b->len, ERR_NOMEM);

    size_t need = b->len + more;
    if (need <= b->cap && b->at != NULL) {
        return ERR_OK;
    }
    size_t cap = b->cap < BUF_BYTES_MIN ? BUF_BYTES_MIN : b->cap;
    while (cap < need) {
        cap *= 2;
    }
    char *at = realloc(b->at, cap + SPAN_SLACK_BYTES);
    ENSURE(at != NULL, ERR_NOMEM);
    memset(at + cap, 0, SPAN_SLACK_BYTES);
    b->at = at;
    b->cap = cap;
    return ERR_OK;
}

err_t buf_append(struct buf *b, struct span bytes)
{
    TRY(buf_reserve(b, bytes.len));
    if (bytes.len > 0) {
        memcpy(b->at + b->len, bytes.at, bytes.len);
    }
    b->len += bytes.len;
    return ERR_OK;
}

err_t buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int need = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(need >= 0);

    TRY(buf_reserve(b, (size_t)need + 1));
    va_start(args, format);
    int wrote = vsnprintf(b->at + b->len, (size_t)need + 1, format, args);
    va_end(args);
    assert(wrote == need);
    b->len += (size_t)need;
    return ERR_OK;
}

void buf_shrink(struct buf *b)
{
    if (b->len == 0) {
        buf_done(b);
        return;
    }
    char *at = realloc(b->at, b->len + SPAN_SLACK_BYTES);
    if (at != NULL) {
        memset(at + b->len, 0, SPAN_SLACK_BYTES);
        b->at = at;
        b->cap = b->len;
    }
}

void buf_consume(struct buf *b, size_t n)
{
    assert(n <= b->len);
    b->len -= n;
    if (n > 0 && b->len > 0) {
        memmove(b->at, b->at + n, b->len);
    }
}

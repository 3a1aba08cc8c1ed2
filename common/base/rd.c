/* SPDX-License-Identifier: Apache-2.0
 *
 * rd: the sticky reader. Every read checks the bytes that are left before it touches them. */
#include "base/rd.h"

void rd_fail(struct rd *r, err_t err)
{
    if (r->err == ERR_OK) {
        r->err = err;
    }
}

err_t rd_status(const struct rd *r)
{
    return r->err;
}

struct span rd_bytes(struct rd *r, uint64_t n, uint64_t max)
{
    struct span got = {0};

    if (n > max) {
        rd_fail(r, ERR_LIMIT);
    }
    if (n > r->left.len) {
        rd_fail(r, ERR_SYNTAX);
    }
    if (r->err != ERR_OK) {
        return got;
    }
    got = span_head(r->left, (size_t)n);
    r->left = span_skip(r->left, (size_t)n);
    return got;
}

static uint64_t rd_le(struct rd *r, size_t width)
{
    struct span b = rd_bytes(r, width, width);
    uint64_t value = 0;

    for (size_t i = b.len; i > 0; i--) {
        value = value << 8 | (uint8_t)b.at[i - 1];
    }
    return value;
}

uint8_t rd_u8(struct rd *r)
{
    return (uint8_t)rd_le(r, 1);
}

uint32_t rd_le32(struct rd *r)
{
    return (uint32_t)rd_le(r, 4);
}

uint64_t rd_le64(struct rd *r)
{
    return rd_le(r, 8);
}

uint32_t rd_be32(struct rd *r)
{
    return __builtin_bswap32(rd_le32(r));
}

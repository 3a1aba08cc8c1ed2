/* SPDX-License-Identifier: Apache-2.0
 *
 * rd: a sticky reader over borrowed bytes. The first failure stays, later reads return zeros and do
 * not move, and one rd_status() at the end is the only branch a decoder needs. Big-endian reads are
 * named be, little-endian le. Spans returned point into the input. */
#pragma once

#include "base/err.h"
#include "base/span.h"

#include <stdint.h>

struct rd {
    struct span left; /* not read yet */
    err_t err;
};

static inline struct rd rd_of(struct span in)
{
    return (struct rd){.left = in, .err = ERR_OK};
}

/* `n` bytes, or an empty span and ERR_SYNTAX (input too short) / ERR_LIMIT (above `max`). */
struct span rd_bytes(struct rd *r, uint64_t n, uint64_t max);
uint8_t rd_u8(struct rd *r);
uint32_t rd_be32(struct rd *r);
uint32_t rd_le32(struct rd *r);
uint64_t rd_le64(struct rd *r);

/* Marks the reader failed, unless it already is. */
void rd_fail(struct rd *r, err_t err);

/* ERR_OK if every read so far succeeded, else the first failure. */
MUST_CHECK err_t rd_status(const struct rd *r);

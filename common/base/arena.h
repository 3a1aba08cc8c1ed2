/* SPDX-License-Identifier: Apache-2.0
 *
 * arena: memory of one batch. Allocation moves a pointer, nothing is freed singly, arena_reset()
 * rewinds all of it. The size is fixed at arena_init(); its pages are touched only as they are
 * used. */
#pragma once

#include "base/err.h"
#include "base/span.h"

#include <stdint.h>

struct arena {
    char *at;
    size_t used;
    size_t cap;
};

/* Reserves `cap` bytes of address space. ERR_NOMEM. */
MUST_CHECK err_t arena_init(struct arena *a, size_t cap);
void arena_done(struct arena *a);

/* `bytes` bytes aligned to 16, not zeroed, with SPAN_SLACK_BYTES readable behind them; valid until
 * arena_reset(). NULL when the arena is full: the caller keeps arena_left() above what one record
 * can need and asserts the result. */
void *arena_alloc(struct arena *a, size_t bytes);

static inline size_t arena_left(const struct arena *a)
{
    return a->cap - a->used;
}

/* Gives back everything. Keeps the pages. */
static inline void arena_reset(struct arena *a)
{
    a->used = 0;
}

/* Gives back what was allocated since `used` was read from the arena. */
static inline void arena_rewind(struct arena *a, size_t used)
{
    a->used = used;
}

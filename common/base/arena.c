/* SPDX-License-Identifier: Apache-2.0
 *
 * arena: one mapping, one offset. */
#include "base/arena.h"

#include "base/limits.h"

#include <assert.h>
#include <sys/mman.h>

#define ARENA_ALIGN 16u

err_t arena_init(struct arena *a, size_t cap)
{
    void *at = mmap(NULL, cap + SPAN_SLACK_BYTES, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    ENSURE(at != MAP_FAILED, ERR_NOMEM);
    *a = (struct arena){.at = at, .used = 0, .cap = cap};
    return ERR_OK;
}

void arena_done(struct arena *a)
{
    if (a->at != NULL) {
        int rc = munmap(a->at, a->cap + SPAN_SLACK_BYTES);
        assert(rc == 0);
    }
    *a = (struct arena){0};
}

void *arena_alloc(struct arena *a, size_t bytes)
{
    size_t need = (bytes + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);

    if (need < bytes || need > arena_left(a)) {
        return NULL;
    }
    void *at = a->at + a->used;
    a->used += need;
    return at;
}

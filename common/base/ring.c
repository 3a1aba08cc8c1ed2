/* SPDX-License-Identifier: Apache-2.0
 *
 * ring: head and tail run freely and are masked on use, so full and empty differ without a spare
 * slot. Release on publishing an index, acquire on reading the other side's: the slot's content is
 * visible before the index that covers it. */
#include "base/ring.h"

#include <assert.h>
#include <stdlib.h>

err_t ring_init(struct ring *r, uint32_t slot_count)
{
    assert(slot_count > 0 && (slot_count & (slot_count - 1)) == 0);
    r->slots = calloc(slot_count, sizeof(*r->slots));
    ENSURE(r->slots != NULL, ERR_NOMEM);
    r->mask = slot_count - 1;
    atomic_init(&r->tail, 0);
    atomic_init(&r->head, 0);
    return ERR_OK;
}

void ring_done(struct ring *r)
{
    free(r->slots);
    r->slots = NULL;
}

uint32_t ring_count(const struct ring *r)
{
    uint32_t head = atomic_load_explicit(&r->head, memory_order_acquire);
    uint32_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);

    return tail - head;
}

uint32_t ring_room(const struct ring *r)
{
    return r->mask + 1 - ring_count(r);
}

err_t ring_push(struct ring *r, void *item)
{
    uint32_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

    ENSURE(ring_room(r) > 0, ERR_AGAIN);
    r->slots[tail & r->mask] = item;
    atomic_store_explicit(&r->tail, tail + 1, memory_order_release);
    return ERR_OK;
}

void *ring_pop(struct ring *r)
{
    uint32_t head = atomic_load_explicit(&r->head, memory_order_relaxed);

    if (atomic_load_explicit(&r->tail, memory_order_acquire) == head) {
        return NULL;
    }
    void *item = r->slots[head & r->mask];
    atomic_store_explicit(&r->head, head + 1, memory_order_release);
    return item;
}

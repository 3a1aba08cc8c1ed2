/* SPDX-License-Identifier: Apache-2.0
 *
 * ring: a bounded queue of pointers between exactly one producer and one consumer thread, without
 * locks. It carries no wake-up: whoever pushes signals the other side's eventfd. */
#pragma once

#include "base/err.h"

#include <stdatomic.h>
#include <stdint.h>

struct ring {
    void **slots;
    uint32_t mask;
    /* written by the producer */
    _Alignas(64) _Atomic uint32_t tail;
    /* written by the consumer */
    _Alignas(64) _Atomic uint32_t head;
};

/* `slot_count` is a power of two. ERR_NOMEM. */
MUST_CHECK err_t ring_init(struct ring *r, uint32_t slot_count);
void ring_done(struct ring *r);

/* Producer: ERR_AGAIN when full. */
MUST_CHECK err_t ring_push(struct ring *r, void *item);

/* Producer: how many pushes are sure to succeed now. */
uint32_t ring_room(const struct ring *r);

/* Consumer: the oldest item, or NULL when empty. */
void *ring_pop(struct ring *r);

/* Any thread: items in the ring at about this moment. */
uint32_t ring_count(const struct ring *r);

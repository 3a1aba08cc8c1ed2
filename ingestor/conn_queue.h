/* SPDX-License-Identifier: Apache-2.0
 *
 * conn_queue: connections that wait for their turn, first in, first out, linked through themselves.
 * A connection is in one queue at most. */
#pragma once

#include "ingestor/conn.h"

struct conn_queue {
    struct conn *first;
    struct conn *last;
};

/* Does nothing for a connection that is queued already. */
static inline void conn_queue_push(struct conn_queue *q, struct conn *c)
{
    if (c->queued) {
        return;
    }
    c->queued = true;
    c->next_queued = NULL;
    if (q->last == NULL) {
        q->first = c;
    } else {
        q->last->next_queued = c;
    }
    q->last = c;
}

/* NULL when empty. */
static inline struct conn *conn_queue_pop(struct conn_queue *q)
{
    struct conn *c = q->first;

    if (c == NULL) {
        return NULL;
    }
    q->first = c->next_queued;
    if (q->first == NULL) {
        q->last = NULL;
    }
    c->queued = false;
    return c;
}

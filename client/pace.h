/* SPDX-License-Identifier: Apache-2.0
 *
 * pace: when the next batch of a connection is due. Pure: the caller brings the time. */
#pragma once

#include "client/args.h"

struct pace {
    uint64_t start_ns;
    uint64_t due_ns; /* of the next batch */
    uint64_t gap_ns; /* between two batches; 0: as fast as possible */
    uint64_t batch;  /* records a batch */
    struct args_burst burst;
};

/* From the settings, for one connection of several, beginning now. With a rate, batches are made
 * small enough that ten a second leave. */
void pace_init(struct pace *p, const struct args *args, uint64_t now_ns);

/* A batch leaves now: returns nothing, moves `due_ns` on. What is more than a second late is not
 * caught up with. */
void pace_step(struct pace *p, uint64_t now_ns);

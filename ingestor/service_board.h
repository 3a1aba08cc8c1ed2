/* SPDX-License-Identifier: Apache-2.0
 *
 * service_board: which services send most. Of each batch a few records stand for all; a fixed
 * number of places: a new service takes the place of the least one and goes on from its count (the
 * "space saving" way to find heavy hitters). So a service of more than a 64th of all records is
 * there, and small ones may be overrated. The shard owns it; others have copies. */
#pragma once

#include "wire/batch.h"
#include "wire/text.h"

#define SERVICE_BOARD_PLACES     64u
#define SERVICE_BOARD_HINTS      256u
#define SERVICE_BOARD_NAME_BYTES 64u /* longer names are cut */

struct service_board_entry {
    uint32_t len;
    char name[SERVICE_BOARD_NAME_BYTES];
    uint64_t records; /* about so many; 0: free */
};

struct service_board {
    struct service_board_entry at[SERVICE_BOARD_PLACES];
    uint8_t hint[SERVICE_BOARD_HINTS]; /* by hash of the name: the place where it may be */
    uint64_t seen;                     /* all records, also of those without a place */
    bool sampled;                      /* some records stood for others */
};

#define SERVICE_BOARD_SAMPLES 4u /* of a batch */

/* The records of a batch. */
void service_board_add_batch(struct service_board *b, const struct batch *batch);

/* `records` records, of which one is of this service. */
void service_board_add(struct service_board *b, struct text service, uint32_t records);

/* Adds the counts of another board. Of too many the largest stay. */
void service_board_merge(struct service_board *into, const struct service_board *from);

/* Pointers to the largest, the largest first; at most `max`. Returns how many. */
uint32_t service_board_top(const struct service_board *b, const struct service_board_entry **ret,
                           uint32_t max);

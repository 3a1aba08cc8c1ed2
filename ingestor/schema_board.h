/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_board: the cache's numbers: its thread writes, any thread reads. It also gives out the
 * slots in which shards count by type: one for each (language, name, version), for good. */
#pragma once

#include "ingestor/schema_cache.h"

#include <pthread.h>

struct schema_board {
    pthread_mutex_t lock;
    struct schema_cache_stats stats;
    uint64_t answered_mono_ns; /* the registry's oldest answer of those that are in force … */
    uint64_t answered_age_ns;  /* … was so old then: 0, or as of an earlier start */
};

void schema_board_init(struct schema_board *b, bool registry);
void schema_board_done(struct schema_board *b);

/* Sets the type's slot. The last slot is that of all types that came when the others were taken. */
void schema_board_assign(struct schema_board *b, struct schema_type *type);

/* The registry was asked for a schema, and gave a usable answer or none. */
enum schema_board_answer { BOARD_USABLE, BOARD_USELESS };
void schema_board_count_fetch(struct schema_board *b, enum schema_board_answer answer);

/* The registry is away; `why` says how that showed. "": it is back. */
void schema_board_set_why(struct schema_board *b, const char *why);

/* The registry said that the type is the one in force. */
void schema_board_confirm(struct schema_board *b, const struct schema_type *type, uint64_t wall_ns);

/* Until then the answer is that of an earlier start, so long ago. */
void schema_board_set_age(struct schema_board *b, uint64_t age_ns);

void schema_board_set_answered(struct schema_board *b, uint64_t oldest_mono_ns);

void schema_board_count_adopted(struct schema_board *b);

/* A version newer than the type's is not adopted; 0: there is no such version any more. */
void schema_board_set_refused(struct schema_board *b, const struct schema_type *type,
                              uint32_t version);
void schema_board_count_refused(struct schema_board *b);

void schema_board_set_ids(struct schema_board *b, uint32_t ids);
void schema_board_count_refused_id(struct schema_board *b);

/* Any thread. */
void schema_board_read(struct schema_board *b, struct schema_cache_stats *ret);

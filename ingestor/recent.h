/* SPDX-License-Identifier: Apache-2.0
 *
 * recent: the records that a shard archived last, by what judged them: a new version of a schema is
 * tried on them before it is adopted. Of each read its last eight are kept; longer ones than
 * RECENT_RECORD_BYTES are not. Memory that no record has needed yet is none. The shard's thread
 * fills it and copies it out when another thread has asked; nothing locks. */
#pragma once

#include "base/arena.h"
#include "ingestor/schema_cache.h"
#include "wire/batch.h"

#include <stdatomic.h>

#define RECENT_RECORD_BYTES 8192u
#define RECENT_PER_BATCH    8u

/* What judged them. Normalised records and, if --type is LogEntry, JSON frames are RECENT_ENTRY. */
enum recent_judge { RECENT_ENTRY, RECENT_JSON, RECENT_AVRO, RECENT_PROTOBUF, RECENT_JUDGES };

struct recent_ring {
    char *slots; /* SCHEMA_CACHE_RECENT_MAX of RECENT_RECORD_BYTES and slack */
    uint32_t len[SCHEMA_CACHE_RECENT_MAX]; /* 0: none */
    uint32_t next;
};

struct recent {
    /* shard thread only */
    struct arena memory;
    struct recent_ring rings[RECENT_JUDGES];

    /* The other thread's question and the answer: whose turn it is says `state`. */
    enum recent_judge asked;
    struct schema_cache_recent answer;

    /* atomic */
    _Atomic int state;
};

/* ERR_NOMEM. */
MUST_CHECK err_t recent_init(struct recent *r);
void recent_done(struct recent *r);

/* Shard thread, after the judge: keeps the last records of the batch. */
void recent_keep(struct recent *r, const struct schema_set *schemas, const struct batch *b);

/* Shard thread, every turn: answers if something was asked. */
void recent_answer(struct recent *r);

/* Another thread, one at a time: asks. The shard must then be woken. ERR_AGAIN: an earlier question
 * is not answered yet; ERR_NOMEM. */
MUST_CHECK err_t recent_ask(struct recent *r, enum recent_judge judge);

/* The same thread: whether the answer is there; it may be read until the next recent_ask(). Its
 * records are in the order in which they came. */
bool recent_is_answered(const struct recent *r);

/* How many of the last records of each shard are tried: of `counts` as many as there may be in all,
 * the same number of each as far as it has so many. */
void recent_share(const uint32_t *counts, unsigned shards, uint32_t *ret_take);

/* Adds the last `most` records of an answer. ERR_NOMEM. */
MUST_CHECK err_t recent_add(const struct schema_cache_recent *from, uint32_t most,
                            struct schema_cache_recent *to);

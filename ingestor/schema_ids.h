/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_ids: what is known about global ids, of which there are at most SCHEMA_IDS_MAX. One that
 * has no type makes room for others at any time, one that has a type when SCHEMA_IDS_TYPES_MAX have
 * one and it is the one that was asked for longest ago. The cache's thread only. */
#pragma once

#include "base/limits.h"
#include "ingestor/schema_set.h"

#define SCHEMA_IDS_MAX            1024u
#define SCHEMA_IDS_TYPES_MAX      896u        /* so that what has none can always be told */
#define SCHEMA_IDS_TEXT_BYTES_MAX (64u * MIB) /* of all schemas together */

/* A type that was asked for at this time stays for so long. */
#define SCHEMA_IDS_STAY_NS (60ull * 1000000000ull)

/* What the shards need not know about an id with a type. */
struct schema_ids_type {
    uint64_t asked_mono_ns;
    size_t text_bytes; /* of its schema */
    uint64_t text_sum;
    uint32_t compared_outages; /* of the registry, plus 1, when its text was compared; 0: never */
};

struct schema_ids {
    struct schema_set_id of[SCHEMA_IDS_MAX];      /* ordered by id */
    struct schema_ids_type types[SCHEMA_IDS_MAX]; /* the same order */
    uint32_t count;
    uint32_t type_count; /* of them with a type */
    size_t text_bytes;
};

/* Frees the types. */
void schema_ids_done(struct schema_ids *ids);

/* Whether the id, as far as it goes, is known. */
bool schema_ids_has(const struct schema_ids *ids, uint32_t id, uint64_t mono_ns);

/* Whether another id with a type may be added. */
bool schema_ids_has_room(const struct schema_ids *ids);

/* An id whose type was not compared since so many outages; NULL: there is none. */
const struct schema_set_id *schema_ids_uncompared(const struct schema_ids *ids, uint32_t outages);

/* What schema_ids_put() was told of the id, which has a type. */
struct schema_ids_type *schema_ids_about(struct schema_ids *ids, uint32_t id);

/* Forgets the id, which has a type, and hands that over as schema_ids_evict() does. */
struct schema_type *schema_ids_take(struct schema_ids *ids, uint32_t id);

/* Forgets the type that was asked for longest ago, if that was before `before_mono_ns`: it is the
 * caller's then, who frees it when nobody uses it. NULL: there is none. */
struct schema_type *schema_ids_evict(struct schema_ids *ids, uint64_t before_mono_ns);

/* The id stands for the type, which is taken over, with what is said of it. ERR_LIMIT: there is no
 * room, and the type stays the caller's. */
MUST_CHECK err_t schema_ids_put(struct schema_ids *ids, uint32_t id, struct schema_type *type,
                                struct schema_ids_type about);

/* The id, which has no type, is none until `until_mono_ns`. */
void schema_ids_put_none(struct schema_ids *ids, uint32_t id, enum schema_set_cause cause,
                         uint64_t until_mono_ns);

/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_fetch: what the registry is asked, and what is known by now: the subjects that are
 * followed and the ids that were asked for. The cache's thread only, and the one that starts it. */
#pragma once

#include "ingestor/schema_ids.h"
#include "ingestor/schema_subject.h"

#define SCHEMA_FETCH_SUBJECTS 4u /* LogEntry-json, and --type in each language */

/* An id about which the registry could not be asked is none for so long. */
#define SCHEMA_FETCH_AWAY_NS (1ull * 1000000000ull)

struct schema_fetch {
    const struct schema_cache_config *config;
    struct http_client *http; /* NULL: there is no registry */
    struct schema_subject_env env;
    struct schema_subject subjects[SCHEMA_FETCH_SUBJECTS];
    uint32_t subject_count;
    struct schema_ids ids;
    uint64_t answered_mono_ns; /* the oldest answer for what is in force; 0: none for some of it */
    uint64_t stored_mono_ns;   /* as of which that was stored */
    struct regapi_schema unstored; /* of an id, to be put on the shelf; without a text: none */
};

/* The version to which a type or its subject in that language is pinned; 0: it is not. Any
 * thread. */
uint32_t schema_fetch_pin_of(const struct schema_cache_config *config, const char *type,
                             enum schema_kind kind);

/* What is built in and what lies in the state directory. Then, with a registry, what that says, as
 * far as it says it within 5 s. `f` is zeroed but for config, env.board and env.registry.over,
 * which the caller has set. Errors as schema_cache_start(); schema_fetch_done() is due after them
 * too. */
MUST_CHECK err_t schema_fetch_start(struct schema_fetch *f, struct schema_why *ret_why);
void schema_fetch_done(struct schema_fetch *f);

/* Asks for the subject with that number. As schema_subject_refresh(), but that a pinned version
 * that does not compile is no error any more. */
MUST_CHECK err_t schema_fetch_subject(struct schema_fetch *f, uint32_t number, bool *ret_changed,
                                      struct schema_type **ret_replaced);

/* Whether the id is known already: then there is nothing to ask. */
bool schema_fetch_knows(const struct schema_fetch *f, uint32_t id);

/* Asks for the id; afterwards schema_fetch_knows() it for a while, whatever the answer.
 * `*ret_evicted` is the type that had to make room, or NULL. Returns false if the registry is
 * away. */
bool schema_fetch_id(struct schema_fetch *f, uint32_t id, struct schema_type **ret_evicted);

/* Puts on disk what the last schema_fetch_id() brought: for when nobody waits any more. */
void schema_fetch_store(struct schema_fetch *f);

/* Asks for one of the ids whose text was not compared since the start or the registry's last
 * outage. If it is another text now the id is forgotten, to be asked for anew, and
 * `*ret_replaced` is its type, or else NULL. An id that the registry has no more is kept. Returns
 * false if there is none to compare, or the registry is away. */
bool schema_fetch_compare(struct schema_fetch *f, struct schema_type **ret_replaced);

/* As if the registry had been asked for the id while it is away. */
void schema_fetch_give_up(struct schema_fetch *f, uint32_t id);

/* What is in force now, for schema_set_copy(). Its generation is 0. */
struct schema_set schema_fetch_set(const struct schema_fetch *f);

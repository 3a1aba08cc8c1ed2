/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_cache: the thread that asks the registry, compiles what it says, and publishes sets.
 * Without a registry it is one set of the built-in types and no thread. With one: schemas are
 * fetched at the start and every refresh interval; the last good ones live in the state directory,
 * so that an outage, now or at the next start, stops nothing; ids that shards ask for are fetched
 * at once, and remembered for 60 s where there are none. A new version of what --type or LogEntry
 * stands for that would reject any of the records that were archived last is not adopted but
 * logged as an error (and counted), unless it is pinned. */
#pragma once

#include "base/buf.h"
#include "ingestor/schema_set.h"

#include <stdint.h>

#define SCHEMA_CACHE_WAIT_NS         (2ull * 1000000000ull)  /* a connection waits for an id */
#define SCHEMA_CACHE_NEGATIVE_NS     (60ull * 1000000000ull) /* an id is known to be none */
#define SCHEMA_CACHE_RECENT_MAX      100u

#define SCHEMA_CACHE_STATS_WHY_BYTES 256u

enum schema_cache_avro_prefix { AVRO_PREFIX_AUTO, AVRO_PREFIX_ALWAYS, AVRO_PREFIX_NEVER };

struct schema_cache_pin {
    const char *type; /* a type in all its languages, or one subject: "LogEntry", "LogEntry-avro" */
    uint32_t version;
};

/* The records of a type that were archived last: `count` payloads, one behind the other in `bytes`,
 * each with SPAN_SLACK_BYTES readable behind it. JSON: the record as its checker saw it, as an
 * object. */
struct schema_cache_recent {
    struct buf bytes;
    uint32_t count;
    struct {
        size_t at;
        size_t len;
    } of[SCHEMA_CACHE_RECENT_MAX];
};

struct schema_cache_config {
    const char *registry; /* URL; "": none */
    const char *type;     /* "LogEntry" */
    const char *state_dir;
    bool read_only; /* nothing is written to it (--explain) */
    uint64_t refresh_ns;
    const struct schema_cache_pin *pins;
    uint32_t pin_count;
    enum schema_cache_avro_prefix avro_prefix;
    unsigned shard_count;
    uint32_t record_bytes_max;

    /* Called from the cache's thread. */
    void (*wake)(void *arg, unsigned shard); /* a shard that asked: there is a new set */
    /* Gathers what `set` of all shards' latest records was judged by `type` (of which only kind and
     * name count). ERR_NOMEM, ERR_AGAIN: the shards did not answer in time; then nothing is
     * adopted until the next refresh. */
    err_t (*recent)(void *arg, const struct schema_type *type, struct schema_cache_recent *ret);
    void *arg;
};

/* For metrics. */
struct schema_cache_type_stats {
    char name[SCHEMA_TYPE_NAME_BYTES];
    enum schema_kind kind;
    uint32_t id;
    uint32_t version;
    uint32_t slot;
    uint64_t fetched_wall_ns; /* when the registry last said that this is the one; 0: built in */
    uint32_t refused_version; /* a newer one that is not adopted; 0: none */
    bool pinned;              /* --schema-pin names this version */
};

struct schema_cache_stats {
    bool registry;                          /* there is one */
    bool reachable;                         /* its last answer was one */
    const char *url;                        /* its URL, as long as the cache; NULL without */
    char why[SCHEMA_CACHE_STATS_WHY_BYTES]; /* it is away: how that showed; else "" */
    uint64_t age_ns;      /* since the registry last answered for all that is in force; 0 without */
    uint64_t fetches;     /* requests for a schema */
    uint64_t errors;      /* of them without a usable answer */
    uint64_t adopted;     /* versions that replaced another */
    uint64_t refused;     /* versions that were not adopted, each once */
    uint32_t ids;         /* global ids that have a type */
    uint64_t ids_refused; /* asked for when there was no room for another */
    uint32_t type_count;  /* slots that were given out, also to types no longer in force */
    struct schema_cache_type_stats types[SCHEMA_TYPE_SLOTS];
};

struct schema_cache;

/* Compiles the built-in types, reads the state directory, and, with a registry, asks it once, for
 * at most 5 s, and starts the thread. A registry that does not answer is no error. `ret_why`
 * (`why_bytes`, always written) for people. Errors: ERR_UNKNOWN there is no schema for --type in
 * any language, neither there nor in the state directory; ERR_SYNTAX a pinned version does not
 * compile, a pin names nothing that is followed, or the registry is no http or https URL; ERR_LIMIT
 * a name is too long; ERR_IO; ERR_NOMEM. The texts of the configuration outlive the cache. */
MUST_CHECK err_t schema_cache_start(const struct schema_cache_config *config, char *ret_why,
                                    size_t why_bytes, struct schema_cache **ret);

/* Shard thread, at the beginning of a turn: the newest set, valid until the shard's next call; by
 * calling, the shard says that it uses no earlier one. Never blocks. */
const struct schema_set *schema_cache_use(struct schema_cache *c, unsigned shard);

/* Shard thread: the id is wanted. Never blocks; asking again is harmless; under a flood of ids some
 * are forgotten and asked for again by who still waits. */
void schema_cache_ask(struct schema_cache *c, unsigned shard, uint32_t id);

/* Any thread. */
void schema_cache_read_stats(struct schema_cache *c, struct schema_cache_stats *ret);

/* SIGHUP. */
void schema_cache_set_refresh(struct schema_cache *c, uint64_t refresh_ns);

/* Ends the thread, within a second even if the registry hangs. Sets in use stay valid. */
void schema_cache_stop(struct schema_cache *c);

/* After the shards have ended. NULL is fine. */
void schema_cache_free(struct schema_cache *c);

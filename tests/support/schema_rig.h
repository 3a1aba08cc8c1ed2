/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_rig: a schema registry of a test's own, and a schema cache that asks it, with shards that
 * are only numbers. The registry can fall silent, lie and die. Everything asserts. */
#pragma once

#include "ingestor/schema_cache.h"
#include "tests/support/http_script.h"
#include "tests/support/temp_dir.h"

#include <pthread.h>
#include <stdatomic.h>

#define SCHEMA_RIG_ROUTES 1024u
#define SCHEMA_RIG_SHARDS 2u
#define SCHEMA_RIG_URL    64u

enum schema_rig_mood {
    MOOD_GOOD,
    MOOD_SILENT,   /* takes requests, never answers */
    MOOD_GARBAGE,  /* something that is no JSON */
    MOOD_HUGE,     /* begins an answer of 1 GB */
    MOOD_REDIRECT, /* sends everybody to where nobody is */
    MOOD_FAILING   /* status 500 */
};

struct schema_rig_route {
    char path[128];
    struct buf body;
    unsigned status;
    unsigned asked;
};

struct schema_rig {
    /* the registry */
    struct http_script *server; /* NULL: it is dead */
    uint16_t port;
    pthread_mutex_t lock; /* what follows */
    enum schema_rig_mood mood;
    struct schema_rig_route routes[SCHEMA_RIG_ROUTES];
    unsigned route_count;
    unsigned asked;

    /* the cache */
    char dir[TEMP_DIR_BYTES];
    char url[SCHEMA_RIG_URL];
    struct schema_cache_config config;
    struct schema_cache *cache;
    char why[512];
    _Atomic unsigned woken[SCHEMA_RIG_SHARDS];

    /* the records that were archived last, by language */
    struct span recent[SCHEMA_KIND_COUNT];
    _Atomic unsigned recent_count;
    _Atomic int recent_err; /* err_t */
    _Atomic unsigned recent_asked;
};

/* A registry without schemas, and the configuration of a cache that asks it every 20 ms. */
void schema_rig_open(struct schema_rig *r);
void schema_rig_close(struct schema_rig *r);

void schema_rig_kill_registry(struct schema_rig *r);
void schema_rig_revive_registry(struct schema_rig *r);
void schema_rig_set_mood(struct schema_rig *r, enum schema_rig_mood mood);

/* How often a path, or (NULL) any at all, was asked for. */
unsigned schema_rig_asked(struct schema_rig *r, const char *path);

/* What the registry says to a path. */
void schema_rig_route(struct schema_rig *r, const char *path, unsigned status, const char *body);

struct schema_rig_schema {
    const char *subject;
    enum schema_kind kind;
    uint32_t version;
    uint32_t id;
    struct span text; /* for Protobuf one FileDescriptorProto */
};

/* The schema becomes the latest one of its subject, and known by its id. */
void schema_rig_register(struct schema_rig *r, const struct schema_rig_schema *schema);

/* The built-in LogEntry as a registry has it. */
struct schema_rig_schema schema_rig_builtin(enum schema_kind kind, uint32_t version, uint32_t id);

/* From now on records of that language come so. */
void schema_rig_set_recent(struct schema_rig *r, enum schema_kind kind, struct span record);

/* Starts the cache, which must work; ends it. */
void schema_rig_start(struct schema_rig *r);
void schema_rig_stop(struct schema_rig *r);

/* The newest set, for shard 0; all other shards follow. */
const struct schema_set *schema_rig_use(struct schema_rig *r);

/* Waits until a set has the version in force for --type, and fails after 10 s. */
void schema_rig_await_version(struct schema_rig *r, enum schema_kind kind, uint32_t version);

/* Waits until the number at `at` is at least `least`. */
void schema_rig_await(_Atomic unsigned *at, unsigned least);

/* Asks for the id on behalf of a shard, and waits until the shard is woken. */
const struct schema_set_id *schema_rig_ask(struct schema_rig *r, unsigned shard, uint32_t id);

/* Rounds of questions pass. */
void schema_rig_await_rounds(struct schema_rig *r, unsigned rounds);

void schema_rig_nap_ms(long ms);

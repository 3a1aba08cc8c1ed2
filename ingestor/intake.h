/* SPDX-License-Identifier: Apache-2.0
 *
 * intake: what happens to a decoded batch, wherever its bytes came from: rules, rendering, the
 * archive's packs, and counting. One a shard; shard thread only. */
#pragma once

#include "archive/archive_pack.h"
#include "ingestor/judge.h"
#include "ingestor/proto.h"
#include "ingestor/recent.h"
#include "ingestor/schema_cache.h"
#include "ingestor/shard_stats.h"
#include "ingestor/stamp.h"
#include "ingestor/tail.h"
#include "ingestor/tally.h"
#include "ingestor/zone_map.h"
#include "render/render.h"
#include "wire/batch.h"

/* Who sees every batch instead of the archive (--explain): nothing is kept or written then. */
struct intake_watch {
    void (*decoded)(void *arg, const struct batch *b); /* also empty ones */
    void (*judged)(void *arg, const struct batch *b);
    void *arg;
};

struct intake {
    /* fixed after start */
    struct archive *archive;
    unsigned shard;
    struct archive_pack *packs[ARCHIVE_KIND_COUNT];
    const struct render *render;
    const struct intake_watch *watch; /* NULL: there is an archive */
    struct schema_cache *schemas;
    struct tail *tail; /* NULL: none */
    struct judge judge;
    struct proto_env env;

    /* shard thread only */
    struct batch *batch;
    struct recent *recent;
    const struct zone_map *zones; /* where senders are; NULL: all in UTC */
    const char *peer;             /* whose batch is being taken … */
    const char *cert;             /* … and the name in its certificate; "": none */
    struct stamp stamp;
    struct shard_stats *stats;
    uint64_t turn_mono_ns; /* when this loop turn's sockets were found readable */
    uint64_t turn_wall_ns;
    bool discarding; /* shutdown without time left: what still comes is dropped, and counted so */
};

struct intake_config {
    struct archive *archive; /* NULL with `watch` */
    unsigned shard;
    const struct render *render;
    const struct intake_watch *watch; /* NULL, or outlives the intake */
    struct stamp_config stamp;
    struct schema_cache *schemas; /* outlives the intake */
    struct tail *tail;            /* likewise; NULL: none */
    uint32_t record_bytes_max;
    uint32_t message_bytes_max;
    bool ndjson_strict;
    const struct zone_map *zones; /* outlives the intake; NULL: all are in UTC */
};

/* ERR_NOMEM. */
MUST_CHECK err_t intake_init(struct intake *in, const struct intake_config *config);
void intake_done(struct intake *in);

/* Stamps what follows with the present time, takes the schemas in force, empties the batch. */
void intake_begin_turn(struct intake *in);

/* Whether one more batch may be decoded: the archive can take what it becomes. */
bool intake_is_ready(const struct intake *in);

/* Checks, renders and counts what is in the batch, then empties it. `peer` is text like
 * "127.0.0.1:4242"; `cert` the name in the certificate that it showed, or "". */
void intake_take_batch(struct intake *in, const char *peer, const char *cert);

/* Counts the outcomes that the archive has for this shard. Returns how many there were. */
unsigned intake_reap(struct intake *in);

/* Ends frames whose first line is older than `flush_ns`, or all of them for 0. */
void intake_flush(struct intake *in, uint64_t mono_ns, uint64_t flush_ns);

/* When intake_flush() will next have something to do (monotonic); UINT64_MAX: nothing in hand. */
uint64_t intake_flush_due(const struct intake *in, uint64_t flush_ns);

/* Shutdown without time left: what is in the packs, and all that still comes, counts as dropped. */
void intake_discard(struct intake *in);

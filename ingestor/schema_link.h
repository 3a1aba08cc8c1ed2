/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_link: what the cache of schemas asks of the shards, and what it takes from the
 * settings. */
#pragma once

#include "ingestor/ingestor_cfg.h"
#include "ingestor/schema_cache.h"
#include "ingestor/shard.h"

#include <stdatomic.h>

struct schema_link {
    /* fixed after start */
    struct shard *const *shards; /* NULL: there are none, and nothing is kept (--explain) */
    struct schema_cache_pin pins[OPTION_LIST_MAX];
    char pin_types[OPTION_LIST_MAX][SCHEMA_TYPE_NAME_BYTES];

    /* atomic */
    _Atomic unsigned shards_ready; /* that the cache's thread may ask */
};

/* Where the reason of a failure goes, for the user; always written. */
struct schema_link_why {
    char *text;
    size_t bytes;
};

/* `shards` is filled in later; the link and they outlive the cache. */
void schema_link_init(struct schema_link *link, struct shard *const *shards);

/* The cache that the settings ask for, for so many shards. Errors as of schema_cache_start(). */
MUST_CHECK err_t schema_link_start(struct schema_link *link, const struct ingestor_cfg *cfg,
                                   unsigned shard_count, struct schema_link_why why,
                                   struct schema_cache **ret);

/* The shards run: from here on they may be asked. */
void schema_link_open(struct schema_link *link, unsigned shard_count);

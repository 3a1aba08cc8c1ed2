/* SPDX-License-Identifier: Apache-2.0
 *
 * snapshot: a shard's counters as others read them. The shard copies its counters into a spare
 * buffer and swaps it in by one atomic exchange; readers swap the newest out the same way. The
 * shard never waits; readers share one mutex among themselves. */
#pragma once

#include "base/err.h"
#include "ingestor/shard_stats.h"

#include <pthread.h>
#include <stdatomic.h>

struct snapshot {
    struct shard_stats *buffers; /* 3: one the shard's, one the readers', one between them */
    _Atomic unsigned middle;     /* index, plus SNAPSHOT_FRESH when newer than the readers' */
    unsigned writer;             /* shard thread only */
    unsigned reader;             /* under `lock` */
    pthread_mutex_t lock;
};

/* ERR_NOMEM. */
MUST_CHECK err_t snapshot_init(struct snapshot *s);
void snapshot_done(struct snapshot *s);

/* Shard thread only. */
void snapshot_publish(struct snapshot *s, const struct shard_stats *stats);

/* Any other thread: a copy of the newest. */
void snapshot_read(struct snapshot *s, struct shard_stats *ret);

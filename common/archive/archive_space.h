/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_space: whether the archive can write: free space against the reserve (min_free), which
 * shards' writers are stuck, and whose files cannot be made durable. Each of that makes the archive
 * `stalled`; each change of that is reported once. */
#pragma once

#include "archive/archive.h"

#include <pthread.h>

struct archive_space {
    const struct archive_config *config;
    void (*resumed)(void *arg); /* stalled shards may go on */
    void *resumed_arg;

    /* atomic */
    _Atomic uint64_t disk_free_bytes;
    _Atomic uint64_t disk_total_bytes;
    _Atomic uint64_t disk_reserve_bytes;
    _Atomic bool stalled;
    _Atomic bool blocked; /* nothing can be written, and the policy is to block: shards must not
                             read; failing syncs stop them by what they leave unsynced */

    /* under lock */
    pthread_mutex_t lock;
    struct archive_policy policy;
    uint64_t checked_mono_ns;
    uint64_t unchecked_bytes; /* written since then */
    bool low;                 /* below the reserve */
    uint64_t stuck_shards;    /* one bit each … */
    uint64_t unsynced_shards; /* … as here */
};

/* Looks at the disk for the first time. `resumed` is called under the lock. */
void archive_space_init(struct archive_space *s, const struct archive_config *config,
                        void (*resumed)(void *arg), void *resumed_arg);
void archive_space_done(struct archive_space *s);

/* Looks at the disk if that was long ago (250 ms, or 8 MiB of which `wrote_bytes` are new). Returns
 * whether the reserve is free. */
bool archive_space_check(struct archive_space *s, uint64_t wrote_bytes);

/* A shard's writer cannot write for the reason `error` (errno) / can again. */
void archive_space_stuck(struct archive_space *s, unsigned shard, int error);
void archive_space_unstuck(struct archive_space *s, unsigned shard);

/* What a shard has written could not be synced for the reason `error` (errno) / is synced. */
void archive_space_unsynced(struct archive_space *s, unsigned shard, int error);
void archive_space_synced(struct archive_space *s, unsigned shard);

void archive_space_set_policy(struct archive_space *s, const struct archive_policy *policy);

/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_sync: the one thread that makes written frames durable (fsync=flush): every file once a
 * flush interval, or as soon as its writer hurries it. A slow disk (a round over 250 ms) stretches
 * the interval to at most 5 s. It also stands between writers and keeper: a finished file gets its
 * last sync here, at once, so that its frames do not wait for the keeper's work, and then goes on
 * to the keeper. Its second duty is to look at the disk's free space while nobody writes. */
#pragma once

#include "archive/archive_file.h"
#include "archive/archive_keeper.h"
#include "archive/archive_space.h"

struct archive_sync;

MUST_CHECK err_t archive_sync_start(const struct archive_config *config,
                                    struct archive_keeper *keeper, struct archive_space *space,
                                    struct archive_sync **ret);

/* Writer threads: the file has its first frame and is synced from now on. One at a time a shard and
 * kind. */
void archive_sync_add(struct archive_sync *s, struct archive_file *file);

/* Writer threads: the file should be synced now (8 MiB are unsynced, or too many frames). */
void archive_sync_hurry(struct archive_sync *s, const struct archive_file *file);

/* Writer threads: nobody writes the file any more. It belongs to the sync thread, then to the
 * keeper; a file of which nothing could be made durable is removed instead. */
void archive_sync_finish(struct archive_sync *s, struct archive_file *file);

/* Any thread. */
void archive_sync_set_policy(struct archive_sync *s, const struct archive_policy *policy);

/* The pause before the next round, after one that took `took_ns`: the flush interval `base_ns`,
 * doubled with each slow round in turn and halved with each quick one. Pure. */
uint64_t archive_sync_next_interval(uint64_t interval_ns, uint64_t base_ns, uint64_t took_ns);

/* Any thread but a shard's: age of the oldest frame written but not synced; 0: none. */
uint64_t archive_sync_lag_ns(struct archive_sync *s);

/* The writers have ended. Syncs and passes on what is finished, without syncing after
 * `deadline_mono_ns`, and ends the thread. False: it hangs in a sync; nothing may be freed. */
bool archive_sync_stop(struct archive_sync *s, uint64_t deadline_mono_ns);
void archive_sync_free(struct archive_sync *s);

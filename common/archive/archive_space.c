/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_space: one place turns many threads' observations into one state, so that a full disk is
 * reported once and not once a shard. */
#include "archive/archive_space.h"

#include "archive/archive_report.h"
#include "base/clock.h"

#include <stdatomic.h>

#define CHECK_NS            (250 * NS_PER_MS)
#define CHECK_BYTES         (8u * MIB)
#define RESERVE_PERCENT_MAX (10 * GIB) /* a percentage of a huge disk is no more than this */

_Static_assert(SHARDS_MAX <= 64, "a bit for each shard");

static uint64_t reserve_of(const struct archive_space *s)
{
    if (s->policy.min_free_bytes != 0) {
        return s->policy.min_free_bytes;
    }
    uint64_t total = atomic_load(&s->disk_total_bytes);
    uint64_t share = total / 100 * s->policy.min_free_percent;
    return share < RESERVE_PERCENT_MAX ? share : RESERVE_PERCENT_MAX;
}

static void report_stalled(struct archive_space *s, int error)
{
    const char *action = s->policy.on_full == ARCHIVE_ON_FULL_BLOCK ? "block" : "shed";

    if (s->unsynced_shards != 0) {
        archive_report(s->config, ARCHIVE_EVENT_STALLED, s->config->data_dir,
                       "failed=sync error=\"%s\" action=retry", archive_report_error(error));
        return;
    }
    if (error == 0) {
        archive_report(s->config, ARCHIVE_EVENT_STALLED, s->config->data_dir,
                       "reason=min_free free_bytes=%llu min_free_bytes=%llu action=%s",
                       (unsigned long long)atomic_load(&s->disk_free_bytes),
                       (unsigned long long)reserve_of(s), action);
        return;
    }
    archive_report(s->config, ARCHIVE_EVENT_STALLED, s->config->data_dir,
                   "failed=write error=\"%s\" action=%s", archive_report_error(error), action);
}

/* Under the lock, after anything it depends on has changed. */
static void update_state(struct archive_space *s, int error)
{
    bool was = atomic_load(&s->stalled);
    bool full = s->low || s->stuck_shards != 0;
    bool now = full || s->unsynced_shards != 0;
    bool was_blocked = atomic_load(&s->blocked);
    bool now_blocked = full && s->policy.on_full == ARCHIVE_ON_FULL_BLOCK;

    atomic_store(&s->stalled, now);
    atomic_store(&s->blocked, now_blocked);
    if (now && !was) {
        report_stalled(s, error);
    }
    if (!now && was) {
        archive_report(s->config, ARCHIVE_EVENT_RESUMED, s->config->data_dir, "free_bytes=%llu",
                       (unsigned long long)atomic_load(&s->disk_free_bytes));
    }
    if (was_blocked && !now_blocked) {
        s->resumed(s->resumed_arg);
    }
}

/* Under the lock. A disk that cannot be asked counts as it did before: writing will tell. */
static void look(struct archive_space *s)
{
    const struct archive_io *io = s->config->io;
    uint64_t free_bytes = 0;
    uint64_t total_bytes = 0;

    s->checked_mono_ns = clock_mono_ns();
    s->unchecked_bytes = 0;
    if (io->free_space(io->arg, s->config->data_dir, &free_bytes, &total_bytes) != 0) {
        return;
    }
    atomic_store(&s->disk_free_bytes, free_bytes);
    atomic_store(&s->disk_total_bytes, total_bytes);
    atomic_store(&s->disk_reserve_bytes, reserve_of(s));
    bool low = free_bytes < reserve_of(s);
    if (low != s->low) {
        s->low = low;
        update_state(s, 0);
    }
}

void archive_space_init(struct archive_space *s, const struct archive_config *config,
                        void (*resumed)(void *arg), void *resumed_arg)
{
    *s = (struct archive_space){
        .config = config,
        .resumed = resumed,
        .resumed_arg = resumed_arg,
        .policy = config->policy,
    };
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_lock(&s->lock);
    look(s);
    pthread_mutex_unlock(&s->lock);
}

void archive_space_done(struct archive_space *s)
{
    pthread_mutex_destroy(&s->lock);
}

bool archive_space_check(struct archive_space *s, uint64_t wrote_bytes)
{
    pthread_mutex_lock(&s->lock);
    s->unchecked_bytes += wrote_bytes;
    if (s->unchecked_bytes >= CHECK_BYTES || clock_mono_ns() >= s->checked_mono_ns + CHECK_NS) {
        look(s);
    }
    bool enough = !s->low;
    pthread_mutex_unlock(&s->lock);
    return enough;
}

void archive_space_stuck(struct archive_space *s, unsigned shard, int error)
{
    pthread_mutex_lock(&s->lock);
    s->stuck_shards |= 1ull << shard;
    update_state(s, error);
    pthread_mutex_unlock(&s->lock);
}

void archive_space_unstuck(struct archive_space *s, unsigned shard)
{
    pthread_mutex_lock(&s->lock);
    s->stuck_shards &= ~(1ull << shard);
    update_state(s, 0);
    pthread_mutex_unlock(&s->lock);
}

void archive_space_unsynced(struct archive_space *s, unsigned shard, int error)
{
    pthread_mutex_lock(&s->lock);
    s->unsynced_shards |= 1ull << shard;
    update_state(s, error);
    pthread_mutex_unlock(&s->lock);
}

void archive_space_synced(struct archive_space *s, unsigned shard)
{
    pthread_mutex_lock(&s->lock);
    s->unsynced_shards &= ~(1ull << shard);
    update_state(s, 0);
    pthread_mutex_unlock(&s->lock);
}

void archive_space_set_policy(struct archive_space *s, const struct archive_policy *policy)
{
    pthread_mutex_lock(&s->lock);
    s->policy = *policy;
    look(s);
    update_state(s, 0);
    pthread_mutex_unlock(&s->lock);
}

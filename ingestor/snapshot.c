/* SPDX-License-Identifier: Apache-2.0
 *
 * snapshot: triple buffering. */
#include "ingestor/snapshot.h"

#include <stdlib.h>

#define SNAPSHOT_BUFFERS 3u
#define SNAPSHOT_FRESH   4u
#define SNAPSHOT_INDEX   3u

err_t snapshot_init(struct snapshot *s)
{
    s->buffers = calloc(SNAPSHOT_BUFFERS, sizeof(*s->buffers));
    ENSURE(s->buffers != NULL, ERR_NOMEM);
    s->writer = 0;
    s->reader = 1;
    atomic_init(&s->middle, 2);
    pthread_mutex_init(&s->lock, NULL);
    return ERR_OK;
}

void snapshot_done(struct snapshot *s)
{
    if (s->buffers != NULL) {
        pthread_mutex_destroy(&s->lock);
        free(s->buffers);
        s->buffers = NULL;
    }
}

void snapshot_publish(struct snapshot *s, const struct shard_stats *stats)
{
    s->buffers[s->writer] = *stats;
    s->writer = atomic_exchange(&s->middle, s->writer | SNAPSHOT_FRESH) & SNAPSHOT_INDEX;
}

void snapshot_read(struct snapshot *s, struct shard_stats *ret)
{
    pthread_mutex_lock(&s->lock);
    if ((atomic_load(&s->middle) & SNAPSHOT_FRESH) != 0) {
        s->reader = atomic_exchange(&s->middle, s->reader) & SNAPSHOT_INDEX;
    }
    *ret = s->buffers[s->reader];
    pthread_mutex_unlock(&s->lock);
}

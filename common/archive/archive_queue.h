/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_queue: the link between a shard and its writer thread: the frames both of them pass to
 * and fro by one ring each way. The shard is woken by an eventfd, the writer by a semaphore. No
 * locks.
 *
 * A frame goes round: taken by the shard -> pushed -> popped by the writer -> decided (the shard is
 * told its fate) -> released (the shard may use it again). It comes back twice, in this order, by
 * the same ring; the second time the writer has no more use for it.
 *
 * Nothing here can be full. A shard stops reading at ARCHIVE_FRAMES_PER_SHARD frames in use or
 * ARCHIVE_RING_SLOTS waiting; the rest is for what one batch may still produce after that, which is
 * a frame for each of its lines at worst. Frames never used are memory never touched. */
#pragma once

#include "archive/archive_frame.h"
#include "base/limits.h"
#include "base/ring.h"

#include <semaphore.h>

#define ARCHIVE_QUEUE_FRAMES 512u

_Static_assert(ARCHIVE_QUEUE_FRAMES >=
                   ARCHIVE_FRAMES_PER_SHARD + BATCH_ITEMS_MAX + ARCHIVE_KIND_COUNT,
               "a batch begun with the last free frame finds one for each line and each flush");

struct archive_queue {
    /* shard thread only */
    struct archive_frame *unused; /* the last one back first: its memory is warm */
    uint32_t frames_made;
    uint32_t frames_used;
    uint64_t bytes_used; /* of frames handed over and not released */

    /* fixed after start */
    struct archive_frame *frames;
    int shard_fd; /* wakes the shard */
    sem_t news;   /* wakes the writer */

    struct ring to_writer;
    struct ring to_shard;
};

/* ERR_NOMEM; ERR_IO (no more descriptors) with errno. */
MUST_CHECK err_t archive_queue_new(struct archive_queue **ret);
void archive_queue_free(struct archive_queue *q);

/* --- shard thread only --- */

/* A frame to fill; only `data` and `cap` have values from before. */
struct archive_frame *archive_queue_take(struct archive_queue *q);

/* Hands it over, index, tag and data filled in. `len` 0: there was no memory for the data. */
void archive_queue_push(struct archive_queue *q, struct archive_frame *frame);

/* The next frame whose fate has been decided, or NULL. Valid until the next call. */
const struct archive_frame *archive_queue_reap(struct archive_queue *q);

/* Whether the limits above leave room for a batch. */
bool archive_queue_has_room(const struct archive_queue *q);

/* --- writer thread only --- */

struct archive_frame *archive_queue_pop(struct archive_queue *q);
void archive_queue_decide(struct archive_queue *q, struct archive_frame *frame,
                          enum archive_fate fate);
void archive_queue_release(struct archive_queue *q, struct archive_frame *frame);

/* Sleeps until somebody wakes the writer, at the latest until `until_mono_ns`. A wake-up since the
 * last call ends it at once. */
void archive_queue_rest(struct archive_queue *q, uint64_t until_mono_ns);

/* --- any thread --- */

void archive_queue_wake_shard(struct archive_queue *q);
void archive_queue_wake_writer(struct archive_queue *q);

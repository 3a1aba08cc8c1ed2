/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_queue: both rings have a slot for every frame that exists (twice, on the way back), so a
 * push cannot fail and needs no error path. */
#include "archive/archive_queue.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

err_t archive_queue_new(struct archive_queue **ret)
{
    struct archive_queue *q = aligned_alloc(_Alignof(struct archive_queue), sizeof(*q));

    ENSURE(q != NULL, ERR_NOMEM);
    *q = (struct archive_queue){.shard_fd = -1};
    sem_init(&q->news, 0, 0);
    q->frames = aligned_alloc(_Alignof(struct archive_frame),
                              ARCHIVE_QUEUE_FRAMES * sizeof(struct archive_frame));
    err_t err = q->frames == NULL ? ERR_NOMEM : ring_init(&q->to_writer, ARCHIVE_QUEUE_FRAMES);
    if (err == ERR_OK) {
        err = ring_init(&q->to_shard, 2 * ARCHIVE_QUEUE_FRAMES);
    }
    if (err == ERR_OK) {
        q->shard_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        err = q->shard_fd < 0 ? ERR_IO : ERR_OK;
    }
    if (err != ERR_OK) {
        int why = errno;
        archive_queue_free(q);
        errno = why;
        return err;
    }
    *ret = q;
    return ERR_OK;
}

void archive_queue_free(struct archive_queue *q)
{
    if (q == NULL) {
        return;
    }
    for (uint32_t i = 0; i < q->frames_made; i++) {
        archive_frame_done(&q->frames[i]);
    }
    free(q->frames);
    ring_done(&q->to_writer);
    ring_done(&q->to_shard);
    if (q->shard_fd >= 0) {
        close(q->shard_fd);
    }
    sem_destroy(&q->news);
    free(q);
}

static struct archive_frame *make_frame(struct archive_queue *q)
{
    assert(q->frames_made < ARCHIVE_QUEUE_FRAMES);

    struct archive_frame *frame = &q->frames[q->frames_made++];
    memset(frame, 0, offsetof(struct archive_frame, tag));
    return frame;
}

struct archive_frame *archive_queue_take(struct archive_queue *q)
{
    struct archive_frame *frame = q->unused;

    if (frame != NULL) {
        q->unused = frame->next;
    } else {
        frame = make_frame(q);
    }
    frame->next = NULL;
    frame->len = 0;
    frame->decided = false;
    frame->reported = false;
    q->frames_used++;
    return frame;
}

void archive_queue_push(struct archive_queue *q, struct archive_frame *frame)
{
    q->bytes_used += frame->len;
    err_t err = ring_push(&q->to_writer, frame);
    assert(err == ERR_OK);
    archive_queue_wake_writer(q);
}

static void put_back(struct archive_queue *q, struct archive_frame *frame)
{
    q->bytes_used -= frame->len;
    q->frames_used--;
    frame->next = q->unused;
    q->unused = frame;
}

const struct archive_frame *archive_queue_reap(struct archive_queue *q)
{
    struct archive_frame *frame = ring_pop(&q->to_shard);

    while (frame != NULL && frame->reported) {
        put_back(q, frame);
        frame = ring_pop(&q->to_shard);
    }
    if (frame != NULL) {
        frame->reported = true;
    }
    return frame;
}

bool archive_queue_has_room(const struct archive_queue *q)
{
    return q->frames_used < ARCHIVE_FRAMES_PER_SHARD && q->bytes_used <= ARCHIVE_UNSYNCED_MAX &&
           ring_count(&q->to_writer) < ARCHIVE_RING_SLOTS;
}

struct archive_frame *archive_queue_pop(struct archive_queue *q)
{
    return ring_pop(&q->to_writer);
}

static void tell_shard(struct archive_queue *q, struct archive_frame *frame)
{
    err_t err = ring_push(&q->to_shard, frame);

    assert(err == ERR_OK);
}

void archive_queue_decide(struct archive_queue *q, struct archive_frame *frame,
                          enum archive_fate fate)
{
    assert(!frame->decided);
    frame->decided = true;
    frame->fate = (uint8_t)fate;
    tell_shard(q, frame);
}

void archive_queue_release(struct archive_queue *q, struct archive_frame *frame)
{
    assert(frame->decided);
    tell_shard(q, frame);
}

void archive_queue_wake_shard(struct archive_queue *q)
{
    uint64_t one = 1;

    IGNORE(write(q->shard_fd, &one, sizeof(one)) < 0, "the count is full: it is readable anyway");
}

void archive_queue_wake_writer(struct archive_queue *q)
{
    IGNORE(sem_post(&q->news) != 0, "the count is full: it wakes anyway");
}

void archive_queue_rest(struct archive_queue *q, uint64_t until_mono_ns)
{
    struct timespec until = {
        .tv_sec = (time_t)(until_mono_ns / NS_PER_S),
        .tv_nsec = (long)(until_mono_ns % NS_PER_S),
    };

    IGNORE(sem_clockwait(&q->news, CLOCK_MONOTONIC, &until) != 0, "the time has come");
    while (sem_trywait(&q->news) == 0) {
        /* all the news there is will be seen in one go */
    }
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_writer: one loop without inner loops that wait, so that rotation, lost frames and the
 * order to stop are seen within one turn whatever the disk does. */
#include "archive/archive_writer.h"

#include "archive/archive_report.h"
#include "archive/archive_thread.h"
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define REST_NS_MAX     (3600 * NS_PER_S) /* when nothing is expected */
#define RETRY_NS        (100 * NS_PER_MS)
#define UNSYNCED_BYTES  (8u * MIB)                      /* written: the file should be synced */
#define UNSYNCED_FRAMES (ARCHIVE_FRAMES_PER_SHARD / 2u) /* … before the shard runs out of them */
#define WAIT_NS_MAX     NS_PER_S       /* while a file is open: the wall clock may be set */
#define STUCK_IDLE_NS   (5 * NS_PER_S) /* without a new try, a full disk may be free again */

/* What others want of the writer. */
struct writer_orders {
    struct archive_policy policy;
    struct archive_frame_list synced; /* kept frames come back */
    struct archive_frame_list lost;
    bool rotate;
    bool stop;
    uint64_t deadline_mono_ns;
};

enum pause_reason { PAUSE_FOR_ERROR, PAUSE_FOR_FULL_DISK };

struct archive_writer {
    /* fixed after start */
    struct archive_writer_env env;
    unsigned shard;
    struct archive_thread thread;

    /* writer thread only */
    struct archive_outlet outlet;
    struct archive_frame *pending;  /* popped, not written yet */
    struct archive_frame_list lost; /* to be written again, before `pending` */
    uint32_t kept_frames;           /* given to files, not come back */
    bool told;                      /* the shard has news and is not woken yet */
    bool stuck;                     /* the last try to write failed … */
    uint64_t stuck_mono_ns;         /* … at this time */
    uint64_t pause_mono_ns;         /* no new try before; 0: no pause */
    enum pause_reason pause_reason;
    struct archive_policy policy;
    bool stop;
    uint64_t deadline_mono_ns;

    /* under lock */
    pthread_mutex_t lock;
    struct writer_orders orders;
    bool in_system;             /* inside a call that may hang, with … */
    struct archive_frame *held; /* … this frame */
    bool abandoned;             /* it hung for too long: the queue is no longer the writer's */
};

/* From the threads that sync. */
static void on_kept_done(void *arg, struct archive_frame *frames, enum archive_kept outcome)
{
    struct archive_writer *w = arg;

    pthread_mutex_lock(&w->lock);
    archive_frame_append(outcome == ARCHIVE_KEPT_SYNCED ? &w->orders.synced : &w->orders.lost,
                         frames);
    pthread_mutex_unlock(&w->lock);
    archive_queue_wake_writer(w->env.queue);
}

static void release(struct archive_writer *w, struct archive_frame *frame)
{
    archive_queue_release(w->env.queue, frame);
    w->told = true;
}

static void decide(struct archive_writer *w, struct archive_frame *frame, enum archive_fate fate)
{
    archive_queue_decide(w->env.queue, frame, fate);
    w->told = true;
}

static void drop(struct archive_writer *w, struct archive_frame *frame, enum archive_fate fate)
{
    decide(w, frame, fate);
    release(w, frame);
}

static void pause_writing(struct archive_writer *w, enum pause_reason reason)
{
    w->pause_mono_ns = clock_mono_ns() + RETRY_NS;
    w->pause_reason = reason;
}

/* Takes what others have left for the writer and does what needs no disk. */
static void obey_orders(struct archive_writer *w)
{
    struct archive_frame *frame;

    pthread_mutex_lock(&w->lock);
    struct writer_orders orders = w->orders;
    w->orders.synced = (struct archive_frame_list){0};
    w->orders.lost = (struct archive_frame_list){0};
    w->orders.rotate = false;
    pthread_mutex_unlock(&w->lock);

    w->policy = orders.policy;
    w->stop = orders.stop;
    w->deadline_mono_ns = orders.deadline_mono_ns;
    while ((frame = archive_frame_pop(&orders.synced)) != NULL) {
        w->kept_frames--;
        release(w, frame);
    }
    for (frame = orders.lost.first; frame != NULL; frame = frame->next) {
        w->kept_frames--;
    }
    if (orders.lost.first != NULL) {
        archive_frame_append(&w->lost, orders.lost.first);
        pause_writing(w, PAUSE_FOR_ERROR); /* a disk that fails every sync must not be kept busy */
    }
    if (orders.rotate) {
        archive_outlet_finish_all(&w->outlet);
    }
}

static void unstick(struct archive_writer *w)
{
    if (w->stuck) {
        w->stuck = false;
        archive_space_unstuck(w->env.space, w->shard);
    }
}

/* The frame is in its file. */
static void written(struct archive_writer *w, struct archive_frame *frame)
{
    struct archive_counters *counters = w->env.counters;
    struct archive_file *f = w->outlet.files[frame->index.kind];

    if (!frame->decided) {
        atomic_fetch_add(&counters->bytes_in, frame->index.line_bytes);
        atomic_fetch_add(&counters->bytes_out, frame->len);
        decide(w, frame, ARCHIVE_WRITTEN);
    }
    unstick(w);
    if (!f->keeps) {
        release(w, frame);
        return;
    }
    w->kept_frames++;
    if (archive_file_unsynced(f) >= UNSYNCED_BYTES || w->kept_frames >= UNSYNCED_FRAMES) {
        archive_sync_hurry(w->env.sync, f);
    }
}

enum attempt { ATTEMPT_DONE, ATTEMPT_POSTPONED };

/* Nothing can be written now. A frame whose fate was told must be kept; the others go by the
 * policy. */
static enum attempt failed_full(struct archive_writer *w, struct archive_frame *frame)
{
    if (w->policy.on_full == ARCHIVE_ON_FULL_SHED && !frame->decided) {
        drop(w, frame, ARCHIVE_DROPPED_DISK_FULL);
        return ATTEMPT_DONE;
    }
    pause_writing(w, PAUSE_FOR_FULL_DISK);
    return ATTEMPT_POSTPONED;
}

/* What failed at first is told; what goes on failing is not told again. */
static void stick(struct archive_writer *w, int why)
{
    if (!w->stuck) {
        archive_space_stuck(w->env.space, w->shard, why);
    }
    w->stuck = true;
    w->stuck_mono_ns = clock_mono_ns();
}

static enum attempt failed(struct archive_writer *w, struct archive_frame *frame, int why)
{
    const struct archive_file *f = w->outlet.files[frame->index.kind];

    atomic_fetch_add(&w->env.counters->io_errors, 1);
    if (!w->stuck) {
        archive_report(w->env.config, ARCHIVE_EVENT_IO_ERROR, f == NULL ? "" : f->path,
                       "failed=write error=\"%s\" action=retry", archive_report_error(why));
    }
    stick(w, why);
    pause_writing(w, PAUSE_FOR_ERROR);
    return ATTEMPT_POSTPONED;
}

/* Without memory for its bytes the frame came empty. */
static enum attempt drop_empty(struct archive_writer *w, struct archive_frame *frame)
{
    atomic_fetch_add(&w->env.counters->io_errors, 1);
    archive_report(w->env.config, ARCHIVE_EVENT_IO_ERROR, "",
                   "failed=compress error=\"out of memory\" records=%u action=drop_frame",
                   frame->index.records);
    drop(w, frame, ARCHIVE_DROPPED_DISK_FULL);
    return ATTEMPT_DONE;
}

/* Around calls that a hanging disk may never return from. Whoever waits for the writer's end and
 * loses patience takes the queue over (abandon()), but only between these two; a writer that comes
 * back after that ends on the spot. */
static void enter_system(struct archive_writer *w, struct archive_frame *frame)
{
    pthread_mutex_lock(&w->lock);
    w->in_system = true;
    w->held = frame;
    pthread_mutex_unlock(&w->lock);
}

static void leave_system(struct archive_writer *w)
{
    pthread_mutex_lock(&w->lock);
    w->in_system = false;
    w->held = NULL;
    bool abandoned = w->abandoned;
    pthread_mutex_unlock(&w->lock);
    if (abandoned) {
        pthread_exit(NULL);
    }
}

/* ARCHIVE_OUTLET_FULL with errno 0: the reserve is not free. */
static enum archive_outlet_result write_frame(struct archive_writer *w, struct archive_frame *frame)
{
    enum archive_outlet_result result = ARCHIVE_OUTLET_FULL;
    int why = 0;

    enter_system(w, frame);
    if (frame->decided || archive_space_check(w->env.space, 0)) {
        result = archive_outlet_write(&w->outlet, frame);
        why = errno;
    }
    if (result == ARCHIVE_OUTLET_WRITTEN) {
        IGNORE(!archive_space_check(w->env.space, frame->len), "asked before the next frame");
    }
    leave_system(w);
    errno = why;
    return result;
}

static enum attempt attempt(struct archive_writer *w, struct archive_frame *frame)
{
    if (frame->len == 0) {
        return drop_empty(w, frame);
    }
    enum archive_outlet_result result = write_frame(w, frame);
    int why = errno;
    switch (result) {
    case ARCHIVE_OUTLET_WRITTEN:
        written(w, frame);
        return ATTEMPT_DONE;
    case ARCHIVE_OUTLET_FULL:
        if (why != 0) {
            stick(w, why);
        }
        return failed_full(w, frame);
    case ARCHIVE_OUTLET_FAILED:
        return failed(w, frame, why);
    case ARCHIVE_OUTLET_AGAIN:
        break;
    }
    return ATTEMPT_POSTPONED; /* without a pause */
}

/* The oldest frame to write, off its list. */
static struct archive_frame *take_frame(struct archive_writer *w)
{
    struct archive_frame *frame = archive_frame_pop(&w->lost);

    if (frame == NULL) {
        frame = w->pending != NULL ? w->pending : archive_queue_pop(w->env.queue);
        w->pending = NULL;
    }
    return frame;
}

static void put_frame_back(struct archive_writer *w, struct archive_frame *frame)
{
    if (frame->decided) {
        archive_frame_put_back(&w->lost, frame);
    } else {
        w->pending = frame;
    }
}

/* Drops what the shard has handed over; returns whether there was anything. */
static bool drop_waiting(struct archive_writer *w, enum archive_fate fate)
{
    struct archive_frame *frame = w->pending != NULL ? w->pending : archive_queue_pop(w->env.queue);
    bool any = frame != NULL;

    w->pending = NULL;
    while (frame != NULL) {
        drop(w, frame, fate);
        frame = archive_queue_pop(w->env.queue);
    }
    return any;
}

/* One frame, if there is one and no pause. With shed, a pause for a full disk is one of lost
 * frames, and what comes behind them is shed meanwhile. */
static bool write_next(struct archive_writer *w)
{
    uint64_t now = clock_mono_ns();

    if (now < w->pause_mono_ns) {
        return w->pause_reason == PAUSE_FOR_FULL_DISK &&
               w->policy.on_full == ARCHIVE_ON_FULL_SHED &&
               drop_waiting(w, ARCHIVE_DROPPED_DISK_FULL);
    }
    w->pause_mono_ns = 0;
    struct archive_frame *frame = take_frame(w);
    if (frame == NULL) {
        if (w->stuck && now - w->stuck_mono_ns >= STUCK_IDLE_NS) {
            unstick(w);
        }
        return false;
    }
    if (attempt(w, frame) == ATTEMPT_POSTPONED) {
        put_frame_back(w, frame);
    }
    return true;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Until when the writer may sleep if nobody wakes it. */
static uint64_t rest_until(const struct archive_writer *w)
{
    uint64_t now = clock_mono_ns();
    uint64_t until = now + REST_NS_MAX;

    if (w->pause_mono_ns != 0) {
        until = earlier(until, w->pause_mono_ns);
    } else if (w->stuck) {
        until = earlier(until, w->stuck_mono_ns + STUCK_IDLE_NS);
    }
    if (w->stop) {
        until = earlier(until, w->deadline_mono_ns);
    }
    uint64_t interval = w->policy.rotate_interval_ns;
    if (interval != 0 && atomic_load(&w->outlet.files_open) > 0) {
        uint64_t left = interval - clock_wall_ns() % interval;
        until = earlier(until, now + earlier(left, WAIT_NS_MAX));
    }
    return until;
}

/* Stopping, and nothing is left to write: the files are finished, and when all they hold is durable
 * there is nothing that could come back. */
static bool has_ended(struct archive_writer *w)
{
    if (!w->stop || w->pause_mono_ns != 0) {
        return false;
    }
    archive_outlet_finish_all(&w->outlet);
    return w->kept_frames == 0;
}

static void give_up(struct archive_writer *w)
{
    uint64_t records = 0;

    IGNORE(drop_waiting(w, ARCHIVE_DROPPED_SHUTDOWN), "often there is nothing left");
    for (const struct archive_frame *f = w->lost.first; f != NULL; f = f->next) {
        records += f->index.records;
    }
    if (records > 0) {
        archive_report(w->env.config, ARCHIVE_EVENT_IO_ERROR, "",
                       "failed=stop records_lost=%llu reason=sync_failed action=none",
                       (unsigned long long)records);
    }
    archive_outlet_finish_all(&w->outlet);
    archive_queue_wake_shard(w->env.queue);
}

static void run(void *arg)
{
    struct archive_writer *w = arg;

    for (;;) {
        obey_orders(w);
        archive_outlet_finish_due(&w->outlet, &w->policy);
        if (w->stop && clock_mono_ns() >= w->deadline_mono_ns) {
            break;
        }
        bool worked = write_next(w);
        if (w->told) {
            w->told = false;
            archive_queue_wake_shard(w->env.queue);
        }
        if (worked) {
            continue;
        }
        if (has_ended(w)) {
            break;
        }
        archive_queue_rest(w->env.queue, rest_until(w));
    }
    give_up(w);
}

err_t archive_writer_start(const struct archive_writer_env *env, unsigned shard,
                           struct archive_writer **ret)
{
    struct archive_writer *w = calloc(1, sizeof(*w));
    char name[16];

    ENSURE(w != NULL, ERR_NOMEM);
    w->env = *env;
    w->shard = shard;
    w->policy = env->config->policy;
    w->orders.policy = w->policy;
    w->outlet = (struct archive_outlet){
        .config = env->config,
        .sync = env->sync,
        .counters = env->counters,
        .shard = shard,
        .kept_done = on_kept_done,
        .kept_done_arg = w,
    };
    pthread_mutex_init(&w->outlet.lock, NULL);
    pthread_mutex_init(&w->lock, NULL);
    snprintf(name, sizeof(name), "archive-w%u", shard);
    err_t err = archive_thread_start(&w->thread, name, run, w);
    if (err != ERR_OK) {
        archive_writer_free(w);
        return err;
    }
    *ret = w;
    return ERR_OK;
}

void archive_writer_set_policy(struct archive_writer *w, const struct archive_policy *policy)
{
    pthread_mutex_lock(&w->lock);
    w->orders.policy = *policy;
    pthread_mutex_unlock(&w->lock);
    archive_queue_wake_writer(w->env.queue);
}

void archive_writer_rotate(struct archive_writer *w)
{
    pthread_mutex_lock(&w->lock);
    w->orders.rotate = true;
    pthread_mutex_unlock(&w->lock);
    archive_queue_wake_writer(w->env.queue);
}

uint32_t archive_writer_list_files(struct archive_writer *w, struct archive_open_file *ret,
                                   uint32_t max)
{
    return archive_outlet_list(&w->outlet, ret, max);
}

void archive_writer_read_files(const struct archive_writer *w, uint64_t *ret_log_bytes,
                               uint32_t *ret_files)
{
    *ret_log_bytes = atomic_load(&w->outlet.log_bytes);
    *ret_files = atomic_load(&w->outlet.files_open);
}

void archive_writer_stop(struct archive_writer *w, uint64_t deadline_mono_ns)
{
    pthread_mutex_lock(&w->lock);
    w->orders.stop = true;
    w->orders.deadline_mono_ns = deadline_mono_ns;
    pthread_mutex_unlock(&w->lock);
    archive_queue_wake_writer(w->env.queue);
}

/* Tells the shard the fate of what a hanging writer will not write. The frame it holds may still
 * get into its file one day; it counts as dropped. */
static void abandon(struct archive_writer *w)
{
    pthread_mutex_lock(&w->lock);
    w->abandoned = w->in_system;
    if (w->abandoned) {
        if (w->held != NULL && !w->held->decided) {
            drop(w, w->held, ARCHIVE_DROPPED_SHUTDOWN);
        }
        IGNORE(drop_waiting(w, ARCHIVE_DROPPED_SHUTDOWN), "often there is nothing behind it");
        archive_queue_wake_shard(w->env.queue);
    }
    pthread_mutex_unlock(&w->lock);
}

bool archive_writer_join(struct archive_writer *w, uint64_t deadline_mono_ns)
{
    if (archive_thread_join(&w->thread, deadline_mono_ns)) {
        return true;
    }
    abandon(w);
    return false;
}

void archive_writer_free(struct archive_writer *w)
{
    pthread_mutex_destroy(&w->outlet.lock);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

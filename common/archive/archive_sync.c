/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_sync: only this thread passes files on to the keeper, so a file it has taken from the
 * list stays while it syncs it, without the lock: nobody waits for a disk by waiting for this
 * lock. */
#include "archive/archive_sync.h"

#include "archive/archive_report.h"
#include "archive/archive_thread.h"
#include "base/clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#define SLOW_ROUND_NS   (250 * NS_PER_MS)
#define INTERVAL_MAX_NS (5 * NS_PER_S)
#define INTERVAL_MIN_NS NS_PER_MS
#define LOOK_STALLED_NS (250 * NS_PER_MS) /* at the disk, while it is full … */
#define LOOK_NS         NS_PER_S          /* … and while it is not */

struct archive_sync_slot {
    struct archive_file *file; /* NULL: no file of that shard and kind is written */
    bool hurried;
};

struct archive_sync {
    /* fixed after start */
    const struct archive_config *config;
    struct archive_keeper *keeper;
    struct archive_space *space;
    struct archive_thread thread;

    /* sync thread only */
    uint64_t interval_ns;   /* between rounds; stretched while the disk is slow */
    uint64_t round_mono_ns; /* when the next one is due */
    uint64_t look_mono_ns;

    /* under lock */
    pthread_mutex_t lock;
    pthread_cond_t news;
    struct archive_sync_slot slots[SHARDS_MAX][ARCHIVE_KIND_COUNT];
    struct archive_file *finished_first;
    struct archive_file *finished_last;
    struct archive_file *finishing; /* taken off that list, still ours */
    bool hurry;                     /* some slot is hurried */
    bool stopping;
    uint64_t deadline_mono_ns;
    uint64_t flush_interval_ns;
    bool new_interval;
};

/* A failure is survived here: the lost frames are on their way back to the writer. */
static void sync_file(struct archive_sync *s, struct archive_file *f)
{
    if (archive_file_sync(f, s->config->io) == ERR_OK) {
        archive_space_synced(s->space, f->shard);
        return;
    }
    int why = errno;
    archive_space_unsynced(s->space, f->shard, why);
    if (f->counters != NULL) {
        atomic_fetch_add(&f->counters->io_errors, 1);
    }
    archive_report(s->config, ARCHIVE_EVENT_IO_ERROR, f->path,
                   "failed=sync error=\"%s\" action=write_unsynced_frames_to_new_file",
                   archive_report_error(why));
}

enum round_scope { ROUND_ALL, ROUND_HURRIED };

/* The slot's file if it is to be synced now. */
static struct archive_file *file_to_sync(struct archive_sync *s, struct archive_sync_slot *slot,
                                         enum round_scope scope)
{
    pthread_mutex_lock(&s->lock);
    struct archive_file *f = scope == ROUND_ALL || slot->hurried ? slot->file : NULL;
    slot->hurried = false;
    pthread_mutex_unlock(&s->lock);
    return f != NULL && archive_file_unsynced(f) > 0 ? f : NULL;
}

static void sync_round(struct archive_sync *s, enum round_scope scope)
{
    for (unsigned shard = 0; shard < s->config->shard_count; shard++) {
        for (unsigned kind = 0; kind < ARCHIVE_KIND_COUNT; kind++) {
            struct archive_file *f = file_to_sync(s, &s->slots[shard][kind], scope);
            if (f != NULL) {
                sync_file(s, f);
            }
        }
    }
}

static uint64_t base_interval(struct archive_sync *s)
{
    pthread_mutex_lock(&s->lock);
    uint64_t ns = s->flush_interval_ns;
    pthread_mutex_unlock(&s->lock);
    return ns < INTERVAL_MIN_NS ? INTERVAL_MIN_NS : ns;
}

uint64_t archive_sync_next_interval(uint64_t interval_ns, uint64_t base_ns, uint64_t took_ns)
{
    uint64_t max = base_ns > INTERVAL_MAX_NS ? base_ns : INTERVAL_MAX_NS;
    uint64_t wanted = took_ns > SLOW_ROUND_NS ? interval_ns * 2 : interval_ns / 2;

    return wanted < base_ns ? base_ns : wanted > max ? max : wanted;
}

static void regular_round(struct archive_sync *s)
{
    uint64_t begun = clock_mono_ns();
    uint64_t base = base_interval(s);

    sync_round(s, ROUND_ALL);
    uint64_t ended = clock_mono_ns();
    s->interval_ns = archive_sync_next_interval(s->interval_ns, base, ended - begun);
    s->round_mono_ns = ended + s->interval_ns;
}

/* Under the lock. */
static struct archive_file *take_finished(struct archive_sync *s)
{
    struct archive_file *f = s->finished_first;

    if (f != NULL) {
        s->finished_first = f->next;
        if (s->finished_first == NULL) {
            s->finished_last = NULL;
        }
        f->next = NULL;
    }
    s->finishing = f;
    return f;
}

/* The file is about to leave: whoever measures the lag must not find it any more. */
static void let_go(struct archive_sync *s)
{
    pthread_mutex_lock(&s->lock);
    s->finishing = NULL;
    pthread_mutex_unlock(&s->lock);
}

static void pass_on(struct archive_sync *s, struct archive_file *f, uint64_t deadline_mono_ns)
{
    if (f->keeps && archive_file_unsynced(f) > 0 && clock_mono_ns() < deadline_mono_ns) {
        sync_file(s, f);
    }
    let_go(s);
    if (f->sync_failed && f->records == 0) {
        archive_file_discard(f, s->config->io);
        return;
    }
    archive_keeper_publish(s->keeper, f);
}

static void look_at_disk(struct archive_sync *s)
{
    uint64_t now = clock_mono_ns();

    if (now < s->look_mono_ns) {
        return;
    }
    IGNORE(!archive_space_check(s->space, 0), "it reports by itself");
    s->look_mono_ns = now + (atomic_load(&s->space->stalled) ? LOOK_STALLED_NS : LOOK_NS);
}

/* What there is to do without the lock, most urgent first; false: nothing now. */
static bool work(struct archive_sync *s)
{
    pthread_mutex_lock(&s->lock);
    struct archive_file *finished = take_finished(s);
    bool hurried = s->hurry;
    bool new_interval = s->new_interval;
    uint64_t deadline = s->deadline_mono_ns;
    if (finished == NULL) {
        s->hurry = false;
        s->new_interval = false;
    }
    pthread_mutex_unlock(&s->lock);

    if (finished != NULL) {
        pass_on(s, finished, deadline);
        return true;
    }
    if (new_interval) {
        s->interval_ns = base_interval(s);
        s->round_mono_ns = clock_mono_ns(); /* the next one comes at once */
    }
    look_at_disk(s);
    if (s->config->fsync == ARCHIVE_FSYNC_FLUSH && clock_mono_ns() >= s->round_mono_ns) {
        regular_round(s);
        return true;
    }
    if (hurried) {
        sync_round(s, ROUND_HURRIED);
    }
    return hurried;
}

static void run(void *arg)
{
    struct archive_sync *s = arg;
    bool stop = false;

    while (!stop) {
        if (work(s)) {
            continue;
        }
        uint64_t until = s->look_mono_ns;
        if (s->config->fsync == ARCHIVE_FSYNC_FLUSH && s->round_mono_ns < until) {
            until = s->round_mono_ns;
        }
        pthread_mutex_lock(&s->lock);
        bool idle = s->finished_first == NULL && !s->hurry && !s->new_interval;
        stop = idle && s->stopping;
        if (idle && !stop) {
            archive_thread_wait(&s->news, &s->lock, until);
        }
        pthread_mutex_unlock(&s->lock);
    }
}

err_t archive_sync_start(const struct archive_config *config, struct archive_keeper *keeper,
                         struct archive_space *space, struct archive_sync **ret)
{
    struct archive_sync *s = calloc(1, sizeof(*s));

    ENSURE(s != NULL, ERR_NOMEM);
    s->config = config;
    s->keeper = keeper;
    s->space = space;
    s->flush_interval_ns = config->policy.flush_interval_ns;
    s->deadline_mono_ns = UINT64_MAX;
    s->interval_ns = base_interval(s);
    s->round_mono_ns = clock_mono_ns() + s->interval_ns;
    pthread_mutex_init(&s->lock, NULL);
    archive_thread_cond_init(&s->news);
    err_t err = archive_thread_start(&s->thread, "archive-sync", run, s);
    if (err != ERR_OK) {
        archive_sync_free(s);
        return err;
    }
    *ret = s;
    return ERR_OK;
}

void archive_sync_add(struct archive_sync *s, struct archive_file *file)
{
    pthread_mutex_lock(&s->lock);
    s->slots[file->shard][file->kind] = (struct archive_sync_slot){.file = file};
    pthread_mutex_unlock(&s->lock);
}

void archive_sync_hurry(struct archive_sync *s, const struct archive_file *file)
{
    pthread_mutex_lock(&s->lock);
    s->slots[file->shard][file->kind].hurried = true;
    s->hurry = true;
    pthread_cond_signal(&s->news);
    pthread_mutex_unlock(&s->lock);
}

void archive_sync_finish(struct archive_sync *s, struct archive_file *file)
{
    pthread_mutex_lock(&s->lock);
    s->slots[file->shard][file->kind] = (struct archive_sync_slot){0};
    file->next = NULL;
    if (s->finished_last == NULL) {
        s->finished_first = file;
    } else {
        s->finished_last->next = file;
    }
    s->finished_last = file;
    pthread_cond_signal(&s->news);
    pthread_mutex_unlock(&s->lock);
}

void archive_sync_set_policy(struct archive_sync *s, const struct archive_policy *policy)
{
    pthread_mutex_lock(&s->lock);
    s->flush_interval_ns = policy->flush_interval_ns;
    s->new_interval = true;
    pthread_cond_signal(&s->news);
    pthread_mutex_unlock(&s->lock);
}

static uint64_t older(uint64_t oldest_ns, struct archive_file *f)
{
    uint64_t ns = f == NULL ? 0 : archive_file_oldest_ns(f);

    return oldest_ns == 0 || (ns != 0 && ns < oldest_ns) ? ns : oldest_ns;
}

uint64_t archive_sync_lag_ns(struct archive_sync *s)
{
    uint64_t oldest = 0;

    pthread_mutex_lock(&s->lock);
    for (unsigned shard = 0; shard < s->config->shard_count; shard++) {
        for (unsigned kind = 0; kind < ARCHIVE_KIND_COUNT; kind++) {
            oldest = older(oldest, s->slots[shard][kind].file);
        }
    }
    for (struct archive_file *f = s->finished_first; f != NULL; f = f->next) {
        oldest = older(oldest, f);
    }
    oldest = older(oldest, s->finishing);
    uint64_t now = clock_mono_ns();
    pthread_mutex_unlock(&s->lock);
    return oldest == 0 || now < oldest ? 0 : now - oldest;
}

bool archive_sync_stop(struct archive_sync *s, uint64_t deadline_mono_ns)
{
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    s->deadline_mono_ns = deadline_mono_ns;
    pthread_cond_signal(&s->news);
    pthread_mutex_unlock(&s->lock);
    return archive_thread_join(&s->thread, deadline_mono_ns);
}

void archive_sync_free(struct archive_sync *s)
{
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->news);
    free(s);
}

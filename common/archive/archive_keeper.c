/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_keeper: a queue, a list of what failed, and a sweep of the directory. Everything it waits
 * for has a time at which it looks again, so that no failure can make it spin. */
#include "archive/archive_keeper.h"

#include "archive/archive_publish.h"
#include "archive/archive_report.h"
#include "archive/archive_retain.h"
#include "archive/archive_thread.h"
#include "base/clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#define RETRY_NS_MIN (1 * NS_PER_S)
#define RETRY_NS_MAX (30 * NS_PER_S)
#define SWEEP_NS     (60 * NS_PER_S)

/* Files in the order in which they came. */
struct file_list {
    struct archive_file *first;
    struct archive_file *last;
};

struct archive_keeper {
    struct archive_config config; /* fixed after start */
    struct archive_thread thread;
    struct archive_keeper_stats stats;
    _Atomic uint64_t rejected_bytes_max;
    _Atomic uint64_t repack_until_ns;

    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct file_list queue; /* under `lock`, as all up to the blank line */
    struct archive_policy policy;
    bool sweep_now;
    bool is_stopping;
    uint64_t deadline_ns;

    struct file_list failed; /* keeper thread only, as all below */
    uint64_t retry_at_ns;
    uint64_t retry_pause_ns;
    uint64_t sweep_at_ns;
    bool was_full; /* rejected files, when last looked at */
};

enum fate {
    FATE_DONE,  /* the file is off our hands */
    FATE_RETRY, /* it failed for a passing reason */
    FATE_LEAVE  /* it stays NAME.open */
};

static void list_push(struct file_list *list, struct archive_file *f)
{
    f->next = NULL;
    if (list->last == NULL) {
        list->first = f;
    } else {
        list->last->next = f;
    }
    list->last = f;
}

static struct archive_file *list_pop(struct file_list *list)
{
    struct archive_file *f = list->first;

    if (f != NULL) {
        list->first = f->next;
        list->last = list->first == NULL ? NULL : list->last;
    }
    return f;
}

static void list_move(struct file_list *from, struct file_list *to)
{
    for (struct archive_file *f = list_pop(from); f != NULL; f = list_pop(from)) {
        list_push(to, f);
    }
}

/* Counts and reports a failure; `why` is an errno. */
static void report_failure(struct archive_keeper *k, const char *path, int why, const char *failed,
                           const char *action)
{
    atomic_fetch_add(&k->stats.io_errors, 1);
    archive_report(&k->config, ARCHIVE_EVENT_IO_ERROR, path, "failed=%s error=\"%s\" action=%s",
                   failed, archive_report_error(why), action);
}

static bool is_stopping(struct archive_keeper *k, uint64_t *ret_deadline_ns)
{
    pthread_mutex_lock(&k->lock);
    bool stopping = k->is_stopping;
    *ret_deadline_ns = k->deadline_ns;
    pthread_mutex_unlock(&k->lock);
    return stopping;
}

/* What passes by itself or by what somebody does without thinking of us. */
static bool is_passing(int why)
{
    return why == ENOSPC || why == EDQUOT || why == EIO || why == ENOMEM || why == EMFILE ||
           why == ENFILE || why == EROFS || why == EAGAIN || why == ENOLCK || why == ESTALE;
}

/* The last sync. A cut file holds what its totals say; the sync after the cut is for its length. */
static enum fate settle(struct archive_keeper *k, struct archive_file *f, bool stopping)
{
    const struct archive_io *io = k->config.io;

    f->orphan = stopping;
    if (k->config.fsync != ARCHIVE_FSYNC_NONE && archive_file_unsynced(f) > 0 &&
        archive_file_sync(f, io) != ERR_OK) {
        report_failure(k, f->path, errno, "sync",
                       stopping   ? "leave_open"
                       : f->keeps ? "cut_to_synced"
                                  : "publish_unsynced");
        if (stopping) {
            return FATE_LEAVE;
        }
        if (f->keeps && !f->sync_failed) {
            return FATE_RETRY;
        }
    }
    if (f->sync_failed || f->torn) {
        if (io->ftruncate(io->arg, f->fd, (off_t)f->bytes) != 0) {
            report_failure(k, f->path, errno, "truncate", "try_again");
            return FATE_RETRY;
        }
        f->torn = false;
        IGNORE(io->fdatasync(io->arg, f->fd) != 0, "what is left of the file is durable already");
    }
    return FATE_DONE;
}

static err_t publish_file(struct archive_keeper *k, struct archive_file *f)
{
    struct archive_publish p = {
        .path = f->path,
        .event = "published",
        .kind = f->kind == ARCHIVE_LOG ? "log" : "rejected",
        .frames = f->frames,
        .records = f->records,
        .line_bytes = f->line_bytes,
        .first_ns = f->first_ns,
        .last_ns = f->last_ns,
        .repack_until_ns = &k->repack_until_ns,
        .step = (enum archive_publish_step)f->publish_step,
    };

    err_t err = archive_publish_run(&k->config, &p);
    f->publish_step = p.step;
    if (err == ERR_OK) {
        atomic_fetch_add(&k->stats.files_published, 1);
        if (f->kind == ARCHIVE_REJECTED) {
            atomic_fetch_add(&k->stats.rejected_disk_bytes, p.bytes);
        }
    }
    return err;
}

static enum fate handle_file(struct archive_keeper *k, struct archive_file *f)
{
    uint64_t deadline_ns;
    bool stopping = is_stopping(k, &deadline_ns);

    if (stopping && clock_mono_ns() >= deadline_ns) {
        return FATE_LEAVE;
    }
    if (f->publish_step == ARCHIVE_PUBLISH_RENAME) {
        enum fate fate = settle(k, f, stopping);
        if (fate != FATE_DONE) {
            return fate;
        }
        if (f->records == 0) {
            archive_file_discard(f, k->config.io);
            return FATE_DONE;
        }
    }
    err_t err = publish_file(k, f);
    if (err == ERR_OK) {
        archive_file_free(f, k->config.io);
        return FATE_DONE;
    }
    int why = err == ERR_IO ? errno : err == ERR_NOMEM ? ENOMEM : EBADMSG;
    report_failure(k, f->path, why, "publish", is_passing(why) ? "try_again" : "leave_open");
    return is_passing(why) ? FATE_RETRY : FATE_LEAVE;
}

static void work(struct archive_keeper *k, struct archive_file *f)
{
    enum fate fate = handle_file(k, f);

    if (fate == FATE_LEAVE) {
        archive_file_free(f, k->config.io);
    }
    if (fate == FATE_RETRY) {
        list_push(&k->failed, f);
        k->retry_at_ns = clock_mono_ns() + k->retry_pause_ns;
        k->retry_pause_ns =
            2 * k->retry_pause_ns < RETRY_NS_MAX ? 2 * k->retry_pause_ns : RETRY_NS_MAX;
    } else if (k->failed.first == NULL) {
        k->retry_pause_ns = RETRY_NS_MIN;
    }
    k->sweep_at_ns = 0;
}

/* Tells once when the quota is reached. */
static void check_quota(struct archive_keeper *k)
{
    bool full = !archive_keeper_keeps_rejected(k);

    if (full && !k->was_full) {
        archive_report(&k->config, ARCHIVE_EVENT_REJECTED_FULL, "",
                       "rejected_disk_bytes=%llu rejected_bytes=%llu action=count_only",
                       (unsigned long long)atomic_load(&k->stats.rejected_disk_bytes),
                       (unsigned long long)atomic_load(&k->rejected_bytes_max));
    }
    k->was_full = full;
}

static void sweep(struct archive_keeper *k, const struct archive_policy *policy)
{
    struct archive_retain_result result;
    err_t err = archive_retain_run(&k->config, policy, clock_wall_ns(), &result);

    k->sweep_at_ns = clock_mono_ns() + SWEEP_NS;
    if (err != ERR_OK) {
        report_failure(k, k->config.data_dir, err == ERR_IO ? errno : ENOMEM, "retention",
                       "try_again");
        return;
    }
    atomic_store(&k->stats.rejected_disk_bytes, result.rejected_bytes);
    atomic_fetch_add(&k->stats.files_retained, result.files_deleted);
    atomic_fetch_add(&k->stats.io_errors, result.errors);
    check_quota(k);
}

/* Under the lock: the next file to work on. What failed comes again when its pause is over, and
 * once more when we stop. */
static struct archive_file *next_file(struct archive_keeper *k, bool *last_try)
{
    bool due = k->failed.first != NULL && clock_mono_ns() >= k->retry_at_ns;
    bool once_more = k->is_stopping && !*last_try;

    if (due || once_more) {
        list_move(&k->failed, &k->queue);
        *last_try = k->is_stopping;
    }
    return list_pop(&k->queue);
}

/* Under the lock: sleeps until there is something to do. */
static void wait_for_work(struct archive_keeper *k)
{
    uint64_t until = k->sweep_at_ns;

    if (k->failed.first != NULL && k->retry_at_ns < until) {
        until = k->retry_at_ns;
    }
    archive_thread_wait(&k->wake, &k->lock, until);
}

static void keeper_run(void *arg)
{
    struct archive_keeper *k = arg;
    bool last_try = false;

    pthread_mutex_lock(&k->lock);
    for (;;) {
        struct archive_file *f = next_file(k, &last_try);
        bool sweep_due = k->sweep_now || clock_mono_ns() >= k->sweep_at_ns;
        struct archive_policy policy = k->policy;
        if (f != NULL) {
            pthread_mutex_unlock(&k->lock);
            work(k, f);
            pthread_mutex_lock(&k->lock);
        } else if (k->is_stopping) {
            break;
        } else if (sweep_due) {
            k->sweep_now = false;
            pthread_mutex_unlock(&k->lock);
            sweep(k, &policy);
            pthread_mutex_lock(&k->lock);
        } else {
            wait_for_work(k);
        }
    }
    pthread_mutex_unlock(&k->lock);
    for (struct archive_file *f = list_pop(&k->failed); f != NULL; f = list_pop(&k->failed)) {
        archive_file_free(f, k->config.io);
    }
}

void archive_keeper_free(struct archive_keeper *k)
{
    if (k == NULL) {
        return;
    }
    pthread_mutex_destroy(&k->lock);
    pthread_cond_destroy(&k->wake);
    free(k);
}

/* The quota is known before the first rejected record comes. */
static err_t measure(struct archive_keeper *k)
{
    static const struct archive_policy keep_all = {0};
    struct archive_retain_result result;

    TRY(archive_retain_run(&k->config, &keep_all, clock_wall_ns(), &result));
    atomic_store(&k->stats.rejected_disk_bytes, result.rejected_bytes);
    return ERR_OK;
}

err_t archive_keeper_start(const struct archive_config *config, struct archive_keeper **ret)
{
    struct archive_keeper *k = calloc(1, sizeof(*k));

    ENSURE(k != NULL, ERR_NOMEM);
    k->config = *config;
    k->policy = config->policy;
    k->retry_pause_ns = RETRY_NS_MIN;
    atomic_store(&k->rejected_bytes_max, config->policy.rejected_bytes);
    atomic_store(&k->repack_until_ns, UINT64_MAX);
    pthread_mutex_init(&k->lock, NULL);
    archive_thread_cond_init(&k->wake);
    err_t err = measure(k);
    if (err == ERR_OK) {
        err = archive_thread_start(&k->thread, "cordwood-keeper", keeper_run, k);
    }
    if (err != ERR_OK) {
        int why = errno;
        archive_keeper_free(k);
        errno = why;
        return err;
    }
    *ret = k;
    return ERR_OK;
}

void archive_keeper_publish(struct archive_keeper *k, struct archive_file *file)
{
    pthread_mutex_lock(&k->lock);
    list_push(&k->queue, file);
    pthread_cond_signal(&k->wake);
    pthread_mutex_unlock(&k->lock);
}

void archive_keeper_set_policy(struct archive_keeper *k, const struct archive_policy *policy)
{
    pthread_mutex_lock(&k->lock);
    k->policy = *policy;
    k->sweep_now = true;
    atomic_store(&k->rejected_bytes_max, policy->rejected_bytes);
    pthread_cond_signal(&k->wake);
    pthread_mutex_unlock(&k->lock);
}

bool archive_keeper_keeps_rejected(const struct archive_keeper *k)
{
    return atomic_load(&k->stats.rejected_disk_bytes) < atomic_load(&k->rejected_bytes_max);
}

const struct archive_keeper_stats *archive_keeper_read_stats(const struct archive_keeper *k)
{
    return &k->stats;
}

bool archive_keeper_stop(struct archive_keeper *k, uint64_t deadline_mono_ns)
{
    uint64_t now = clock_mono_ns();
    uint64_t left = deadline_mono_ns > now ? deadline_mono_ns - now : 0;

    atomic_store(&k->repack_until_ns, now + left / 2);
    pthread_mutex_lock(&k->lock);
    k->is_stopping = true;
    k->deadline_ns = deadline_mono_ns;
    pthread_cond_signal(&k->wake);
    pthread_mutex_unlock(&k->lock);
    return archive_thread_join(&k->thread, deadline_mono_ns);
}

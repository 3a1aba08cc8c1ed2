/* SPDX-License-Identifier: Apache-2.0
 *
 * archive: puts the parts together and takes them apart again. Parts are made in the order in which
 * they depend on each other and end in the reverse order: writers, sync thread, keeper. */
#include "archive/archive.h"

#include "archive/archive_keeper.h"
#include "archive/archive_lock.h"
#include "archive/archive_pack.h"
#include "archive/archive_queue.h"
#include "archive/archive_recover.h"
#include "archive/archive_report.h"
#include "archive/archive_space.h"
#include "archive/archive_sync.h"
#include "archive/archive_writer.h"
#include "archive/archive_zstd.h"
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define DATA_DIR_MODE  0750
#define STATE_DIR_MODE 0700

struct archive_shard {
    struct archive_queue *queue;
    struct archive_zstd *zstd;
    struct archive_pack *packs[ARCHIVE_KIND_COUNT];
    struct archive_writer *writer;
};

struct archive {
    /* fixed after start */
    struct archive_config config; /* its report is report_in_turn() */
    int data_lock_fd;
    int state_lock_fd;
    struct archive_recover_stats recovered;
    struct archive_keeper *keeper;
    struct archive_sync *sync;
    struct archive_shard shards[SHARDS_MAX];

    struct archive_space space;
    struct archive_counters counters;

    /* under report_lock */
    pthread_mutex_t report_lock;
    archive_report_fn report; /* the program's; NULL: none */
    void *report_arg;

    /* the thread that opens, stops and frees */
    bool space_made;
    bool hangs; /* a thread is stuck in a system call and may still use everything */
};

/* The threads report at any time; the program is called by one of them at a time. */
static void report_in_turn(void *arg, const struct archive_event *event)
{
    struct archive *a = arg;

    pthread_mutex_lock(&a->report_lock);
    if (a->report != NULL) {
        a->report(a->report_arg, event);
    }
    pthread_mutex_unlock(&a->report_lock);
}

static void wake_shards(void *arg)
{
    struct archive *a = arg;

    for (unsigned i = 0; i < a->config.shard_count; i++) {
        if (a->shards[i].queue != NULL) {
            archive_queue_wake_shard(a->shards[i].queue);
        }
    }
}

static err_t make_dir(const struct archive_io *io, const char *path, mode_t mode)
{
    return io->mkdir(io->arg, path, mode) == 0 || errno == EEXIST ? ERR_OK : ERR_IO;
}

/* Makes a directory, and those above it that are missing. */
static err_t make_dirs(const struct archive_io *io, const char *path, mode_t mode)
{
    char part[ARCHIVE_PATH_BYTES];

    if (make_dir(io, path, mode) == ERR_OK) {
        return ERR_OK;
    }
    ENSURE(errno == ENOENT, ERR_IO);
    for (size_t len = 1; path[len - 1] != '\0'; len++) {
        if (path[len] == '/' || path[len] == '\0') {
            snprintf(part, sizeof(part), "%.*s", (int)len, path);
            TRY(make_dir(io, part, mode));
        }
    }
    return ERR_OK;
}

struct why {
    char *text;
    size_t bytes;
};

static void explain(struct why why, const char *what, const char *path, const char *reason)
{
    snprintf(why.text, why.bytes, "%s %s: %s", what, path, reason);
}

static err_t open_dir(const struct archive_io *io, const char *path, mode_t mode, struct why why)
{
    if (make_dirs(io, path, mode) != ERR_OK) {
        explain(why, "cannot make directory", path, archive_report_error(errno));
        return ERR_IO;
    }
    return ERR_OK;
}

/* A directory that this process owns while it lives. */
struct owned_dir {
    const char *what; /* for the user */
    const char *path;
    const char *lock_file;
};

static err_t take_lock(const struct archive_io *io, const struct owned_dir *dir, struct why why,
                       int *ret_fd)
{
    char path[ARCHIVE_PATH_BYTES + 8];
    long holder = 0;
    char reason[96];

    snprintf(path, sizeof(path), "%s/%s", dir->path, dir->lock_file);
    err_t err = archive_lock_take(io, path, &holder, ret_fd);
    if (err == ERR_OK) {
        return ERR_OK;
    }
    if (err != ERR_EXISTS) {
        explain(why, "cannot lock", dir->path, archive_report_error(errno));
        return err;
    }
    if (holder != 0) {
        snprintf(reason, sizeof(reason), "in use by process %ld", holder);
    } else {
        snprintf(reason, sizeof(reason), "in use by another process");
    }
    explain(why, dir->what, dir->path, reason);
    return err;
}

/* The data directory first: who is refused there has changed nothing at all. */
static err_t open_dirs(struct archive *a, struct why why)
{
    const struct archive_config *c = &a->config;
    struct owned_dir data = {"data directory", c->data_dir, ARCHIVE_LOCK_DATA_FILE};
    struct owned_dir state = {"state directory", c->state_dir, ARCHIVE_LOCK_STATE_FILE};

    TRY(open_dir(c->io, data.path, DATA_DIR_MODE, why));
    TRY(take_lock(c->io, &data, why, &a->data_lock_fd));
    TRY(open_dir(c->io, state.path, STATE_DIR_MODE, why));
    return take_lock(c->io, &state, why, &a->state_lock_fd);
}

static err_t open_shard(struct archive *a, unsigned shard)
{
    const struct archive_config *c = &a->config;
    struct archive_shard *s = &a->shards[shard];

    TRY(archive_queue_new(&s->queue));
    TRY(archive_zstd_new(c->zstd_level, ARCHIVE_FRAME_BYTES + c->line_bytes_max, &s->zstd));
    for (unsigned kind = 0; kind < ARCHIVE_KIND_COUNT; kind++) {
        TRY(archive_pack_new(c, s->queue, s->zstd, &s->packs[kind]));
        s->packs[kind]->kind = (uint8_t)kind;
        s->packs[kind]->shard = (uint16_t)shard;
    }
    struct archive_writer_env env = {c, s->queue, &a->space, a->sync, &a->counters};
    return archive_writer_start(&env, shard, &s->writer);
}

/* Everything behind the lock. */
static err_t open_parts(struct archive *a)
{
    TRY(archive_recover(&a->config, &a->recovered));
    archive_space_init(&a->space, &a->config, wake_shards, a);
    a->space_made = true;
    TRY(archive_keeper_start(&a->config, &a->keeper));
    TRY(archive_sync_start(&a->config, a->keeper, &a->space, &a->sync));
    for (unsigned shard = 0; shard < a->config.shard_count; shard++) {
        TRY(open_shard(a, shard));
    }
    return ERR_OK;
}

err_t archive_open(const struct archive_config *config, char *ret_why, size_t why_bytes,
                   struct archive **ret)
{
    struct why why = {ret_why, why_bytes};

    assert(config->shard_count >= 1 && config->shard_count <= SHARDS_MAX);
    assert(config->line_bytes_max >= 1 && config->line_bytes_max <= ARCHIVE_LINE_BYTES_MAX);
    snprintf(ret_why, why_bytes, "out of memory");
    struct archive *a = calloc(1, sizeof(*a));
    ENSURE(a != NULL, ERR_NOMEM);
    a->config = *config;
    a->config.report = report_in_turn;
    a->config.report_arg = a;
    a->report = config->report;
    a->report_arg = config->report_arg;
    a->data_lock_fd = a->state_lock_fd = -1;
    pthread_mutex_init(&a->report_lock, NULL);

    err_t err = open_dirs(a, why);
    if (err == ERR_OK) {
        err = open_parts(a);
        if (err == ERR_IO) {
            explain(why, "cannot use data directory", config->data_dir,
                    archive_report_error(errno));
        }
    }
    if (err != ERR_OK) {
        archive_stop(a, clock_mono_ns());
        archive_free(a);
        return err;
    }
    snprintf(ret_why, why_bytes, "%s", "");
    *ret = a;
    return ERR_OK;
}

static void stop_writers(struct archive *a, uint64_t deadline_mono_ns)
{
    for (unsigned i = 0; i < a->config.shard_count; i++) {
        if (a->shards[i].writer != NULL) {
            archive_writer_stop(a->shards[i].writer, deadline_mono_ns);
        }
    }
    for (unsigned i = 0; i < a->config.shard_count; i++) {
        struct archive_writer *w = a->shards[i].writer;
        a->hangs |= w != NULL && !archive_writer_join(w, deadline_mono_ns);
    }
}

/* A thread that hangs keeps nobody else from ending: a writer that comes back finds its queue taken
 * over, and what it leaves unfinished stays NAME.open for the next start. */
void archive_stop(struct archive *a, uint64_t deadline_mono_ns)
{
    stop_writers(a, deadline_mono_ns);
    if (a->sync != NULL) {
        a->hangs |= !archive_sync_stop(a->sync, deadline_mono_ns);
    }
    if (a->keeper != NULL) {
        a->hangs |= !archive_keeper_stop(a->keeper, deadline_mono_ns);
    }
}

static void free_shard(struct archive_shard *s)
{
    if (s->writer != NULL) {
        archive_writer_free(s->writer);
    }
    for (unsigned kind = 0; kind < ARCHIVE_KIND_COUNT; kind++) {
        archive_pack_free(s->packs[kind]);
    }
    archive_zstd_free(s->zstd);
    archive_queue_free(s->queue);
}

static void release_lock(const struct archive *a, int fd)
{
    if (fd >= 0) {
        archive_lock_release(a->config.io, fd);
    }
}

void archive_free(struct archive *a)
{
    if (a == NULL) {
        return;
    }
    if (a->hangs) { /* what a hanging thread uses stays until the process ends */
        pthread_mutex_lock(&a->report_lock);
        a->report = NULL;
        pthread_mutex_unlock(&a->report_lock);
        return;
    }
    for (unsigned i = 0; i < a->config.shard_count; i++) {
        free_shard(&a->shards[i]);
    }
    if (a->sync != NULL) {
        archive_sync_free(a->sync);
    }
    archive_keeper_free(a->keeper);
    if (a->space_made) {
        archive_space_done(&a->space);
    }
    release_lock(a, a->state_lock_fd);
    release_lock(a, a->data_lock_fd);
    pthread_mutex_destroy(&a->report_lock);
    free(a);
}

void archive_rotate(struct archive *a)
{
    for (unsigned i = 0; i < a->config.shard_count; i++) {
        archive_writer_rotate(a->shards[i].writer);
    }
}

void archive_set_policy(struct archive *a, const struct archive_policy *policy)
{
    archive_space_set_policy(&a->space, policy);
    archive_keeper_set_policy(a->keeper, policy);
    archive_sync_set_policy(a->sync, policy);
    for (unsigned i = 0; i < a->config.shard_count; i++) {
        archive_writer_set_policy(a->shards[i].writer, policy);
    }
}

struct archive_pack *archive_pack_of(struct archive *a, unsigned shard, enum archive_kind kind)
{
    assert(shard < a->config.shard_count);
    return a->shards[shard].packs[kind];
}

bool archive_reap(struct archive *a, unsigned shard, struct archive_outcome *ret)
{
    const struct archive_frame *frame = archive_queue_reap(a->shards[shard].queue);

    if (frame == NULL) {
        return false;
    }
    *ret = (struct archive_outcome){
        .kind = (enum archive_kind)frame->index.kind,
        .fate = (enum archive_fate)frame->fate,
        .records = frame->index.records,
        .line_bytes = frame->index.line_bytes,
        .file_bytes = frame->len,
        .tag = frame->tag,
    };
    return true;
}

int archive_wake_fd(const struct archive *a, unsigned shard)
{
    return a->shards[shard].queue->shard_fd;
}

bool archive_ready(const struct archive *a, unsigned shard)
{
    return !atomic_load_explicit(&a->space.blocked, memory_order_relaxed) &&
           archive_queue_has_room(a->shards[shard].queue);
}

bool archive_keeps_rejected(const struct archive *a)
{
    return archive_keeper_keeps_rejected(a->keeper);
}

uint32_t archive_list_open(struct archive *a, struct archive_open_file *ret, uint32_t max)
{
    uint32_t count = 0;

    for (unsigned i = 0; i < a->config.shard_count && count < max; i++) {
        count += archive_writer_list_files(a->shards[i].writer, ret + count, max - count);
    }
    return count;
}

void archive_read_stats(const struct archive *a, struct archive_stats *ret)
{
    const struct archive_keeper_stats *keeper = archive_keeper_read_stats(a->keeper);
    const struct archive_counters *counters = &a->counters;
    const struct archive_space *space = &a->space;
    struct archive_stats stats = {
        .records_synced = atomic_load(&counters->records_synced),
        .files_published = atomic_load(&keeper->files_published),
        .files_recovered = a->recovered.files_recovered,
        .files_removed_empty = a->recovered.files_removed_empty,
        .files_retained = atomic_load(&keeper->files_retained),
        .bytes_in = atomic_load(&counters->bytes_in),
        .bytes_out = atomic_load(&counters->bytes_out),
        .syncs = atomic_load(&counters->syncs),
        .io_errors = atomic_load(&counters->io_errors) + atomic_load(&keeper->io_errors),
        .rejected_disk_bytes = atomic_load(&keeper->rejected_disk_bytes),
        .disk_free_bytes = atomic_load(&space->disk_free_bytes),
        .disk_total_bytes = atomic_load(&space->disk_total_bytes),
        .disk_reserve_bytes = atomic_load(&space->disk_reserve_bytes),
        .sync_lag_ns = archive_sync_lag_ns(a->sync),
        .stalled = atomic_load(&space->stalled),
    };

    for (unsigned i = 0; i < a->config.shard_count; i++) {
        uint64_t log_bytes = 0;
        uint32_t files = 0;
        archive_writer_read_files(a->shards[i].writer, &log_bytes, &files);
        stats.open_file_bytes += log_bytes;
        stats.files_open += files;
    }
    *ret = stats;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_outlet: a file exists only together with a record in it: if the first frame cannot be
 * written the file goes too, and whoever looks at `files` never meets an empty one. */
#include "archive/archive_outlet.h"

#include "archive/archive_name.h"
#include "base/clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static struct archive_open_file shown(const struct archive_config *config, struct archive_file *f)
{
    struct archive_open_file file = {.kind = f->kind};

    snprintf(file.name, sizeof(file.name), "%s", archive_name_relative(config, f->path));
    pthread_mutex_lock(&f->lock);
    file.records = f->records;
    file.bytes_in = f->line_bytes;
    file.bytes_out = f->bytes;
    pthread_mutex_unlock(&f->lock);
    return file;
}

static void show(struct archive_outlet *o)
{
    struct archive_open_file open[ARCHIVE_KIND_COUNT] = {0};

    for (unsigned kind = 0; kind < ARCHIVE_KIND_COUNT; kind++) {
        if (o->files[kind] != NULL) {
            open[kind] = shown(o->config, o->files[kind]);
        }
    }
    pthread_mutex_lock(&o->lock);
    memcpy(o->open, open, sizeof(open));
    pthread_mutex_unlock(&o->lock);
}

static void update_sizes(struct archive_outlet *o)
{
    const unsigned log = ARCHIVE_LOG;
    uint32_t open = 0;

    for (unsigned kind = 0; kind < ARCHIVE_KIND_COUNT; kind++) {
        open += o->files[kind] != NULL;
    }
    atomic_store(&o->files_open, open);
    atomic_store(&o->log_bytes, o->files[log] == NULL ? 0 : archive_file_bytes(o->files[log]));
    show(o);
}

static void finish(struct archive_outlet *o, unsigned kind)
{
    struct archive_file *f = o->files[kind];

    if (f != NULL) {
        o->files[kind] = NULL;
        archive_sync_finish(o->sync, f);
        update_sizes(o);
    }
}

static err_t begin_file(struct archive_outlet *o, struct archive_frame *frame)
{
    struct archive_file *f = NULL;

    TRY(archive_file_create(o->config, frame->index.kind, o->shard, clock_wall_ns(), &f));
    f->counters = o->counters;
    f->kept_done = o->kept_done;
    f->kept_done_arg = o->kept_done_arg;
    err_t err = archive_file_append(f, o->config->io, frame);
    if (err != ERR_OK) {
        int why = errno;
        archive_file_discard(f, o->config->io);
        errno = why;
        return err;
    }
    o->files[frame->index.kind] = f;
    archive_sync_add(o->sync, f);
    return ERR_OK;
}

/* A file that cannot be made counts as a full disk (no inodes, no permission), except when the disk
 * is not the reason or fails. */
static bool is_full(int why, bool has_file)
{
    if (has_file) {
        return why == ENOSPC || why == EDQUOT;
    }
    return why != EIO && why != EMFILE && why != ENFILE && why != ENOMEM;
}

enum archive_outlet_result archive_outlet_write(struct archive_outlet *o,
                                                struct archive_frame *frame)
{
    struct archive_file *f = o->files[frame->index.kind];

    errno = ENOMEM; /* what no system call explains */
    err_t err = f == NULL ? begin_file(o, frame) : archive_file_append(f, o->config->io, frame);
    int why = errno;
    if (err == ERR_OK) {
        update_sizes(o);
        return ARCHIVE_OUTLET_WRITTEN;
    }
    if (f != NULL && archive_file_has_failed(f)) {
        finish(o, frame->index.kind);
        return ARCHIVE_OUTLET_AGAIN;
    }
    errno = why;
    if (is_full(why, f != NULL)) {
        return ARCHIVE_OUTLET_FULL;
    }
    return ARCHIVE_OUTLET_FAILED;
}

/* Any change of the interval's number counts, so that a clock that was set back does not keep a
 * file open for long. */
static bool is_due(struct archive_file *f, const struct archive_policy *policy, uint64_t wall_ns)
{
    uint64_t interval = policy->rotate_interval_ns;

    return (interval != 0 && f->opened_wall_ns / interval != wall_ns / interval) ||
           archive_file_bytes(f) >= policy->rotate_bytes || archive_file_has_failed(f);
}

void archive_outlet_finish_due(struct archive_outlet *o, const struct archive_policy *policy)
{
    uint64_t now = clock_wall_ns();

    for (unsigned kind = 0; kind < ARCHIVE_KIND_COUNT; kind++) {
        if (o->files[kind] != NULL && is_due(o->files[kind], policy, now)) {
            finish(o, kind);
        }
    }
}

void archive_outlet_finish_all(struct archive_outlet *o)
{
    for (unsigned kind = 0; kind < ARCHIVE_KIND_COUNT; kind++) {
        finish(o, kind);
    }
}

uint32_t archive_outlet_list(struct archive_outlet *o, struct archive_open_file *ret, uint32_t max)
{
    uint32_t count = 0;

    pthread_mutex_lock(&o->lock);
    for (unsigned kind = 0; kind < ARCHIVE_KIND_COUNT && count < max; kind++) {
        if (o->open[kind].name[0] != '\0') {
            ret[count++] = o->open[kind];
        }
    }
    pthread_mutex_unlock(&o->lock);
    return count;
}

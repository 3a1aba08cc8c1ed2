/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_file: writing happens outside the lock, since only the writer moves the end of the file;
 * the lock makes the end and the list of kept frames change together, so that a sync knows exactly
 * which frames it covers. */
#include "archive/archive_file.h"

#include "archive/archive_name.h"
#include "archive/archive_zstd.h"
#include "base/clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define OPEN_SUFFIX ".open"

static err_t cut_back(struct archive_file *f, const struct archive_io *io)
{
    f->torn = io->ftruncate(io->arg, f->fd, (off_t)f->end) != 0;
    return f->torn ? ERR_IO : ERR_OK;
}

/* Writes behind the last whole frame. A write of nothing means that nothing more fits. */
static err_t write_whole(struct archive_file *f, const struct archive_io *io, struct span bytes)
{
    if (f->torn) {
        TRY(cut_back(f, io));
    }
    for (size_t done = 0; done < bytes.len;) {
        ssize_t wrote =
            io->pwrite(io->arg, f->fd, bytes.at + done, bytes.len - done, (off_t)(f->end + done));
        if (wrote <= 0) {
            int why = wrote == 0 ? ENOSPC : errno;
            IGNORE(cut_back(f, io), "remembered as torn and cut before the next write");
            errno = why;
            return ERR_IO;
        }
        done += (size_t)wrote;
    }
    return ERR_OK;
}

/* The header line is a frame like any other, with an index frame that counts no records. */
static err_t write_header(struct archive_file *f, const struct archive_config *config,
                          uint64_t wall_ns)
{
    struct archive_zstd *z = NULL;
    struct archive_frame frame = {
        .index = {.kind = (uint8_t)f->kind,
                  .shard = (uint16_t)f->shard,
                  .first_ns = wall_ns,
                  .last_ns = wall_ns},
    };

    TRY(archive_zstd_new(config->zstd_level, config->header.len, &z));
    err_t err = archive_zstd_pack(z, config->header, &frame);
    if (err == ERR_OK) {
        err = write_whole(f, config->io, span_of(frame.data, frame.len));
    }
    if (err == ERR_OK) {
        f->end = frame.len;
        f->bytes = frame.len;
        f->line_bytes = config->header.len;
        f->frames = 1;
    }
    int why = errno;
    archive_frame_done(&frame);
    archive_zstd_free(z);
    errno = why;
    return err;
}

err_t archive_file_create(const struct archive_config *config, enum archive_kind kind,
                          unsigned shard, uint64_t wall_ns, struct archive_file **ret)
{
    struct archive_file *f = calloc(1, sizeof(*f));
    const char *family = kind == ARCHIVE_LOG ? "log" : "rejected";

    ENSURE(f != NULL, ERR_NOMEM);
    f->kind = kind;
    f->shard = shard;
    f->opened_wall_ns = wall_ns;
    f->keeps = config->fsync == ARCHIVE_FSYNC_FLUSH;
    err_t err = archive_name_create(config, &(struct archive_name_want){family, shard, wall_ns},
                                    f->path, &f->fd);
    if (err != ERR_OK) {
        int why = errno;
        free(f);
        errno = why;
        return err;
    }
    pthread_mutex_init(&f->lock, NULL);
    if (kind == ARCHIVE_LOG && config->header.len > 0) {
        err = write_header(f, config, wall_ns);
    }
    if (err != ERR_OK) {
        int why = errno;
        archive_file_discard(f, config->io);
        errno = why;
        return err;
    }
    *ret = f;
    return ERR_OK;
}

/* Under the lock. */
static void count_frame(struct archive_file *f, const struct archive_frame *frame)
{
    if (f->records == 0 || frame->index.first_ns < f->first_ns) {
        f->first_ns = frame->index.first_ns;
    }
    if (frame->index.last_ns > f->last_ns) {
        f->last_ns = frame->index.last_ns;
    }
    f->end += frame->len;
    f->bytes += frame->len;
    f->line_bytes += frame->index.line_bytes;
    f->records += frame->index.records;
    f->frames++;
}

/* Under the lock. */
static void keep_frame(struct archive_file *f, struct archive_frame *frame)
{
    frame->next = NULL;
    if (f->kept_last == NULL) {
        f->kept_first = frame;
    } else {
        f->kept_last->next = frame;
    }
    f->kept_last = frame;
}

bool archive_file_has_failed(struct archive_file *f)
{
    pthread_mutex_lock(&f->lock);
    bool failed = f->sync_failed;
    pthread_mutex_unlock(&f->lock);
    return failed;
}

static bool takes_no_more(struct archive_file *f)
{
    pthread_mutex_lock(&f->lock);
    bool failed = f->sync_failing || f->sync_failed;
    pthread_mutex_unlock(&f->lock);
    return failed;
}

/* A sync failed while we wrote, and its cut may have come before the frame. */
static void cut_after_failure(struct archive_file *f, const struct archive_io *io)
{
    if (f->keeps) {
        f->torn = io->ftruncate(io->arg, f->fd, (off_t)f->synced_bytes) != 0;
    }
}

err_t archive_file_append(struct archive_file *f, const struct archive_io *io,
                          struct archive_frame *frame)
{
    if (takes_no_more(f)) {
        errno = ESTALE;
        return ERR_IO;
    }
    TRY(write_whole(f, io, span_of(frame->data, frame->len)));

    pthread_mutex_lock(&f->lock);
    bool failed = f->sync_failing || f->sync_failed;
    if (!failed) {
        if (!frame->decided) { /* else it is as old as it was before it got lost */
            frame->written_mono_ns = clock_mono_ns();
        }
        count_frame(f, frame);
        if (f->keeps) {
            keep_frame(f, frame);
        }
    }
    pthread_mutex_unlock(&f->lock);
    if (failed) {
        cut_after_failure(f, io);
        errno = ESTALE;
        return ERR_IO;
    }
    return ERR_OK;
}

/* Under the lock: takes the kept frames up to `last` off the list. */
static struct archive_frame *take_kept(struct archive_file *f, struct archive_frame *last)
{
    struct archive_frame *first = f->kept_first;

    if (last == NULL) {
        return NULL;
    }
    f->kept_first = last->next;
    if (f->kept_first == NULL) {
        f->kept_last = NULL;
    }
    last->next = NULL;
    return first;
}

/* What a sync covers: everything written when it began. */
struct sync_mark {
    uint64_t bytes;
    uint64_t records;
    uint64_t last_ns;
    struct archive_frame *last;
};

static struct sync_mark mark_of(struct archive_file *f)
{
    pthread_mutex_lock(&f->lock);
    struct sync_mark mark = {f->bytes, f->records, f->last_ns, f->kept_last};
    pthread_mutex_unlock(&f->lock);
    return mark;
}

static void sync_done(struct archive_file *f, const struct sync_mark *mark)
{
    pthread_mutex_lock(&f->lock);
    uint64_t records = mark->records - f->synced_records;
    f->synced_bytes = mark->bytes;
    f->synced_records = mark->records;
    f->synced_last_ns = mark->last_ns;
    struct archive_frame *frames = take_kept(f, mark->last);
    pthread_mutex_unlock(&f->lock);

    if (f->counters != NULL) {
        atomic_fetch_add(&f->counters->records_synced, records);
        atomic_fetch_add(&f->counters->syncs, 1);
    }
    if (frames != NULL) {
        f->kept_done(f->kept_done_arg, frames, ARCHIVE_KEPT_SYNCED);
    }
}

/* Once the writer has been told that the file takes no more, what is behind the synced part goes:
 * before the frames are given back, or they would be in two files if the process died now. Without
 * the lock: a disk may hang here. */
static err_t cut_unsynced(struct archive_file *f, const struct archive_io *io)
{
    pthread_mutex_lock(&f->lock);
    f->sync_failing = true;
    pthread_mutex_unlock(&f->lock);
    return !f->keeps || io->ftruncate(io->arg, f->fd, (off_t)f->synced_bytes) == 0 ? ERR_OK
                                                                                   : ERR_IO;
}

/* Failing and giving the frames back happen in one step: a frame is either in the totals of this
 * file or on its way into another one, never both, and a writer that sees the failure has them. */
static void sync_lost(struct archive_file *f)
{
    pthread_mutex_lock(&f->lock);
    f->sync_failed = true;
    struct archive_frame *frames = take_kept(f, f->kept_last);
    for (struct archive_frame *frame = frames; frame != NULL; frame = frame->next) {
        f->line_bytes -= frame->index.line_bytes;
        f->records -= frame->index.records;
        f->frames--;
    }
    if (f->keeps) {
        f->bytes = f->synced_bytes;
        f->last_ns = f->synced_last_ns;
    } else {
        f->synced_bytes = f->bytes;
    }
    if (frames != NULL) {
        f->kept_done(f->kept_done_arg, frames, ARCHIVE_KEPT_LOST);
    }
    pthread_mutex_unlock(&f->lock);
}

static int sync_name(struct archive_file *f, const struct archive_io *io)
{
    char dir[ARCHIVE_PATH_BYTES];

    memcpy(dir, f->path, sizeof(dir));
    char *slash = strrchr(dir, '/');
    if (slash == NULL || slash == dir) {
        return io->sync_dir(io->arg, slash == NULL ? "." : "/");
    }
    *slash = '\0';
    return io->sync_dir(io->arg, dir);
}

err_t archive_file_sync(struct archive_file *f, const struct archive_io *io)
{
    if (archive_file_has_failed(f)) {
        errno = ESTALE;
        return ERR_IO;
    }
    struct sync_mark mark = mark_of(f);
    int failed = f->sync_failing ? -1 : io->fdatasync(io->arg, f->fd);
    if (failed == 0 && !f->dir_synced) {
        failed = sync_name(f, io);
        f->dir_synced = failed == 0;
    }
    if (failed != 0) {
        int why = f->sync_failing ? EIO : errno;
        if (!f->orphan) {
            TRY(cut_unsynced(f, io));
            sync_lost(f);
        }
        errno = why;
        return ERR_IO;
    }
    sync_done(f, &mark);
    return ERR_OK;
}

uint64_t archive_file_bytes(struct archive_file *f)
{
    pthread_mutex_lock(&f->lock);
    uint64_t bytes = f->bytes;
    pthread_mutex_unlock(&f->lock);
    return bytes;
}

uint64_t archive_file_unsynced(struct archive_file *f)
{
    pthread_mutex_lock(&f->lock);
    uint64_t bytes = f->sync_failed ? 0 : f->bytes - f->synced_bytes;
    pthread_mutex_unlock(&f->lock);
    return bytes;
}

uint64_t archive_file_oldest_ns(struct archive_file *f)
{
    pthread_mutex_lock(&f->lock);
    uint64_t oldest = f->kept_first == NULL ? 0 : f->kept_first->written_mono_ns;
    pthread_mutex_unlock(&f->lock);
    return oldest;
}

void archive_file_discard(struct archive_file *f, const struct archive_io *io)
{
    char path[ARCHIVE_PATH_BYTES + sizeof(OPEN_SUFFIX)];

    snprintf(path, sizeof(path), "%s" OPEN_SUFFIX, f->path);
    IGNORE(io->unlink(io->arg, path) != 0, "an empty file that stays is removed by recovery");
    archive_file_free(f, io);
}

void archive_file_free(struct archive_file *f, const struct archive_io *io)
{
    IGNORE(io->close(io->arg, f->fd) != 0, "what must be durable was synced before");
    pthread_mutex_destroy(&f->lock);
    free(f);
}

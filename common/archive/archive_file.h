/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_file: one file between its first frame and its publishing. The writer thread makes it and
 * appends; archive_sync makes it durable; archive_keeper publishes it and takes it over for that.
 */
#pragma once

#include "archive/archive_frame.h"

#include <pthread.h>

/* What became of frames that were kept because they were not durable yet. */
enum archive_kept { ARCHIVE_KEPT_SYNCED, ARCHIVE_KEPT_LOST };

/* Sums over all files, for archive_read_stats(). */
struct archive_counters {
    _Atomic uint64_t records_synced;
    _Atomic uint64_t syncs;
    _Atomic uint64_t bytes_in;
    _Atomic uint64_t bytes_out;
    _Atomic uint64_t io_errors;
};

struct archive_file {
    struct archive_file *next; /* in the keeper's queue */
    enum archive_kind kind;
    unsigned shard;
    char path[ARCHIVE_PATH_BYTES]; /* the final name; on disk it is path + ".open" */
    int fd;
    bool keeps;                        /* frames are kept until they are durable: fsync=flush */
    struct archive_counters *counters; /* where syncs are counted; NULL: nowhere */

    /* writer thread, then whoever finishes the file */
    uint64_t end; /* where the next frame goes; `bytes` but for what a failed sync took away */
    bool torn;    /* a cut failed: there may be bytes behind the last whole frame */

    /* changed by the writer thread under `lock` */
    uint64_t bytes;      /* whole frames written */
    uint64_t line_bytes; /* uncompressed */
    uint64_t records;
    uint64_t frames;
    uint64_t first_ns; /* receive times */
    uint64_t last_ns;
    uint64_t opened_wall_ns;

    /* changed by whoever syncs, under `lock` */
    pthread_mutex_t lock;
    uint64_t synced_bytes;
    uint64_t synced_records;
    uint64_t synced_last_ns;
    bool sync_failing;                /* nothing after synced_bytes can be trusted to be on disk;
                                         it is to be cut there */
    bool sync_failed;                 /* it is cut, and the frames behind it are given back */
    struct archive_frame *kept_first; /* frames behind synced_bytes, oldest first */
    struct archive_frame *kept_last;

    /* whoever syncs, and nobody else: apart from what is read under `lock` */
    unsigned publish_step; /* enum archive_publish_step, keeper thread only */
    bool dir_synced;       /* the file's name is durable */
    bool orphan; /* nobody is left to write lost frames again: a failed sync cuts nothing */

    /* Called once for frames that left the kept list: durable (they may be reused) or lost (they
     * must be written again, without being counted again). Any thread; must not use the file. */
    void (*kept_done)(void *arg, struct archive_frame *frames, enum archive_kept outcome);
    void *kept_done_arg;
};

/* Creates the file under the first free name, with the configured header line as its first frame.
 * ERR_IO with errno, ERR_NOMEM. */
MUST_CHECK err_t archive_file_create(const struct archive_config *config, enum archive_kind kind,
                                     unsigned shard, uint64_t wall_ns, struct archive_file **ret);

/* Appends one frame whole: a short write is continued, and when the rest fails the file is cut back
 * to where it was. On success the file owns the frame until kept_done if it `keeps`, else it is
 * still the caller's. ERR_IO with errno: the frame is still the caller's; ESTALE if the file has
 * lost frames (sync_failed), or is about to, and takes no more. Writer thread only. */
MUST_CHECK err_t archive_file_append(struct archive_file *f, const struct archive_io *io,
                                     struct archive_frame *frame);

/* fdatasync of all that is written (and, the first time, of the directory that names the file);
 * releases the kept frames it covers. On failure the file is cut to what is synced, sync_failed is
 * set for good, the kept frames are given back as lost and the totals above describe what is
 * synced, which may be nothing. If the cut fails too, the frames stay, and the next call tries it
 * again. A file that keeps no frames has nothing to write again: synced_bytes is then all that was
 * written. Any thread, one at a time a file. ERR_IO with errno, again at each later call. */
MUST_CHECK err_t archive_file_sync(struct archive_file *f, const struct archive_io *io);

/* The size; whether a sync has failed. Any thread. */
uint64_t archive_file_bytes(struct archive_file *f);
bool archive_file_has_failed(struct archive_file *f);

/* Bytes written that a sync would make durable. Any thread. */
uint64_t archive_file_unsynced(struct archive_file *f);

/* When the oldest kept frame was written; 0 if there is none. Any thread. */
uint64_t archive_file_oldest_ns(struct archive_file *f);

/* Removes the file, which holds no record, from disk; frees as below. */
void archive_file_discard(struct archive_file *f, const struct archive_io *io);

/* Closes the descriptor and frees the struct. Frames still kept (a shutdown without time left) are
 * let go without a word. */
void archive_file_free(struct archive_file *f, const struct archive_io *io);

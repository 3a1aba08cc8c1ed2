/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_outlet: the files a shard writes at the moment, at most one of each kind: made with their
 * first frame, finished (handed to archive_sync) by size, time, request, or because a sync failed.
 * Writer thread only, but for the atomics. */
#pragma once

#include "archive/archive_sync.h"

struct archive_outlet {
    /* fixed after start */
    const struct archive_config *config;
    struct archive_sync *sync;
    struct archive_counters *counters;
    unsigned shard;
    void (*kept_done)(void *arg, struct archive_frame *frames, enum archive_kept outcome);
    void *kept_done_arg;

    struct archive_file *files[ARCHIVE_KIND_COUNT]; /* each holds a record; NULL: none */

    /* under `lock`, for whoever asks */
    pthread_mutex_t lock;
    struct archive_open_file open[ARCHIVE_KIND_COUNT]; /* without a name: none */

    /* atomic, likewise */
    _Atomic uint64_t log_bytes;
    _Atomic uint32_t files_open;
};

enum archive_outlet_result {
    ARCHIVE_OUTLET_WRITTEN, /* the frame is in a file, and the file's if it keeps frames */
    ARCHIVE_OUTLET_FULL,    /* no room: disk, quota, inodes; errno says which */
    ARCHIVE_OUTLET_FAILED,  /* errno says why; it may pass */
    ARCHIVE_OUTLET_AGAIN    /* the file had lost frames and is finished: try again at once */
};

/* Writes the frame whole or not at all. */
MUST_CHECK enum archive_outlet_result archive_outlet_write(struct archive_outlet *o,
                                                           struct archive_frame *frame);

/* Finishes files whose interval is over, those of at least `rotate_bytes`, and those that lost
 * frames. */
void archive_outlet_finish_due(struct archive_outlet *o, const struct archive_policy *policy);
void archive_outlet_finish_all(struct archive_outlet *o);

/* Any thread: the files in hand; at most `max`. Returns how many. */
uint32_t archive_outlet_list(struct archive_outlet *o, struct archive_open_file *ret, uint32_t max);

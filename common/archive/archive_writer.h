/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_writer: one thread a shard that writes the shard's frames, in order, into its log and its
 * rejected file; makes, rotates and finishes these files. A frame leaves it written, dropped
 * because the disk is full (on_full=shed) or dropped because the time to stop has come; until one
 * of these is possible it is tried again every 100 ms. Frames lost by a failed sync are written
 * again before any other and never dropped. */
#pragma once

#include "archive/archive_outlet.h"
#include "archive/archive_queue.h"
#include "archive/archive_space.h"
#include "archive/archive_sync.h"

struct archive_writer;

/* What a writer works with; all of it outlives the writer. */
struct archive_writer_env {
    const struct archive_config *config;
    struct archive_queue *queue;
    struct archive_space *space;
    struct archive_sync *sync;
    struct archive_counters *counters;
};

/* ERR_NOMEM. */
MUST_CHECK err_t archive_writer_start(const struct archive_writer_env *env, unsigned shard,
                                      struct archive_writer **ret);

/* Any thread but a shard's. */
void archive_writer_set_policy(struct archive_writer *w, const struct archive_policy *policy);
void archive_writer_rotate(struct archive_writer *w);

/* The files in hand, at most `max`; returns how many. Any thread. */
uint32_t archive_writer_list_files(struct archive_writer *w, struct archive_open_file *ret,
                                   uint32_t max);

/* Sizes of the files in hand, for statistics. Any thread. */
void archive_writer_read_files(const struct archive_writer *w, uint64_t *ret_log_bytes,
                               uint32_t *ret_files);

/* Tells it to write what is left, finish its files, wait until all of it is durable and end; what
 * is not written at `deadline_mono_ns` is dropped. Does not wait. */
void archive_writer_stop(struct archive_writer *w, uint64_t deadline_mono_ns);

/* Waits for the end. False: it hangs in a system call; nothing may be freed, but the outcomes of
 * all frames are on their way to the shard. */
bool archive_writer_join(struct archive_writer *w, uint64_t deadline_mono_ns);
void archive_writer_free(struct archive_writer *w);

/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_keeper: the thread that looks after files nobody writes any more: last sync, repacking,
 * publishing (archive_publish), retention and the quota of rejected files (archive_retain). A
 * finished file whose sync fails is cut to its last synced length and published, or removed if no
 * record is left; its kept frames have gone back as lost. */
#pragma once

#include "archive/archive_file.h"

struct archive_keeper;

struct archive_keeper_stats {
    _Atomic uint64_t files_published;
    _Atomic uint64_t files_retained; /* deleted by the retention policy */
    _Atomic uint64_t rejected_disk_bytes;
    _Atomic uint64_t io_errors;
};

/* Scans the data directory (sizes, for retention and the quota) and starts the thread. The struct
 * `config` is copied. ERR_IO with errno, ERR_NOMEM. */
MUST_CHECK err_t archive_keeper_start(const struct archive_config *config,
                                      struct archive_keeper **ret);

/* Any thread: takes the file over and publishes it soon; nobody else may use or sync it any more.
 * If publishing fails for a passing reason (disk full, EIO) it is tried again, after 1 s at first,
 * 30 s at last; the file stays NAME.open until then. What fails for another reason is reported and
 * left as it is, for the recovery of the next start. */
void archive_keeper_publish(struct archive_keeper *k, struct archive_file *file);

/* Any thread. */
void archive_keeper_set_policy(struct archive_keeper *k, const struct archive_policy *policy);
bool archive_keeper_keeps_rejected(const struct archive_keeper *k);
const struct archive_keeper_stats *archive_keeper_read_stats(const struct archive_keeper *k);

/* Publishes what is queued, until `deadline_mono_ns`, and ends the thread; repacking takes at most
 * half of the time. Files that could not be published stay NAME.open, synced if possible, for the
 * recovery of the next start; a file whose sync fails now is one of them and is not cut, because
 * nobody is left to write its frames again. Called after the writers have ended.
 * False: the thread hangs in a system call and what it uses must stay. The numbers can be read on.
 */
MUST_CHECK bool archive_keeper_stop(struct archive_keeper *k, uint64_t deadline_mono_ns);

/* After a stop that did not hang; NULL is fine. */
void archive_keeper_free(struct archive_keeper *k);

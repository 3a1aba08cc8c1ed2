/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_recover: what an earlier run left, put in order before anything new is written:
 *   NAME and NAME.open      the file was published, .open goes
 *   NAME.repack             unfinished copy of NAME.open, goes (alone, it takes .open's place)
 *   NAME.open               scanned frame by frame, cut behind the last good one; the torn tail is
 *                           kept as NAME.tail and its whole lines, as far as they decompress, are
 *                           salvaged into recovered_…, marked as unchecked (archive_salvage.h);
 *                           then published. A last frame without its index frame gets one.
 *   NAME.open without a record   removed and counted (its tail is kept and salvaged as above)
 *   a published file that the manifest does not name   gets its entry
 * For files of this instance, of any shard, in both layouts. Nothing is read past a file's end,
 * whatever its bytes are. A crash at any moment leaves what the next recovery can finish, with each
 * line published once. */
#pragma once

#include "archive/archive_frame.h"

struct archive_recover_stats {
    uint64_t files_recovered;
    uint64_t files_removed_empty;
    uint64_t files_left; /* could not be repaired now (reported); the next start tries again */
    uint64_t lines_salvaged;
};

/* Repairs the data directory. Runs before the keeper and the writers start. A file that cannot be
 * repaired because the disk refuses is left as it is and does not keep the program from starting.
 * ERR_IO with errno: the directory cannot be read; ERR_NOMEM. */
MUST_CHECK err_t archive_recover(const struct archive_config *config,
                                 struct archive_recover_stats *ret);

/* The scan: how much of `file` (all of its bytes) is whole good frames: decompressible with a
 * matching checksum and ending in LF. Adds up what the frames hold. Pure; never fails: hostile
 * bytes end the good part. */
struct archive_recover_scan {
    size_t good_bytes;
    uint64_t frames;       /* zstd frames, not counting skippable ones */
    uint64_t small_frames; /* of which hold less than half of ARCHIVE_FRAME_BYTES */
    uint64_t records;      /* lines, without a header line */
    uint64_t line_bytes;
    uint64_t first_ns; /* by the index frames; 0 without */
    uint64_t last_ns;
    bool index_missing; /* behind the last good frame; `index` is what it can say */
    struct archive_index index;
};
void archive_recover_scan(struct span file, struct archive_recover_scan *ret);

/* The same of an open scan, from where it stands to the end of the good part: ERR_EOF if that is
 * the end of the file, else ERR_SYNTAX. ERR_IO with errno, ERR_NOMEM. */
struct archive_scan;
MUST_CHECK err_t archive_recover_sum(struct archive_scan *scan, struct archive_recover_scan *ret);

/* SPDX-License-Identifier: Apache-2.0
 *
 * fake_archive: the archive's shard side without files: packs that only collect lines, and a switch
 * for "no room". It stands in for archive.c and archive_pack.c at link time. */
#pragma once

#include "archive/archive_pack.h"
#include "base/buf.h"

struct archive {
    struct archive_pack packs[ARCHIVE_KIND_COUNT];
    struct buf lines[ARCHIVE_KIND_COUNT]; /* all lines committed so far */
    unsigned ready_calls;
    _Atomic unsigned refuse_every; /* every n-th question for room is answered no; 0: always room */
    unsigned reap_calls;           /* a shard asks once a turn */
    int wake_fd;                   /* made when somebody asks for it; -1: not yet */
    unsigned since_asked;          /* lines committed since the last question … */
    unsigned most_since_asked;
    bool keeps_rejected;
};

/* Packs for lines of up to `line_bytes_max`. */
void fake_archive_init(struct archive *a, size_t line_bytes_max);
void fake_archive_done(struct archive *a);

/* Forgets the lines and the counters in the packs' tags. */
void fake_archive_reset(struct archive *a);

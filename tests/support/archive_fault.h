/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_fault: the archive's table of file calls with faults put in: the system's calls, of which
 * the chosen ones are counted and one, or all from one on, fail. A write that fails is half done,
 * as by a crash or a full disk. Any thread. */
#pragma once

#include "archive/archive_io.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>

enum archive_fault_sync { ARCHIVE_FAULT_SYNC_REALLY, ARCHIVE_FAULT_SYNC_NOT };

enum archive_fault_call {
    ARCHIVE_FAULT_OPEN = 1 << 0,
    ARCHIVE_FAULT_PREAD = 1 << 1,
    ARCHIVE_FAULT_PWRITE = 1 << 2,
    ARCHIVE_FAULT_FDATASYNC = 1 << 3,
    ARCHIVE_FAULT_FTRUNCATE = 1 << 4,
    ARCHIVE_FAULT_RENAME = 1 << 5,
    ARCHIVE_FAULT_UNLINK = 1 << 6,
    ARCHIVE_FAULT_MKDIR = 1 << 7,
    ARCHIVE_FAULT_SYNC_DIR = 1 << 8,
    ARCHIVE_FAULT_ALL = (1 << 9) - 1,
    ARCHIVE_FAULT_CHANGING = ARCHIVE_FAULT_ALL & ~ARCHIVE_FAULT_PREAD
};

struct archive_fault {
    struct archive_io io;   /* to be given to the archive */
    _Atomic unsigned mask;  /* which calls are counted: enum archive_fault_call */
    _Atomic unsigned calls; /* counted so far */
    _Atomic unsigned first; /* the number of the first call that fails, from 1; UINT_MAX: none */
    _Atomic unsigned last;  /* … and of the last; UINT_MAX: all later ones fail too, as if it had
                               crashed */
    _Atomic int error;      /* errno of the failing calls */
    enum archive_fault_sync sync; /* NOT: syncs that do not fail do nothing, to be quick */
};

/* Counts and fails nothing. */
void archive_fault_init(struct archive_fault *f);

/* From now on counts the calls of `mask` from 1; those from `first` to `last` fail with `error`. */
void archive_fault_set(struct archive_fault *f, unsigned mask, unsigned first, unsigned last,
                       int error);

/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_lock: a file that is held by flock while the process lives, with its process id inside
 * for whoever finds it taken. The data directory has one, because its files must have one owner,
 * and so has the state directory, which may be another one. */
#pragma once

#include "archive/archive_io.h"

#define ARCHIVE_LOCK_DATA_FILE  ".lock" /* in the data directory */
#define ARCHIVE_LOCK_STATE_FILE "lock"  /* in the state directory */

/* Takes the lock `path`, whose directory exists. ERR_EXISTS: another process has it, `ret_holder`
 * (written then) is its id or 0 if unknown; nothing was changed. ERR_IO with errno. */
MUST_CHECK err_t archive_lock_take(const struct archive_io *io, const char *path, long *ret_holder,
                                   int *ret_fd);

void archive_lock_release(const struct archive_io *io, int fd);

/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_lock: STATE/lock, held by flock while the process lives, with its process id inside for
 * whoever finds it taken. */
#pragma once

#include "archive/archive.h"

#define ARCHIVE_LOCK_PATH_BYTES (ARCHIVE_PATH_BYTES + 8u)

/* Takes the lock; the state directory exists. ERR_EXISTS: another process has it, `ret_holder`
 * (written then) is its id or 0 if unknown; nothing was changed. ERR_IO with errno. */
MUST_CHECK err_t archive_lock_take(const struct archive_config *config, long *ret_holder,
                                   int *ret_fd);

void archive_lock_release(const struct archive_config *config, int fd);

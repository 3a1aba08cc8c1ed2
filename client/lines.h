/* SPDX-License-Identifier: Apache-2.0
 *
 * lines: the lines of --file as go-client frames of format 4, byte for byte without their LF.
 * Shared by all connections: each batch of lines goes to the one that asks next. */
#pragma once

#include "base/buf.h"
#include "client/stop.h"

#include <pthread.h>

struct lines {
    pthread_mutex_t lock;
    /* under the lock */
    int fd;
    struct stop *stop;
    struct buf in;
    size_t scanned;  /* bytes of `in` known to hold no LF */
    size_t taken;    /* bytes of `in` already framed */
    bool ended;      /* end of file, or an error */
    bool skipping;   /* inside a line that is too long */
    uint64_t number; /* of the last line */
    uint64_t blank;
    uint64_t refused; /* too long */
    int read_errno;   /* why reading ended; 0: end of file */
};

/* `path` "-" is standard input. ERR_IO with errno, ERR_NOMEM. */
MUST_CHECK err_t lines_open(struct lines *l, const char *path, struct stop *stop);
void lines_close(struct lines *l);

/* Any thread. Appends up to `count` frames to `out`, in one read's reach: it waits for at least one
 * line, but not for all. `ret_count` is 0 at the end of the file, after a read error, and when the
 * wish to stop came while waiting. ERR_NOMEM. */
MUST_CHECK err_t lines_next(struct lines *l, uint32_t count, struct buf *out, uint32_t *ret_count);

/* SPDX-License-Identifier: Apache-2.0
 *
 * replay: the records of --replay as go-client frames of the formats they had. Shared by all
 * connections: each batch goes to the one that asks next. Whatever cannot be sent is counted. */
#pragma once

#include "base/option.h"
#include "client/replay_file.h"
#include "client/replay_line.h"
#include "client/stop.h"

#include <pthread.h>

struct replay {
    const struct option_strings *paths; /* borrowed */
    struct stop *stop;
    pthread_mutex_t lock;
    /* under the lock */
    uint32_t next;  /* of the paths */
    uint64_t line;  /* of the file in hand */
    bool told_line; /* one of it was refused, and that was told */
    struct replay_file file;
    struct buf payload;
    uint64_t counts[REPLAY_LINE_VERDICTS]; /* lines, by enum replay_line_verdict */
    uint64_t broken;                       /* files that could not be read to their end */
};

/* Looks whether the files are there: ERR_IO with errno, `ret_path` is the first that is not. */
MUST_CHECK err_t replay_open(struct replay *r, const struct option_strings *paths,
                             struct stop *stop, const char **ret_path);
void replay_close(struct replay *r);

/* Any thread. Appends up to `count` frames to `out`, about a MiB at most. `ret_count` is 0 when all
 * files are at their end, or by the wish to stop. ERR_NOMEM. */
MUST_CHECK err_t replay_next(struct replay *r, uint32_t count, struct buf *out,
                             uint32_t *ret_count);

/* Files that were not read to their end, nor found to be broken, because of the wish to stop; when
 * all threads have ended, before replay_close(). */
uint32_t replay_unread(const struct replay *r);

/* Whether everything the files hold was handed out; the same. */
bool replay_complete(const struct replay *r);

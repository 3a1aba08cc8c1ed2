/* SPDX-License-Identifier: Apache-2.0
 *
 * replay_file: the lines of a .zst file of any number of frames; skippable ones between them are
 * skipped. Memory is bounded by the longest line that is allowed. */
#pragma once

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <zstd.h>

struct replay_file {
    int fd; /* -1: not open */
    ZSTD_DCtx *zstd;
    struct buf packed;
    struct buf lines;
    size_t unpacked; /* bytes of `packed` done with */
    size_t taken;    /* bytes of `lines` given out */
    size_t scanned;  /* bytes of `lines` known to hold no LF */
    bool inside;     /* a frame has begun and not ended */
    bool ended;      /* nothing more comes from the file */
    bool skipping;   /* inside a line that is too long */
};

/* ERR_IO with errno; ERR_NOMEM. On failure nothing is to be closed. */
MUST_CHECK err_t replay_file_open(struct replay_file *f, const char *path);
void replay_file_close(struct replay_file *f);

/* The next line, without its LF, valid until the next call. ERR_EOF the end; ERR_LIMIT a line above
 * REPLAY_LINE_BYTES_MAX was skipped, and the next call goes on; ERR_SYNTAX the rest of the file is
 * no zstd, or it ends within a frame; ERR_IO with errno; ERR_NOMEM. */
MUST_CHECK err_t replay_file_next(struct replay_file *f, struct span *ret_line);

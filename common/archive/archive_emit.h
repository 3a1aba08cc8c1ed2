/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_emit: lines become frames of a file that is made from other files, by repacking or by
 * salvaging. One thread at a time. */
#pragma once

#include "archive/archive_frame.h"

struct archive_zstd;

/* All zero but the first two to begin with. */
struct archive_emit {
    const struct archive_config *config;
    int fd;
    uint64_t at; /* bytes written */
    struct archive_zstd *zstd;
    size_t zstd_bytes; /* what `zstd` can take */
    struct archive_frame frame;
};

/* Appends `lines` as one frame with this index frame (its sizes are filled in). Of any length up to
 * 4 GiB. ERR_IO with errno, ERR_NOMEM. */
MUST_CHECK err_t archive_emit_frame(struct archive_emit *e, struct span lines,
                                    const struct archive_index *index);

/* Frees what it uses; the descriptor stays open. */
void archive_emit_done(struct archive_emit *e);

/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_emit: the compressor is made for the largest frame so far: a frame of an earlier run may
 * be larger than any of this one. */
#include "archive/archive_emit.h"

#include "archive/archive_zstd.h"
#include "base/limits.h"

#include <assert.h>

static err_t reserve_zstd(struct archive_emit *e, size_t bytes)
{
    if (bytes <= e->zstd_bytes) {
        return ERR_OK;
    }
    bytes = bytes < 2 * ARCHIVE_FRAME_BYTES ? 2 * ARCHIVE_FRAME_BYTES : bytes;
    archive_zstd_free(e->zstd);
    e->zstd = NULL;
    e->zstd_bytes = 0;
    TRY(archive_zstd_new(e->config->zstd_level, bytes, &e->zstd));
    e->zstd_bytes = bytes;
    return ERR_OK;
}

err_t archive_emit_frame(struct archive_emit *e, struct span lines,
                         const struct archive_index *index)
{
    assert(lines.len <= UINT32_MAX);
    TRY(reserve_zstd(e, lines.len));
    e->frame.index = *index;
    TRY(archive_zstd_pack(e->zstd, lines, &e->frame));
    TRY(archive_io_write_all(e->config->io, e->fd, span_of(e->frame.data, e->frame.len), e->at));
    e->at += e->frame.len;
    return ERR_OK;
}

void archive_emit_done(struct archive_emit *e)
{
    archive_zstd_free(e->zstd);
    e->zstd = NULL;
    archive_frame_done(&e->frame);
}

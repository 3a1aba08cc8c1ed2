/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_zstd: one-shot compression into scratch space of the worst-case size, then a copy of the
 * result's size. Of the scratch only what is used is ever touched, and a frame holds only what its
 * file will hold. */
#include "archive/archive_zstd.h"

#include "base/limits.h"

#include <assert.h>
#include <stdlib.h>
#include <zstd.h>

#define FRAME_CAP_STEP (16u * KIB) /* frames of a shard differ little: they stop growing soon */

struct archive_zstd {
    ZSTD_CCtx *cctx;
    char *scratch;
    size_t scratch_bytes;
    size_t line_bytes_max;
};

/* The content size needs no call: the one-shot compressor writes the size that it is given. */
static bool set_parameters(ZSTD_CCtx *cctx, int level)
{
    return !ZSTD_isError(ZSTD_CCtx_setParameter(cctx, ZSTD_c_compressionLevel, level)) &&
           !ZSTD_isError(ZSTD_CCtx_setParameter(cctx, ZSTD_c_checksumFlag, 1)) &&
           !ZSTD_isError(ZSTD_CCtx_setParameter(cctx, ZSTD_c_contentSizeFlag, 1));
}

err_t archive_zstd_new(int level, size_t line_bytes_max, struct archive_zstd **ret)
{
    struct archive_zstd *z = calloc(1, sizeof(*z));

    ENSURE(z != NULL, ERR_NOMEM);
    z->line_bytes_max = line_bytes_max;
    z->scratch_bytes = ZSTD_compressBound(line_bytes_max);
    z->scratch = malloc(z->scratch_bytes);
    z->cctx = ZSTD_createCCtx();
    if (z->scratch == NULL || z->cctx == NULL || !set_parameters(z->cctx, level)) {
        archive_zstd_free(z);
        return ERR_NOMEM;
    }
    *ret = z;
    return ERR_OK;
}

void archive_zstd_free(struct archive_zstd *z)
{
    if (z == NULL) {
        return;
    }
    ZSTD_freeCCtx(z->cctx);
    free(z->scratch);
    free(z);
}

/* What the frame held is not wanted any more, so nothing need be copied as realloc would. */
static err_t reserve_frame(struct archive_frame *frame, size_t bytes)
{
    if (bytes <= frame->cap) {
        return ERR_OK;
    }
    size_t cap = (bytes + FRAME_CAP_STEP - 1) / FRAME_CAP_STEP * FRAME_CAP_STEP;
    char *data = malloc(cap);
    ENSURE(data != NULL, ERR_NOMEM);
    archive_frame_done(frame);
    frame->data = data;
    frame->cap = cap;
    return ERR_OK;
}

err_t archive_zstd_pack(struct archive_zstd *z, struct span lines, struct archive_frame *frame)
{
    assert(lines.len <= z->line_bytes_max);

    size_t bytes = ZSTD_compress2(z->cctx, z->scratch, z->scratch_bytes, lines.at, lines.len);
    ENSURE(!ZSTD_isError(bytes), ERR_NOMEM); /* the only way it can fail with room enough */
    TRY(reserve_frame(frame, bytes + ARCHIVE_INDEX_BYTES));

    memcpy(frame->data, z->scratch, bytes);
    frame->index.line_bytes = (uint32_t)lines.len;
    frame->index.frame_bytes = (uint32_t)bytes;
    archive_frame_put_index(&frame->index, frame->data + bytes);
    frame->len = bytes + ARCHIVE_INDEX_BYTES;
    return ERR_OK;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_zstd: lines -> frame: a reused zstd context with its scratch space. One thread at a time.
 */
#pragma once

#include "archive/archive_frame.h"

struct archive_zstd;

/* For up to `line_bytes_max` uncompressed bytes a call. ERR_NOMEM. */
MUST_CHECK err_t archive_zstd_new(int level, size_t line_bytes_max, struct archive_zstd **ret);
void archive_zstd_free(struct archive_zstd *z);

/* Compresses `lines` as one frame with content size and checksum and appends the index frame (whose
 * line_bytes and frame_bytes it fills in) into frame->data, which grows as needed; replaces what
 * the frame held before. ERR_NOMEM. */
MUST_CHECK err_t archive_zstd_pack(struct archive_zstd *z, struct span lines,
                                   struct archive_frame *frame);

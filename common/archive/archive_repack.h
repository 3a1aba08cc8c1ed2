/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_repack: many small frames become few of 1 MiB, before a file is published. Slow traffic
 * flushes twice a second; without repacking such a file would compress badly and be slow to read.
 */
#pragma once

#include "archive/archive_frame.h"

#include <stdatomic.h>

/* Whether a file of that many frames and uncompressed bytes is mostly small frames. */
bool archive_repack_wanted(uint64_t frames, uint64_t line_bytes);

/* Writes the lines of `from_path` (whole good frames) to `to_path`, which is created or replaced,
 * with frames of about ARCHIVE_FRAME_BYTES and merged index frames (records and levels summed,
 * earliest and latest receive time, first sequence), and syncs it unless fsync=none. Lines and
 * their order stay the same; a header line stays a frame of its own. On failure `to_path` is
 * removed. `until_mono_ns` may be lowered meanwhile by another thread; NULL: no limit.
 * ERR_IO with errno, ERR_NOMEM, ERR_SYNTAX (`from_path` is damaged), ERR_AGAIN (`until_mono_ns` has
 * passed). */
MUST_CHECK err_t archive_repack(const struct archive_config *config, const char *from_path,
                                const char *to_path, const _Atomic uint64_t *until_mono_ns);

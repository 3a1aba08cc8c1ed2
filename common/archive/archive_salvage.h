/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_salvage: what can be read of a torn tail, for people. Each whole line that still comes
 * out of the damaged frames of NAME.open, and of good frames behind them, becomes one line of
 *   recovered_…: {"unchecked":true,"source":"log_0_20261121_041145.jsonl.zst","line":"…"}
 * because no checksum vouches for it: the line is kept as text, whatever it may be (JSON, CSV,
 * garbage). Bytes that are no UTF-8 become U+FFFD; the original bytes are in NAME.tail. Lines
 * longer than the configured line_bytes_max (at least 1 MiB) are none of ours and stay there only.
 */
#pragma once

#include "archive/archive_scan.h"

struct archive_salvage {
    struct archive_scan *scan; /* of NAME.open, when archive_scan_next() has said ERR_SYNTAX */
    const char *path;          /* NAME, with its directory */
    uint8_t kind;              /* for the index frames */
    uint16_t shard;
    uint64_t first_ns; /* the span of time in which the lines were received */
    uint64_t last_ns;
};

/* Writes and publishes the recovered file of NAME (archive_name_recovered) and returns the number
 * of its lines. No file and 0 if there are no lines, or if the file exists already: an interrupted
 * recovery has made it. ERR_IO with errno, ERR_NOMEM: the file was not published. */
MUST_CHECK err_t archive_salvage_run(const struct archive_config *config,
                                     const struct archive_salvage *salvage, uint64_t *ret_lines);

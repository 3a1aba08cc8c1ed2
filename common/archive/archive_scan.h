/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_scan: the frames of an archive file, one after the other, each trusted only after it has
 * proved good: a zstd frame with content checksum (RFC 8878) that decompresses to at most
 * ARCHIVE_SCAN_CONTENT_MAX bytes, matches its checksum, is not empty and ends in LF. An index frame
 * behind it belongs to it if it is one of ours and agrees with it in lines and sizes; without one
 * the frame is the last good one. Hostile bytes only ever end the good part.
 *
 * Memory: one frame's content and its window (at most 64 MiB; no level we allow needs more).
 * One thread at a time. */
#pragma once

#include "archive/archive_frame.h"
#include "base/limits.h"

/* Frames of more content are none of ours: a frame ends with the line that brings it to its
 * size. */
#define ARCHIVE_SCAN_CONTENT_MAX (ARCHIVE_FRAME_BYTES + ARCHIVE_LINE_BYTES_MAX)

/* Where the bytes come from: a file, or, without `io`, memory. Must outlive the scan. */
struct archive_scan_source {
    const struct archive_io *io;
    int fd;
    struct span bytes;
};

struct archive_scan_frame {
    struct span lines; /* whole lines; valid until the next call */
    uint64_t line_count;
    uint64_t records; /* by the index frame: 0 for a header line; else line_count */
    bool indexed;
    struct archive_index index;
};

struct archive_scan;

/* ERR_NOMEM. */
MUST_CHECK err_t archive_scan_new(const struct archive_scan_source *source,
                                  struct archive_scan **ret);
void archive_scan_free(struct archive_scan *s);

/* The next good frame. ERR_EOF: the file ends here; ERR_SYNTAX: what follows archive_scan_at() is
 * no good frame; ERR_IO with errno: it cannot be read; ERR_NOMEM. */
MUST_CHECK err_t archive_scan_next(struct archive_scan *s, struct archive_scan_frame *ret);

/* The offset behind the last frame returned and its index frame. */
uint64_t archive_scan_at(const struct archive_scan *s);

/* After ERR_SYNTAX: the whole lines that came out of the broken frame before it broke, unchecked;
 * may be empty. Valid until the next call. */
struct span archive_scan_partial(const struct archive_scan *s);

/* After ERR_SYNTAX: moves on to the next bytes that look like the beginning of a zstd frame.
 * ERR_EOF: there are none; ERR_IO, ERR_NOMEM. */
MUST_CHECK err_t archive_scan_resync(struct archive_scan *s);

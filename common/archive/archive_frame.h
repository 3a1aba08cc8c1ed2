/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_frame: one finished piece of a file: a zstd frame (content checksum, content size) of
 * whole lines, followed by a skippable frame of our own that describes it. Both are written
 * together.
 *
 * The skippable frame, little-endian (RFC 8878 section 3.1.2; every zstd tool skips it):
 *   0  u32 magic 0x184D2A5C    4  u32 size of what follows (80)
 *   8  u8 version (1)          9  u8 kind (0 log, 1 rejected)      10 u16 shard
 *   12 u32 records             16 u64 first receive time, ns       24 u64 last receive time, ns
 *   32 u64 sequence: counts the frames of a shard and kind since the process started
 *   40 u32 uncompressed bytes  44 u32 bytes of the zstd frame it describes
 *   48 u32 levels[10]: emerg alert crit err warning notice info debug trace other */
#pragma once

#include "archive/archive.h"
#include "base/rd.h"

#define ARCHIVE_INDEX_MAGIC 0x184D2A5Cu
#define ARCHIVE_INDEX_BYTES 88u /* with its 8-byte head */

struct archive_index {
    uint8_t kind;
    uint16_t shard;
    uint32_t records;
    uint64_t first_ns;
    uint64_t last_ns;
    uint64_t sequence;
    uint32_t line_bytes;
    uint32_t frame_bytes;
    uint32_t levels[ARCHIVE_LEVELS];
};

struct archive_frame {
    struct archive_frame *next; /* in whatever list holds it */
    char *data;                 /* zstd frame and index frame */
    size_t len;
    size_t cap;
    uint64_t written_mono_ns; /* when its write returned */
    struct archive_index index;
    uint8_t fate;  /* enum archive_fate, once decided. Writer thread until the shard is told */
    bool decided;  /* its fate is on the way to the shard; what remains is to keep it safe */
    bool reported; /* archive_reap() has returned it. Shard thread only */
    _Alignas(64) unsigned char tag[ARCHIVE_TAG_BYTES];
};

/* Writes the ARCHIVE_INDEX_BYTES of the skippable frame. */
void archive_frame_put_index(const struct archive_index *index, char *out);

/* Reads one from `in`, which begins at its magic. ERR_SYNTAX: it is none of ours (other magic, size
 * or version, or too short). */
MUST_CHECK err_t archive_frame_get_index(struct span in, struct archive_index *ret);

/* Frees the data; the frame is empty afterwards and may be used again. */
void archive_frame_done(struct archive_frame *frame);

/* Frames linked by `next`, oldest first. A zeroed list is empty. */
struct archive_frame_list {
    struct archive_frame *first;
    struct archive_frame *last;
};

/* Adds frames that are linked already; NULL: none. */
void archive_frame_append(struct archive_frame_list *list, struct archive_frame *frames);

/* Takes the oldest off, NULL when there is none; puts it back as the oldest. */
struct archive_frame *archive_frame_pop(struct archive_frame_list *list);
void archive_frame_put_back(struct archive_frame_list *list, struct archive_frame *frame);

/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_pack: the shard's side of the archive: an uncompressed buffer of whole lines that becomes
 * one zstd frame. One pack a shard and kind. Shard thread only.
 *
 *   char *at = archive_pack_line(pack, bound);      room for one line
 *   … write the line …, update the counters in archive_pack_tag(pack)
 *   archive_pack_commit(pack, bytes, level);        may finish the frame
 *
 * The caller asks archive_ready() before each batch of at most BATCH_ITEMS_MAX lines, so a finished
 * frame always finds a slot: archive_ready() keeps back enough for one such batch. */
#pragma once

#include "archive/archive.h"

#include <assert.h>
#include <string.h>

struct archive_queue;
struct archive_zstd;

struct archive_pack {
    char *lines; /* ARCHIVE_FRAME_BYTES + line_bytes_max of room, plus slack */
    size_t len;  /* bytes of whole lines */
    size_t cap;
    uint32_t records;
    uint32_t levels[ARCHIVE_LEVELS];
    uint64_t first_ns; /* wall receive time of the earliest and latest record */
    uint64_t last_ns;
    uint64_t begun_mono_ns; /* when the first line came; 0 while empty */
    uint64_t sequence;      /* of the frame in hand */
    struct archive_queue *queue;
    struct archive_zstd *zstd;
    uint16_t shard;
    uint8_t kind;                                      /* enum archive_kind */
    _Alignas(64) unsigned char tag[ARCHIVE_TAG_BYTES]; /* zeroed when a frame begins */
};

/* Where the next line goes; at most `bytes_max` <= line_bytes_max may be written. */
static inline char *archive_pack_line(struct archive_pack *p, size_t bytes_max)
{
    assert(p->len + bytes_max <= p->cap);
    return p->lines + p->len;
}

/* The caller's counters of the frame in hand. Fetch anew after every commit. */
static inline void *archive_pack_tag(struct archive_pack *p)
{
    return p->tag;
}

/* Takes the line of `bytes` bytes just written, received at `wall_ns`, level < ARCHIVE_LEVELS. Ends
 * the frame when it has reached ARCHIVE_FRAME_BYTES; `mono_ns` is the present monotonic time. */
void archive_pack_commit(struct archive_pack *p, size_t bytes, unsigned level, uint64_t wall_ns,
                         uint64_t mono_ns);

/* Ends the frame in hand, if it has lines: compresses it and hands it to the writer. Needs no
 * archive_ready(). */
void archive_pack_flush(struct archive_pack *p);

/* Drops the lines in hand and empties the pack (shutdown without time left). The caller has counted
 * them by the tag before. */
void archive_pack_discard(struct archive_pack *p);

/* The archive itself makes and frees the packs. `zstd` serves all packs of the shard. ERR_NOMEM. */
MUST_CHECK err_t archive_pack_new(const struct archive_config *config, struct archive_queue *queue,
                                  struct archive_zstd *zstd, struct archive_pack **ret);
void archive_pack_free(struct archive_pack *p);

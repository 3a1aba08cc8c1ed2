/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_pack: lines are compressed where they were made, on the shard's thread: it is the only
 * place whose caches hold them. */
#include "archive/archive_pack.h"

#include "archive/archive_queue.h"
#include "archive/archive_zstd.h"

#include <stdlib.h>

err_t archive_pack_new(const struct archive_config *config, struct archive_queue *queue,
                       struct archive_zstd *zstd, struct archive_pack **ret)
{
    struct archive_pack *p = aligned_alloc(_Alignof(struct archive_pack), sizeof(*p));

    ENSURE(p != NULL, ERR_NOMEM);
    memset(p, 0, sizeof(*p));
    p->queue = queue;
    p->zstd = zstd;
    p->cap = ARCHIVE_FRAME_BYTES + config->line_bytes_max;
    p->lines = malloc(p->cap + SPAN_SLACK_BYTES);
    if (p->lines == NULL) {
        free(p);
        return ERR_NOMEM;
    }
    *ret = p;
    return ERR_OK;
}

void archive_pack_free(struct archive_pack *p)
{
    if (p == NULL) {
        return;
    }
    free(p->lines);
    free(p);
}

void archive_pack_commit(struct archive_pack *p, size_t bytes, unsigned level, uint64_t wall_ns,
                         uint64_t mono_ns)
{
    assert(bytes > 0 && p->len + bytes <= p->cap);
    assert(level < ARCHIVE_LEVELS);

    if (p->records == 0) {
        p->first_ns = wall_ns;
        p->last_ns = wall_ns;
        p->begun_mono_ns = mono_ns;
    }
    p->first_ns = wall_ns < p->first_ns ? wall_ns : p->first_ns; /* wall time can step back */
    p->last_ns = wall_ns > p->last_ns ? wall_ns : p->last_ns;
    p->len += bytes;
    p->records++;
    p->levels[level]++;
    if (p->len >= ARCHIVE_FRAME_BYTES) {
        archive_pack_flush(p);
    }
}

static struct archive_index index_of(const struct archive_pack *p)
{
    struct archive_index index = {
        .kind = p->kind,
        .shard = p->shard,
        .records = p->records,
        .first_ns = p->first_ns,
        .last_ns = p->last_ns,
        .sequence = p->sequence,
        .line_bytes = (uint32_t)p->len,
    };

    memcpy(index.levels, p->levels, sizeof(index.levels));
    return index;
}

/* Without memory for the compressed bytes the frame goes its way empty: the writer drops it and the
 * shard learns that its records are gone. */
void archive_pack_flush(struct archive_pack *p)
{
    if (p->records == 0) {
        return;
    }
    struct archive_frame *frame = archive_queue_take(p->queue);
    frame->index = index_of(p);
    memcpy(frame->tag, p->tag, sizeof(frame->tag));
    IGNORE(archive_zstd_pack(p->zstd, span_of(p->lines, p->len), frame), "then `len` is 0");
    archive_queue_push(p->queue, frame);
    p->sequence++;
    archive_pack_discard(p);
}

void archive_pack_discard(struct archive_pack *p)
{
    p->len = 0;
    p->records = 0;
    p->begun_mono_ns = 0;
    memset(p->levels, 0, sizeof(p->levels));
    memset(p->tag, 0, sizeof(p->tag));
}

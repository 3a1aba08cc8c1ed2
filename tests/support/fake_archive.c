/* SPDX-License-Identifier: Apache-2.0
 *
 * fake_archive: collects lines. Frames never end by themselves, so tags count everything. */
#include "tests/support/fake_archive.h"

#include "base/limits.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

void fake_archive_init(struct archive *a, size_t line_bytes_max)
{
    *a = (struct archive){.keeps_rejected = true, .wake_fd = -1};
    for (unsigned kind = 0; kind < ARCHIVE_KIND_COUNT; kind++) {
        a->packs[kind].cap = line_bytes_max;
        a->packs[kind].lines = malloc(line_bytes_max + SPAN_SLACK_BYTES);
        a->packs[kind].kind = (uint8_t)kind;
        assert(a->packs[kind].lines != NULL);
    }
}

void fake_archive_done(struct archive *a)
{
    for (unsigned kind = 0; kind < ARCHIVE_KIND_COUNT; kind++) {
        free(a->packs[kind].lines);
        buf_done(&a->lines[kind]);
    }
    if (a->wake_fd >= 0) {
        close(a->wake_fd);
    }
}

void fake_archive_reset(struct archive *a)
{
    for (unsigned kind = 0; kind < ARCHIVE_KIND_COUNT; kind++) {
        a->lines[kind].len = 0;
        a->packs[kind].records = 0;
        memset(a->packs[kind].tag, 0, sizeof(a->packs[kind].tag));
    }
    a->ready_calls = 0;
}

struct archive_pack *archive_pack_of(struct archive *a, unsigned shard, enum archive_kind kind)
{
    assert(shard == 0);
    return &a->packs[kind];
}

static struct archive *archive_of(const struct archive_pack *p)
{
    const struct archive_pack *first = p - p->kind;

    return (struct archive *)((uintptr_t)first - offsetof(struct archive, packs));
}

/* The pack stays empty, so that a test's lines never meet a frame's end. */
void archive_pack_commit(struct archive_pack *p, size_t bytes, unsigned level, uint64_t wall_ns,
                         uint64_t mono_ns)
{
    assert(level < ARCHIVE_LEVELS && wall_ns > 0 && mono_ns > 0);
    IGNORE(buf_append(&archive_of(p)->lines[p->kind], span_of(p->lines, bytes)) != ERR_OK,
           "a test without memory fails by itself");
    p->records++;
    struct archive *self = archive_of(p);
    self->since_asked++;
    self->most_since_asked =
        self->since_asked > self->most_since_asked ? self->since_asked : self->most_since_asked;
}

void archive_pack_flush(struct archive_pack *p)
{
    p->records = 0;
}

void archive_pack_discard(struct archive_pack *p)
{
    p->records = 0;
    memset(p->tag, 0, sizeof(p->tag));
}

bool archive_ready(const struct archive *a, unsigned shard)
{
    struct archive *self = archive_of(&a->packs[shard]);

    self->ready_calls++;
    self->since_asked = 0;
    unsigned every = self->refuse_every;
    return every == 0 || self->ready_calls % every != 0;
}

bool archive_keeps_rejected(const struct archive *a)
{
    return a->keeps_rejected;
}

bool archive_reap(struct archive *a, unsigned shard, struct archive_outcome *ret)
{
    (void)shard;
    (void)ret;
    a->reap_calls++;
    return false;
}

int archive_wake_fd(const struct archive *a, unsigned shard)
{
    struct archive *self = archive_of(&a->packs[shard]);

    if (self->wake_fd < 0) {
        self->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        assert(self->wake_fd >= 0);
    }
    return self->wake_fd;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_sample: frames are made by the archive's own compressor, since that is what its readers
 * meet. */
#include "tests/support/archive_sample.h"

#include "archive/archive_name.h"
#include "archive/archive_zstd.h"
#include "base/limits.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

#define LINE_MAX_BYTES 256

static void on_event(void *arg, const struct archive_event *event)
{
    struct archive_sample *s = arg;

    atomic_fetch_add(&s->events[event->kind], 1);
    snprintf(s->last_text, sizeof(s->last_text), "%s", event->text);
}

void archive_sample_init(struct archive_sample *s)
{
    *s = (struct archive_sample){0};
    temp_dir_make(s->dir);
    archive_fault_init(&s->fault);
    s->config = (struct archive_config){
        .data_dir = s->dir,
        .instance = "",
        .suffix = "jsonl",
        .zstd_level = 1,
        .shard_count = 1,
        .line_bytes_max = LINE_MAX_BYTES,
        .policy = {.rejected_bytes = UINT64_MAX},
        .io = &s->fault.io,
        .report = on_event,
        .report_arg = s,
    };
}

void archive_sample_done(struct archive_sample *s)
{
    temp_dir_remove(s->dir);
}

void archive_sample_line(struct buf *lines, unsigned n)
{
    assert_ok(buf_printf(lines, "{\"n\":%u,\"pad\":\"%08x%08x\"}\n", n, n * 2654435761u,
                         (n + 7) * 40503u));
}

static void pack_content(struct span content, struct archive_frame *frame)
{
    struct archive_zstd *z = NULL;

    assert_ok(archive_zstd_new(1, content.len, &z));
    assert_ok(archive_zstd_pack(z, content, frame));
    archive_zstd_free(z);
}

void archive_sample_content(struct buf *file, struct span content, int records)
{
    struct archive_frame frame = {.index = {.records = (uint32_t)records}};

    pack_content(content, &frame);
    frame.len -= records < 0 ? ARCHIVE_INDEX_BYTES : 0;
    assert_ok(buf_append(file, span_of(frame.data, frame.len)));
    archive_frame_done(&frame);
}

static void make_frame(unsigned first, unsigned count, struct archive_frame *frame)
{
    struct buf lines = {0};

    for (unsigned n = first; n < first + count; n++) {
        archive_sample_line(&lines, n);
    }
    frame->index.records = count;
    frame->index.first_ns = ARCHIVE_SAMPLE_NS + first * NS_PER_S;
    frame->index.last_ns = ARCHIVE_SAMPLE_NS + (first + count - 1) * NS_PER_S;
    frame->index.sequence = first;
    frame->index.levels[6] = count;
    pack_content(buf_span(&lines), frame);
    buf_done(&lines);
}

void archive_sample_frame(struct buf *file, unsigned first, unsigned count)
{
    struct archive_frame frame = {0};

    make_frame(first, count, &frame);
    assert_ok(buf_append(file, span_of(frame.data, frame.len)));
    archive_frame_done(&frame);
}

/* The frames of sample files belong to the test and are of no more use. */
static void on_kept_done(void *arg, struct archive_frame *frames, enum archive_kept outcome)
{
    struct archive_sample *s = arg;

    while (frames != NULL) {
        atomic_fetch_add(&s->kept[outcome], 1);
        struct archive_frame *next = frames->next;
        archive_frame_done(frames);
        free(frames);
        frames = next;
    }
}

void archive_sample_append(struct archive_sample *s, struct archive_file *f, unsigned first,
                           unsigned count)
{
    struct archive_frame *frame = aligned_alloc(64, sizeof(*frame));

    assert_non_null(frame);
    memset(frame, 0, sizeof(*frame));
    frame->index.kind = (uint8_t)f->kind;
    make_frame(first, count, frame);
    assert_ok(archive_file_append(f, s->config.io, frame));
    if (!f->keeps) {
        on_kept_done(s, frame, ARCHIVE_KEPT_SYNCED);
    }
}

struct archive_file *archive_sample_file(struct archive_sample *s, enum archive_kind kind,
                                         unsigned first, unsigned frames, unsigned lines_each)
{
    struct archive_file *f = NULL;

    assert_ok(archive_file_create(&s->config, kind, 0, ARCHIVE_SAMPLE_NS, &f));
    f->kept_done = on_kept_done;
    f->kept_done_arg = s;
    for (unsigned i = 0; i < frames; i++) {
        archive_sample_append(s, f, first + i * lines_each, lines_each);
    }
    return f;
}

void archive_sample_unpack(struct span file, struct buf *ret)
{
    ret->len = 0;
    while (file.len > 0) {
        size_t bytes = ZSTD_findFrameCompressedSize(file.at, file.len);
        assert_false(ZSTD_isError(bytes));
        unsigned long long content = ZSTD_getFrameContentSize(file.at, bytes);
        assert_true(content <= 64 * MIB);
        assert_ok(buf_reserve(ret, (size_t)content + 1));
        size_t got = ZSTD_decompress(ret->at + ret->len, (size_t)content + 1, file.at, bytes);
        assert_false(ZSTD_isError(got));
        ret->len += got;
        file = span_skip(file, bytes);
    }
}

/* The number behind `marker` in the line, or none. */
static void count_line(struct span line, const char *marker, unsigned *counts)
{
    const char *hit = memmem(line.at, line.len, marker, strlen(marker));

    if (hit != NULL) {
        unsigned long n = strtoul(hit + strlen(marker), NULL, 10);
        if (n < ARCHIVE_SAMPLE_NUMBERS) { /* salvaged garbage may be any number */
            counts[n]++;
        }
    }
}

static void count_lines(struct span lines, const char *marker, unsigned *counts)
{
    while (lines.len > 0) {
        size_t len = span_find(lines, '\n');
        assert_true(len < lines.len);
        count_line(span_head(lines, len), marker, counts);
        lines = span_skip(lines, len + 1);
    }
}

struct counting {
    const struct archive_sample *sample;
    unsigned *counts;
    unsigned *recovered;
};

static err_t count_file(void *arg, const char *path, const struct archive_name *name)
{
    struct counting *c = arg;
    bool salvaged = strcmp(name->family, "recovered") == 0;
    unsigned *counts = salvaged ? c->recovered : c->counts;
    struct buf file = {0};
    struct buf lines = {0};

    if (name->state == ARCHIVE_NAME_FINAL && counts != NULL) {
        temp_dir_read(c->sample->dir, archive_name_relative(&c->sample->config, path), &file);
        archive_sample_unpack(buf_span(&file), &lines);
        assert_true(lines.len > 0);
        count_lines(buf_span(&lines), salvaged ? "{\\\"n\\\":" : "{\"n\":", counts);
    }
    buf_done(&file);
    buf_done(&lines);
    return ERR_OK;
}

void archive_sample_count(struct archive_sample *s, unsigned counts[ARCHIVE_SAMPLE_NUMBERS],
                          unsigned recovered[ARCHIVE_SAMPLE_NUMBERS])
{
    struct counting c = {s, counts, recovered};

    memset(counts, 0, ARCHIVE_SAMPLE_NUMBERS * sizeof(*counts));
    if (recovered != NULL) {
        memset(recovered, 0, ARCHIVE_SAMPLE_NUMBERS * sizeof(*recovered));
    }
    assert_ok(archive_name_walk(&s->config, count_file, &c));
}

unsigned archive_sample_events(const struct archive_sample *s, enum archive_event_kind kind)
{
    return atomic_load(&s->events[kind]);
}

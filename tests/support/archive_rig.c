/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_rig: the books. A frame's tag holds the numbers of its lines; the files are read back
 * with nothing of the archive's own code. */
#include "tests/support/archive_rig.h"

#include "base/clock.h"
#include "tests/support/test.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <zstd.h>

/* The lines of a frame: their numbers follow each other. */
struct rig_tag {
    uint32_t first;
    uint32_t count;
};

static int rig_free_space(void *arg, const char *path, uint64_t *ret_free, uint64_t *ret_total)
{
    struct archive_rig *r = arg;

    (void)path;
    *ret_free = atomic_load(&r->free_bytes);
    *ret_total = atomic_load(&r->total_bytes);
    return 0;
}

static void hold(struct archive_rig *r, enum archive_rig_hold call)
{
    atomic_fetch_add(&r->holding, 1);
    while ((atomic_load(&r->held) & (unsigned)call) != 0) {
        archive_rig_pause();
    }
    atomic_fetch_sub(&r->holding, 1);
}

static ssize_t rig_pwrite(void *arg, int fd, const void *data, size_t bytes, off_t at)
{
    struct archive_rig *r = arg;

    hold(r, ARCHIVE_RIG_HOLD_PWRITE);
    return r->faulty.pwrite(arg, fd, data, bytes, at);
}

static int rig_fdatasync(void *arg, int fd)
{
    struct archive_rig *r = arg;

    hold(r, ARCHIVE_RIG_HOLD_FDATASYNC);
    return r->faulty.fdatasync(arg, fd);
}

static void rig_report(void *arg, const struct archive_event *event)
{
    struct archive_rig *r = arg;

    pthread_mutex_lock(&r->lock);
    assert(r->reporting == 0);
    r->reporting++;
    r->events[event->kind]++;
    snprintf(r->texts[event->kind], sizeof(r->texts[event->kind]), "%s", event->text);
    pthread_mutex_unlock(&r->lock);
    archive_rig_pause(); /* so that a second call would be seen */
    pthread_mutex_lock(&r->lock);
    r->reporting--;
    pthread_mutex_unlock(&r->lock);
}

struct archive_rig *archive_rig_new(void)
{
    struct archive_rig *r = calloc(1, sizeof(*r));

    assert_non_null(r);
    temp_dir_make(r->dir);
    snprintf(r->state_dir, sizeof(r->state_dir), "%s/.state", r->dir);
    archive_fault_init(&r->fault);
    r->faulty = r->fault.io;
    r->fault.io.free_space = rig_free_space;
    r->fault.io.pwrite = rig_pwrite;
    r->fault.io.fdatasync = rig_fdatasync;
    atomic_store(&r->free_bytes, 512 * GIB);
    atomic_store(&r->total_bytes, 1024 * GIB);
    pthread_mutex_init(&r->lock, NULL);
    r->config = (struct archive_config){
        .data_dir = r->dir,
        .state_dir = r->state_dir,
        .instance = "",
        .suffix = "jsonl",
        .zstd_level = 1,
        .shard_count = 1,
        .line_bytes_max = ARCHIVE_RIG_LINE_BYTES,
        .policy = {.rotate_bytes = 1024 * GIB,
                   .flush_interval_ns = 10 * NS_PER_MS,
                   .min_free_percent = 5,
                   .rejected_bytes = GIB},
        .io = &r->fault.io,
        .report = rig_report,
        .report_arg = r,
    };
    return r;
}

void archive_rig_open(struct archive_rig *r)
{
    err_t err = archive_open(&r->config, r->why, sizeof(r->why), &r->archive);

    assert_string_equal(r->why, "");
    assert_ok(err);
}

void archive_rig_pause(void)
{
    nanosleep(&(struct timespec){.tv_nsec = (long)NS_PER_MS}, NULL);
}

void archive_rig_put(struct archive_rig *r, unsigned shard, enum archive_kind kind, uint32_t lines,
                     size_t pad)
{
    struct archive_pack *pack = archive_pack_of(r->archive, shard, kind);
    struct archive_rig_stream *s = &r->streams[shard][kind];

    assert(s->made + lines <= ARCHIVE_RIG_LINES);
    for (uint32_t i = 0; i < lines; i++) {
        char *at = archive_pack_line(pack, pad + 80);
        int len = snprintf(at, 80, "{\"s\":%u,\"k\":%u,\"n\":%u,\"pad\":\"", shard, (unsigned)kind,
                           s->made);
        memset(at + len, 'x', pad);
        memcpy(at + len + pad, "\"}\n", 3);
        struct rig_tag *tag = archive_pack_tag(pack);
        if (tag->count == 0) {
            tag->first = s->made;
        }
        tag->count++;
        s->made++;
        archive_pack_commit(pack, (size_t)len + pad + 3, s->made % ARCHIVE_LEVELS, clock_wall_ns(),
                            clock_mono_ns());
    }
}

bool archive_rig_write(struct archive_rig *r, unsigned shard, enum archive_kind kind,
                       uint32_t lines, size_t pad)
{
    uint64_t until = clock_mono_ns() + ARCHIVE_RIG_WAIT_NS;

    while (lines > 0) {
        archive_rig_reap(r, shard);
        if (archive_ready(r->archive, shard)) {
            uint32_t part = lines < BATCH_ITEMS_MAX ? lines : BATCH_ITEMS_MAX;
            archive_rig_put(r, shard, kind, part, pad);
            lines -= part;
            continue;
        }
        if (clock_mono_ns() >= until) {
            return false;
        }
        archive_rig_pause();
    }
    return true;
}

void archive_rig_flush(struct archive_rig *r, unsigned shard)
{
    archive_pack_flush(archive_pack_of(r->archive, shard, ARCHIVE_LOG));
    archive_pack_flush(archive_pack_of(r->archive, shard, ARCHIVE_REJECTED));
}

static enum archive_rig_fate fate_of(enum archive_fate fate)
{
    switch (fate) {
    case ARCHIVE_WRITTEN:
        return ARCHIVE_RIG_WRITTEN;
    case ARCHIVE_DROPPED_DISK_FULL:
        return ARCHIVE_RIG_DROPPED_FULL;
    case ARCHIVE_DROPPED_SHUTDOWN:
        return ARCHIVE_RIG_DROPPED_SHUTDOWN;
    }
    return ARCHIVE_RIG_UNDECIDED;
}

void archive_rig_reap(struct archive_rig *r, unsigned shard)
{
    struct archive_outcome o;

    while (archive_reap(r->archive, shard, &o)) {
        struct archive_rig_stream *s = &r->streams[shard][o.kind];
        const struct rig_tag *tag = o.tag;
        enum archive_rig_fate fate = fate_of(o.fate);
        assert(fate != ARCHIVE_RIG_UNDECIDED);
        assert(tag->count > 0 && tag->count == o.records && tag->first + tag->count <= s->made);
        assert(o.line_bytes > 0);
        for (uint32_t n = tag->first; n < tag->first + tag->count; n++) {
            assert(s->fate[n] == ARCHIVE_RIG_UNDECIDED); /* told once only */
            s->fate[n] = (uint8_t)fate;
        }
        s->decided[fate] += tag->count;
    }
}

static bool is_decided(const struct archive_rig_stream *s)
{
    return s->made == s->decided[ARCHIVE_RIG_WRITTEN] + s->decided[ARCHIVE_RIG_DROPPED_FULL] +
                          s->decided[ARCHIVE_RIG_DROPPED_SHUTDOWN];
}

bool archive_rig_settle(struct archive_rig *r, unsigned shard)
{
    uint64_t until = clock_mono_ns() + ARCHIVE_RIG_WAIT_NS;

    archive_rig_flush(r, shard);
    for (;;) {
        archive_rig_reap(r, shard);
        if (is_decided(&r->streams[shard][ARCHIVE_LOG]) &&
            is_decided(&r->streams[shard][ARCHIVE_REJECTED])) {
            return true;
        }
        if (clock_mono_ns() >= until) {
            return false;
        }
        archive_rig_pause();
    }
}

uint32_t archive_rig_count(const struct archive_rig *r, enum archive_rig_fate fate)
{
    uint32_t count = 0;

    for (unsigned shard = 0; shard < ARCHIVE_RIG_SHARDS; shard++) {
        for (unsigned kind = 0; kind < ARCHIVE_KIND_COUNT; kind++) {
            count += r->streams[shard][kind].decided[fate];
        }
    }
    return count;
}

unsigned archive_rig_events(struct archive_rig *r, enum archive_event_kind kind)
{
    pthread_mutex_lock(&r->lock);
    unsigned count = r->events[kind];
    pthread_mutex_unlock(&r->lock);
    return count;
}

struct archive_stats archive_rig_stats(const struct archive_rig *r)
{
    struct archive_stats stats;

    archive_read_stats(r->archive, &stats);
    return stats;
}

void archive_rig_close(struct archive_rig *r, unsigned seconds)
{
    for (unsigned shard = 0; shard < r->config.shard_count; shard++) {
        archive_rig_flush(r, shard);
    }
    archive_stop(r->archive, clock_mono_ns() + seconds * NS_PER_S);
    for (unsigned shard = 0; shard < r->config.shard_count; shard++) {
        archive_rig_reap(r, shard);
        for (unsigned kind = 0; kind < ARCHIVE_KIND_COUNT; kind++) {
            assert_true(is_decided(&r->streams[shard][kind]));
        }
    }
    archive_free(r->archive);
    r->archive = NULL;
}

/* The lines of one file, in order for each stream; the numbers of a stream only grow. */
static uint64_t enter_lines(struct archive_rig *r, struct span text)
{
    char line[64];
    uint64_t lines = 0;

    while (text.len > 0) {
        unsigned shard = 0;
        unsigned kind = 0;
        unsigned number = 0;
        size_t len = span_find(text, '\n');
        assert_true(len < text.len); /* whole lines only */
        struct span head = span_head(text, sizeof(line) - 1);
        memcpy(line, head.at, head.len); /* sscanf looks for the end of all there is */
        line[head.len] = '\0';
        if (sscanf(line, "{\"s\":%u,\"k\":%u,\"n\":%u,", &shard, &kind, &number) == 3) {
            assert_true(shard < ARCHIVE_RIG_SHARDS && kind < ARCHIVE_KIND_COUNT);
            assert_true(number < r->streams[shard][kind].made);
            r->streams[shard][kind].seen[number]++;
        } else {
            assert_true(span_starts_with(text, r->config.header));
            assert_int_equal(lines, 0);
        }
        text = span_skip(text, len + 1);
        lines++;
    }
    return lines;
}

/* Frame by frame to the last byte: nothing torn is in any file. */
static void unpack(struct span file, struct buf *ret_text)
{
    ret_text->len = 0;
    while (file.len > 0) {
        size_t packed = ZSTD_findFrameCompressedSize(file.at, file.len);
        assert_false(ZSTD_isError(packed));
        if (memcmp(file.at, "\x5c\x2a\x4d\x18", 4) != 0) { /* our skippable frame */
            size_t bytes = (size_t)ZSTD_getFrameContentSize(file.at, file.len);
            assert_true(bytes > 0 && bytes < 64 * MIB);
            assert_ok(buf_reserve(ret_text, bytes));
            assert_int_equal(ZSTD_decompress(ret_text->at + ret_text->len, bytes, file.at, packed),
                             bytes);
            ret_text->len += bytes;
        }
        file = span_skip(file, packed);
    }
}

static bool ends_with(const char *name, const char *end)
{
    size_t len = strlen(name);

    return len >= strlen(end) && strcmp(name + len - strlen(end), end) == 0;
}

static void enter_file(struct archive_rig *r, const char *dir, const char *name,
                       struct archive_rig_files *files)
{
    struct buf packed = {0};
    struct buf text = {0};

    if (!ends_with(name, ".zst") && !ends_with(name, ".zst.open")) {
        return;
    }
    temp_dir_read(dir, name, &packed);
    assert_true(packed.len > 0); /* never empty */
    unpack(buf_span(&packed), &text);
    files->lines += enter_lines(r, buf_span(&text));
    files->final += ends_with(name, ".zst");
    files->open += ends_with(name, ".open");
    files->rejected += strncmp(name, "rejected_", 9) == 0;
    buf_done(&packed);
    buf_done(&text);
}

static void enter_dir(struct archive_rig *r, const char *dir, struct archive_rig_files *files)
{
    DIR *d = opendir(dir);

    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        enter_file(r, dir, e->d_name, files);
    }
    closedir(d);
}

/* The data directory and its day directories. */
static struct archive_rig_files enter_all(struct archive_rig *r)
{
    struct archive_rig_files files = {0};
    DIR *d = opendir(r->dir);
    char path[TEMP_DIR_BYTES + 256];
    struct stat st;

    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        snprintf(path, sizeof(path), "%s/%s", r->dir, e->d_name);
        if (e->d_name[0] != '.' && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
            enter_dir(r, path, &files);
        }
    }
    closedir(d);
    enter_dir(r, r->dir, &files);
    return files;
}

struct archive_rig_files archive_rig_verify(struct archive_rig *r)
{
    for (unsigned i = 0; i < ARCHIVE_RIG_SHARDS * ARCHIVE_KIND_COUNT; i++) {
        struct archive_rig_stream *s = &r->streams[i / ARCHIVE_KIND_COUNT][i % ARCHIVE_KIND_COUNT];
        memset(s->seen, 0, sizeof(s->seen));
    }
    struct archive_rig_files files = enter_all(r);
    for (unsigned i = 0; i < ARCHIVE_RIG_SHARDS * ARCHIVE_KIND_COUNT; i++) {
        struct archive_rig_stream *s = &r->streams[i / ARCHIVE_KIND_COUNT][i % ARCHIVE_KIND_COUNT];
        for (uint32_t n = 0; n < s->made; n++) {
            assert_int_equal(s->seen[n], s->fate[n] == ARCHIVE_RIG_WRITTEN ? 1 : 0);
        }
    }
    return files;
}

void archive_rig_free(struct archive_rig *r)
{
    if (r->archive != NULL) {
        archive_stop(r->archive, clock_mono_ns());
        archive_free(r->archive);
    }
    temp_dir_remove(r->dir);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * One file: every failure leaves it as long as its whole frames, and every frame comes back exactly
 * once, synced or lost. */
#include "archive/archive_file.h"
#include "archive/archive_zstd.h"
#include "tests/support/archive_fault.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <zstd.h>

#define WALL_NS 1795234305000000000ull

struct fixture {
    struct archive_fault fault; /* first: the calls' argument is the fixture too */
    char dir[TEMP_DIR_BYTES];
    struct archive_config config;
    struct archive_zstd *zstd;
    struct archive_frame frames[4];
    struct archive_counters counters;
    size_t allowed; /* bytes that writes still take, then ENOSPC */
    bool limited;
    unsigned synced;
    unsigned lost;
    struct archive_file *file; /* for callbacks */
    uint64_t size_when_lost;
};

/* Takes what is allowed, then nothing more: a write is cut at exactly that byte. */
static ssize_t write_allowed(void *arg, int fd, const void *data, size_t bytes, off_t at)
{
    struct fixture *f = arg;

    if (!f->limited) {
        return archive_io_system.pwrite(NULL, fd, data, bytes, at);
    }
    if (f->allowed == 0) {
        errno = ENOSPC;
        return -1;
    }
    size_t part = bytes < f->allowed ? bytes : f->allowed;
    f->allowed -= part;
    return archive_io_system.pwrite(NULL, fd, data, part, at);
}

static void on_kept_done(void *arg, struct archive_frame *frames, enum archive_kept outcome)
{
    struct fixture *f = arg;

    for (; frames != NULL; frames = frames->next) {
        *(outcome == ARCHIVE_KEPT_SYNCED ? &f->synced : &f->lost) += 1;
    }
}

static int set_up(void **state)
{
    struct fixture *f = aligned_alloc(64, (sizeof(*f) + 63) / 64 * 64);
    static const char *const lines[] = {"{\"n\":0}\n", "{\"n\":1}\n{\"n\":2}\n", "{\"n\":3}\n",
                                        "{\"n\":4}\n"};

    memset(f, 0, sizeof(*f));
    temp_dir_make(f->dir);
    archive_fault_init(&f->fault);
    f->fault.io.pwrite = write_allowed;
    f->config = (struct archive_config){
        .data_dir = f->dir, .instance = "", .suffix = "jsonl", .io = &f->fault.io};
    assert_ok(archive_zstd_new(1, 1000, &f->zstd));
    for (size_t i = 0; i < TEST_COUNT(lines); i++) {
        f->frames[i].index.records = i == 1 ? 2 : 1;
        f->frames[i].index.first_ns = 100 + i;
        f->frames[i].index.last_ns = 200 + i;
        assert_ok(archive_zstd_pack(f->zstd, span_of_str(lines[i]), &f->frames[i]));
    }
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < TEST_COUNT(f->frames); i++) {
        archive_frame_done(&f->frames[i]);
    }
    archive_zstd_free(f->zstd);
    temp_dir_remove(f->dir);
    free(f);
    return 0;
}

static struct archive_file *create(struct fixture *f)
{
    struct archive_file *file = NULL;

    assert_ok(archive_file_create(&f->config, ARCHIVE_LOG, 0, WALL_NS, &file));
    file->counters = &f->counters;
    file->kept_done = on_kept_done;
    file->kept_done_arg = f;
    return file;
}

static uint64_t size_of(const struct archive_file *file)
{
    struct stat st;

    assert_int_equal(fstat(file->fd, &st), 0);
    return (uint64_t)st.st_size;
}

/* Fails unless the file decompresses to exactly these lines. */
static void assert_content(struct fixture *f, const char *want)
{
    struct buf packed = {0};
    char out[4096];

    temp_dir_read(f->dir, "log_0_20261121_041145.jsonl.zst.open", &packed);
    size_t bytes = ZSTD_decompress(out, sizeof(out), packed.at, packed.len);
    assert_false(ZSTD_isError(bytes));
    test_assert_span(span_of(out, bytes), want);
    buf_done(&packed);
}

static void reports_what_creating_meets(void **state)
{
    struct fixture *f = *state;
    struct archive_file *file = NULL;

    archive_fault_set(&f->fault, ARCHIVE_FAULT_OPEN, 1, 1, EMFILE);
    assert_err(archive_file_create(&f->config, ARCHIVE_LOG, 0, WALL_NS, &file), ERR_IO);
    assert_int_equal(errno, EMFILE);
    assert_int_equal(temp_dir_count(f->dir), 0);

    f->config.header = SPAN_LIT("timestamp,level\r\n");
    f->limited = true;
    f->allowed = 10;
    assert_err(archive_file_create(&f->config, ARCHIVE_LOG, 0, WALL_NS, &file), ERR_IO);
    assert_int_equal(errno, ENOSPC);
    assert_int_equal(temp_dir_count(f->dir), 0);
    assert_null(file);
}

/* A write that ends at any byte of the frame, then fails: nothing of the frame stays. */
static void cuts_back_at_every_byte(void **state)
{
    struct fixture *f = *state;
    struct archive_file *file = create(f);

    assert_ok(archive_file_append(file, &f->fault.io, &f->frames[0]));
    uint64_t before = size_of(file);
    for (size_t n = 0; n < f->frames[1].len; n++) {
        f->limited = true;
        f->allowed = n;
        assert_err(archive_file_append(file, &f->fault.io, &f->frames[1]), ERR_IO);
        assert_int_equal(errno, ENOSPC);
        assert_int_equal(size_of(file), before);
        assert_int_equal(file->bytes, before);
    }
    f->limited = false;
    assert_ok(archive_file_append(file, &f->fault.io, &f->frames[1]));
    assert_content(f, "{\"n\":0}\n{\"n\":1}\n{\"n\":2}\n");
    archive_file_free(file, &f->fault.io);
}

/* The cut fails too: it is made up for before the next frame, which may be a shorter one. */
static void remembers_a_cut_that_failed(void **state)
{
    struct fixture *f = *state;
    struct archive_file *file = create(f);

    assert_ok(archive_file_append(file, &f->fault.io, &f->frames[0]));
    f->limited = true;
    f->allowed = f->frames[1].len - 1;
    archive_fault_set(&f->fault, ARCHIVE_FAULT_FTRUNCATE, 1, 2, EIO);
    assert_err(archive_file_append(file, &f->fault.io, &f->frames[1]), ERR_IO);
    assert_int_equal(errno, ENOSPC);
    f->limited = false;
    assert_err(archive_file_append(file, &f->fault.io, &f->frames[2]), ERR_IO);
    assert_int_equal(errno, EIO);
    assert_true(file->torn);
    assert_ok(archive_file_append(file, &f->fault.io, &f->frames[2]));
    assert_false(file->torn);
    assert_content(f, "{\"n\":0}\n{\"n\":3}\n");
    archive_file_free(file, &f->fault.io);
}

/* At most five bytes a call. */
static ssize_t write_little(void *arg, int fd, const void *data, size_t bytes, off_t at)
{
    (void)arg;
    return archive_io_system.pwrite(NULL, fd, data, bytes < 5 ? bytes : 5, at);
}

/* The kernel takes the frame in pieces: that is no failure. */
static void continues_short_writes(void **state)
{
    struct fixture *f = *state;
    struct archive_file *file = create(f);

    f->fault.io.pwrite = write_little;
    for (size_t n = 1; n < 4; n++) {
        assert_ok(archive_file_append(file, &f->fault.io, &f->frames[n]));
    }
    assert_int_equal(file->records, 4);
    assert_int_equal(file->frames, 3);
    assert_int_equal(file->first_ns, 101);
    assert_int_equal(file->last_ns, 203);
    assert_int_equal(file->bytes, size_of(file));
    assert_content(f, "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}\n");
    archive_file_free(file, &f->fault.io);
}

static void gives_frames_back_when_synced(void **state)
{
    struct fixture *f = *state;
    struct archive_file *file = create(f);

    assert_int_equal(archive_file_oldest_ns(file), 0);
    assert_ok(archive_file_append(file, &f->fault.io, &f->frames[0]));
    assert_ok(archive_file_append(file, &f->fault.io, &f->frames[1]));
    assert_int_equal(f->synced, 0);
    assert_int_equal(archive_file_unsynced(file), file->bytes);
    assert_int_equal(archive_file_oldest_ns(file), f->frames[0].written_mono_ns);
    assert_ok(archive_file_sync(file, &f->fault.io));
    assert_int_equal(f->synced, 2);
    assert_int_equal(archive_file_unsynced(file), 0);
    assert_int_equal(atomic_load(&f->counters.records_synced), 3);
    assert_ok(archive_file_append(file, &f->fault.io, &f->frames[2]));
    assert_ok(archive_file_sync(file, &f->fault.io));
    assert_int_equal(f->synced, 3);
    assert_int_equal(f->lost, 0);
    assert_int_equal(atomic_load(&f->counters.records_synced), 4);
    assert_int_equal(atomic_load(&f->counters.syncs), 2);
    archive_file_free(file, &f->fault.io);
}

/* What was not synced is lost; the totals shrink to what was; the file takes nothing more. */
static void gives_frames_back_as_lost(void **state)
{
    static const unsigned calls[] = {ARCHIVE_FAULT_FDATASYNC, ARCHIVE_FAULT_SYNC_DIR};
    struct fixture *f = *state;

    for (size_t i = 0; i < TEST_COUNT(calls); i++) {
        struct archive_file *file = create(f);
        f->synced = f->lost = 0;
        if (calls[i] == ARCHIVE_FAULT_FDATASYNC) { /* the directory is synced once only */
            assert_ok(archive_file_append(file, &f->fault.io, &f->frames[0]));
            assert_ok(archive_file_sync(file, &f->fault.io));
        }
        unsigned synced = f->synced;
        uint64_t good = file->bytes;
        assert_ok(archive_file_append(file, &f->fault.io, &f->frames[1]));
        assert_ok(archive_file_append(file, &f->fault.io, &f->frames[2]));
        archive_fault_set(&f->fault, calls[i], 1, 1, EIO);
        assert_err(archive_file_sync(file, &f->fault.io), ERR_IO);
        assert_int_equal(errno, EIO);
        assert_true(file->sync_failed);
        assert_int_equal(f->synced, synced);
        assert_int_equal(f->lost, 2);
        assert_int_equal(file->bytes, good);
        assert_int_equal(file->synced_bytes, good);
        assert_int_equal(file->records, synced);
        assert_int_equal(file->last_ns, synced > 0 ? 200 : 0);
        assert_int_equal(archive_file_unsynced(file), 0);
        assert_err(archive_file_append(file, &f->fault.io, &f->frames[3]), ERR_IO);
        assert_int_equal(errno, ESTALE);
        assert_err(archive_file_sync(file, &f->fault.io), ERR_IO);
        assert_int_equal(errno, ESTALE);
        archive_file_discard(file, &f->fault.io);
        assert_int_equal(temp_dir_count(f->dir), 0);
    }
}

static void note_size(void *arg, struct archive_frame *frames, enum archive_kept outcome)
{
    struct fixture *f = arg;

    on_kept_done(f, frames, outcome);
    if (outcome == ARCHIVE_KEPT_LOST) {
        f->size_when_lost = size_of(f->file);
    }
}

/* Lost frames are not given back, and so not written elsewhere, before they are off the disk: else
 * a crash would leave them twice. */
static void cuts_before_it_gives_frames_back(void **state)
{
    struct fixture *f = *state;
    struct archive_file *file = create(f);

    f->file = file;
    file->kept_done = note_size;
    assert_ok(archive_file_append(file, &f->fault.io, &f->frames[0]));
    assert_ok(archive_file_sync(file, &f->fault.io));
    uint64_t good = size_of(file);
    assert_ok(archive_file_append(file, &f->fault.io, &f->frames[1]));
    archive_fault_set(&f->fault, ARCHIVE_FAULT_FDATASYNC | ARCHIVE_FAULT_FTRUNCATE, 1, 3, EIO);
    for (unsigned i = 0; i < 2; i++) { /* the sync and its cut; then the cut alone */
        assert_err(archive_file_sync(file, &f->fault.io), ERR_IO);
        assert_int_equal(errno, EIO);
        assert_int_equal(f->lost, 0);
        assert_false(archive_file_has_failed(file));
        assert_true(archive_file_unsynced(file) > 0);
        assert_err(archive_file_append(file, &f->fault.io, &f->frames[2]), ERR_IO);
        assert_int_equal(errno, ESTALE);
    }
    assert_err(archive_file_sync(file, &f->fault.io), ERR_IO);
    assert_int_equal(f->lost, 1);
    assert_int_equal(f->size_when_lost, good);
    assert_int_equal(size_of(file), good);
    assert_content(f, "{\"n\":0}\n");
    archive_file_free(file, &f->fault.io);
}

static ssize_t write_while_sync_fails(void *arg, int fd, const void *data, size_t bytes, off_t at)
{
    struct fixture *f = arg;

    assert_err(archive_file_sync(f->file, &f->fault.io), ERR_IO);
    return archive_io_system.pwrite(NULL, fd, data, bytes, at);
}

/* The frame that was being written when the cut came does not stay behind it. */
static void cuts_again_behind_a_write_under_way(void **state)
{
    struct fixture *f = *state;
    struct archive_file *file = create(f);

    f->file = file;
    assert_ok(archive_file_append(file, &f->fault.io, &f->frames[0]));
    assert_ok(archive_file_sync(file, &f->fault.io));
    uint64_t good = size_of(file);
    assert_ok(archive_file_append(file, &f->fault.io, &f->frames[1]));
    archive_fault_set(&f->fault, ARCHIVE_FAULT_FDATASYNC, 1, 1, EIO);
    f->fault.io.pwrite = write_while_sync_fails;
    assert_err(archive_file_append(file, &f->fault.io, &f->frames[2]), ERR_IO);
    assert_int_equal(errno, ESTALE);
    assert_int_equal(f->lost, 1);
    assert_int_equal(size_of(file), good);
    assert_content(f, "{\"n\":0}\n");
    archive_file_free(file, &f->fault.io);
}

/* Without kept frames there is nothing to write again, so nothing is cut off. */
static void keeps_nothing_without_fsync_flush(void **state)
{
    struct fixture *f = *state;

    f->config.fsync = ARCHIVE_FSYNC_ROTATE;
    struct archive_file *file = create(f);
    assert_ok(archive_file_append(file, &f->fault.io, &f->frames[0]));
    archive_fault_set(&f->fault, ARCHIVE_FAULT_FDATASYNC, 1, 1, EIO);
    assert_err(archive_file_sync(file, &f->fault.io), ERR_IO);
    assert_int_equal(f->lost + f->synced, 0);
    assert_int_equal(file->records, 1);
    assert_int_equal(file->synced_bytes, file->bytes);
    archive_file_free(file, &f->fault.io);
}

static void begins_with_the_header_line(void **state)
{
    struct fixture *f = *state;

    f->config.header = SPAN_LIT("timestamp,level\r\n");
    struct archive_file *file = create(f);
    assert_int_equal(file->records, 0);
    assert_int_equal(file->bytes, size_of(file));
    assert_ok(archive_file_append(file, &f->fault.io, &f->frames[0]));
    assert_int_equal(file->records, 1);
    assert_int_equal(file->first_ns, 100);
    assert_content(f, "timestamp,level\r\n{\"n\":0}\n");
    archive_file_free(file, &f->fault.io);
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILE_TEST(reports_what_creating_meets),
        FILE_TEST(cuts_back_at_every_byte),
        FILE_TEST(remembers_a_cut_that_failed),
        FILE_TEST(continues_short_writes),
        FILE_TEST(gives_frames_back_when_synced),
        FILE_TEST(gives_frames_back_as_lost),
        FILE_TEST(cuts_before_it_gives_frames_back),
        FILE_TEST(cuts_again_behind_a_write_under_way),
        FILE_TEST(keeps_nothing_without_fsync_flush),
        FILE_TEST(begins_with_the_header_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Repacking: nothing is left behind when it fails; the lines are the same, the size is that of one
 * go, and the merged index frames tell the truth. */
#include "archive/archive_repack.h"

#include "archive/archive_scan.h"
#include "archive/archive_zstd.h"
#include "base/clock.h"
#include "tests/support/archive_sample.h"
#include "tests/support/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct fixture {
    struct archive_sample sample;
    struct buf file;
    struct buf lines;
    struct buf repacked;
    struct buf repacked_lines;
    char from[ARCHIVE_PATH_BYTES];
    char to[ARCHIVE_PATH_BYTES];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    archive_sample_init(&f->sample);
    snprintf(f->from, sizeof(f->from), "%s/from", f->sample.dir);
    snprintf(f->to, sizeof(f->to), "%s/to", f->sample.dir);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    archive_sample_done(&f->sample);
    buf_done(&f->file);
    buf_done(&f->lines);
    buf_done(&f->repacked);
    buf_done(&f->repacked_lines);
    free(f);
    return 0;
}

static err_t repack(struct fixture *f)
{
    temp_dir_write(f->sample.dir, "from", buf_span(&f->file));
    return archive_repack(&f->sample.config, f->from, f->to, NULL);
}

static void refuses_damage_anywhere(void **state)
{
    struct fixture *f = *state;

    for (unsigned i = 0; i < 3; i++) {
        archive_sample_frame(&f->file, i * 10, 10);
    }
    size_t len = f->file.len;
    for (size_t at = 0; at < len; at += 7) {
        f->file.at[at] ^= 0x20;
        err_t err = repack(f);
        f->file.at[at] ^= 0x20;
        /* What an index frame says of times and levels has no checksum. */
        assert_true(err == ERR_SYNTAX || err == ERR_OK);
        assert_int_equal(temp_dir_has(f->sample.dir, "to"), err == ERR_OK);
        if (err == ERR_OK) {
            temp_dir_read(f->sample.dir, "to", &f->repacked);
            archive_sample_unpack(buf_span(&f->repacked), &f->repacked_lines);
            assert_int_equal(remove(f->to), 0);
        }
    }
    f->file.len = len - ARCHIVE_INDEX_BYTES - 1;
    assert_err(repack(f), ERR_SYNTAX);
    assert_int_equal(temp_dir_count(f->sample.dir), 1);
}

static void leaves_nothing_when_a_call_fails(void **state)
{
    struct fixture *f = *state;
    unsigned failed = 0;

    for (unsigned i = 0; i < 3; i++) {
        archive_sample_frame(&f->file, i * 10, 10);
    }
    temp_dir_write(f->sample.dir, "from", buf_span(&f->file));
    for (unsigned call = 1; call < 20; call++) {
        archive_fault_set(&f->sample.fault, ARCHIVE_FAULT_ALL, call, call, ENOSPC);
        err_t err = archive_repack(&f->sample.config, f->from, f->to, NULL);
        if (err == ERR_OK) {
            break;
        }
        assert_err(err, ERR_IO);
        assert_int_equal(errno, ENOSPC);
        assert_false(temp_dir_has(f->sample.dir, "to"));
        failed++;
    }
    assert_true(failed >= 5); /* two opens, reading, writing, syncing */
    archive_fault_set(&f->sample.fault, 0, 0, 0, 0);
    assert_err(archive_repack(&f->sample.config, "/nonexistent/x", f->to, NULL), ERR_IO);
    assert_int_equal(errno, ENOENT);
}

static void gives_up_when_time_is_over(void **state)
{
    struct fixture *f = *state;
    _Atomic uint64_t until;

    archive_sample_frame(&f->file, 0, 10);
    archive_sample_frame(&f->file, 10, 10);
    temp_dir_write(f->sample.dir, "from", buf_span(&f->file));
    atomic_init(&until, clock_mono_ns());
    assert_err(archive_repack(&f->sample.config, f->from, f->to, &until), ERR_AGAIN);
    assert_int_equal(temp_dir_count(f->sample.dir), 1);
    atomic_store(&until, UINT64_MAX);
    assert_ok(archive_repack(&f->sample.config, f->from, f->to, &until));
}

/* Repacks what is in `file` and checks that the lines are the same. */
static void repack_and_compare(struct fixture *f)
{
    assert_ok(repack(f));
    temp_dir_read(f->sample.dir, "to", &f->repacked);
    archive_sample_unpack(buf_span(&f->file), &f->lines);
    archive_sample_unpack(buf_span(&f->repacked), &f->repacked_lines);
    assert_int_equal(f->lines.len, f->repacked_lines.len);
    assert_memory_equal(f->lines.at, f->repacked_lines.at, f->lines.len);
}

/* What the same lines take, written in frames of 1 MiB from the start. */
static size_t size_in_one_go(struct span lines)
{
    struct archive_zstd *z = NULL;
    struct archive_frame frame = {0};
    size_t bytes = 0;

    assert_ok(archive_zstd_new(1, 2 * MIB, &z));
    while (lines.len > 0) {
        size_t take = lines.len;
        if (take > ARCHIVE_FRAME_BYTES) {
            take = ARCHIVE_FRAME_BYTES + span_find(span_skip(lines, ARCHIVE_FRAME_BYTES), '\n') + 1;
        }
        assert_ok(archive_zstd_pack(z, span_head(lines, take), &frame));
        bytes += frame.len;
        lines = span_skip(lines, take);
    }
    archive_frame_done(&frame);
    archive_zstd_free(z);
    return bytes;
}

static void takes_the_size_of_one_go(void **state)
{
    struct fixture *f = *state;
    static const unsigned lines_each[] = {1, 7, 100, 3000, 11000};

    for (size_t i = 0; i < TEST_COUNT(lines_each); i++) {
        unsigned total = lines_each[i] < 100 ? 20000 : 100000;
        f->file.len = 0;
        for (unsigned n = 0; n < total; n += lines_each[i]) {
            archive_sample_frame(&f->file, n, lines_each[i]);
        }
        repack_and_compare(f);
        size_t best = size_in_one_go(buf_span(&f->lines));
        assert_true(f->repacked.len <= best + best / 10);
    }
}

/* The frames of `file`; returns how many. */
static size_t scan_all(const struct buf *file, struct archive_scan_frame *frames, size_t cap)
{
    const struct archive_scan_source source = {.bytes = buf_span(file)};
    struct archive_scan *scan = NULL;
    size_t count = 0;

    assert_ok(archive_scan_new(&source, &scan));
    while (archive_scan_next(scan, &frames[count]) == ERR_OK) {
        assert_true(++count < cap);
    }
    assert_int_equal(archive_scan_at(scan), file->len);
    archive_scan_free(scan);
    return count;
}

static void merges_the_index_frames(void **state)
{
    struct fixture *f = *state;
    struct archive_scan_frame frames[8];

    archive_sample_frame(&f->file, 500, 10);
    archive_sample_frame(&f->file, 300, 20);
    archive_sample_frame(&f->file, 400, 30);
    repack_and_compare(f);
    assert_int_equal(scan_all(&f->repacked, frames, 8), 1);
    const struct archive_index *index = &frames[0].index;
    assert_true(frames[0].indexed);
    assert_int_equal(index->records, 60);
    assert_int_equal(index->levels[6], 60);
    assert_int_equal(index->sequence, 500);
    assert_int_equal(index->first_ns, ARCHIVE_SAMPLE_NS + 300 * NS_PER_S);
    assert_int_equal(index->last_ns, ARCHIVE_SAMPLE_NS + 509 * NS_PER_S);
    assert_int_equal(index->line_bytes, f->lines.len);
}

static void keeps_the_header_line_apart(void **state)
{
    struct fixture *f = *state;
    struct archive_scan_frame frames[8];

    archive_sample_content(&f->file, SPAN_LIT("timestamp,level\n"), 0);
    archive_sample_frame(&f->file, 0, 10);
    archive_sample_frame(&f->file, 10, 10);
    repack_and_compare(f);
    assert_int_equal(scan_all(&f->repacked, frames, 8), 2);
    assert_int_equal(frames[0].records, 0);
    assert_int_equal(frames[0].line_count, 1);
    assert_int_equal(frames[1].records, 20);
}

static void describes_a_frame_that_lost_its_index(void **state)
{
    struct fixture *f = *state;
    struct archive_scan_frame frames[8];

    archive_sample_frame(&f->file, 0, 10);
    archive_sample_frame(&f->file, 10, 10);
    f->file.len -= ARCHIVE_INDEX_BYTES;
    repack_and_compare(f);
    assert_int_equal(scan_all(&f->repacked, frames, 8), 1);
    assert_int_equal(frames[0].index.records, 20);
}

/* A frame of an earlier run with a larger line limit. */
static void takes_frames_of_any_size(void **state)
{
    struct fixture *f = *state;
    size_t bytes = 5 * MIB;
    char *line = malloc(bytes);

    assert_non_null(line);
    memset(line, 'x', bytes);
    line[bytes - 1] = '\n';
    archive_sample_frame(&f->file, 0, 10);
    archive_sample_content(&f->file, span_of(line, bytes), 1);
    archive_sample_frame(&f->file, 10, 10);
    free(line);
    repack_and_compare(f);
}

static void wants_only_files_of_small_frames(void **state)
{
    (void)state;
    assert_false(archive_repack_wanted(0, 0));
    assert_false(archive_repack_wanted(1, 10));
    assert_false(archive_repack_wanted(10, 10 * MIB));
    assert_false(archive_repack_wanted(10, 5 * MIB));
    assert_true(archive_repack_wanted(10, 5 * MIB - 10));
    assert_true(archive_repack_wanted(2, 10));
}

int main(void)
{
#define REPACK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        REPACK_TEST(refuses_damage_anywhere),
        REPACK_TEST(leaves_nothing_when_a_call_fails),
        REPACK_TEST(gives_up_when_time_is_over),
        REPACK_TEST(takes_the_size_of_one_go),
        REPACK_TEST(merges_the_index_frames),
        REPACK_TEST(keeps_the_header_line_apart),
        REPACK_TEST(describes_a_frame_that_lost_its_index),
        REPACK_TEST(takes_frames_of_any_size),
        cmocka_unit_test(wants_only_files_of_small_frames),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

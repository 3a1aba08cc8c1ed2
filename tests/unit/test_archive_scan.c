/* SPDX-License-Identifier: Apache-2.0
 *
 * The scanner's own contract: where it ends and with which error, that it reads a file like memory
 * however little a read returns, and what is left after a broken frame. */
#include "archive/archive_scan.h"

#include "tests/support/archive_sample.h"
#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

struct fixture {
    struct archive_sample sample;
    struct buf file; /* three frames of 10 lines */
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    archive_sample_init(&f->sample);
    for (unsigned i = 0; i < 3; i++) {
        archive_sample_frame(&f->file, i * 10, 10);
    }
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    archive_sample_done(&f->sample);
    buf_done(&f->file);
    free(f);
    return 0;
}

static struct archive_scan *scan_of(const struct archive_scan_source *source)
{
    struct archive_scan *scan = NULL;

    assert_ok(archive_scan_new(source, &scan));
    return scan;
}

static struct archive_scan *scan_memory(struct span bytes)
{
    return scan_of(&(struct archive_scan_source){.bytes = bytes});
}

static void ends_with_eof_or_syntax(void **state)
{
    struct fixture *f = *state;
    struct archive_scan_frame frame;

    struct archive_scan *scan = scan_memory(SPAN_LIT(""));
    assert_err(archive_scan_next(scan, &frame), ERR_EOF);
    archive_scan_free(scan);
    for (size_t len = 1; len < 5; len++) {
        scan = scan_memory(span_head(buf_span(&f->file), len));
        assert_err(archive_scan_next(scan, &frame), ERR_SYNTAX);
        assert_int_equal(archive_scan_at(scan), 0);
        assert_int_equal(archive_scan_partial(scan).len, 0);
        assert_err(archive_scan_resync(scan), ERR_EOF);
        archive_scan_free(scan);
    }
    archive_scan_free(NULL);
}

static int open_sample(struct fixture *f)
{
    char path[ARCHIVE_PATH_BYTES];

    temp_dir_write(f->sample.dir, "file", buf_span(&f->file));
    snprintf(path, sizeof(path), "%s/file", f->sample.dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void reports_what_cannot_be_read(void **state)
{
    struct fixture *f = *state;
    int fd = open_sample(f);
    struct archive_scan_frame frame;

    archive_fault_set(&f->sample.fault, ARCHIVE_FAULT_PREAD, 1, 1, EIO);
    struct archive_scan *scan =
        scan_of(&(struct archive_scan_source){.io = f->sample.config.io, .fd = fd});
    assert_err(archive_scan_next(scan, &frame), ERR_IO);
    assert_int_equal(errno, EIO);
    assert_int_equal(archive_scan_at(scan), 0);
    assert_ok(archive_scan_next(scan, &frame));
    archive_scan_free(scan);
    archive_io_system.close(NULL, fd);
}

/* The longest line behind a frame's worth of others, which is the most a frame can hold; nothing of
 * ours holds a byte more. */
static void takes_the_largest_frame_and_no_larger(void **state)
{
    struct archive_scan_frame frame;
    struct buf lines = {0};

    (void)state;
    assert_ok(buf_reserve(&lines, ARCHIVE_SCAN_CONTENT_MAX + 1));
    for (size_t more = 0; more <= 1; more++) {
        struct buf file = {0};
        lines.len = ARCHIVE_SCAN_CONTENT_MAX + more;
        memset(lines.at, 'x', lines.len);
        lines.at[ARCHIVE_FRAME_BYTES - 2] = '\n';
        lines.at[lines.len - 1] = '\n';
        archive_sample_content(&file, buf_span(&lines), 2);
        struct archive_scan *scan = scan_memory(buf_span(&file));
        assert_err(archive_scan_next(scan, &frame), more == 0 ? ERR_OK : ERR_SYNTAX);
        if (more == 0) {
            assert_int_equal(frame.lines.len, lines.len);
            assert_int_equal(frame.records, 2);
        }
        archive_scan_free(scan);
        buf_done(&file);
    }
    buf_done(&lines);
}

static ssize_t pread_little(void *arg, int fd, void *data, size_t bytes, off_t at)
{
    return archive_io_system.pread(arg, fd, data, bytes < 7 ? bytes : 7, at);
}

static void reads_files_like_memory(void **state)
{
    struct fixture *f = *state;
    struct archive_io io = archive_io_system;
    int fd = open_sample(f);
    struct archive_scan_frame a;
    struct archive_scan_frame b;

    io.pread = pread_little;
    struct archive_scan *memory = scan_memory(buf_span(&f->file));
    struct archive_scan *file = scan_of(&(struct archive_scan_source){.io = &io, .fd = fd});
    for (unsigned i = 0; i < 3; i++) {
        assert_ok(archive_scan_next(memory, &a));
        assert_ok(archive_scan_next(file, &b));
        assert_true(span_equal(a.lines, b.lines));
        assert_int_equal(a.line_count, 10);
        assert_int_equal(a.records, 10);
        assert_true(a.indexed && b.indexed);
        assert_int_equal(b.index.sequence, i * 10);
        assert_int_equal(archive_scan_at(memory), archive_scan_at(file));
    }
    assert_err(archive_scan_next(memory, &a), ERR_EOF);
    assert_err(archive_scan_next(file, &b), ERR_EOF);
    assert_int_equal(archive_scan_at(file), f->file.len);
    archive_scan_free(memory);
    archive_scan_free(file);
    archive_io_system.close(NULL, fd);
}

/* The checksum is wrong, so all lines have come out, but nobody vouches for them. */
static void goes_on_behind_a_broken_frame(void **state)
{
    struct fixture *f = *state;
    struct archive_scan_frame frame;
    struct archive_scan *scan = scan_memory(buf_span(&f->file));

    assert_ok(archive_scan_next(scan, &frame));
    size_t second = archive_scan_at(scan);
    assert_ok(archive_scan_next(scan, &frame));
    size_t third = archive_scan_at(scan);
    archive_scan_free(scan);
    f->file.at[third - ARCHIVE_INDEX_BYTES - 1] ^= 1;

    scan = scan_memory(buf_span(&f->file));
    assert_ok(archive_scan_next(scan, &frame));
    assert_err(archive_scan_next(scan, &frame), ERR_SYNTAX);
    assert_int_equal(archive_scan_at(scan), second);
    struct span partial = archive_scan_partial(scan);
    assert_true(span_starts_with(partial, SPAN_LIT("{\"n\":10,")));
    assert_int_equal(partial.at[partial.len - 1], '\n');
    assert_ok(archive_scan_resync(scan));
    assert_int_equal(archive_scan_at(scan), third);
    assert_ok(archive_scan_next(scan, &frame));
    assert_int_equal(frame.index.sequence, 20);
    assert_err(archive_scan_next(scan, &frame), ERR_EOF);
    archive_scan_free(scan);
}

/* Behind a frame without its index frame nothing counts as good, but it can be found. */
static void trusts_nothing_behind_a_missing_index(void **state)
{
    struct fixture *f = *state;
    struct archive_scan_frame frame;
    struct buf bytes = {0};

    archive_sample_content(&bytes, SPAN_LIT("one\n"), -1);
    size_t end = bytes.len;
    assert_ok(buf_append(&bytes, buf_span(&f->file)));
    struct archive_scan *scan = scan_memory(buf_span(&bytes));
    assert_ok(archive_scan_next(scan, &frame));
    assert_false(frame.indexed);
    assert_err(archive_scan_next(scan, &frame), ERR_SYNTAX);
    assert_int_equal(archive_scan_at(scan), end);
    assert_int_equal(archive_scan_partial(scan).len, 0);
    archive_scan_free(scan);
    buf_done(&bytes);
}

/* The magic lies across the border of what is read at once. */
static void finds_frames_behind_much_garbage(void **state)
{
    struct fixture *f = *state;
    static const size_t lens[] = {1, 262140, 262141, 262142, 262143, 262144, 262145, 600000};
    struct archive_scan_frame frame;

    for (size_t i = 0; i < TEST_COUNT(lens); i++) {
        struct buf bytes = {0};
        assert_ok(buf_reserve(&bytes, lens[i]));
        memset(bytes.at, '\x28', lens[i]);
        bytes.len = lens[i];
        assert_ok(buf_append(&bytes, buf_span(&f->file)));
        struct archive_scan *scan = scan_memory(buf_span(&bytes));
        assert_err(archive_scan_next(scan, &frame), ERR_SYNTAX);
        assert_ok(archive_scan_resync(scan));
        assert_int_equal(archive_scan_at(scan), lens[i]);
        assert_ok(archive_scan_next(scan, &frame));
        archive_scan_free(scan);
        buf_done(&bytes);
    }
}

int main(void)
{
#define SCAN_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SCAN_TEST(ends_with_eof_or_syntax),
        SCAN_TEST(reports_what_cannot_be_read),
        SCAN_TEST(takes_the_largest_frame_and_no_larger),
        SCAN_TEST(reads_files_like_memory),
        SCAN_TEST(goes_on_behind_a_broken_frame),
        SCAN_TEST(trusts_nothing_behind_a_missing_index),
        SCAN_TEST(finds_frames_behind_much_garbage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of a file as frames: byte for byte, whatever they hold and however they arrive. */
#include "client/lines.h"

#include "client/args.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct fixture {
    char dir[TEMP_DIR_BYTES];
    struct stop stop;
    struct lines lines;
    struct buf out;
};

static void open_file(struct fixture *f, struct span content)
{
    char path[TEMP_DIR_BYTES + 8];

    *f = (struct fixture){0};
    temp_dir_make(f->dir);
    temp_dir_write(f->dir, "in", content);
    snprintf(path, sizeof(path), "%s/in", f->dir);
    assert_ok(stop_init(&f->stop));
    assert_ok(lines_open(&f->lines, path, &f->stop));
}

static void close_file(struct fixture *f)
{
    lines_close(&f->lines);
    stop_done(&f->stop);
    temp_dir_remove(f->dir);
    buf_done(&f->out);
}

/* All frames of the file, in calls of `at_most`; returns how many. */
static uint32_t take_all(struct fixture *f, uint32_t at_most)
{
    uint32_t total = 0;

    for (uint32_t n = 1; n > 0; total += n) {
        assert_ok(lines_next(&f->lines, at_most, &f->out, &n));
        assert_true(n <= at_most);
    }
    return total;
}

static void a_missing_file_is_an_error(void **state)
{
    struct stop stop;
    struct lines lines;

    (void)state;
    assert_ok(stop_init(&stop));
    assert_err(lines_open(&lines, "/no/such/file", &stop), ERR_IO);
    assert_int_equal(errno, ENOENT);
    stop_done(&stop);
}

static void a_directory_ends_with_an_error(void **state)
{
    struct fixture f = {0};
    uint32_t n = 7;

    (void)state;
    assert_ok(stop_init(&f.stop));
    assert_ok(lines_open(&f.lines, "/", &f.stop));
    assert_ok(lines_next(&f.lines, 1, &f.out, &n));
    assert_int_equal(n, 0);
    assert_int_equal(f.lines.read_errno, EISDIR);
    lines_close(&f.lines);
    stop_done(&f.stop);
    buf_done(&f.out);
}

static void frames_are_byte_for_byte(void **state)
{
    static const char in[] = "a\r\n\n\n\xff\x00 \n\nlast";
    static const char want[] = "\4\0\0\0\2a\r"
                               "\4\0\0\0\3\xff\0 "
                               "\4\0\0\0\4last";

    (void)state;
    for (uint32_t at_most = 1; at_most < 5; at_most++) {
        struct fixture f;
        open_file(&f, span_of(in, sizeof(in) - 1));
        assert_int_equal(take_all(&f, at_most), 3);
        assert_int_equal(f.out.len, sizeof(want) - 1);
        assert_memory_equal(f.out.at, want, sizeof(want) - 1);
        assert_int_equal(f.lines.blank, 3);
        assert_int_equal(f.lines.refused, 0);
        assert_int_equal(f.lines.read_errno, 0);
        close_file(&f);
    }
}

static void an_empty_file_has_no_lines(void **state)
{
    struct fixture f;

    (void)state;
    open_file(&f, SPAN_LIT(""));
    assert_int_equal(take_all(&f, 10), 0);
    close_file(&f);
}

/* Lines of these lengths around the limit, the last without LF. */
static void lines_above_the_limit_are_refused(void **state)
{
    static const size_t lengths[] = {
        5, ARGS_RECORD_BYTES_MAX,    ARGS_RECORD_BYTES_MAX + 1, 1, 3 * ARGS_RECORD_BYTES_MAX,
        2, ARGS_RECORD_BYTES_MAX + 1};
    struct buf in = {0};
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(lengths); i++) {
        assert_ok(buf_reserve(&in, lengths[i] + 1));
        memset(in.at + in.len, 'x', lengths[i]);
        in.len += lengths[i];
        if (i + 1 < TEST_COUNT(lengths)) {
            in.at[in.len++] = '\n';
        }
    }
    open_file(&f, buf_span(&in));
    assert_int_equal(take_all(&f, 100), 4);
    assert_int_equal(f.out.len, 5 + ARGS_RECORD_BYTES_MAX + 1 + 2 + 4 * 5);
    assert_int_equal(f.lines.refused, 3);
    assert_int_equal(f.lines.number, 7);
    close_file(&f);
    buf_done(&in);
}

static void many_lines_come_in_order(void **state)
{
    struct buf in = {0};
    struct fixture f;
    size_t at = 0;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        assert_ok(buf_printf(&in, "%d\n", i));
    }
    open_file(&f, buf_span(&in));
    assert_int_equal(take_all(&f, 777), 100000);
    for (int i = 0; i < 100000; i++) {
        char want[16];
        size_t len = (unsigned char)f.out.at[at + 4];
        assert_int_equal(len, snprintf(want, sizeof(want), "%d", i));
        assert_memory_equal(f.out.at + at + 5, want, len);
        at += 5 + len;
    }
    close_file(&f);
    buf_done(&in);
}

/* A pipe whose writer is slow: what is there is sent; the wish to stop ends the waiting. */
static void a_slow_pipe_gives_what_it_has(void **state)
{
    struct fixture f = {0};
    int ends[2];
    char path[32];
    uint32_t n = 0;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
    assert_ok(stop_init(&f.stop));
    assert_ok(lines_open(&f.lines, path, &f.stop));
    assert_int_equal(write(ends[1], "one\ntwo\nhal", 11), 11);
    assert_ok(lines_next(&f.lines, 100, &f.out, &n));
    assert_int_equal(n, 2);
    stop_request(&f.stop);
    assert_ok(lines_next(&f.lines, 100, &f.out, &n));
    assert_int_equal(n, 0);
    assert_int_equal(write(ends[1], "f\n", 2), 2);
    close(ends[1]);
    assert_ok(lines_next(&f.lines, 100, &f.out, &n));
    assert_int_equal(n, 1);
    test_assert_span(span_of(f.out.at + f.out.len - 4, 4), "half");
    close(ends[0]);
    lines_close(&f.lines);
    stop_done(&f.stop);
    buf_done(&f.out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_file_is_an_error),
        cmocka_unit_test(a_directory_ends_with_an_error),
        cmocka_unit_test(frames_are_byte_for_byte),
        cmocka_unit_test(an_empty_file_has_no_lines),
        cmocka_unit_test(lines_above_the_limit_are_refused),
        cmocka_unit_test(many_lines_come_in_order),
        cmocka_unit_test(a_slow_pipe_gives_what_it_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

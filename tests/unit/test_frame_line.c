/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines: every vector whole, byte by byte and split at every point, in both modes. */
#include "base/limits.h"
#include "tests/support/split.h"
#include "tests/support/test.h"
#include "wire/frame_line.h"

#define LIMIT 16u

struct vector {
    struct span stream;
    const char *want;
};

#define VECTOR(bytes, want)                  \
    {                                        \
        {(bytes), sizeof(bytes) - 1}, (want) \
    }

static void check_vectors(enum frame_line_mode mode, enum frame_end end,
                          const struct vector *vectors, size_t count)
{
    struct frame_line f;
    struct split_framing framing = split_line(&f);

    frame_line_init(&f, mode, LIMIT);
    for (size_t i = 0; i < count; i++) {
        split_check(&framing, vectors[i].stream, end, vectors[i].want);
    }
    frame_line_done(&f);
}

static void a_cut_stream_ends_in_a_truncated_line(void **state)
{
    static const struct vector vectors[] = {
        VECTOR("one\ntw", "none 0 3 \"one\"\ntruncated 0 2 \"tw\"\n"),
        VECTOR("one\n", "none 0 3 \"one\"\n"),
        VECTOR("\r", "blank 1\n"),
        VECTOR("0123456789abcdefg", "truncated 0 17 \"0123456789abcdefg\"\n"),
        VECTOR("0123456789abcdefgh", "truncated 0 18 \"0123456789abcdefgh\"\n"),
    };

    (void)state;
    check_vectors(FRAME_LINE_LF, FRAME_END_CUT, vectors, TEST_COUNT(vectors));
    check_vectors(FRAME_LINE_LF_OR_NUL, FRAME_END_CUT, vectors, TEST_COUNT(vectors));
}

static void over_long_lines_are_skipped(void **state)
{
    static const struct vector vectors[] = {
        VECTOR("0123456789abcdefg\nx\n", "too_large 0 17 \"0123456789abcdefg\"\nnone 0 1 \"x\"\n"),
        VECTOR("x\n0123456789abcdefghi\nx\n",
               "none 0 1 \"x\"\ntoo_large 0 19 \"0123456789abcdefghi\"\nnone 0 1 \"x\"\n"),
        VECTOR("0123456789abcdefghi\n0123456789abcdefghi\n",
               "too_large 0 19 \"0123456789abcdefghi\"\ntoo_large 0 19 \"0123456789abcdefghi\"\n"),
        VECTOR("0123456789abcdefg", "too_large 0 17 \"0123456789abcdefg\"\n"),
        VECTOR("0123456789abcdefgh", "too_large 0 18 \"0123456789abcdefgh\"\n"),
        VECTOR("\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r",
               "too_large 0 18 \"\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d"
               "\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d\"\n"),
        VECTOR("\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\rx\ny\n",
               "too_large 0 17 \"\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d"
               "\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d\\x0d\\x0dx\"\nnone 0 1 \"y\"\n"),
    };

    (void)state;
    check_vectors(FRAME_LINE_LF, FRAME_END_ORDERLY, vectors, TEST_COUNT(vectors));
    check_vectors(FRAME_LINE_LF_OR_NUL, FRAME_END_ORDERLY, vectors, TEST_COUNT(vectors));
}

static void both_modes_split_at_lf(void **state)
{
    static const struct vector vectors[] = {
        VECTOR("", ""),
        VECTOR("one\ntwo\n", "none 0 3 \"one\"\nnone 0 3 \"two\"\n"),
        VECTOR("one\nlast", "none 0 3 \"one\"\nnone 0 4 \"last\"\n"),
        VECTOR("\n\n\r\none\n\n", "none 0 3 \"one\"\nblank 4\n"),
        VECTOR("one\n\r\r\r\n\r", "none 0 3 \"one\"\nblank 2\n"),
        VECTOR(" \n", "none 0 1 \" \"\n"),
        VECTOR("0123456789abcdef\nx", "none 0 16 \"0123456789abcdef\"\nnone 0 1 \"x\"\n"),
        VECTOR("one\na\0b\n", "none 0 3 \"one\"\nnone 0 3 \"a\\x00b\"\n"),
        VECTOR("a\rb\n", "none 0 3 \"a\\x0db\"\n"),
    };

    (void)state;
    check_vectors(FRAME_LINE_LF, FRAME_END_ORDERLY, vectors, TEST_COUNT(vectors));
    check_vectors(FRAME_LINE_LF_OR_NUL, FRAME_END_ORDERLY, vectors, TEST_COUNT(vectors));
}

static void raw_lines_keep_cr_and_nul(void **state)
{
    static const struct vector vectors[] = {
        VECTOR("one\r\n", "none 0 4 \"one\\x0d\"\n"),
        VECTOR("a\0b\nc", "none 0 3 \"a\\x00b\"\nnone 0 1 \"c\"\n"),
        VECTOR("0123456789abcdef\r\n", "too_large 0 17 \"0123456789abcdef\\x0d\"\n"),
        VECTOR("0123456789abcdefgh\r\n", "too_large 0 19 \"0123456789abcdefgh\\x0d\"\n"),
    };

    (void)state;
    check_vectors(FRAME_LINE_LF, FRAME_END_ORDERLY, vectors, TEST_COUNT(vectors));
}

static void cr_before_lf_is_framing(void **state)
{
    static const struct vector vectors[] = {
        VECTOR("one\r\ntwo\n", "none 0 3 \"one\"\nnone 0 3 \"two\"\n"),
        VECTOR("one\r\r\n", "none 0 4 \"one\\x0d\"\n"),
        VECTOR("0123456789abcdef\r\n", "none 0 16 \"0123456789abcdef\"\n"),
        VECTOR("0123456789abcdefg\r\n", "too_large 0 17 \"0123456789abcdefg\"\n"),
        VECTOR("0123456789abcdefghi\r\n", "too_large 0 19 \"0123456789abcdefghi\"\n"),
        VECTOR("0123456789abcdefghi\r\r\n", "too_large 0 20 \"0123456789abcdefghi\\x0d\"\n"),
        VECTOR("one\r", "none 0 4 \"one\\x0d\"\n"),
    };

    (void)state;
    check_vectors(FRAME_LINE_LF_OR_NUL, FRAME_END_ORDERLY, vectors, TEST_COUNT(vectors));
}

/* RFC 6587 section 3.4.2: the first terminator seen is the stream's. */
static void the_first_terminator_decides(void **state)
{
    static const struct vector vectors[] = {
        VECTOR("one\0two\0", "none 0 3 \"one\"\nnone 0 3 \"two\"\n"),
        VECTOR("one\0a\nb\0", "none 0 3 \"one\"\nnone 0 3 \"a\\x0ab\"\n"),
        VECTOR("one\0a\r\n\0", "none 0 3 \"one\"\nnone 0 3 \"a\\x0d\\x0a\"\n"),
        VECTOR("one\r\0", "none 0 4 \"one\\x0d\"\n"),
        VECTOR("one\n\0two\n", "none 0 3 \"one\"\nnone 0 4 \"\\x00two\"\n"),
        VECTOR("\0\0one\0", "none 0 3 \"one\"\nblank 2\n"),
        VECTOR("0123456789abcdefghi\0x\nx\0",
               "too_large 0 19 \"0123456789abcdefghi\"\nnone 0 3 \"x\\x0ax\"\n"),
        VECTOR("0123456789abcdefghi\nx\0x\n",
               "too_large 0 19 \"0123456789abcdefghi\"\nnone 0 3 \"x\\x00x\"\n"),
        VECTOR("0123456789abcdef\r\0", "too_large 0 17 \"0123456789abcdef\\x0d\"\n"),
    };

    (void)state;
    check_vectors(FRAME_LINE_LF_OR_NUL, FRAME_END_ORDERLY, vectors, TEST_COUNT(vectors));
}

static void append_pattern(struct buf *b, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        assert_ok(buf_append(b, span_of(&"abcdefg"[i % 7], 1)));
    }
}

static void keeps_the_first_64_kib_of_a_skipped_line(void **state)
{
    struct buf stream = {0};
    struct buf want = {0};
    struct frame_line f;
    struct split_framing framing = split_line(&f);

    (void)state;
    append_pattern(&stream, 70000);
    assert_ok(buf_append(&stream, SPAN_LIT("\r\nok\n")));
    assert_ok(buf_printf(&want, "too_large 0 70000 65536:%016llx\nnone 0 2 \"ok\"\n",
                         (unsigned long long)split_hash(span_of(stream.at, 65536))));
    assert_ok(buf_append(&want, span_of("", 1)));
    frame_line_init(&f, FRAME_LINE_LF_OR_NUL, LIMIT);
    split_check(&framing, buf_span(&stream), FRAME_END_ORDERLY, want.at);
    buf_done(&stream);
    buf_done(&want);
    frame_line_done(&f);
}

/* A line of 256 KiB that comes byte by byte: after each byte everything was searched, so the next
 * call has one byte to look at. */
static void never_scans_a_byte_twice(void **state)
{
    struct buf line = {0};
    struct frame_line f;
    struct frame frame = {0};
    size_t used = 1;

    (void)state;
    append_pattern(&line, 256 * KIB);
    assert_ok(buf_append(&line, SPAN_LIT("\n")));
    frame_line_init(&f, FRAME_LINE_LF, 256 * KIB);
    for (size_t n = 1; n < line.len; n++) {
        assert_err(frame_line_next(&f, span_of(line.at, n), &used, &frame), ERR_AGAIN);
        assert_int_equal(used, 0);
        assert_int_equal(f.scanned, n);
    }
    assert_ok(frame_line_next(&f, buf_span(&line), &used, &frame));
    assert_int_equal(used, line.len);
    assert_int_equal(frame.length, 256 * KIB);
    assert_int_equal(frame.reason, REASON_NONE);
    frame_line_done(&f);
    buf_done(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_stream_ends_in_a_truncated_line),
        cmocka_unit_test(over_long_lines_are_skipped),
        cmocka_unit_test(both_modes_split_at_lf),
        cmocka_unit_test(raw_lines_keep_cr_and_nul),
        cmocka_unit_test(cr_before_lf_is_framing),
        cmocka_unit_test(the_first_terminator_decides),
        cmocka_unit_test(keeps_the_first_64_kib_of_a_skipped_line),
        cmocka_unit_test(never_scans_a_byte_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * go-client frames: every vector whole, byte by byte and split at every point. */
#include "base/limits.h"
#include "tests/support/split.h"
#include "tests/support/test.h"
#include "wire/frame_length.h"

#define LIMIT 16u

struct vector {
    struct span stream;
    const char *want;
};

#define VECTOR(bytes, want)                  \
    {                                        \
        {(bytes), sizeof(bytes) - 1}, (want) \
    }

static void check_vectors(const struct vector *vectors, size_t count)
{
    struct frame_length f;
    struct split_framing framing = split_length(&f);

    frame_length_init(&f, LIMIT);
    for (size_t i = 0; i < count; i++) {
        split_check(&framing, vectors[i].stream, FRAME_END_ORDERLY, vectors[i].want);
        split_check(&framing, vectors[i].stream, FRAME_END_CUT, vectors[i].want);
    }
    frame_length_done(&f);
}

#define GOOD     "\1\0\0\0\5hello"
#define GOOD_OUT "none 1 5 \"hello\"\n"

static void out_of_step_streams_end(void **state)
{
    static const struct vector vectors[] = {
        /* unknown type above the limit, 64 MiB + 1, 4 GiB - 1, plain text */
        VECTOR("\5\0\0\0\x11", "out_of_step\n"),
        VECTOR("\0\0\0\0\x11xxxxxxxxxxxxxxxxx", "out_of_step\n"),
        VECTOR("\1\4\0\0\1", "out_of_step\n"),
        VECTOR("\4\xff\xff\xff\xff", "out_of_step\n"),
        VECTOR(GOOD "GET / HTTP/1.1\r\n", GOOD_OUT "out_of_step\n"),
        VECTOR(GOOD "\2\x80\0\0\0" GOOD, GOOD_OUT "out_of_step\n"),
    };

    (void)state;
    check_vectors(vectors, TEST_COUNT(vectors));
}

static void partial_frames_are_truncated(void **state)
{
    static const struct vector vectors[] = {
        VECTOR("\1", "truncated 1 1 \"\\x01\"\n"),
        VECTOR(GOOD "\3\0\0\0", GOOD_OUT "truncated 3 4 \"\\x03\\x00\\x00\\x00\"\n"),
        VECTOR("\2\0\0\0\5", "truncated 2 5 \"\"\n"),
        VECTOR("\2\0\0\0\5hell", "truncated 2 5 \"hell\"\n"),
        VECTOR("\2\0\0\0\x11", "truncated 2 17 \"\"\n"),
        VECTOR("\2\0\0\0\x11xxxxxxxxxxxxxxxx", "truncated 2 17 \"xxxxxxxxxxxxxxxx\"\n"),
        VECTOR("\4\4\0\0\0abc", "truncated 4 67108864 \"abc\"\n"),
        VECTOR("\x09\0\0\0\5ab", "truncated 9 5 \"ab\"\n"),
    };

    (void)state;
    check_vectors(vectors, TEST_COUNT(vectors));
}

static void rejects_are_skipped_and_the_stream_goes_on(void **state)
{
    static const struct vector vectors[] = {
        VECTOR("\1\0\0\0\0" GOOD, "empty 1 0 \"\"\n" GOOD_OUT),
        VECTOR("\xff\0\0\0\0" GOOD, "empty 255 0 \"\"\n" GOOD_OUT),
        VECTOR("\5\0\0\0\3abc" GOOD, "unknown_format 5 3 \"abc\"\n" GOOD_OUT),
        VECTOR("\0\0\0\0\3abc" GOOD, "unknown_format 0 3 \"abc\"\n" GOOD_OUT),
        VECTOR("{\0\0\0\x10"
               "0123456789abcdef" GOOD,
               "unknown_format 123 16 \"0123456789abcdef\"\n" GOOD_OUT),
        VECTOR("\1\0\0\0\x11"
               "0123456789abcdefg" GOOD,
               "too_large 1 17 \"0123456789abcdefg\"\n" GOOD_OUT),
        VECTOR("\1\0\0\0\x11"
               "0123456789abcdefg"
               "\2\0\0\0\x12"
               "0123456789abcdefgh" GOOD,
               "too_large 1 17 \"0123456789abcdefg\"\n"
               "too_large 2 18 \"0123456789abcdefgh\"\n" GOOD_OUT),
    };

    (void)state;
    check_vectors(vectors, TEST_COUNT(vectors));
}

static void good_frames_pass(void **state)
{
    static const struct vector vectors[] = {
        VECTOR("", ""),
        VECTOR(GOOD, GOOD_OUT),
        VECTOR("\1\0\0\0\1a\2\0\0\0\1b\3\0\0\0\1c\4\0\0\0\1d",
               "none 1 1 \"a\"\nnone 2 1 \"b\"\nnone 3 1 \"c\"\nnone 4 1 \"d\"\n"),
        VECTOR("\4\0\0\0\x10"
               "0123456789abcdef",
               "none 4 16 \"0123456789abcdef\"\n"),
        VECTOR("\4\0\0\0\3\0\n\xff" GOOD, "none 4 3 \"\\x00\\x0a\\xff\"\n" GOOD_OUT),
    };

    (void)state;
    check_vectors(vectors, TEST_COUNT(vectors));
}

/* A head and 70000 bytes: more than is kept, and then a good frame. */
static void keeps_the_first_64_kib_of_a_skipped_frame(void **state)
{
    struct buf stream = {0};
    struct buf want = {0};
    struct frame_length f;
    struct split_framing framing = split_length(&f);

    (void)state;
    frame_length_init(&f, LIMIT);
    assert_ok(buf_append(&stream, SPAN_LIT("\1\0\1\x11\x70")));
    for (int i = 0; i < 70000; i++) {
        assert_ok(buf_append(&stream, span_of(&"abcdefg"[i % 7], 1)));
    }
    assert_ok(buf_append(&stream, SPAN_LIT(GOOD)));
    assert_ok(buf_printf(&want, "too_large 1 70000 65536:%016llx\n" GOOD_OUT,
                         (unsigned long long)split_hash(span_of(stream.at + 5, 65536))));
    assert_ok(buf_append(&want, span_of("", 1)));
    split_check(&framing, buf_span(&stream), FRAME_END_ORDERLY, want.at);
    buf_done(&stream);
    buf_done(&want);
    frame_length_done(&f);
}

/* The largest frame that may be skipped holds no more memory than any other. */
static void skips_64_mib_in_64_kib_of_memory(void **state)
{
    static char chunk[64 * KIB];
    struct frame_length f;
    struct frame frame = {0};
    size_t used = 0;

    (void)state;
    frame_length_init(&f, LIMIT);
    memset(chunk, 'x', sizeof(chunk));
    assert_err(frame_length_next(&f, SPAN_LIT("\3\4\0\0\0"), &used, &frame), ERR_AGAIN);
    assert_int_equal(used, 5);
    for (size_t i = 0; i < FRAME_SKIP_BYTES_MAX / sizeof(chunk); i++) {
        err_t err = frame_length_next(&f, span_of(chunk, sizeof(chunk)), &used, &frame);
        assert_int_equal(used, sizeof(chunk));
        assert_true(f.skip.kept.cap <= REJECT_KEEP_BYTES);
        assert_err(err, f.skip_left > 0 ? ERR_AGAIN : ERR_OK);
    }
    assert_int_equal(frame.length, FRAME_SKIP_BYTES_MAX);
    assert_int_equal(frame.reason, REASON_TOO_LARGE);
    assert_int_equal(frame.payload.len, REJECT_KEEP_BYTES);
    assert_err(frame_length_next(&f, span_of(NULL, 0), &used, &frame), ERR_AGAIN);
    assert_null(f.skip.kept.at);
    frame_length_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(out_of_step_streams_end),
        cmocka_unit_test(partial_frames_are_truncated),
        cmocka_unit_test(rejects_are_skipped_and_the_stream_goes_on),
        cmocka_unit_test(good_frames_pass),
        cmocka_unit_test(keeps_the_first_64_kib_of_a_skipped_frame),
        cmocka_unit_test(skips_64_mib_in_64_kib_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Octet-counted messages: every vector whole, byte by byte and split at every point. */
#include "base/limits.h"
#include "tests/support/split.h"
#include "tests/support/test.h"
#include "wire/frame_octet.h"

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
    struct frame_octet f;
    struct split_framing framing = split_octet(&f);

    frame_octet_init(&f, LIMIT);
    for (size_t i = 0; i < count; i++) {
        split_check(&framing, vectors[i].stream, FRAME_END_ORDERLY, vectors[i].want);
        split_check(&framing, vectors[i].stream, FRAME_END_CUT, vectors[i].want);
    }
    frame_octet_done(&f);
}

#define GOOD     "5 <1>hi"
#define GOOD_OUT "none 0 5 \"<1>hi\"\n"

static void what_is_no_count_ends_the_stream(void **state)
{
    static const struct vector vectors[] = {
        VECTOR("0 ", "out_of_step\n"),
        VECTOR("05 <1>hi", "out_of_step\n"),
        VECTOR(" 5 <1>hi", "out_of_step\n"),
        VECTOR("-5 <1>hi", "out_of_step\n"),
        VECTOR("5<1>hi", "out_of_step\n"),
        VECTOR("5\t<1>hi", "out_of_step\n"),
        VECTOR("12345678 <1>hi", "out_of_step\n"),
        VECTOR("10000000000000000000 <1>hi", "out_of_step\n"),
        VECTOR("18446744073709551621 <1>hi", "out_of_step\n"),
        VECTOR(GOOD "<1>hi\n", GOOD_OUT "out_of_step\n"),
        VECTOR(GOOD "\r\n\0x", GOOD_OUT "out_of_step\n"),
    };

    (void)state;
    check_vectors(vectors, TEST_COUNT(vectors));
}

static void partial_messages_are_truncated(void **state)
{
    static const struct vector vectors[] = {
        VECTOR("5", "truncated 0 1 \"5\"\n"),
        VECTOR(GOOD "\n1234567", GOOD_OUT "truncated 0 7 \"1234567\"\n"),
        VECTOR("5 ", "truncated 0 5 \"\"\n"),
        VECTOR("5 <1>h", "truncated 0 5 \"<1>h\"\n"),
        VECTOR("9999999 abc", "truncated 0 9999999 \"abc\"\n"),
        VECTOR("17 0123456789abcdef", "truncated 0 17 \"0123456789abcdef\"\n"),
    };

    (void)state;
    check_vectors(vectors, TEST_COUNT(vectors));
}

static void messages_above_the_limit_are_skipped(void **state)
{
    static const struct vector vectors[] = {
        VECTOR("17 0123456789abcdefg" GOOD, "too_large 0 17 \"0123456789abcdefg\"\n" GOOD_OUT),
        VECTOR("17 0123456789abcdefg18 0123456789abcdefgh\n" GOOD,
               "too_large 0 17 \"0123456789abcdefg\"\n"
               "too_large 0 18 \"0123456789abcdefgh\"\n" GOOD_OUT),
    };

    (void)state;
    check_vectors(vectors, TEST_COUNT(vectors));
}

static void good_messages_pass(void **state)
{
    static const struct vector vectors[] = {
        VECTOR("", ""),
        VECTOR("\r\n\0", ""),
        VECTOR(GOOD, GOOD_OUT),
        VECTOR(GOOD GOOD, GOOD_OUT GOOD_OUT),
        VECTOR(GOOD "\n" GOOD "\r\n\0" GOOD "\n\n", GOOD_OUT GOOD_OUT GOOD_OUT),
        VECTOR("16 0123456789abcdef", "none 0 16 \"0123456789abcdef\"\n"),
        VECTOR("3 a\nb1  4 \0\n 1",
               "none 0 3 \"a\\x0ab\"\nnone 0 1 \" \"\nnone 0 4 \"\\x00\\x0a 1\"\n"),
    };

    (void)state;
    check_vectors(vectors, TEST_COUNT(vectors));
}

static void keeps_the_first_64_kib_of_a_skipped_message(void **state)
{
    struct buf stream = {0};
    struct buf want = {0};
    struct frame_octet f;
    struct split_framing framing = split_octet(&f);

    (void)state;
    frame_octet_init(&f, LIMIT);
    assert_ok(buf_append(&stream, SPAN_LIT("70000 ")));
    for (int i = 0; i < 70000; i++) {
        assert_ok(buf_append(&stream, span_of(&"abcdefg"[i % 7], 1)));
    }
    assert_ok(buf_append(&stream, SPAN_LIT(GOOD)));
    assert_ok(buf_printf(&want, "too_large 0 70000 65536:%016llx\n" GOOD_OUT,
                         (unsigned long long)split_hash(span_of(stream.at + 6, 65536))));
    assert_ok(buf_append(&want, span_of("", 1)));
    split_check(&framing, buf_span(&stream), FRAME_END_ORDERLY, want.at);
    buf_done(&stream);
    buf_done(&want);
    frame_octet_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_count_ends_the_stream),
        cmocka_unit_test(partial_messages_are_truncated),
        cmocka_unit_test(messages_above_the_limit_are_skipped),
        cmocka_unit_test(good_messages_pass),
        cmocka_unit_test(keeps_the_first_64_kib_of_a_skipped_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

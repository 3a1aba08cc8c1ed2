/* SPDX-License-Identifier: Apache-2.0
 *
 * Journald export entries: every vector whole, byte by byte and split at every point. */
#include "base/limits.h"
#include "tests/support/split.h"
#include "tests/support/test.h"
#include "wire/frame_journal.h"

#define LIMIT 24u

struct vector {
    struct span stream;
    const char *want;
};

#define VECTOR(bytes, want)                  \
    {                                        \
        {(bytes), sizeof(bytes) - 1}, (want) \
    }

static void check_end(const struct vector *vectors, size_t count, enum frame_end end)
{
    struct frame_journal f;
    struct split_framing framing = split_journal(&f);

    frame_journal_init(&f, LIMIT);
    for (size_t i = 0; i < count; i++) {
        split_check(&framing, vectors[i].stream, end, vectors[i].want);
    }
    frame_journal_done(&f);
}

static void check_vectors(const struct vector *vectors, size_t count)
{
    check_end(vectors, count, FRAME_END_ORDERLY);
    check_end(vectors, count, FRAME_END_CUT);
}

#define GOOD     "A=1\nB=\n\n"
#define GOOD_OUT "none 0 7 \"A=1\\x0aB=\\x0a\"\n"

static void what_has_no_name_or_length_ends_the_stream(void **state)
{
    static const struct vector vectors[] = {
        VECTOR("hello\n", "out_of_step\n"),
        VECTOR("A B\n", "out_of_step\n"),
        VECTOR("1A\n", "out_of_step\n"),
        VECTOR(GOOD "\xff\n", GOOD_OUT "out_of_step\n"),
        VECTOR("A\n\1\0\0\4\0", "out_of_step\n"), /* 64 MiB and one */
        VECTOR("A\n\377\377\377\377\377\377\377\377x\n\n", "out_of_step\n"),
        VECTOR("A\n\0\0\0\0\0\0\0\200", "out_of_step\n"),
        VECTOR("A\n\1\0\0\0\0\0\0\0xy\n\n", "out_of_step\n"), /* LF is one byte late */
        VECTOR("A\n\0\0\0\0\0\0\0\0x\n\n", "out_of_step\n"),
    };

    (void)state;
    check_vectors(vectors, TEST_COUNT(vectors));
}

static void an_entry_above_the_limit_is_skipped(void **state)
{
    static const struct vector vectors[] = {
        /* 24 bytes are not, 25 are */
        VECTOR("A=12345678901234567890A\n\n", "none 0 24 \"A=12345678901234567890A\\x0a\"\n"),
        VECTOR("A=12345678901234567890AB\n\n" GOOD,
               "too_large 0 25 \"A=12345678901234567890AB\\x0a\"\n" GOOD_OUT),
        VECTOR("B=1\nA\n\22\0\0\0\0\0\0\0a\nb\n\nc=\n\n567890123\n\n" GOOD,
               "too_large 0 33 \"B=1\\x0aA\\x0a\\x12\\x00\\x00\\x00\\x00\\x00\\x00\\x00a\\x0ab\\x0a"
               "\\x0ac=\\x0a\\x0a567890123\\x0a\"\n" GOOD_OUT),
        /* and the stream may go out of step inside it */
        VECTOR("A=12345678901234567890AB\nno name\n\n",
               "too_large 0 33 \"A=12345678901234567890AB\\x0ano name\\x0a\"\nout_of_step\n"),
    };

    (void)state;
    check_vectors(vectors, TEST_COUNT(vectors));
}

static void an_entry_that_is_cut_is_truncated(void **state)
{
    static const struct vector vectors[] = {
        VECTOR("A", "truncated 0 1 \"A\"\n"),
        VECTOR("A=", "truncated 0 2 \"A=\"\n"),
        VECTOR(GOOD "A=1", GOOD_OUT "truncated 0 3 \"A=1\"\n"),
        VECTOR("A\n", "truncated 0 2 \"A\\x0a\"\n"),
        VECTOR("A\n\1\0", "truncated 0 4 \"A\\x0a\\x01\\x00\"\n"),
        VECTOR("A=1\nB\n\2\0\0\0\0\0\0\0x",
               "truncated 0 15 \"A=1\\x0aB\\x0a\\x02\\x00\\x00\\x00\\x00\\x00\\x00\\x00x\"\n"),
        VECTOR("B\n\1\0\0\0\0\0\0\0x",
               "truncated 0 11 \"B\\x0a\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00x\"\n"),
        VECTOR("A=12345678901234567890ABC", "truncated 0 25 \"A=12345678901234567890ABC\"\n"),
    };

    (void)state;
    check_vectors(vectors, TEST_COUNT(vectors));
}

static void the_last_entry_may_lack_its_empty_line(void **state)
{
    static const struct vector orderly[] = {
        VECTOR("A=1\nB=\n", GOOD_OUT),
        VECTOR("A=12345678901234567890ABC\n",
               "too_large 0 26 \"A=12345678901234567890ABC\\x0a\"\n"),
    };
    static const struct vector cut[] = {
        VECTOR("A=1\nB=\n", "truncated 0 7 \"A=1\\x0aB=\\x0a\"\n"),
        VECTOR("A=12345678901234567890ABC\n",
               "truncated 0 26 \"A=12345678901234567890ABC\\x0a\"\n"),
    };

    (void)state;
    check_end(orderly, TEST_COUNT(orderly), FRAME_END_ORDERLY);
    check_end(cut, TEST_COUNT(cut), FRAME_END_CUT);
}

static void good_entries_pass(void **state)
{
    static const struct vector vectors[] = {
        VECTOR("", ""),
        VECTOR("\n\n", "blank 2\n"),
        VECTOR(GOOD, GOOD_OUT),
        VECTOR(GOOD GOOD "\n" GOOD, GOOD_OUT GOOD_OUT GOOD_OUT "blank 1\n"),
        /* the data may look like anything */
        VECTOR(
            "A\n\4\0\0\0\0\0\0\0\n\n\0=\n\n" GOOD,
            "none 0 15 "
            "\"A\\x0a\\x04\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x0a\\x0a\\x00=\\x0a\"\n" GOOD_OUT),
        VECTOR("A\n\0\0\0\0\0\0\0\0\n\n",
               "none 0 11 \"A\\x0a\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x0a\"\n"),
        /* a bad name with '=' is for the codec */
        VECTOR("a b=1\n\n" GOOD, "none 0 6 \"a b=1\\x0a\"\n" GOOD_OUT),
        VECTOR("=\n\n", "none 0 2 \"=\\x0a\"\n"),
    };

    (void)state;
    check_vectors(vectors, TEST_COUNT(vectors));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_no_name_or_length_ends_the_stream),
        cmocka_unit_test(an_entry_above_the_limit_is_skipped),
        cmocka_unit_test(an_entry_that_is_cut_is_truncated),
        cmocka_unit_test(the_last_entry_may_lack_its_empty_line),
        cmocka_unit_test(good_entries_pass),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

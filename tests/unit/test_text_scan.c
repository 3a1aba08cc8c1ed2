/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking for stops: every byte at every place, against the definition. */
#include "base/limits.h"
#include "tests/support/test.h"
#include "wire/text_scan.h"

#define TEXT_BYTES 150u /* more than two blocks */

static bool is_stop(unsigned char c)
{
    return c == '"' || c == '\\' || c < 0x20 || c >= 0x7f;
}

static void finds_each_stop_at_each_place(void **state)
{
    char text[TEXT_BYTES + SPAN_SLACK_BYTES];
    const char *end = text + TEXT_BYTES;

    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        for (unsigned at = 0; at < TEXT_BYTES; at++) {
            memset(text, 'a', sizeof(text));
            text[at] = (char)c;
            const char *stop = is_stop((unsigned char)c) ? text + at : end;
            const char *high = c >= 0x7f ? text + at : end;
            assert_ptr_equal(text_scan_stop(text, end), stop);
            assert_ptr_equal(text_scan_high(text, end), high);
            struct text_scan scan;
            text_scan_init(&scan, text, end);
            const char *next = text_scan_next(&scan, text);
            assert_true(next == stop || (stop == end && next >= end));
        }
    }
}

static void finds_all_stops_from_any_start(void **state)
{
    char text[TEXT_BYTES + SPAN_SLACK_BYTES];
    const char *end = text + TEXT_BYTES;

    (void)state;
    memset(text, 'a', sizeof(text));
    for (unsigned i = 0; i < TEXT_BYTES; i += 7) {
        text[i] = '"';
    }
    for (unsigned from = 0; from < TEXT_BYTES; from++) {
        struct text_scan scan;
        text_scan_init(&scan, text, end);
        /* Looks ahead first: a scanner may go back to where a member began. */
        assert_true(text_scan_next(&scan, end - 1) >= end - 1);
        const char *want = text + (from + 6) / 7 * 7;
        for (const char *p = text + from; want < end; p = want + 1, want += 7) {
            assert_ptr_equal(text_scan_next(&scan, p), want);
        }
    }
}

static bool is_word(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '-' && c <= '9') || c == '_';
}

static void knows_words_and_equal_bytes(void **state)
{
    char text[TEXT_SCAN_BLOCK_BYTES];

    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        for (unsigned at = 0; at < TEXT_SCAN_BLOCK_BYTES; at++) {
            memset(text, 'a', sizeof(text));
            text[at] = (char)c;
            uint32_t words = is_word((unsigned char)c) || at >= 16 ? 0xffff : 0xffff & ~(1u << at);
            assert_int_equal(text_scan_words_16(text), words);
            assert_int_equal(text_scan_word_bytes(text), words == 0xffff ? 16 : at);
            uint64_t equal = c == 'a' ? UINT64_MAX : 1ull << at;
            assert_true(text_scan_equals_64(text, (char)c) == equal);
        }
    }
}

static void clean_is_what_has_no_stop_up_to_its_end(void **state)
{
    char text[TEXT_BYTES + SPAN_SLACK_BYTES];

    (void)state;
    assert_true(text_scan_is_clean(NULL, 0));
    for (unsigned at = 0; at < TEXT_BYTES; at++) {
        for (unsigned c = 0; c < 256; c += 7) {
            memset(text, 'a', sizeof(text));
            text[at] = (char)c;
            for (size_t len = 0; len < TEXT_BYTES; len += 5) {
                bool clean = at >= len || !is_stop((unsigned char)c);
                assert_int_equal(text_scan_is_clean(text, len), clean);
            }
        }
    }
}

static void stops_of_the_slack_do_not_count(void **state)
{
    char text[16 + SPAN_SLACK_BYTES];

    (void)state;
    memset(text, '"', sizeof(text));
    memset(text, 'a', 5);
    for (unsigned len = 0; len <= 5; len++) {
        struct text_scan scan;
        text_scan_init(&scan, text, text + len);
        assert_true(text_scan_next(&scan, text) >= text + len);
        assert_ptr_equal(text_scan_stop(text, text + len), text + len);
        assert_ptr_equal(text_scan_high(text, text + len), text + len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_each_stop_at_each_place),
        cmocka_unit_test(finds_all_stops_from_any_start),
        cmocka_unit_test(knows_words_and_equal_bytes),
        cmocka_unit_test(clean_is_what_has_no_stop_up_to_its_end),
        cmocka_unit_test(stops_of_the_slack_do_not_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

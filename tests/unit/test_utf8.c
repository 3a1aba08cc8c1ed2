/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-8: what is refused, what is repaired to what, where text may be cut. */
#include "base/limits.h"
#include "tests/support/test.h"
#include "wire/utf8.h"

#include <stdio.h>

#define FFFD "\xef\xbf\xbd"

/* A copy with slack that would go on with the sequence, were it trusted. */
static struct span with_slack(struct buf *b, struct span s)
{
    buf_done(b);
    assert_ok(buf_reserve(b, s.len + 1));
    assert_ok(buf_append(b, s));
    memset(b->at + b->len, 0x80, SPAN_SLACK_BYTES);
    return buf_span(b);
}

static void repairs_maximal_subparts(void **state)
{
    static const struct {
        const char *bad;
        const char *repaired;
    } pairs[] = {
        {"\x80", FFFD},
        {"\xff", FFFD},
        {"a\xc0\xaf", "a" FFFD FFFD},              /* overlong slash */
        {"\xe0\x80\xaf", FFFD FFFD FFFD},          /* overlong */
        {"\xe0\x9f\xbf", FFFD FFFD FFFD},          /* overlong */
        {"\xf0\x8f\xbf\xbf", FFFD FFFD FFFD FFFD}, /* overlong */
        {"\xc1\xbf", FFFD FFFD},                   /* overlong */
        {"\xed\xa0\x80", FFFD FFFD FFFD},          /* surrogate */
        {"\xed\xbf\xbf", FFFD FFFD FFFD},          /* surrogate */
        {"\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD}, /* above U+10FFFF */
        {"\xf5\x80\x80\x80", FFFD FFFD FFFD FFFD}, /* above U+10FFFF */
        {"\xe2\x82", FFFD},                        /* breaks off: one subpart */
        {"\xe2\x82z", FFFD "z"},
        {"\xe2z", FFFD "z"},
        {"\xf0\x9f\x98", FFFD},
        {"\xf0\x9f\x98\xf0\x9f\x98\x80", FFFD "\xf0\x9f\x98\x80"},
        {"\xc3", FFFD},
        {"\xc3(", FFFD "("},
        {"\x61\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64", /* Unicode 15, table 3-8 */
         "a" FFFD FFFD FFFD "b" FFFD "c" FFFD FFFD "d"},
        {"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", FFFD FFFD FFFD FFFD "A"}, /* table 3-11 */
    };
    struct arena a;
    struct buf b = {0};

    (void)state;
    assert_ok(arena_init(&a, MIB));
    for (size_t i = 0; i < TEST_COUNT(pairs); i++) {
        struct span bad = with_slack(&b, span_of_str(pairs[i].bad));
        enum text_form form = TEXT_JSON;
        assert_true(utf8_valid_prefix(bad) < bad.len);
        assert_false(utf8_classify(bad, &form));
        assert_int_equal(form, TEXT_JSON);
        struct span good = utf8_repair(bad, &a);
        test_assert_span(good, pairs[i].repaired);
        assert_int_equal(utf8_valid_prefix(good), good.len);
    }
    arena_done(&a);
    buf_done(&b);
}

static void prefix_ends_where_text_goes_wrong(void **state)
{
    static const char *const starts[] = {"", "a", "abc\xc3\xa9", "0123456789abcdef0123456789\x7f",
                                         "\xf0\x9f\x98\x80\xe2\x82\xac"};
    struct buf b = {0};
    char text[128];

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(starts); i++) {
        int len = snprintf(text, sizeof(text), "%s\xe2\x82", starts[i]);
        struct span s = with_slack(&b, span_of(text, (size_t)len));
        assert_int_equal(utf8_valid_prefix(s), strlen(starts[i]));
        s = with_slack(&b, span_of_str(starts[i]));
        assert_int_equal(utf8_valid_prefix(s), strlen(starts[i]));
    }
    buf_done(&b);
}

/* The encoding written down once more, bit by bit. */
static size_t encode(uint32_t c, char *out)
{
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    if (len == 1) {
        out[0] = (char)c;
        return 1;
    }
    for (size_t i = len - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    out[0] = (char)(leads[len] | c);
    return len;
}

static void accepts_every_scalar_value_and_nothing_else(void **state)
{
    char text[4 + SPAN_SLACK_BYTES] = {0};

    (void)state;
    for (uint32_t c = 0; c < 0x110800; c++) {
        struct span s = span_of(text, encode(c, text));
        bool scalar = c < 0x110000 && (c < 0xd800 || c > 0xdfff);
        enum text_form form = TEXT_JSON;
        if (utf8_classify(s, &form) != scalar || (utf8_valid_prefix(s) == s.len) != scalar) {
            fail_msg("U+%04X", c);
        }
        bool escaped = c < 0x20 || c == '"' || c == '\\' || (c >= 0x7f && c < 0xa0) ||
                       c == 0x2028 || c == 0x2029;
        if (scalar && form != (escaped ? TEXT_PLAIN : TEXT_CLEAN)) {
            fail_msg("U+%04X has form %d", c, (int)form);
        }
    }
}

static void cuts_between_characters(void **state)
{
    static const size_t want[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
    const struct span s = SPAN_LIT("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z");

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(want); i++) {
        assert_int_equal(utf8_cut(s, i), want[i]);
    }
    assert_int_equal(utf8_cut(SPAN_LIT(""), 5), 0);
}

static void repairs_into_as_much_memory_as_it_takes(void **state)
{
    struct arena a;
    struct buf b = {0};

    (void)state;
    assert_ok(arena_init(&a, KIB));
    struct span s = with_slack(&b, SPAN_LIT("0123456789012345678901234567890123456789"));
    memset(b.at, 0xff, b.len);
    struct span good = utf8_repair(s, &a);
    assert_int_equal(good.len, b.len * 3);
    assert_int_equal(a.used, (good.len + 15) / 16 * 16);
    test_assert_span(utf8_repair(SPAN_LIT(""), &a), "");
    arena_done(&a);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repairs_maximal_subparts),
        cmocka_unit_test(prefix_ends_where_text_goes_wrong),
        cmocka_unit_test(accepts_every_scalar_value_and_nothing_else),
        cmocka_unit_test(cuts_between_characters),
        cmocka_unit_test(repairs_into_as_much_memory_as_it_takes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts in their three forms: what they say, whether they say the same, where they may be cut. */
#include "base/limits.h"
#include "tests/support/test.h"
#include "wire/json_text.h"

static struct text json(const char *s)
{
    return text_of(span_of_str(s), TEXT_JSON);
}

static struct text plain(const char *s)
{
    return text_of(span_of_str(s), TEXT_PLAIN);
}

static const struct {
    const char *escaped;
    const char *decoded;
} pairs[] = {
    {"", ""},
    {"abc", "abc"},
    {"\\\"\\\\\\/", "\"\\/"},
    {"\\b\\f\\n\\r\\t", "\b\f\n\r\t"},
    {"\\u0041\\u007f", "A\x7f"},
    {"\\u00e9", "\xc3\xa9"},
    {"\\u20AC\\u20ac", "\xe2\x82\xac\xe2\x82\xac"},
    {"\\uffff", "\xef\xbf\xbf"},
    {"\\ud83d\\ude00", "\xf0\x9f\x98\x80"},
    {"\\uDBFF\\uDFFF", "\xf4\x8f\xbf\xbf"},
    {"x\\u0001\xc3\xa9y", "x\x01\xc3\xa9y"},
};

static void decodes_every_escape(void **state)
{
    char out[64];

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(pairs); i++) {
        struct text t = json(pairs[i].escaped);
        test_assert_span(span_of(out, json_text_decode(t, out)), pairs[i].decoded);
        assert_int_equal(json_text_bytes(t), strlen(pairs[i].decoded));
    }
    /* In the other forms a backslash is a backslash. */
    test_assert_span(span_of(out, json_text_decode(plain("\\n"), out)), "\\n");
    assert_int_equal(json_text_bytes(plain("\\u0041")), 6);
    assert_int_equal(json_text_decode(json("\\u0000"), out), 1);
    assert_int_equal(out[0], 0);
}

static void compares_what_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(pairs); i++) {
        for (size_t k = 0; k < TEST_COUNT(pairs); k++) {
            struct text a = json(pairs[i].escaped);
            struct text b = plain(pairs[k].decoded);
            bool same = i == k;
            assert_int_equal(json_text_equal(a, text_span(b)), same);
            assert_int_equal(json_text_same(a, b), same);
            assert_int_equal(json_text_same(b, a), same);
            assert_int_equal(json_text_same(a, json(pairs[k].escaped)), same);
            assert_int_equal(json_text_hash(a, 7) == json_text_hash(b, 7), same);
        }
    }
    assert_false(json_text_equal(json("\\u0041b"), SPAN_LIT("A")));
    assert_false(json_text_equal(json("\\u0041"), SPAN_LIT("Ab")));
    assert_false(json_text_same(json("\\u0041\\u0041"), json("\\u0041")));
    assert_true(json_text_same(json("\\u0041\\u0042"), json("\\u0041B")));
}

static void hashes_depend_on_the_key_and_on_every_byte(void **state)
{
    (void)state;
    assert_true(json_text_hash(plain("abc"), 1) != json_text_hash(plain("abc"), 2));
    assert_true(json_text_hash(plain("abcdefgh"), 1) != json_text_hash(plain("abcdefgi"), 1));
    assert_true(json_text_hash(plain("a"), 1) !=
                json_text_hash(text_of(SPAN_LIT("\0a"), TEXT_PLAIN), 1));
}

/* Names that collide when 10,000 names of three characters go into a table of 32,768: about 1,500
 * if they fall anywhere, twice as many if every second place is never used. */
static uint32_t collisions(uint64_t key)
{
    static bool taken[32768];
    uint32_t count = 0;

    memset(taken, 0, sizeof(taken));
    for (uint32_t i = 0; i < 10000; i++) {
        char name[3] = {(char)('!' + i % 80), (char)('!' + i / 80 % 80), (char)('!' + i / 6400)};
        struct text t = text_of(span_of(name, sizeof(name)), TEXT_PLAIN);
        size_t slot = (json_text_hash(t, key) >> 32) % TEST_COUNT(taken);
        count += taken[slot] ? 1 : 0;
        taken[slot] = true;
    }
    return count;
}

/* Keys are addresses of mappings, so most of their bits are the same. */
static void hashes_spread_short_names_by_any_key(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 200; i++) {
        uint64_t key = 0x7f0000000000u + (i * 0x9e3779b9u << 12) % 0x10000000000u;
        assert_true(collisions(key) < 2000);
    }
}

static void makes_plain_copies(void **state)
{
    struct arena a;

    (void)state;
    assert_ok(arena_init(&a, MIB));
    struct text t = json_text_plain(json("a\\u0041\\n"), &a);
    test_assert_span(text_span(t), "aA\n");
    assert_int_equal(t.form, TEXT_PLAIN);
    assert_int_equal(json_text_plain(json("\\u0041"), &a).form, TEXT_CLEAN);
    struct text same = plain("\\n");
    assert_ptr_equal(json_text_plain(same, &a).at, same.at);
    arena_done(&a);
}

static void cuts_between_characters(void **state)
{
    static const struct {
        size_t at_most;
        const char *want;
    } cuts[] = {
        {0, ""},
        {1, "a"},
        {2, "a\\n"},
        {3, "a\\n"},
        {4, "a\\n\\u00e9"},
        {7, "a\\n\\u00e9"},
        {8, "a\\n\\u00e9\\ud83d\\ude00"},
        {10, "a\\n\\u00e9\\ud83d\\ude00\xc3\xa9"},
        {99, "a\\n\\u00e9\\ud83d\\ude00\xc3\xa9"},
    };
    struct text t = json("a\\n\\u00e9\\ud83d\\ude00\xc3\xa9");

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cuts); i++) {
        struct text cut = json_text_cut(t, cuts[i].at_most);
        test_assert_span(text_span(cut), cuts[i].want);
        assert_int_equal(cut.form, TEXT_JSON);
    }
    test_assert_span(text_span(json_text_cut(plain("a\xc3\xa9"), 2)), "a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_every_escape),
        cmocka_unit_test(compares_what_is_said),
        cmocka_unit_test(hashes_depend_on_the_key_and_on_every_byte),
        cmocka_unit_test(hashes_spread_short_names_by_any_key),
        cmocka_unit_test(makes_plain_copies),
        cmocka_unit_test(cuts_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

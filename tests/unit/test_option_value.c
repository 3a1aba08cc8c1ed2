/* SPDX-License-Identifier: Apache-2.0
 *
 * Option values: the edges of every type, and that printing inverts parsing. */
#include "base/option_value.h"

#include "base/limits.h"
#include "tests/support/sample_cfg.h"
#include "tests/support/test.h"

static const struct option *row_of(const char *name)
{
    const struct option *row = option_find(&sample_cfg_table, span_of_str(name));

    assert_non_null(row);
    return row;
}

static void refuses_what_is_no_value(void **state)
{
    static const struct {
        const char *name;
        const char *text;
    } bad[] = {
        {"mode", ""},
        {"mode", "slow"},
        {"mode", "safe "},
        {"open", ""},
        {"open", "maybe"},
        {"open", "10"},
        {"count", ""},
        {"count", "-1"},
        {"count", "+1"},
        {"count", " 1"},
        {"count", "1 "},
        {"count", "0x1"},
        {"count", "1.5"},
        {"count", "1KiB"},
        {"http-port", ""},
        {"http-port", "on"},
        {"http-port", "-1"},
        {"http-port", "80s"},
        {"rotate-bytes", ""},
        {"rotate-bytes", "MiB"},
        {"rotate-bytes", "12parsecs"},
        {"rotate-bytes", "1.5MiB"},
        {"rotate-bytes", "50 MiB"},
        {"rotate-bytes", "99999999999999999999999x"},
        {"wait", ""},
        {"wait", "30"},
        {"wait", "s"},
        {"wait", "1w"},
        {"wait", "1m30s"},
        {"wait", "automatic"},
        {"pace", "auto"},
        {"pace", "-5"},
        {"wait", "99999999999999999999999"},
        {"min-free", ""},
        {"min-free", "%"},
        {"min-free", "5%%"},
        {"min-free", "5 %"},
        {"min-free", "-5%"},
        {"min-free", "1.5%"},
        {"tls-port", ""},
        {"tls-port", "x"},
        {"tls-port", "1,2"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        struct option_value v = {7, 7, 7};
        assert_err(option_value_parse(row_of(bad[i].name), span_of_str(bad[i].text), &v),
                   ERR_SYNTAX);
        assert_int_equal(v.number, 7);
    }
}

static void refuses_what_is_out_of_bounds(void **state)
{
    static const struct {
        const char *name;
        const char *text;
    } bad[] = {
        {"name", "123456789"},
        {"data-dir", ""},
        {"count", "0"},
        {"count", "20"},
        {"count", "18446744073709551616"},
        {"http-port", "65536"},
        {"http-port", "99999999999999999999"},
        {"rotate-bytes", "65535"},
        {"rotate-bytes", "0"},
        {"rotate-bytes", "1025GiB"},
        {"rotate-bytes", "99999999999999999999"},
        {"rotate-bytes", "99999999999TiB"},
        {"wait", "999ms"},
        {"wait", "8d"},
        {"wait", "99999999999999d"},
        {"wait", "99999999999999999999s"},
        {"min-free", "91%"},
        {"tls-port", "65536"},
        {"words", "12345678901234567"},
        {"pace", "99999999999999999999"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        struct option_value v = {7, 7, 7};
        assert_err(option_value_parse(row_of(bad[i].name), span_of_str(bad[i].text), &v),
                   ERR_LIMIT);
        assert_int_equal(v.number, 7);
    }
}

static void refuses_texts_with_nul(void **state)
{
    struct option_value v;

    (void)state;
    assert_err(option_value_parse(row_of("name"), span_of("a\0b", 3), &v), ERR_SYNTAX);
    assert_err(option_value_parse(row_of("words"), span_of("\0", 1), &v), ERR_SYNTAX);
}

static void parses_the_edges(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        uint64_t number;
        uint64_t percent;
    } good[] = {
        {"mode", "fast", SAMPLE_FAST, 0},
        {"mode", "OFF", SAMPLE_OFF, 0},
        {"open", "true", 1, 0},
        {"open", "Yes", 1, 0},
        {"open", "on", 1, 0},
        {"open", "1", 1, 0},
        {"open", "false", 0, 0},
        {"open", "no", 0, 0},
        {"open", "off", 0, 0},
        {"open", "0", 0, 0},
        {"count", "1", 1, 0},
        {"count", "019", 19, 0},
        {"http-port", "0", 0, 0},
        {"http-port", "65535", 65535, 0},
        {"http-port", "off", UINT64_MAX, 0},
        {"rotate-bytes", "65536", 65536, 0},
        {"rotate-bytes", "64KiB", 65536, 0},
        {"rotate-bytes", "64kib", 65536, 0},
        {"rotate-bytes", "1024GiB", 1024 * GIB, 0},
        {"rotate-bytes", "1TiB", 1024 * GIB, 0},
        {"rotate-bytes", "1TB", 1000000000000ull, 0},
        {"rotate-bytes", "2GB", 2000000000ull, 0},
        {"rotate-bytes", "1MB", 1000000, 0},
        {"rotate-bytes", "100kB", 100000, 0},
        {"rotate-bytes", "70000B", 70000, 0},
        {"wait", "0", 0, 0},
        {"wait", "0s", 0, 0},
        {"wait", "auto", OPTION_AUTO, 0},
        {"wait", "1s", NS_PER_S, 0},
        {"wait", "1000ms", NS_PER_S, 0},
        {"wait", "1000000us", NS_PER_S, 0},
        {"wait", "1000000000ns", NS_PER_S, 0},
        {"wait", "2m", 120 * NS_PER_S, 0},
        {"wait", "2h", 7200 * NS_PER_S, 0},
        {"wait", "7d", 604800 * NS_PER_S, 0},
        {"pace", "250", 250 * NS_PER_MS, 0},
        {"pace", "0", 0, 0},
        {"pace", "2s", 2 * NS_PER_S, 0},
        {"min-free", "0%", 0, 0},
        {"min-free", "90%", 0, 90},
        {"min-free", "1GiB", GIB, 0},
        {"min-free", "0", 0, 0},
        {"tls-port", "off", UINT64_MAX, 0},
        {"name", "", 0, 0},
        {"name", "12345678", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(good); i++) {
        struct option_value v = {7, 7, 7};
        assert_ok(option_value_parse(row_of(good[i].name), span_of_str(good[i].text), &v));
        assert_int_equal(v.number, good[i].number);
        assert_int_equal(v.percent, good[i].percent);
    }
}

static void says_what_is_allowed(void **state)
{
    static const struct {
        const char *name;
        const char *noun;
        const char *allowed;
    } want[] = {
        {"name", "text", "0 to 8 bytes without NUL"},
        {"data-dir", "path", "1 to 4095 bytes without NUL"},
        {"mode", "choice", "fast, safe or off"},
        {"open", "truth value", "true or false"},
        {"count", "number", "1 to 19"},
        {"http-port", "port", "0 to 65535 or off"},
        {"rotate-bytes", "size", "64KiB to 1TiB"},
        {"wait", "duration", "1s to 7d or 0 or auto"},
        {"pace", "duration", "0 or more"},
        {"min-free", "size or percentage", "0% to 90%, or a size like 1GiB"},
        {"tls-port", "port", "0 to 65535 or off"},
        {"words", "text", "0 to 16 bytes without NUL"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(want); i++) {
        char allowed[256];
        assert_string_equal(option_value_noun(row_of(want[i].name)), want[i].noun);
        assert_string_equal(option_value_allowed(row_of(want[i].name), allowed, sizeof(allowed)),
                            want[i].allowed);
    }
}

static void prints_the_shortest_exact_number(void **state)
{
    static const struct {
        const char *name;
        uint64_t number;
        const char *text;
    } want[] = {
        {"rotate-bytes", 50 * MIB, "50MiB"},
        {"rotate-bytes", 1024 * GIB, "1TiB"},
        {"rotate-bytes", 1000000, "1000000"},
        {"rotate-bytes", 1536 * KIB, "1536KiB"},
        {"rotate-bytes", 0, "0"},
        {"wait", OPTION_AUTO, "auto"},
        {"wait", 0, "0"},
        {"wait", 90 * NS_PER_S, "90s"},
        {"wait", 3600 * NS_PER_S, "1h"},
        {"wait", 1500 * NS_PER_MS, "1500ms"},
        {"wait", 604800 * NS_PER_S, "7d"},
        {"wait", 7, "7ns"},
        {"count", 12, "12"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(want); i++) {
        struct buf out = {0};
        assert_ok(option_value_print(row_of(want[i].name), &want[i].number, &out));
        test_assert_span(buf_span(&out), want[i].text);
        buf_done(&out);
    }
}

static void prints_texts_and_lists_as_yaml(void **state)
{
    char text[] = "a\"b\\c\n\x7f\xc3\xb6";
    char word[] = "w";
    char *slot = text;
    struct option_strings words = {2, {word, text}};
    struct option_ports ports = {.count = 2, .at = {3001, OPTION_PORT_DISABLED}};
    struct option_share share = {.percent = 5};
    struct buf out = {0};

    (void)state;
    assert_ok(option_value_print(row_of("name"), &slot, &out));
    assert_ok(option_value_print(row_of("words"), &words, &out));
    assert_ok(option_value_print(row_of("tls-port"), &ports, &out));
    assert_ok(option_value_print(row_of("min-free"), &share, &out));
    test_assert_span(buf_span(&out), "\"a\\\"b\\\\c\\x0a\\x7f\xc3\xb6\""
                                     "[\"w\", \"a\\\"b\\\\c\\x0a\\x7f\xc3\xb6\"][3001, off]5%");
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_value),
        cmocka_unit_test(refuses_what_is_out_of_bounds),
        cmocka_unit_test(refuses_texts_with_nul),
        cmocka_unit_test(parses_the_edges),
        cmocka_unit_test(says_what_is_allowed),
        cmocka_unit_test(prints_the_shortest_exact_number),
        cmocka_unit_test(prints_texts_and_lists_as_yaml),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON written by codecs: every kind of value, and what happens when a sender wants too much. */
#include "base/limits.h"
#include "codec/codec_put.h"
#include "codec/codec_put_double.h"
#include "codec/codec_put_time.h"
#include "tests/support/test.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    return arena_init(&arena, MIB) == ERR_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct codec_put fresh(size_t budget)
{
    struct codec_put p;

    arena_reset(&arena);
    codec_put_init(&p, &arena, budget);
    return p;
}

static void assert_text(const struct codec_put *p, const char *want)
{
    assert_int_equal(codec_put_reason(p), REASON_NONE);
    test_assert_span(codec_put_since(p, p->begin), want);
}

static void test_values_separate_themselves(void **state)
{
    struct codec_put p = fresh(KIB);

    (void)state;
    codec_put_open(&p, '{');
    codec_put_name(&p, text_of(SPAN_LIT("a"), TEXT_CLEAN));
    codec_put_open(&p, '[');
    codec_put_int(&p, INT64_MIN);
    codec_put_uint(&p, UINT64_MAX);
    codec_put_int_quoted(&p, -1);
    codec_put_uint_quoted(&p, 0);
    codec_put_open(&p, '[');
    codec_put_close(&p, ']');
    codec_put_open(&p, '{');
    codec_put_close(&p, '}');
    codec_put_close(&p, ']');
    codec_put_name_bytes(&p, SPAN_LIT("b\n"));
    codec_put_word(&p, SPAN_LIT("null"));
    codec_put_name(&p, text_of(SPAN_LIT("c\\u0041"), TEXT_JSON));
    codec_put_quoted(&p, SPAN_LIT("x"));
    codec_put_close(&p, '}');
    assert_text(&p, "{\"a\":[-9223372036854775808,18446744073709551615,\"-1\",\"0\",[],{}],"
                    "\"b\\n\":null,\"cA\":\"x\"}");
}

static void test_strings_are_escaped(void **state)
{
    static const struct {
        const char *bytes;
        const char *want;
    } rows[] = {
        {"", "\"\""},
        {"plain text that is longer than one vector",
         "\"plain text that is longer than one vector\""},
        {"a\"b\\c", "\"a\\\"b\\\\c\""},
        {"\b\t\n\f\r\x01\x1f\x7f", "\"\\b\\t\\n\\f\\r\\u0001\\u001f\\u007f\""},
        {"caf\xc3\xa9 \xf0\x9f\x8c\xb2", "\"caf\xc3\xa9 \xf0\x9f\x8c\xb2\""},
        {"\xc2\x85\xe2\x80\xa8\xe2\x80\xa9\xc2\xa0", "\"\\u0085\\u2028\\u2029\xc2\xa0\""},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        struct codec_put p = fresh(KIB);
        codec_put_string(&p, span_of_str(rows[i].bytes));
        assert_text(&p, rows[i].want);
    }
}

static void test_no_utf8_stays_the_reason(void **state)
{
    static const char *const bad[] = {"\x80",     "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                      "\xe2\x80", "text\xff"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        struct codec_put p = fresh(KIB);
        codec_put_string(&p, span_of_str(bad[i]));
        codec_put_int(&p, 1);
        codec_put_fail(&p, REASON_BAD_AVRO, "too late");
        assert_int_equal(codec_put_reason(&p), REASON_BAD_UTF8);
        assert_string_equal(p.detail, "a string is no UTF-8");
    }
}

/* Whatever the budget, nothing is written beyond it. */
static void test_budget_holds(void **state)
{
    (void)state;
    for (size_t budget = 0; budget < 200; budget++) {
        struct codec_put p = fresh(budget);
        codec_put_open(&p, '[');
        codec_put_string(&p, SPAN_LIT("\x01 \xc3\xa9 text"));
        codec_put_base64(&p, SPAN_LIT("0123456789"));
        codec_put_double(&p, 1.5e300);
        codec_put_time(&p, (struct codec_put_time){0, 0, 9}, CODEC_PUT_TIME_UTC);
        codec_put_close(&p, ']');
        assert_true((size_t)(p.at - p.begin) <= budget);
        assert_int_equal(codec_put_reason(&p), budget < 117 ? REASON_TOO_LARGE : REASON_NONE);
    }
    struct codec_put p = fresh(10);
    codec_put_charge(&p, 10);
    assert_int_equal(codec_put_reason(&p), REASON_NONE);
    codec_put_charge(&p, 1);
    assert_int_equal(codec_put_reason(&p), REASON_TOO_LARGE);
}

static void test_seal_gives_back(void **state)
{
    struct codec_put p = fresh(64 * KIB);

    (void)state;
    const char *mark = codec_put_mark(&p);
    codec_put_int(&p, 12);
    struct span first = codec_put_since(&p, mark);
    mark = codec_put_mark(&p);
    codec_put_int(&p, 34);
    struct span second = codec_put_since(&p, mark);
    codec_put_seal(&p, &arena);
    test_assert_span(first, "12");
    test_assert_span(second, "34");
    assert_int_equal(arena.used, 16);
}

static void test_base64(void **state)
{
    static const char *const want[] = {"\"\"", "\"AA==\"", "\"AP8=\"", "\"AP8Q\"", "\"AP8Q/g==\""};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(want); i++) {
        struct codec_put p = fresh(KIB);
        codec_put_base64(&p, span_of("\x00\xff\x10\xfe", i));
        assert_text(&p, want[i]);
    }
}

static void test_doubles(void **state)
{
    static const struct {
        double number;
        const char *want;
    } rows[] = {
        {0, "0"},
        {-0.0, "-0.0"},
        {1, "1"},
        {-1, "-1"},
        {0.1, "0.1"},
        {-0.05, "-0.05"},
        {12.75, "12.75"},
        {0.000001, "0.000001"},
        {1e-7, "1e-7"},
        {3.141592653589793, "3.141592653589793"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1e15, "1000000000000000"},
        {999999999999999, "999999999999999"},
        {1e300, "1e+300"},
        {5e-324, "5e-324"},
        {DBL_MAX, "1.7976931348623157e+308"},
        {(double)NAN, "\"NaN\""},
        {(double)INFINITY, "\"Infinity\""},
        {(double)-INFINITY, "\"-Infinity\""},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        struct codec_put p = fresh(KIB);
        codec_put_double(&p, rows[i].number);
        assert_text(&p, rows[i].want);
    }
}

static void test_floats(void **state)
{
    static const struct {
        float number;
        const char *want;
    } rows[] = {
        {0.1f, "0.1"},
        {16777216.0f, "16777216"},
        {0.25f, "0.25"},
        {3.1415927f, "3.1415927"},
        {FLT_MAX, "3.4028235e+38"},
        {1e-45f, "1e-45"},
        {-0.0f, "-0.0"},
        {1.1f, "1.1"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        struct codec_put p = fresh(KIB);
        codec_put_double_float(&p, rows[i].number);
        assert_text(&p, rows[i].want);
    }
}

static uint64_t next_bits(uint64_t bits)
{
    bits ^= bits << 13;
    bits ^= bits >> 7;
    return bits ^ bits << 17;
}

/* Digits without zeros in front and behind. */
static int significant(const char *text)
{
    int count = 0;
    int zeros = 0;

    for (const char *c = text; *c != '\0' && *c != 'e'; c++) {
        if (*c == '0') {
            zeros += count > 0 ? 1 : 0;
        } else if (*c >= '1' && *c <= '9') {
            count += zeros + 1;
            zeros = 0;
        }
    }
    return count;
}

/* Any bit pattern comes back, and hardly any has a digit more than it needs. */
static void test_doubles_round_trip(void **state)
{
    const unsigned rounds = 50000;
    uint64_t bits = 88172645463325252ull;
    unsigned longer = 0;

    (void)state;
    for (unsigned i = 0; i < rounds; i++) {
        char text[64] = "";
        char shortest[64] = "";
        double number = 0;
        struct codec_put p = fresh(KIB);

        bits = next_bits(bits);
        memcpy(&number, &bits, sizeof(number));
        number = i % 3 == 0 ? number : i % 3 == 1 ? (double)(int64_t)bits / 1e12 : number * 1e-300;
        if (isnan(number) || isinf(number)) {
            continue;
        }
        codec_put_double(&p, number);
        memcpy(text, p.begin, (size_t)(p.at - p.begin));
        assert_true(strtod(text, NULL) == number);
        int digits = 1;
        for (; digits <= 17 && strtod(shortest, NULL) != number; digits++) {
            snprintf(shortest, sizeof(shortest), "%.*e", digits - 1, number);
        }
        longer += significant(text) > digits - 1 ? 1 : 0;
    }
    assert_true(longer < rounds / 500);
}

static void test_floats_round_trip(void **state)
{
    uint64_t bits = 88172645463325252ull;

    (void)state;
    for (unsigned i = 0; i < 50000; i++) {
        char text[64] = "";
        float number = 0;
        struct codec_put p = fresh(KIB);

        bits = next_bits(bits);
        memcpy(&number, &bits, sizeof(number));
        if (isnan(number) || isinf(number)) {
            continue;
        }
        codec_put_double_float(&p, number);
        memcpy(text, p.begin, (size_t)(p.at - p.begin));
        assert_true(strtof(text, NULL) == number);
        assert_true((float)strtod(text, NULL) == number);
    }
}

static void test_times(void **state)
{
    static const struct {
        struct codec_put_time time;
        const char *want;
    } rows[] = {
        {{0, 0, 0}, "\"1970-01-01T00:00:00Z\""},
        {{1795234305, 123456789, 3}, "\"2026-11-21T04:11:45.123Z\""},
        {{1795234305, 123456789, 9}, "\"2026-11-21T04:11:45.123456789Z\""},
        {{-1, 999000000, 6}, "\"1969-12-31T23:59:59.999000Z\""},
        {{CODEC_PUT_TIME_MIN, 0, 0}, "\"0000-01-01T00:00:00Z\""},
        {{CODEC_PUT_TIME_MAX, 0, 0}, "\"9999-12-31T23:59:59Z\""},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        struct codec_put p = fresh(KIB);
        codec_put_time(&p, rows[i].time, CODEC_PUT_TIME_UTC);
        assert_text(&p, rows[i].want);
    }
    struct codec_put p = fresh(KIB);
    codec_put_open(&p, '[');
    codec_put_time(&p, (struct codec_put_time){86399, 1000000, 3}, CODEC_PUT_TIME_LOCAL);
    codec_put_time_date(&p, -719528);
    codec_put_time_date(&p, 20778);
    codec_put_time_of_day(&p, (struct codec_put_time){86399, 5000, 6});
    codec_put_close(&p, ']');
    assert_text(&p, "[\"1970-01-01T23:59:59.001\",\"0000-01-01\",\"2026-11-21\","
                    "\"23:59:59.000005\"]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_separate_themselves),
        cmocka_unit_test(test_strings_are_escaped),
        cmocka_unit_test(test_no_utf8_stays_the_reason),
        cmocka_unit_test(test_budget_holds),
        cmocka_unit_test(test_seal_gives_back),
        cmocka_unit_test(test_base64),
        cmocka_unit_test(test_doubles),
        cmocka_unit_test(test_floats),
        cmocka_unit_test(test_doubles_round_trip),
        cmocka_unit_test(test_floats_round_trip),
        cmocka_unit_test(test_times),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Time stamps: what is refused, what is accepted, and that parsing inverts formatting. */
#include "base/limits.h"
#include "base/rfc3339.h"
#include "tests/support/test.h"

#include <time.h>

static void refuses_what_is_no_date_time(void **state)
{
    static const char *const bad[] = {
        "",
        "2026",
        "2026-11-21",
        "2026-11-21T04:11:45",
        "2026-11-21 04:11:45Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:60Z",
        "2026-12-31T22:59:60-00:30",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00+01",
        "2026-01-01T00:00:00ZZ",
        "2026-01-01T00:00:00.5",
        "+026-01-01T00:00:00Z",
        "2026-01-01T00:00:00,5Z",
        "2026-01-01T0:00:000Z",
        "2026-01-01T00:00:00+1:000",
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        uint64_t ns = 0;
        assert_false(rfc3339_valid(span_of_str(bad[i])));
        assert_err(rfc3339_parse(span_of_str(bad[i]), &ns), ERR_SYNTAX);
    }
}

static void parses_offsets_fractions_and_leap_seconds(void **state)
{
    static const struct {
        const char *text;
        uint64_t ns;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01t00:00:00.000000001z", 1},
        {"1970-01-01T01:30:00+01:30", 0},
        {"1969-12-31T23:00:00-01:00", 0},
        {"2000-02-29T12:00:00Z", 951825600ull * NS_PER_S},
        {"2016-12-31T23:59:60Z", 1483228800ull * NS_PER_S},
        {"2017-01-01T00:59:60.5+01:00", 1483228800ull * NS_PER_S + NS_PER_S / 2},
        {"2026-11-21T04:11:45.1234567899Z", 1795234305ull * NS_PER_S + 123456789},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(good); i++) {
        uint64_t ns = 1;
        assert_ok(rfc3339_parse(span_of_str(good[i].text), &ns));
        assert_int_equal(ns, good[i].ns);
    }
}

/* There is a short way for the usual texts; the long one, which parsing takes, must agree. */
static void judges_as_it_parses(void **state)
{
    static const char *const texts[] = {"2026-11-21T04:11:45Z", "2024-02-28T23:59:59.1234567Z",
                                        "2026-01-31T00:00:00.5Z", "2026-02-29T23:59:60Z"};
    char text[40];

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(texts); i++) {
        size_t len = strlen(texts[i]);
        for (size_t at = 0; at < len; at++) {
            for (unsigned c = 0; c < 256; c++) {
                uint64_t ns = 0;
                memcpy(text, texts[i], len);
                text[at] = (char)c;
                bool parsed = rfc3339_parse(span_of(text, len), &ns) != ERR_SYNTAX;
                assert_int_equal(rfc3339_valid(span_of(text, len)), parsed);
            }
        }
        for (size_t shorter = 0; shorter < len; shorter++) {
            uint64_t ns = 0;
            struct span s = span_of(texts[i], shorter);
            assert_int_equal(rfc3339_valid(s), rfc3339_parse(s, &ns) != ERR_SYNTAX);
        }
    }
}

static void refuses_moments_outside_its_range(void **state)
{
    uint64_t ns = 0;

    (void)state;
    assert_err(rfc3339_parse(SPAN_LIT("1969-12-31T23:59:59Z"), &ns), ERR_LIMIT);
    assert_err(rfc3339_parse(SPAN_LIT("2262-01-01T00:00:00Z"), &ns), ERR_LIMIT);
}

/* The C library's calendar is the independent witness. */
static void formats_like_the_c_library(void **state)
{
    (void)state;
    for (uint64_t s = 0; s < 9000000000ull; s += 86399 * 37) {
        char want[64];
        char got[RFC3339_BYTES_MAX + 1];
        time_t t = (time_t)s;
        struct tm tm;
        assert_non_null(gmtime_r(&t, &tm));
        assert_true(strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%SZ", &tm) > 0);
        got[rfc3339_format(s * NS_PER_S, 0, got)] = '\0';
        assert_string_equal(got, want);
        uint64_t back = 0;
        assert_ok(rfc3339_parse(span_of_str(got), &back));
        assert_int_equal(back, s * NS_PER_S);
    }
}

static void formats_fractions(void **state)
{
    char out[RFC3339_BYTES_MAX];

    (void)state;
    test_assert_span(span_of(out, rfc3339_format(1234567891, 3, out)), "1970-01-01T00:00:01.234Z");
    test_assert_span(span_of(out, rfc3339_format(1234567891, 9, out)),
                     "1970-01-01T00:00:01.234567891Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_date_time),
        cmocka_unit_test(parses_offsets_fractions_and_leap_seconds),
        cmocka_unit_test(judges_as_it_parses),
        cmocka_unit_test(refuses_moments_outside_its_range),
        cmocka_unit_test(formats_like_the_c_library),
        cmocka_unit_test(formats_fractions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Times of syslog messages, and the year that they do not tell. */
#include "codec/codec_syslog_time.h"

#include "tests/support/raw_rows.h"

#include <stdio.h>

static void other_forms_are_put_right(void **state)
{
    (void)state;
    raw_rows_check_file("rfc3164_times.txt", FORMAT_SYSLOG);
}

static void what_is_none_is_part_of_the_message(void **state)
{
    (void)state;
    raw_rows_check_file("rfc3164_times_not.txt", FORMAT_SYSLOG);
}

/* The time that `text` means to a batch received at `received`. */
static void check_year(const char *text, const char *received, const char *want)
{
    char in[128] = {0};
    struct batch b;
    struct codec_syslog_parts parts = {0};
    uint64_t received_ns = 0;

    assert_ok(rfc3339_parse(span_of_str(received), &received_ns));
    assert_ok(batch_init(&b, 4096));
    batch_reset(&b, received_ns);
    memcpy(in, text, strlen(text));
    struct codec_syslog_cursor c = {in, in + strlen(text), true};
    assert_true(codec_syslog_time_bsd(&c, &b, &parts));
    assert_ptr_equal(c.at, c.end);
    test_assert_span(text_span(parts.timestamp), want);
    assert_int_equal(parts.time_source, TIME_ASSUMED_YEAR);
    batch_done(&b);
}

static void the_year_is_the_one_that_is_nearest(void **state)
{
    (void)state;
    check_year("Dec 31 23:59:59", "2027-01-01T00:00:01Z", "2026-12-31T23:59:59Z");
    check_year("Jan  1 00:00:01", "2026-12-31T23:59:59Z", "2027-01-01T00:00:01Z");
    check_year("Jan  1 00:00:01", "2026-01-01T00:00:01Z", "2026-01-01T00:00:01Z");
    check_year("Aug 31 12:00:00", "2026-03-01T12:00:00Z", "2025-08-31T12:00:00Z");
    check_year("Aug 30 12:00:00", "2026-03-01T12:00:00Z", "2026-08-30T12:00:00Z");
    check_year("Jul  1 00:00:00", "2026-12-31T00:00:00Z", "2027-07-01T00:00:00Z");
    check_year("Jul  3 00:00:00", "2026-12-31T00:00:00Z", "2026-07-03T00:00:00Z");
    check_year("Jan 31 00:00:00", "2026-03-01T00:00:00Z", "2026-01-31T00:00:00Z");
}

static void a_leap_day_has_the_nearest_leap_year(void **state)
{
    (void)state;
    check_year("Feb 29 12:00:00", "2028-02-29T12:00:00Z", "2028-02-29T12:00:00Z");
    check_year("Feb 29 12:00:00", "2027-01-15T12:00:00Z", "2028-02-29T12:00:00Z");
    check_year("Feb 29 12:00:00", "2025-03-01T12:00:00Z", "2024-02-29T12:00:00Z");
    check_year("Feb 29 12:00:00", "2099-01-01T12:00:00Z", "2096-02-29T12:00:00Z");
    check_year("Feb 29 12:00:00", "2101-01-01T12:00:00Z", "2104-02-29T12:00:00Z");
}

/* What stands at its usual place is copied, everything else is taken apart: both say the same, and
 * both are right for every clock that there is. */
static void every_clock_is_taken_at_its_usual_place(void **state)
{
    struct batch b;

    (void)state;
    assert_ok(batch_init(&b, 4096));
    for (unsigned i = 0; i < 100 * 100 * 100; i += i % 10000 < 100 ? 1 : 97) {
        char in[128] = {0};
        char want[64];
        struct codec_syslog_parts parts = {0};
        unsigned hour = i / 10000;
        unsigned minute = i / 100 % 100;
        unsigned second = i % 100;
        batch_reset(&b, 1795234305ull * NS_PER_S); /* 2026-11-21 */
        snprintf(in, sizeof(in), "Nov 21 %02u:%02u:%02u host", hour, minute, second);
        struct codec_syslog_cursor c = {in, in + strlen(in), true};
        bool real = hour < 24 && minute < 60 && (second < 60 || (i == 235960));
        assert_int_equal(codec_syslog_time_bsd(&c, &b, &parts), real);
        if (real) {
            snprintf(want, sizeof(want), "2026-11-21T%.8sZ", in + 7);
            test_assert_span(text_span(parts.timestamp), want);
            assert_string_equal(c.at, " host");
        }
    }
    batch_done(&b);
}

/* An offset moves the moment: 23:30 at -01:00 is the next year in UTC. */
static void an_offset_counts_for_the_nearest_year(void **state)
{
    (void)state;
    check_year("Dec 31 23:30:00 -0100", "2027-01-01T00:30:00Z", "2026-12-31T23:30:00-01:00");
    check_year("Jul  2 00:00:00 +0100", "2026-12-31T11:30:00Z", "2027-07-02T00:00:00+01:00");
    check_year("Jul  2 00:00:00 -0100", "2026-12-31T12:30:00Z", "2026-07-02T00:00:00-01:00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_forms_are_put_right),
        cmocka_unit_test(what_is_none_is_part_of_the_message),
        cmocka_unit_test(every_clock_is_taken_at_its_usual_place),
        cmocka_unit_test(the_year_is_the_one_that_is_nearest),
        cmocka_unit_test(a_leap_day_has_the_nearest_leap_year),
        cmocka_unit_test(an_offset_counts_for_the_nearest_year),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

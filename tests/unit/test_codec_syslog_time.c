/* SPDX-License-Identifier: Apache-2.0
 *
 * Times of syslog messages, and the year that they do not tell. */
#include "codec/codec_syslog_time.h"

#include "codec/codec_raw.h"
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

/* The time that a whole message means to a receiver whose senders are in this zone. */
static void check_zone(const char *name, const char *line, const char *received, const char *want)
{
    static struct zone zone;
    const struct codec_env env = {.zone = &zone};
    char in[256] = {0};
    struct batch b;
    struct record rec;
    const char *detail = NULL;
    uint64_t received_ns = 0;

    assert_ok(zone_load(span_of_str(name), &zone));
    assert_ok(rfc3339_parse(span_of_str(received), &received_ns));
    assert_ok(batch_init(&b, 4096));
    batch_reset(&b, received_ns);
    memcpy(in, line, strlen(line));
    assert_int_equal(codec_raw_line(&env, span_of(in, strlen(line)), &b, &rec, &detail),
                     REASON_NONE);
    test_assert_span(text_span(rec.timestamp), want);
    assert_true(rfc3339_valid(text_span(rec.timestamp)));
    batch_done(&b);
}

static void a_time_without_a_zone_gets_the_configured_one(void **state)
{
    const char *berlin = "Europe/Berlin";
    const char *now = "2026-07-02T10:00:00Z";

    (void)state;
    check_zone(berlin, "<13>Jul  2 12:00:00 h a: m", now, "2026-07-02T12:00:00+02:00");
    check_zone(berlin, "<13>Jan  2 12:00:00 h a: m", now, "2026-01-02T12:00:00+01:00");
    check_zone(berlin, "<13>Jul  2 12:00:00.5 H a: m", now, "2026-07-02T12:00:00.5+02:00");
    check_zone(berlin, "<13>Jul  2 2026 12:00:00 h a: m", now, "2026-07-02T12:00:00+02:00");
    check_zone(berlin, "<13>Jul  2 12:00:00 XYZ: %A-1-B: m", now, "2026-07-02T12:00:00+02:00");
    check_zone(berlin, "<13>2026-07-02T12:00:00.25 h a: m", now, "2026-07-02T12:00:00.25+02:00");
    check_zone(berlin, "<13>2026-07-02 12:00:00 h a: m", now, "2026-07-02T12:00:00+02:00");
    check_zone(berlin, "<13>1 2026-07-02T12:00:00 h a - - - m", now, "2026-07-02T12:00:00+02:00");
    check_zone(berlin, "<13>2026:07:02-12:00:00 h a: m", now, "2026-07-02T12:00:00+02:00");
    check_zone("America/St_Johns", "<13>Jul  2 12:00:00 h a: m", now, "2026-07-02T12:00:00-02:30");
    check_zone("+05:45", "<13>Jul  2 12:00:00 h a: m", now, "2026-07-02T12:00:00+05:45");
}

/* What is a leap second of UTC only: the time is none, and none is made of it. */
static void a_leap_second_of_no_zone_is_no_time(void **state)
{
    const char *now = "2016-12-31T23:00:00Z";

    (void)state;
    check_zone("UTC", "<13>2016-12-31 23:59:60 h a: m", now, "2016-12-31T23:59:60Z");
    check_zone("+01:00", "<13>2016-12-31 23:59:60 h a: m", now, "2016-12-31T23:00:00.000000Z");
    check_zone("+01:00", "<13>2016:12:31-23:59:60 h a: m", now, "2016-12-31T23:00:00.000000Z");
    check_zone("+01:00", "<13>1 2016-12-31T23:59:60 h a - - - m", now,
               "2016-12-31T23:00:00.000000Z");
}

static void a_zone_that_was_sent_stays(void **state)
{
    const char *berlin = "Europe/Berlin";
    const char *now = "2026-07-02T10:00:00Z";

    (void)state;
    check_zone(berlin, "<13>Jul  2 12:00:00 UTC h a: m", now, "2026-07-02T12:00:00Z");
    check_zone(berlin, "<13>Jul  2 12:00:00 EST: %A-1-B: m", now, "2026-07-02T12:00:00-05:00");
    check_zone(berlin, "<13>2026-07-02T12:00:00Z h a: m", now, "2026-07-02T12:00:00Z");
    check_zone(berlin, "<13>1 2026-07-02T12:00:00-07:00 h a - - - m", now,
               "2026-07-02T12:00:00-07:00");
    check_zone(berlin, "<13>m", now, "2026-07-02T10:00:00.000000Z");
}

static void the_zone_counts_for_the_nearest_year_and_hour(void **state)
{
    (void)state;
    /* In Auckland it is next year already. */
    check_zone("Pacific/Auckland", "<13>Jan  1 01:00:00 h a: m", "2026-12-31T12:00:01Z",
               "2027-01-01T01:00:00+13:00");
    check_zone("America/New_York", "<13>Dec 31 23:59:59 h a: m", "2027-01-01T05:00:00Z",
               "2026-12-31T23:59:59-05:00");
    check_zone("Pacific/Auckland", "<13>Feb 29 12:00:00 h a: m", "2028-02-28T23:00:00Z",
               "2028-02-29T12:00:00+13:00");
    /* 02:30 comes twice on 25 October and never on 29 March. */
    check_zone("Europe/Berlin", "<13>Oct 25 02:30:00 h a: m", "2026-10-25T00:30:00Z",
               "2026-10-25T02:30:00+02:00");
    check_zone("Europe/Berlin", "<13>Oct 25 02:30:00 h a: m", "2026-10-25T01:30:00Z",
               "2026-10-25T02:30:00+01:00");
    check_zone("Europe/Berlin", "<13>Mar 29 02:30:00 h a: m", "2026-03-29T01:30:00Z",
               "2026-03-29T02:30:00+01:00");
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
        cmocka_unit_test(a_time_without_a_zone_gets_the_configured_one),
        cmocka_unit_test(a_leap_second_of_no_zone_is_no_time),
        cmocka_unit_test(a_zone_that_was_sent_stays),
        cmocka_unit_test(the_zone_counts_for_the_nearest_year_and_hour),
        cmocka_unit_test(an_offset_counts_for_the_nearest_year),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

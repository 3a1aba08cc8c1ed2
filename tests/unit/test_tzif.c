/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of time zones: what is none, and what the rule in the footer means. */
#include "base/tzif.h"

#include "base/buf.h"
#include "base/rfc3339.h"
#include "tests/support/test.h"

#define HOUR 3600

static struct tzif zone;

static void put_be32(struct buf *b, uint32_t value)
{
    const char bytes[4] = {(char)(value >> 24), (char)(value >> 16), (char)(value >> 8),
                           (char)value};

    assert_ok(buf_append(b, span_of(bytes, sizeof(bytes))));
}

static void put_header(struct buf *b, char version, uint32_t times, uint32_t types, uint32_t chars)
{
    const char zeros[15] = {0};

    assert_ok(buf_append(b, SPAN_LIT("TZif")));
    assert_ok(buf_append(b, span_of(&version, 1)));
    assert_ok(buf_append(b, span_of(zeros, sizeof(zeros))));
    for (int i = 0; i < 3; i++) {
        put_be32(b, 0); /* isut, isstd, leap */
    }
    put_be32(b, times);
    put_be32(b, types);
    put_be32(b, chars);
}

static void put_type(struct buf *b, int32_t offset)
{
    put_be32(b, (uint32_t)offset);
    assert_ok(buf_append(b, span_of("\0\0", 2)));
}

/* Version 2: an empty first block, then two types and one change to the second at `at`. */
static void put_file(struct buf *b, int64_t at, int32_t second, const char *footer)
{
    b->len = 0;
    put_header(b, '2', 0, 1, 0);
    put_type(b, 0);
    put_header(b, '2', 1, 2, 0);
    put_be32(b, (uint32_t)((uint64_t)at >> 32));
    put_be32(b, (uint32_t)at);
    assert_ok(buf_append(b, span_of("\1", 1)));
    put_type(b, 0);
    put_type(b, second);
    assert_ok(buf_append(b, span_of_str(footer)));
}

static void a_file_is_read(void **state)
{
    struct buf b = {0};

    (void)state;
    put_file(&b, 1000, HOUR, "\n\n");
    assert_ok(tzif_read(buf_span(&b), &zone));
    assert_int_equal(zone.count, 2);
    assert_int_equal(zone.changes[0].at, INT64_MIN);
    assert_int_equal(zone.changes[0].offset, 0);
    assert_int_equal(zone.changes[1].at, 1000);
    assert_int_equal(zone.changes[1].offset, HOUR);
    put_file(&b, 1000, HOUR, "\nCET-1CEST,M3.5.0,M10.5.0/3\n");
    assert_ok(tzif_read(buf_span(&b), &zone));
    assert_int_equal(zone.count, 2 + 2 * (TZIF_YEAR_MAX - 1970 + 1));

    b.len = 0; /* version 1: 32 bits, no footer */
    put_header(&b, '\0', 1, 1, 0);
    put_be32(&b, (uint32_t)-5);
    assert_ok(buf_append(&b, span_of("\0", 1)));
    put_type(&b, -HOUR);
    assert_ok(tzif_read(buf_span(&b), &zone));
    assert_int_equal(zone.count, 1);
    assert_int_equal(zone.changes[0].offset, -HOUR);
    buf_done(&b);
}

static void what_breaks_off_is_no_file(void **state)
{
    struct buf b = {0};

    (void)state;
    put_file(&b, 1000, HOUR, "\nUTC0\n");
    for (size_t len = 0; len < b.len; len++) {
        assert_int_equal(tzif_read(span_of(b.at, len), &zone), ERR_SYNTAX);
    }
    assert_ok(tzif_read(buf_span(&b), &zone));
    buf_done(&b);
}

static void what_contradicts_itself_is_no_file(void **state)
{
    struct buf b = {0};

    (void)state;
    put_file(&b, INT64_MIN, HOUR, "\n\n"); /* a change before the beginning */
    assert_int_equal(tzif_read(buf_span(&b), &zone), ERR_SYNTAX);
    put_file(&b, 0, TZIF_OFFSET_MAX, "\n\n");
    assert_int_equal(tzif_read(buf_span(&b), &zone), ERR_SYNTAX);
    put_file(&b, 0, -TZIF_OFFSET_MAX, "\n\n");
    assert_int_equal(tzif_read(buf_span(&b), &zone), ERR_SYNTAX);
    b.len = 0; /* more changes than any zone has */
    put_header(&b, '\0', UINT32_MAX, 1, 0);
    assert_int_equal(tzif_read(buf_span(&b), &zone), ERR_SYNTAX);
    b.len = 0; /* no type */
    put_header(&b, '\0', 0, 0, 0);
    assert_int_equal(tzif_read(buf_span(&b), &zone), ERR_SYNTAX);
    b.len = 0; /* a type that is not there */
    put_header(&b, '\0', 1, 1, 0);
    put_be32(&b, 0);
    assert_ok(buf_append(&b, span_of("\1", 1)));
    put_type(&b, 0);
    assert_int_equal(tzif_read(buf_span(&b), &zone), ERR_SYNTAX);
    b.len = 0;
    assert_ok(buf_append(&b, SPAN_LIT("TZjf0000000000000000000000000000000000000000000000")));
    assert_int_equal(tzif_read(buf_span(&b), &zone), ERR_SYNTAX);
    buf_done(&b);
}

static void more_changes_than_there_is_room_for_are_refused(void **state)
{
    const uint32_t count = TZIF_CHANGES_MAX + 1;
    struct buf b = {0};

    (void)state;
    put_header(&b, '\0', count, 2, 0);
    for (uint32_t i = 0; i < count; i++) {
        put_be32(&b, i);
    }
    for (uint32_t i = 0; i < count; i++) {
        assert_ok(buf_append(&b, span_of(i % 2 == 0 ? "\1" : "\0", 1)));
    }
    put_type(&b, 0);
    put_type(&b, HOUR);
    assert_int_equal(tzif_read(buf_span(&b), &zone), ERR_LIMIT);
    buf_done(&b);
}

static void rules_that_are_none_are_refused(void **state)
{
    static const char *const rules[] = {
        "C-1",
        "CET",
        "CET-",
        "CET-25",
        "CET-1:60",
        "<CET-1",
        "CET-1CEST",
        "CET-1CEST,M3.5.0",
        "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M0.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.0.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,M3-5.0,M10.5.0",
        "CET-1CEST,J0,J300",
        "CET-1CEST,J366,J300",
        "CET-1CEST,366,300",
        "CET-1CEST,M3.5.0/168,M10.5.0",
        "CET-1CEST,M3.5.0,M10.5.0,",
        "CET-1CEST25,M3.5.0,M10.5.0",
        "CET-99999999999999999999",
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rules); i++) {
        zone.count = 1;
        zone.changes[0] = (struct tzif_change){INT64_MIN, 0};
        assert_int_equal(tzif_apply_rule(span_of_str(rules[i]), &zone), ERR_SYNTAX);
    }
}

/* The first two changes after the beginning of this year. */
static void check_rule(const char *rule, const char *first, int32_t first_offset,
                       const char *second, int32_t second_offset)
{
    uint64_t at[2];

    zone.count = 2;
    zone.changes[0] = (struct tzif_change){INT64_MIN, 1};
    zone.changes[1] = (struct tzif_change){rfc3339_days_from_date(2026, 1, 1) * 86400 - 1, 2};
    assert_ok(tzif_apply_rule(span_of_str(rule), &zone));
    assert_ok(rfc3339_parse(span_of_str(first), &at[0]));
    assert_ok(rfc3339_parse(span_of_str(second), &at[1]));
    assert_int_equal(zone.changes[2].at, at[0] / 1000000000u);
    assert_int_equal(zone.changes[2].offset, first_offset);
    assert_int_equal(zone.changes[3].at, at[1] / 1000000000u);
    assert_int_equal(zone.changes[3].offset, second_offset);
}

static void rules_say_when_the_clock_is_put(void **state)
{
    (void)state;
    check_rule("CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00:00Z", 2 * HOUR,
               "2026-10-25T01:00:00Z", HOUR);
    check_rule("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z", -4 * HOUR, "2026-11-01T06:00:00Z",
               -5 * HOUR);
    /* the southern half of the world */
    check_rule("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-04-04T16:00:00Z", 10 * HOUR,
               "2026-10-03T16:00:00Z", 11 * HOUR);
    /* Ireland: its summer time is the standard */
    check_rule("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-03-29T01:00:00Z", HOUR, "2026-10-25T01:00:00Z",
               0);
    /* half an hour, and names in brackets */
    check_rule("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2026-04-04T15:00:00Z", 37800,
               "2026-10-03T15:30:00Z", 11 * HOUR);
    /* days of the year, and hours before midnight */
    check_rule("AAA0BBB,J60/0,300/-1", "2026-03-01T00:00:00Z", HOUR, "2026-10-27T22:00:00Z", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read),
        cmocka_unit_test(what_breaks_off_is_no_file),
        cmocka_unit_test(what_contradicts_itself_is_no_file),
        cmocka_unit_test(more_changes_than_there_is_room_for_are_refused),
        cmocka_unit_test(rules_that_are_none_are_refused),
        cmocka_unit_test(rules_say_when_the_clock_is_put),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

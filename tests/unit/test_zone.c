/* SPDX-License-Identifier: Apache-2.0
 *
 * Zones by name, against the C library's own reading of the same files; gaps and overlaps. */
#include "base/zone.h"

#include "base/limits.h"
#include "base/rfc3339.h"
#include "tests/support/test.h"

#include <stdlib.h>
#include <time.h>

#define HOUR 3600

static struct zone zone;

static void names_that_cannot_be_are_refused(void **state)
{
    static const char *const names[] = {
        "",
        "/etc/passwd",
        "../passwd",
        "Europe//Berlin",
        "Europe/",
        "Europe/Berlin/..",
        "+1",
        "+24:00",
        "+01:60",
        "+0a:00",
        "-01-00",
        "+01:000",
        "a b",
        "\xc3\xa4",
        "Europe\\x",
        "+",
        "-",
        "+01:",
        "01234567890123456789012345678901234567890123456789012345678901234",
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        assert_int_equal(zone_load(span_of_str(names[i]), &zone), ERR_SYNTAX);
    }
}

static void zones_that_do_not_exist_are_unknown(void **state)
{
    (void)state;
    assert_int_equal(zone_load(SPAN_LIT("Mars/Phobos"), &zone), ERR_UNKNOWN);
    assert_int_equal(zone_load(SPAN_LIT("Europe/Berlin/Mitte"), &zone), ERR_UNKNOWN);
    assert_int_equal(zone_load(SPAN_LIT("zone1970"), &zone), ERR_UNKNOWN);
}

static void files_that_are_none_are_said_so(void **state)
{
    (void)state;
    assert_int_equal(zone_load(SPAN_LIT("Europe"), &zone), ERR_IO);
    assert_int_equal(setenv("TZDIR", "/etc", 1), 0);
    assert_string_equal(zone_directory(), "/etc");
    assert_int_equal(zone_load(SPAN_LIT("passwd"), &zone), ERR_IO);
    assert_int_equal(setenv("TZDIR", "relative", 1), 0);
    assert_string_equal(zone_directory(), ZONE_DIRECTORY);
    assert_int_equal(unsetenv("TZDIR"), 0);
}

static void offsets_need_no_file(void **state)
{
    static const struct {
        const char *name;
        int32_t offset;
    } rows[] = {
        {"UTC", 0},
        {"Z", 0},
        {"+00:00", 0},
        {"+01:00", HOUR},
        {"-0330", -(3 * HOUR + 1800)},
        {"+14", 14 * HOUR},
        {"-23:59", -(23 * HOUR + 59 * 60)},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        assert_ok(zone_load(span_of_str(rows[i].name), &zone));
        assert_string_equal(zone.name, rows[i].name);
        assert_int_equal(zone_offset(&zone, 1795234305, 0), rows[i].offset);
    }
    assert_int_equal(zone_offset(zone_utc(), 1795234305, 0), 0);
}

/* From 1950 on, in steps that are no part of a day; and around each change. */
static void check_against_libc(const char *name)
{
    assert_int_equal(setenv("TZ", name, 1), 0);
    tzset();
    assert_ok(zone_load(span_of_str(name), &zone));
    for (uint32_t i = 0; i < 8000; i++) {
        int64_t at = -631152000 + (int64_t)i * (777777 + 13);
        if (i < 4 * zone.table.count && i >= 8) {
            at = zone.table.changes[i / 4].at + (int64_t)(i % 4) * 1800 - 1801;
        }
        time_t time = (time_t)at;
        struct tm tm;
        assert_non_null(localtime_r(&time, &tm));
        if (at > -631152000 && tm.tm_gmtoff % 60 == 0) {
            assert_int_equal(zone_offset(&zone, at + tm.tm_gmtoff, at), tm.tm_gmtoff);
        }
    }
}

static void zones_are_what_the_c_library_makes_of_them(void **state)
{
    static const char *const names[] = {
        "Europe/Berlin",
        "Europe/London",
        "Europe/Dublin",
        "America/New_York",
        "America/St_Johns",
        "America/Sao_Paulo",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Asia/Tokyo",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Pacific/Auckland",
        "Africa/Casablanca",
        "Antarctica/Troll",
        "Asia/Gaza",
        "Etc/GMT+5",
        "UTC",
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        check_against_libc(names[i]);
    }
    assert_int_equal(unsetenv("TZ"), 0);
    tzset();
}

static int64_t seconds(const char *time)
{
    uint64_t ns = 0;

    assert_ok(rfc3339_parse(span_of_str(time), &ns));
    return (int64_t)(ns / NS_PER_S);
}

static int32_t offset_at(const char *local, const char *now)
{
    return zone_offset(&zone, seconds(local), seconds(now));
}

static void a_time_shown_twice_is_the_one_nearer_to_now(void **state)
{
    (void)state;
    assert_ok(zone_load(SPAN_LIT("Europe/Berlin"), &zone));
    assert_int_equal(offset_at("2026-10-25T02:30:00Z", "2026-10-25T00:30:01Z"), 2 * HOUR);
    assert_int_equal(offset_at("2026-10-25T02:30:00Z", "2026-10-25T01:30:01Z"), HOUR);
    assert_int_equal(offset_at("2026-10-25T02:30:00Z", "2026-10-25T01:00:00Z"), 2 * HOUR);
    assert_int_equal(offset_at("2026-10-25T02:30:00Z", "2027-10-25T01:00:00Z"), HOUR);
    assert_int_equal(offset_at("2026-10-25T01:59:59Z", "2026-10-25T01:00:00Z"), 2 * HOUR);
    assert_int_equal(offset_at("2026-10-25T03:00:00Z", "2026-10-25T01:00:00Z"), HOUR);
}

static void a_time_never_shown_counts_by_the_offset_from_before(void **state)
{
    (void)state;
    assert_ok(zone_load(SPAN_LIT("Europe/Berlin"), &zone));
    assert_int_equal(offset_at("2026-03-29T01:59:59Z", "2026-03-29T01:00:00Z"), HOUR);
    assert_int_equal(offset_at("2026-03-29T02:30:00Z", "2026-03-29T01:00:00Z"), HOUR);
    assert_int_equal(offset_at("2026-03-29T03:00:00Z", "2026-03-29T01:00:00Z"), 2 * HOUR);
    assert_ok(zone_load(SPAN_LIT("Pacific/Apia"), &zone)); /* 30 December 2011 did not happen */
    assert_int_equal(offset_at("2011-12-30T12:00:00Z", "2011-12-31T00:00:00Z"), -10 * HOUR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_cannot_be_are_refused),
        cmocka_unit_test(zones_that_do_not_exist_are_unknown),
        cmocka_unit_test(files_that_are_none_are_said_so),
        cmocka_unit_test(offsets_need_no_file),
        cmocka_unit_test(zones_are_what_the_c_library_makes_of_them),
        cmocka_unit_test(a_time_shown_twice_is_the_one_nearer_to_now),
        cmocka_unit_test(a_time_never_shown_counts_by_the_offset_from_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

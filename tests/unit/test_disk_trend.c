/* SPDX-License-Identifier: Apache-2.0
 *
 * When the disk is full: not known yet, never, and in so many seconds. */
#include "ingestor/disk_trend.h"

#include "base/limits.h"
#include "tests/support/test.h"

static void at(struct disk_trend *t, uint64_t s, uint64_t out, uint64_t free_bytes)
{
    struct archive_stats stats = {
        .bytes_out = out, .disk_free_bytes = free_bytes, .disk_reserve_bytes = 1000};

    disk_trend_add(t, &stats, s * NS_PER_S);
}

static struct disk_forecast forecast_at(const struct disk_trend *t, uint64_t s, uint64_t out,
                                        uint64_t free_bytes)
{
    struct archive_stats stats = {
        .bytes_out = out, .disk_free_bytes = free_bytes, .disk_reserve_bytes = 1000};

    return disk_trend_forecast(t, &stats, s * NS_PER_S);
}

static void nothing_is_foretold_from_too_little(void **state)
{
    struct disk_trend t = {.count = 0};

    (void)state;
    assert_false(forecast_at(&t, 5, 0, 5000).is_filling);
    at(&t, 100, 0, 5000);
    assert_false(forecast_at(&t, 100, 0, 5000).is_filling);
    assert_false(forecast_at(&t, 110, 100, 4900).is_filling);
    assert_true(forecast_at(&t, 110, 100, 4900).bytes_out_per_s == 10);
    assert_false(forecast_at(&t, 90, 100, 4900).is_filling);
}

static void a_disk_that_does_not_fill_is_never_full(void **state)
{
    struct disk_trend t = {.count = 0};

    (void)state;
    at(&t, 100, 0, 5000);
    assert_false(forecast_at(&t, 200, 1000, 5000).is_filling);
    assert_false(forecast_at(&t, 200, 1000, 6000).is_filling);
    assert_true(forecast_at(&t, 200, 1000, 6000).bytes_out_per_s == 10);
}

static void the_reserve_is_not_room(void **state)
{
    struct disk_trend t = {.count = 0};
    struct disk_forecast f;

    (void)state;
    at(&t, 100, 0, 7000);
    f = forecast_at(&t, 200, 1000, 6000);
    assert_true(f.is_filling);
    assert_true(f.full_in_s == 500);
    f = forecast_at(&t, 200, 1000, 900);
    assert_true(f.is_filling);
    assert_true(f.full_in_s == 0);
}

static void only_the_last_minutes_count(void **state)
{
    struct disk_trend t = {.count = 0};

    (void)state;
    at(&t, 0, 0, 1000000);
    at(&t, 5, 0, 1); /* too soon after the last */
    for (uint64_t s = 10; s <= 600; s += 10) {
        at(&t, s, s, 101000 - s);
    }
    assert_true(forecast_at(&t, 600, 600, 101000 - 600).full_in_s == 100000 - 600);
    assert_int_equal(t.count, DISK_TREND_POINTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_foretold_from_too_little),
        cmocka_unit_test(a_disk_that_does_not_fill_is_never_full),
        cmocka_unit_test(the_reserve_is_not_room),
        cmocka_unit_test(only_the_last_minutes_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Histograms: bucket edges, quantiles, merging. */
#include "base/hist.h"
#include "tests/support/test.h"

static void puts_values_into_the_bucket_below_their_power_of_two(void **state)
{
    static const struct {
        uint64_t value;
        unsigned bucket;
    } samples[] = {{0, 0}, {1, 0}, {2, 1},     {3, 2},     {4, 2},
                   {5, 3}, {8, 3}, {1024, 10}, {1025, 11}, {UINT64_MAX, HIST_BUCKETS - 1}};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(samples); i++) {
        struct hist h = {0};
        hist_add(&h, samples[i].value, 3);
        assert_int_equal(h.bucket[samples[i].bucket], 3);
        assert_int_equal(h.count, 3);
    }
}

static void finds_quantiles_of_merged_histograms(void **state)
{
    struct hist low = {0};
    struct hist high = {0};

    (void)state;
    assert_int_equal(hist_quantile(&low, 0.5), 0);
    hist_add(&low, 100, 98);
    hist_add(&high, 5000, 2);
    hist_merge(&low, &high);
    assert_int_equal(low.count, 100);
    assert_int_equal(low.sum, 98 * 100 + 2 * 5000);
    assert_int_equal(hist_quantile(&low, 0.5), 128);
    assert_int_equal(hist_quantile(&low, 0.97), 128);
    assert_int_equal(hist_quantile(&low, 0.99), 8192);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_values_into_the_bucket_below_their_power_of_two),
        cmocka_unit_test(finds_quantiles_of_merged_histograms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

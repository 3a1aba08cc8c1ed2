/* SPDX-License-Identifier: Apache-2.0
 *
 * CPU quotas as text, and that whatever this machine says gives at least one shard. */
#include "ingestor/cpus.h"
#include "tests/support/test.h"

static void understands_quotas(void **state)
{
    static const struct {
        const char *text;
        unsigned cpus;
    } quotas[] = {
        {"", 0},         {"max 100000\n", 0},  {"-1 100000", 0},       {"0 100000", 0},
        {"100000", 0},   {"100000 0", 0},      {"100000 100000\n", 1}, {"150000 100000\n", 2},
        {"1 100000", 1}, {"400000 100000", 4}, {"200001 100000", 3},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(quotas); i++) {
        assert_int_equal(cpus_parse_quota(quotas[i].text), quotas[i].cpus);
    }
}

static void finds_at_least_one_cpu_here(void **state)
{
    struct cpus c;

    (void)state;
    cpus_read(&c);
    assert_in_range(c.shards, 1, CPUS_SHARDS_MAX);
    assert_in_range(c.cpu_count, 1, CPUS_SHARDS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(understands_quotas),
        cmocka_unit_test(finds_at_least_one_cpu_here),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

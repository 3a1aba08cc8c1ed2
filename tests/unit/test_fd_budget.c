/* SPDX-License-Identifier: Apache-2.0
 *
 * Connections never take the descriptors that files, HTTP and the process itself need. */
#include "ingestor/admin_http.h"
#include "ingestor/fd_budget.h"
#include "tests/support/test.h"

#include <sys/resource.h>

static void leaves_room_for_everything_else(void **state)
{
    static const struct {
        uint64_t limit;
        unsigned shards;
        uint64_t wanted;
        uint32_t allowed;
    } cases[] = {
        {1u << 20, 2, 10000, 10000},
        {2048, 2, 10000, 1456},
        {2048, 2, 100, 100},
        {2048, 16, 10000, 1344},
        {1024, 2, 10000, 512},
        {256, 2, 10000, 128},
        {1, 1, 10000, 1},
        {0, 64, 10000, 1},
        {UINT64_MAX, 64, 1000000, 1000000},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        assert_int_equal(fd_budget_connections(cases[i].limit, cases[i].shards, cases[i].wanted),
                         cases[i].allowed);
    }
}

static void raises_the_soft_limit_only(void **state)
{
    struct rlimit before;
    struct rlimit now;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit low = {.rlim_cur = 64, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    assert_int_equal(fd_budget_limit(), 64);
    assert_int_equal(fd_budget_raise(), before.rlim_max);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &now), 0);
    assert_int_equal(now.rlim_max, before.rlim_max);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_room_for_everything_else),
        cmocka_unit_test(raises_the_soft_limit_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

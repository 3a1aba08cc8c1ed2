/* SPDX-License-Identifier: Apache-2.0
 *
 * Pacing, on a clock of the test's own. */
#include "client/pace.h"

#include "base/limits.h"
#include "tests/support/test.h"

#define START (1000 * NS_PER_S)

/* How many batches leave in a time if each leaves when it is due. */
static uint64_t batches_within(struct pace *p, uint64_t ns)
{
    uint64_t end = p->due_ns + ns;
    uint64_t n = 0;

    for (; p->due_ns < end; n++) {
        pace_step(p, p->due_ns);
    }
    return n;
}

static void without_pace_a_batch_is_always_due(void **state)
{
    struct args args = {.batch = 100, .connections = 1};
    struct pace p;

    (void)state;
    pace_init(&p, &args, START);
    assert_int_equal(p.batch, 100);
    for (int i = 0; i < 10; i++) {
        pace_step(&p, START + 5);
        assert_true(p.due_ns <= START + 5);
    }
}

static void an_interval_counts_for_each_connection(void **state)
{
    struct args args = {.batch = 100, .connections = 7, .paced = true, .interval_ns = NS_PER_S};
    struct pace p;

    (void)state;
    pace_init(&p, &args, START);
    assert_int_equal(p.due_ns, START);
    assert_int_equal(batches_within(&p, 60 * NS_PER_S), 60);
}

static void a_rate_is_shared_by_all_connections(void **state)
{
    static const struct {
        uint64_t rate;
        uint64_t connections;
        uint64_t batch;
        uint64_t want_batch;
    } rows[] = {
        {1000, 1, 100, 100},
        {1000, 4, 100, 25},
        {5, 1, 100, 1},
        {7, 3, 100, 1},
        {90, 1, 100, 9},
        {1000000, 2, 100, 100},
        {1000000000, 1, 100000, 100000},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        struct args args = {.batch = rows[i].batch,
                            .connections = rows[i].connections,
                            .paced = true,
                            .paced_by_rate = true,
                            .rate = rows[i].rate};
        struct pace p;
        pace_init(&p, &args, START);
        assert_int_equal(p.batch, rows[i].want_batch);
        uint64_t records = batches_within(&p, 100 * NS_PER_S) * p.batch * rows[i].connections;
        uint64_t want = rows[i].rate * 100;
        assert_true(records >= want - want / 1000);
        assert_true(records <= want + want / 1000 + 2 * p.batch * rows[i].connections);
    }
}

static void bursts_raise_the_rate_for_their_time(void **state)
{
    struct args args = {.batch = 10,
                        .connections = 1,
                        .paced = true,
                        .interval_ns = 100 * NS_PER_MS,
                        .burst = {10, 5 * NS_PER_S, 60 * NS_PER_S}};
    struct pace p;

    (void)state;
    pace_init(&p, &args, START);
    assert_int_equal(batches_within(&p, 5 * NS_PER_S), 500);
    assert_int_equal(batches_within(&p, 55 * NS_PER_S), 550);
    assert_int_equal(batches_within(&p, 5 * NS_PER_S), 500);
}

static void being_late_is_caught_up_with_up_to_a_second(void **state)
{
    struct args args = {
        .batch = 1, .connections = 1, .paced = true, .interval_ns = 100 * NS_PER_MS};
    struct pace p;

    (void)state;
    pace_init(&p, &args, START);
    pace_step(&p, START + 500 * NS_PER_MS);
    assert_int_equal(p.due_ns, START + 100 * NS_PER_MS);
    pace_step(&p, START + 50 * NS_PER_S);
    assert_int_equal(p.due_ns, START + 49 * NS_PER_S + 100 * NS_PER_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_pace_a_batch_is_always_due),
        cmocka_unit_test(an_interval_counts_for_each_connection),
        cmocka_unit_test(a_rate_is_shared_by_all_connections),
        cmocka_unit_test(bursts_raise_the_rate_for_their_time),
        cmocka_unit_test(being_late_is_caught_up_with_up_to_a_second),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

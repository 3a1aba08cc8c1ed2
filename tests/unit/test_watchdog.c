/* SPDX-License-Identifier: Apache-2.0
 *
 * The manager is told only after every thread has gone on; one that stands still, whichever it is,
 * silences the watchdog until it goes on. Time is a number here. */
#include "ingestor/watchdog.h"
#include "tests/support/test.h"

#define PERIOD  (30u * NS_PER_S)
#define THIRD   (PERIOD / 3)
#define THREADS 3u

static struct watchdog w;
static uint64_t beats[THREADS];

static void go_on(void)
{
    for (unsigned i = 0; i < THREADS; i++) {
        beats[i]++;
    }
}

static enum watchdog_verdict tick(uint64_t mono_ns)
{
    return watchdog_tick(&w, beats, THREADS, mono_ns);
}

static int begin(void **state)
{
    (void)state;
    watchdog_init(&w, PERIOD);
    return tick(NS_PER_S) == WATCHDOG_TELL ? 0 : -1; /* it has just started: that is progress */
}

static void never_tells_without_a_period(void **state)
{
    (void)state;
    watchdog_init(&w, 0);
    for (uint64_t now = 0; now < 10 * PERIOD; now += THIRD) {
        go_on();
        assert_int_equal(tick(now), WATCHDOG_REST);
    }
}

static void tells_thrice_a_period_while_all_go_on(void **state)
{
    unsigned told = 0;

    (void)state;
    for (uint64_t now = NS_PER_S; now < NS_PER_S + 10 * PERIOD; now += 200 * NS_PER_MS) {
        go_on();
        told += tick(now) == WATCHDOG_TELL;
    }
    assert_in_range(told, 29, 30);
}

static void asks_and_does_not_tell_while_one_stands_still(void **state)
{
    (void)state;
    for (unsigned hung = 0; hung < THREADS; hung++) {
        uint64_t begun = w.told_ns;
        uint64_t kept = beats[hung];
        for (uint64_t now = begun + THIRD; now < begun + 5 * PERIOD; now += THIRD / 4) {
            go_on();
            beats[hung] = kept;
            assert_int_equal(tick(now), WATCHDOG_ASK);
            int named = watchdog_hung(&w, beats, THREADS, now);
            assert_int_equal(named, now < begun + 2 * THIRD ? -1 : (int)hung);
        }
        beats[hung]++; /* late, but it lives */
        assert_int_equal(tick(begun + 5 * PERIOD), WATCHDOG_TELL);
    }
}

static void a_new_thread_is_asked_from_the_next_round_on(void **state)
{
    (void)state;
    watchdog_init(&w, PERIOD);
    assert_int_equal(watchdog_tick(&w, beats, THREADS - 1, 0), WATCHDOG_TELL);
    beats[0]++;
    beats[1]++;
    assert_int_equal(tick(THIRD), WATCHDOG_TELL);
    beats[0]++;
    beats[1]++;
    assert_int_equal(tick(2 * THIRD), WATCHDOG_ASK);
    assert_int_equal(watchdog_hung(&w, beats, THREADS, 10 * THIRD), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_tells_without_a_period),
        cmocka_unit_test_setup(tells_thrice_a_period_while_all_go_on, begin),
        cmocka_unit_test_setup(asks_and_does_not_tell_while_one_stands_still, begin),
        cmocka_unit_test(a_new_thread_is_asked_from_the_next_round_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

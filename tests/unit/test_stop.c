/* SPDX-License-Identifier: Apache-2.0
 *
 * The wish to stop: what it interrupts, what it lets finish. */
#include "client/stop.h"

#include "base/clock.h"
#include "tests/support/test.h"

#include <poll.h>
#include <unistd.h>

struct fixture {
    struct stop stop;
    int ends[2]; /* nothing to read yet */
};

static void open_fixture(struct fixture *f)
{
    assert_ok(stop_init(&f->stop));
    assert_int_equal(pipe(f->ends), 0);
}

static void close_fixture(struct fixture *f)
{
    stop_done(&f->stop);
    close(f->ends[0]);
    close(f->ends[1]);
}

static void a_moment_that_has_come_is_a_limit(void **state)
{
    struct fixture f;

    (void)state;
    open_fixture(&f);
    assert_err(stop_wait(&f.stop, f.ends[0], POLLIN, 0), ERR_LIMIT);
    assert_err(stop_wait(&f.stop, -1, 0, clock_mono_ns() + NS_PER_MS), ERR_LIMIT);
    assert_err(stop_wait_finish(&f.stop, f.ends[0], POLLIN, 0), ERR_LIMIT);
    close_fixture(&f);
}

static void the_wish_ends_waiting_but_not_finishing(void **state)
{
    struct fixture f;

    (void)state;
    open_fixture(&f);
    assert_false(stop_requested(&f.stop));
    stop_request(&f.stop);
    stop_request(&f.stop);
    assert_true(stop_requested(&f.stop));
    assert_err(stop_wait(&f.stop, f.ends[0], POLLIN, UINT64_MAX), ERR_AGAIN);
    assert_err(stop_wait(&f.stop, -1, 0, UINT64_MAX), ERR_AGAIN);
    assert_int_equal(write(f.ends[1], "x", 1), 1);
    assert_ok(stop_wait_finish(&f.stop, f.ends[0], POLLIN, UINT64_MAX));
    assert_ok(stop_wait(&f.stop, f.ends[0], POLLIN, UINT64_MAX));
    close_fixture(&f);
}

/* As if the wish were older than the grace. */
static void finishing_ends_with_the_grace(void **state)
{
    struct fixture f;

    (void)state;
    open_fixture(&f);
    stop_request(&f.stop);
    f.stop.since_ns -= STOP_GRACE_NS;
    assert_err(stop_wait_finish(&f.stop, f.ends[0], POLLIN, UINT64_MAX), ERR_LIMIT);
    close_fixture(&f);
}

static void a_ready_descriptor_is_told(void **state)
{
    struct fixture f;

    (void)state;
    open_fixture(&f);
    assert_ok(stop_wait(&f.stop, f.ends[1], POLLOUT, UINT64_MAX));
    assert_ok(stop_wait_finish(&f.stop, f.ends[1], POLLOUT, UINT64_MAX));
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_moment_that_has_come_is_a_limit),
        cmocka_unit_test(the_wish_ends_waiting_but_not_finishing),
        cmocka_unit_test(finishing_ends_with_the_grace),
        cmocka_unit_test(a_ready_descriptor_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

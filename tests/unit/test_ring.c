/* SPDX-License-Identifier: Apache-2.0
 *
 * The ring between two threads: full and empty, and that everything comes through once and in
 * order. */
#include "base/ring.h"
#include "tests/support/test.h"

#include <pthread.h>
#include <sched.h>

#define ITEMS 200000u

static void refuses_when_full(void **state)
{
    struct ring r;
    int items[5];

    (void)state;
    assert_ok(ring_init(&r, 4));
    assert_null(ring_pop(&r));
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(ring_room(&r), 4 - i);
        assert_ok(ring_push(&r, &items[i]));
    }
    assert_err(ring_push(&r, &items[4]), ERR_AGAIN);
    assert_int_equal(ring_count(&r), 4);
    assert_ptr_equal(ring_pop(&r), &items[0]);
    assert_ok(ring_push(&r, &items[4]));
    for (unsigned i = 1; i < 5; i++) {
        assert_ptr_equal(ring_pop(&r), &items[i]);
    }
    assert_null(ring_pop(&r));
    ring_done(&r);
}

static char numbered[ITEMS];

static void *push_all(void *arg)
{
    for (unsigned i = 0; i < ITEMS; i++) {
        while (ring_push(arg, &numbered[i]) != ERR_OK) {
            sched_yield();
        }
    }
    return NULL;
}

static void carries_everything_in_order(void **state)
{
    struct ring r;
    pthread_t thread;

    (void)state;
    assert_ok(ring_init(&r, 16));
    assert_int_equal(pthread_create(&thread, NULL, push_all, &r), 0);
    for (unsigned i = 0; i < ITEMS;) {
        const char *item = ring_pop(&r);
        if (item == NULL) {
            sched_yield();
            continue;
        }
        assert_ptr_equal(item, &numbered[i]);
        i++;
    }
    pthread_join(thread, NULL);
    ring_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_when_full),
        cmocka_unit_test(carries_everything_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

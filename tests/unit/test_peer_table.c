/* SPDX-License-Identifier: Apache-2.0
 *
 * Connections per address: the limit, and that counts survive any order of coming and going. */
#include "ingestor/peer_table.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

#define HOSTS 64u

static struct addr host(unsigned i)
{
    struct addr a;
    char text[64];

    snprintf(text, sizeof(text), i % 2 == 0 ? "192.0.2.%u" : "2001:db8::%u", i);
    assert_ok(addr_parse(text, (uint16_t)(1000 + i), &a));
    return a;
}

static void refuses_one_more_than_the_limit(void **state)
{
    struct peer_table *t = NULL;
    struct addr a = host(2);
    struct addr b = host(3);

    (void)state;
    assert_ok(peer_table_new(10, &t));
    assert_ok(peer_table_enter(t, &a, 2));
    assert_ok(peer_table_enter(t, &a, 2));
    assert_err(peer_table_enter(t, &a, 2), ERR_LIMIT);
    assert_ok(peer_table_enter(t, &b, 2));
    peer_table_leave(t, &a);
    assert_ok(peer_table_enter(t, &a, 2));
    assert_err(peer_table_enter(t, &a, 2), ERR_LIMIT);
    assert_ok(peer_table_enter(t, &a, 0));
    peer_table_free(t);
}

static void counts_one_address_whatever_its_port_and_family(void **state)
{
    struct peer_table *t = NULL;
    struct addr plain;
    struct addr mapped;

    (void)state;
    assert_ok(peer_table_new(10, &t));
    assert_ok(addr_parse("192.0.2.1", 1, &plain));
    assert_ok(addr_parse("::ffff:192.0.2.1", 2, &mapped));
    assert_ok(peer_table_enter(t, &plain, 1));
    assert_err(peer_table_enter(t, &mapped, 1), ERR_LIMIT);
    peer_table_free(t);
}

/* Against a plain array of counts, with a table small enough that probe runs collide. */
static void agrees_with_an_array_of_counts(void **state)
{
    struct peer_table *t = NULL;
    unsigned counts[HOSTS] = {0};
    unsigned total = 0;

    (void)state;
    assert_ok(peer_table_new(100, &t));
    srand(7);
    for (unsigned round = 0; round < 100000; round++) {
        unsigned i = (unsigned)rand() % HOSTS;
        struct addr a = host(i);
        if (rand() % 2 == 0 && total < 100) {
            err_t want = counts[i] >= 3 ? ERR_LIMIT : ERR_OK;
            assert_err(peer_table_enter(t, &a, 3), want);
            counts[i] += want == ERR_OK;
            total += want == ERR_OK;
        } else if (counts[i] > 0) {
            peer_table_leave(t, &a);
            counts[i]--;
            total--;
        }
    }
    peer_table_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_one_more_than_the_limit),
        cmocka_unit_test(counts_one_address_whatever_its_port_and_family),
        cmocka_unit_test(agrees_with_an_array_of_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

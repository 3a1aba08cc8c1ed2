/* SPDX-License-Identifier: Apache-2.0
 *
 * Protocols not spoken here: counted by peer and protocol, the oldest makes room. */
#include "ingestor/foreign_board.h"

#include "tests/support/test.h"

#include <stdio.h>

static void add(struct foreign_board *b, const char *peer, const char *protocol, uint64_t at_ns)
{
    struct foreign_board_entry seen = {
        .protocol = protocol, .instead = "syslog", .count = 1, .last_ns = at_ns};

    snprintf(seen.peer, sizeof(seen.peer), "%s", peer);
    foreign_board_add(b, &seen);
}

static void the_same_again_is_counted(void **state)
{
    struct foreign_board b = {0};
    const struct foreign_board_entry *latest[FOREIGN_BOARD_PLACES];

    (void)state;
    assert_int_equal(foreign_board_latest(&b, latest), 0);
    add(&b, "192.0.2.1", "HTTP", 1);
    add(&b, "192.0.2.1", "Lumberjack", 2);
    add(&b, "192.0.2.1", "HTTP", 3);
    assert_int_equal(foreign_board_latest(&b, latest), 2);
    assert_string_equal(latest[0]->protocol, "HTTP");
    assert_int_equal(latest[0]->count, 2);
    assert_int_equal(latest[0]->last_ns, 3);
    assert_string_equal(latest[1]->protocol, "Lumberjack");
}

static void the_oldest_makes_room(void **state)
{
    struct foreign_board b = {0};
    const struct foreign_board_entry *latest[FOREIGN_BOARD_PLACES];
    char peer[32];

    (void)state;
    for (unsigned i = 1; i <= FOREIGN_BOARD_PLACES + 1; i++) {
        snprintf(peer, sizeof(peer), "192.0.2.%u", i);
        add(&b, peer, "HTTP", i);
    }
    assert_int_equal(foreign_board_latest(&b, latest), FOREIGN_BOARD_PLACES);
    assert_string_equal(latest[FOREIGN_BOARD_PLACES - 1]->peer, "192.0.2.2");
}

static void boards_become_one(void **state)
{
    struct foreign_board one = {0};
    struct foreign_board two = {0};
    const struct foreign_board_entry *latest[FOREIGN_BOARD_PLACES];

    (void)state;
    add(&one, "192.0.2.1", "HTTP", 5);
    add(&two, "192.0.2.1", "HTTP", 4);
    add(&two, "192.0.2.2", "HTTP", 6);
    foreign_board_merge(&one, &two);
    assert_int_equal(foreign_board_latest(&one, latest), 2);
    assert_string_equal(latest[0]->peer, "192.0.2.2");
    assert_int_equal(latest[1]->count, 2);
    assert_int_equal(latest[1]->last_ns, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_again_is_counted),
        cmocka_unit_test(the_oldest_makes_room),
        cmocka_unit_test(boards_become_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

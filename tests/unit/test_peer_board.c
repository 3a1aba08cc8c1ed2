/* SPDX-License-Identifier: Apache-2.0
 *
 * Who sends: addresses, what a flood of them cannot do, and boards that become one. */
#include "ingestor/peer_board.h"

#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

static struct peer_board_key from(const char *peer)
{
    return (struct peer_board_key){peer, ""};
}

static struct peer_board *board(void **state)
{
    return *state;
}

static int set_up(void **state)
{
    *state = calloc(2, sizeof(struct peer_board));
    return *state == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static void ports_of_one_address_are_one_peer(void **state)
{
    struct peer_board *b = board(state);

    peer_board_add_bytes(b, from("192.0.2.1:4242"), 5, 10);
    peer_board_add_bytes(b, from("192.0.2.1:4243"), 4, 20);
    peer_board_add_bytes(b, from("[2001:db8::1]:4242"), 6, 5);

    const struct peer_board_entry *top[4];
    assert_int_equal(peer_board_top(b, top, 4), 2);
    assert_string_equal(top[0]->host, "192.0.2.1");
    assert_int_equal(top[0]->bytes, 30);
    assert_int_equal(top[0]->last_ns, 5);
    assert_string_equal(top[1]->host, "2001:db8::1");
}

static void at_most_so_many_are_told(void **state)
{
    struct peer_board *b = board(state);
    const struct peer_board_entry *top[3];
    char peer[32];

    for (unsigned i = 1; i <= 10; i++) {
        snprintf(peer, sizeof(peer), "192.0.2.%u:1", i);
        peer_board_add_bytes(b, from(peer), 1, i);
    }
    assert_int_equal(peer_board_top(b, top, 3), 3);
    assert_int_equal(top[0]->bytes, 10);
    assert_int_equal(top[1]->bytes, 9);
    assert_int_equal(top[2]->bytes, 8);
    assert_int_equal(peer_board_top(b, top, 0), 0);
}

static void a_flood_of_addresses_leaves_a_large_sender_its_place(void **state)
{
    struct peer_board *b = board(state);
    const struct peer_board_entry *top[1];
    char peer[32];

    for (unsigned i = 0; i < 10000; i++) {
        peer_board_add_bytes(b, from("198.51.100.7:514"), i, 100);
        snprintf(peer, sizeof(peer), "10.0.%u.%u:1", i / 250, i % 250);
        peer_board_add_bytes(b, from(peer), i, 100);
    }
    assert_int_equal(peer_board_top(b, top, 1), 1);
    assert_string_equal(top[0]->host, "198.51.100.7");
    assert_int_equal(top[0]->bytes, 1000000);
}

static void a_new_sender_gets_a_place_when_the_old_ones_faded(void **state)
{
    struct peer_board *b = board(state);
    const struct peer_board_entry *top[1];
    char peer[32];

    for (unsigned i = 0; i < PEER_BOARD_PLACES; i++) {
        snprintf(peer, sizeof(peer), "10.0.0.%u:1", i);
        peer_board_add_bytes(b, from(peer), 1, 1000000);
    }
    for (unsigned s = 0; s < 900; s++) {
        peer_board_begin_count(b);
    }
    for (unsigned i = 0; i < 100; i++) {
        peer_board_add_bytes(b, from("10.1.0.1:1"), 2, 100000);
        snprintf(peer, sizeof(peer), "10.2.0.%u:1", i);
        peer_board_add_bytes(b, from(peer), 2, 1);
    }
    assert_int_equal(peer_board_top(b, top, 1), 1);
    assert_string_equal(top[0]->host, "10.1.0.1");
}

static void connections_are_counted_anew(void **state)
{
    struct peer_board *b = board(state);

    IGNORE(peer_board_find(b, from("192.0.2.1:1"), 1) == NULL, "it never is");
    for (unsigned round = 0; round < 2; round++) {
        peer_board_begin_count(b);
        peer_board_count(b, from("192.0.2.1:1"));
        peer_board_count(b, from("192.0.2.1:2"));
        peer_board_count(b, from("192.0.2.9:1")); /* has no place, and gets none */
    }
    const struct peer_board_entry *top[2];
    assert_int_equal(peer_board_top(b, top, 2), 1);
    assert_int_equal(top[0]->connections, 2);
}

static void names_in_certificates_tell_senders_apart(void **state)
{
    struct peer_board *b = board(state);
    const struct peer_board_entry *top[3];

    peer_board_add_bytes(b, (struct peer_board_key){"192.0.2.1:1", "CN=a"}, 1, 3);
    peer_board_add_bytes(b, (struct peer_board_key){"192.0.2.1:2", "CN=b"}, 1, 2);
    peer_board_add_bytes(b, (struct peer_board_key){"192.0.2.1:3", "CN=a"}, 1, 3);
    assert_int_equal(peer_board_top(b, top, 3), 2);
    assert_string_equal(top[0]->name, "CN=a");
    assert_int_equal(top[0]->bytes, 6);
    assert_string_equal(top[1]->name, "CN=b");
}

static void names_are_cut_between_characters(void **state)
{
    struct peer_board *b = board(state);
    char name[PEER_BOARD_NAME_BYTES + 8];

    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    memcpy(name + PEER_BOARD_NAME_BYTES - 2, "\xc3\xa4", 2);
    struct peer_board_key key = {"192.0.2.1:1", name};
    const struct peer_board_entry *e = peer_board_find(b, key, 1);
    assert_int_equal(strlen(e->name), PEER_BOARD_NAME_BYTES - 2);
    assert_ptr_equal(peer_board_find(b, key, 2), e);
}

static void strange_text_for_a_peer_does_no_harm(void **state)
{
    struct peer_board *b = board(state);
    char long_text[200];

    memset(long_text, 'x', sizeof(long_text));
    long_text[sizeof(long_text) - 1] = '\0';
    peer_board_add_bytes(b, from(""), 1, 1);
    peer_board_add_bytes(b, from(":"), 1, 1);
    peer_board_add_bytes(b, from("["), 1, 1);
    peer_board_add_bytes(b, from("[]:1"), 1, 1);
    peer_board_add_bytes(b, from(long_text), 1, 1);
}

static void boards_become_one(void **state)
{
    struct peer_board *b = board(state);
    struct peer_board *other = b + 1;
    struct peer_board_entry *e = peer_board_find(other, from("192.0.2.1:9"), 7);
    const struct peer_board_entry *top[2];

    e->records = 3;
    e->rejected = 1;
    e->streams = PEER_BOARD_UDP;
    e->skew_known = true;
    e->skew_s = -4;
    peer_board_add_bytes(other, from("192.0.2.1:9"), 7, 5);
    peer_board_add_bytes(b, from("192.0.2.1:1"), 2, 5);
    peer_board_merge(b, other);
    assert_int_equal(peer_board_top(b, top, 2), 1);
    assert_int_equal(top[0]->bytes, 10);
    assert_int_equal(top[0]->records, 3);
    assert_int_equal(top[0]->rejected, 1);
    assert_int_equal(top[0]->skew_s, -4);
    assert_int_equal(top[0]->last_ns, 7);
}

static void of_two_full_boards_the_largest_stay(void **state)
{
    struct peer_board *b = board(state);
    struct peer_board *other = b + 1;
    const struct peer_board_entry *top[PEER_BOARD_PLACES];
    char peer[32];

    for (unsigned i = 0; i < PEER_BOARD_PLACES; i++) {
        snprintf(peer, sizeof(peer), "10.0.0.%u:1", i);
        peer_board_add_bytes(b, from(peer), 1, i < 10 ? 1000 + i : 10);
        snprintf(peer, sizeof(peer), "10.0.1.%u:1", i);
        peer_board_add_bytes(other, from(peer), 1, i < 10 ? 2000 + i : 5);
    }
    peer_board_merge(b, other);
    assert_int_equal(peer_board_top(b, top, PEER_BOARD_PLACES), PEER_BOARD_PLACES);
    assert_int_equal(top[0]->bytes, 2009);
    assert_int_equal(top[19]->bytes, 1000);
    assert_int_equal(top[20]->bytes, 10);
}

#define BOARD_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOARD_TEST(ports_of_one_address_are_one_peer),
        BOARD_TEST(at_most_so_many_are_told),
        BOARD_TEST(a_flood_of_addresses_leaves_a_large_sender_its_place),
        BOARD_TEST(a_new_sender_gets_a_place_when_the_old_ones_faded),
        BOARD_TEST(connections_are_counted_anew),
        BOARD_TEST(names_in_certificates_tell_senders_apart),
        BOARD_TEST(names_are_cut_between_characters),
        BOARD_TEST(strange_text_for_a_peer_does_no_harm),
        BOARD_TEST(boards_become_one),
        BOARD_TEST(of_two_full_boards_the_largest_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Services: exact while there are few, right about the large ones always. */
#include "ingestor/service_board.h"

#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

struct boards {
    struct service_board one;
    struct service_board two;
    struct batch batch;
};

static int set_up(void **state)
{
    *state = calloc(1, sizeof(struct boards));
    return *state == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static struct text plain(const char *name)
{
    return text_of(span_of_str(name), TEXT_PLAIN);
}

static void assert_first(const struct service_board *b, const char *name, uint64_t records)
{
    const struct service_board_entry *top[1];

    assert_int_equal(service_board_top(b, top, 1), 1);
    test_assert_span(span_of(top[0]->name, top[0]->len), name);
    assert_int_equal(top[0]->records, records);
}

static void small_batches_are_counted_exactly(void **state)
{
    struct boards *b = *state;

    b->batch.record_count = SERVICE_BOARD_SAMPLES;
    for (unsigned i = 0; i < SERVICE_BOARD_SAMPLES; i++) {
        b->batch.records[i].service = plain(i == 0 ? "rare" : "often");
    }
    service_board_add_batch(&b->one, &b->batch);
    assert_first(&b->one, "often", SERVICE_BOARD_SAMPLES - 1);
    assert_false(b->one.sampled);
    assert_int_equal(b->one.seen, SERVICE_BOARD_SAMPLES);
}

static void large_batches_are_sampled_and_add_up(void **state)
{
    struct boards *b = *state;

    b->batch.record_count = 250;
    for (unsigned i = 0; i < 250; i++) {
        b->batch.records[i].service = plain(i % 4 == 0 ? "quarter" : "rest");
    }
    for (unsigned i = 0; i < 400; i++) {
        service_board_add_batch(&b->one, &b->batch);
    }
    const struct service_board_entry *top[2];
    assert_int_equal(service_board_top(&b->one, top, 2), 2);
    assert_true(b->one.sampled);
    assert_int_equal(b->one.seen, 100000);
    assert_int_equal(top[0]->records + top[1]->records, 100000);
    assert_in_range(top[1]->records, 20000, 30000);
}

static void no_records_are_no_service(void **state)
{
    struct boards *b = *state;
    const struct service_board_entry *top[1];

    service_board_add_batch(&b->one, &b->batch);
    service_board_add(&b->one, plain(""), 1);
    assert_int_equal(service_board_top(&b->one, top, 1), 0);
    assert_int_equal(b->one.seen, 1);
}

static void escapes_are_decoded_and_long_names_cut(void **state)
{
    struct boards *b = *state;
    char name[300];

    service_board_add(&b->one, text_of(SPAN_LIT("a\\u0041"), TEXT_JSON), 2);
    service_board_add(&b->one, plain("aA"), 1);
    assert_first(&b->one, "aA", 3);
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    service_board_add(&b->one, plain(name), 9);
    const struct service_board_entry *top[1];
    assert_int_equal(service_board_top(&b->one, top, 1), 1);
    assert_int_equal(top[0]->len, SERVICE_BOARD_NAME_BYTES);
}

static void a_flood_of_names_leaves_a_large_service_its_place(void **state)
{
    struct boards *b = *state;
    char name[32];

    for (unsigned i = 0; i < 10000; i++) {
        service_board_add(&b->one, plain("large"), 1);
        snprintf(name, sizeof(name), "random-%u", i);
        service_board_add(&b->one, plain(name), 1);
    }
    assert_first(&b->one, "large", 10000);
}

static void boards_become_one(void **state)
{
    struct boards *b = *state;
    char name[32];

    for (unsigned i = 0; i < SERVICE_BOARD_PLACES; i++) {
        snprintf(name, sizeof(name), "a-%u", i);
        service_board_add(&b->one, plain(name), 10);
        snprintf(name, sizeof(name), "b-%u", i);
        service_board_add(&b->two, plain(name), i == 7 ? 50 : 1);
    }
    service_board_add(&b->two, plain("a-3"), 45);
    service_board_merge(&b->one, &b->two);
    const struct service_board_entry *top[3];
    assert_int_equal(service_board_top(&b->one, top, 3), 3);
    test_assert_span(span_of(top[0]->name, top[0]->len), "a-3");
    assert_in_range(top[0]->records, 55, 56);
    test_assert_span(span_of(top[1]->name, top[1]->len), "b-7");
    assert_int_equal(top[2]->records, 10);
}

#define BOARD_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOARD_TEST(small_batches_are_counted_exactly),
        BOARD_TEST(large_batches_are_sampled_and_add_up),
        BOARD_TEST(no_records_are_no_service),
        BOARD_TEST(escapes_are_decoded_and_long_names_cut),
        BOARD_TEST(a_flood_of_names_leaves_a_large_service_its_place),
        BOARD_TEST(boards_become_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

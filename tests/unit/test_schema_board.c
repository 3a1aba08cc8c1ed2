/* SPDX-License-Identifier: Apache-2.0
 *
 * The cache's numbers: slots that are given out once and for good, and what others read. */
#include "ingestor/schema_board.h"

#include "base/clock.h"
#include "tests/support/test.h"

#include <stdio.h>

static struct schema_board board;
static struct schema_cache_stats stats;

static int open_board(void **state)
{
    (void)state;
    schema_board_init(&board, true);
    return 0;
}

static int close_board(void **state)
{
    (void)state;
    schema_board_done(&board);
    return 0;
}

static struct schema_type type_of(const char *name, enum schema_kind kind, uint32_t version)
{
    struct schema_type type = {.kind = kind, .version = version, .id = version * 10};

    snprintf(type.name, sizeof(type.name), "%s", name);
    schema_board_assign(&board, &type);
    return type;
}

static void a_slot_is_of_language_name_and_version(void **state)
{
    (void)state;
    assert_int_equal(type_of("a", SCHEMA_KIND_JSON, 1).slot, 0);
    assert_int_equal(type_of("a", SCHEMA_KIND_AVRO, 1).slot, 1);
    assert_int_equal(type_of("a", SCHEMA_KIND_JSON, 2).slot, 2);
    assert_int_equal(type_of("b", SCHEMA_KIND_JSON, 1).slot, 3);
    assert_int_equal(type_of("a", SCHEMA_KIND_AVRO, 1).slot, 1);
    assert_int_equal(type_of("a", SCHEMA_KIND_JSON, 1).slot, 0);
    schema_board_read(&board, &stats);
    assert_int_equal(stats.type_count, 4);
    for (uint32_t i = 0; i < stats.type_count; i++) {
        assert_int_equal(stats.types[i].slot, i);
    }
    assert_string_equal(stats.types[3].name, "b");
    assert_int_equal(stats.types[2].version, 2);
    assert_int_equal(stats.types[2].id, 20);
}

static void the_last_slot_is_shared(void **state)
{
    (void)state;
    for (uint32_t version = 1; version < SCHEMA_TYPE_SLOTS; version++) {
        assert_int_equal(type_of("a", SCHEMA_KIND_JSON, version).slot, version - 1);
    }
    for (uint32_t version = SCHEMA_TYPE_SLOTS; version < 2 * SCHEMA_TYPE_SLOTS; version++) {
        assert_int_equal(type_of("a", SCHEMA_KIND_JSON, version).slot, SCHEMA_TYPE_SLOTS - 1);
    }
    assert_int_equal(type_of("a", SCHEMA_KIND_JSON, 5).slot, 4);
    schema_board_read(&board, &stats);
    assert_int_equal(stats.type_count, SCHEMA_TYPE_SLOTS);
    assert_string_equal(stats.types[SCHEMA_TYPE_SLOTS - 1].name, "(others)");
    assert_int_equal(stats.types[SCHEMA_TYPE_SLOTS - 1].version, 0);
}

static void numbers_are_what_was_counted(void **state)
{
    struct schema_type type = type_of("a", SCHEMA_KIND_JSON, 1);

    (void)state;
    schema_board_count_fetch(&board, BOARD_USABLE);
    schema_board_count_fetch(&board, BOARD_USELESS);
    schema_board_confirm(&board, &type, 77);
    schema_board_set_refused(&board, &type, 2);
    schema_board_count_refused(&board);
    schema_board_count_adopted(&board);
    schema_board_set_ids(&board, 9);
    schema_board_count_refused_id(&board);
    schema_board_read(&board, &stats);
    assert_true(stats.registry);
    assert_false(stats.reachable);
    assert_int_equal(stats.fetches, 2);
    assert_int_equal(stats.errors, 1);
    assert_int_equal(stats.adopted, 1);
    assert_int_equal(stats.refused, 1);
    assert_int_equal(stats.ids, 9);
    assert_int_equal(stats.ids_refused, 1);
    assert_int_equal(stats.types[0].fetched_wall_ns, 77);
    assert_int_equal(stats.types[0].refused_version, 2);
    schema_board_count_fetch(&board, BOARD_USABLE);
    schema_board_read(&board, &stats);
    assert_true(stats.reachable);
}

static void the_age_is_that_of_the_oldest_answer(void **state)
{
    (void)state;
    schema_board_set_answered(&board, clock_mono_ns() - 5 * NS_PER_S);
    schema_board_read(&board, &stats);
    assert_true(stats.age_ns >= 5 * NS_PER_S);
    schema_board_set_answered(&board, clock_mono_ns() + 5 * NS_PER_S);
    schema_board_read(&board, &stats);
    assert_int_equal(stats.age_ns, 0);
    schema_board_set_age(&board, 7000 * NS_PER_S); /* longer ago than this machine runs */
    schema_board_read(&board, &stats);
    assert_true(stats.age_ns >= 7000 * NS_PER_S);
    assert_true(stats.age_ns < 7600 * NS_PER_S);
    schema_board_set_answered(&board, clock_mono_ns());
    schema_board_read(&board, &stats);
    assert_true(stats.age_ns < 600 * NS_PER_S);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_board, close_board)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_slot_is_of_language_name_and_version),
        TEST(the_last_slot_is_shared),
        TEST(numbers_are_what_was_counted),
        TEST(the_age_is_that_of_the_oldest_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

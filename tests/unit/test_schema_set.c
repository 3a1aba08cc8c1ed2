/* SPDX-License-Identifier: Apache-2.0
 *
 * Sets of schemas: what is known about an id, and for how long; the table behind them. */
#include "ingestor/schema_set.h"

#include "ingestor/schema_ids.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/test.h"

#include <stdlib.h>

/* Types are never looked at here. */
static const struct schema_type *type_at(unsigned i)
{
    static const struct schema_type types[3];

    return &types[i];
}

static void finds_what_is_known(void **state)
{
    const struct schema_set_id ids[] = {
        {.id = 3, .type = type_at(0)},
        {.id = 7, .until_mono_ns = 1000},
        {.id = 9, .type = type_at(1)},
        {.id = UINT32_MAX, .type = type_at(2)},
    };
    struct schema_set set = {.ids = ids, .id_count = TEST_COUNT(ids)};

    (void)state;
    assert_ptr_equal(schema_set_find(&set, 3, 0)->type, type_at(0));
    assert_ptr_equal(schema_set_find(&set, 9, UINT64_MAX)->type, type_at(1));
    assert_ptr_equal(schema_set_find(&set, UINT32_MAX, 0)->type, type_at(2));
    assert_null(schema_set_find(&set, 7, 999)->type);
    assert_null(schema_set_find(&set, 7, 1000)); /* may be asked again */
    assert_null(schema_set_find(&set, 0, 0));
    assert_null(schema_set_find(&set, 8, 0));
    assert_null(schema_set_find(&set, UINT32_MAX - 1, 0));
}

static void an_empty_set_knows_nothing_or_all(void **state)
{
    struct schema_set set = {0};

    (void)state;
    assert_null(schema_set_find(&set, 1, 0));
    set.ids_are_all = true;
    assert_non_null(schema_set_find(&set, 1, UINT64_MAX - 1));
    assert_null(schema_set_find(&set, 1, 0)->type);
}

static err_t copy_one(void *arg)
{
    const struct schema_set_id ids[] = {{.id = 3, .type = type_at(0)}, {.id = 4}};
    const struct schema_set set = {.generation = 5, .ids = ids, .id_count = 2, .entry = type_at(1)};
    struct schema_set *copy = NULL;

    (void)arg;
    TRY(schema_set_copy(&set, &copy));
    assert_int_equal(copy->generation, 5);
    assert_ptr_equal(copy->entry, type_at(1));
    assert_ptr_not_equal(copy->ids, ids);
    assert_ptr_equal(schema_set_find(copy, 3, 0)->type, type_at(0));
    schema_set_free(copy);
    return ERR_OK;
}

static void a_copy_has_ids_of_its_own(void **state)
{
    (void)state;
    fail_alloc_walk(copy_one, NULL);
    schema_set_free(NULL);
}

static struct schema_type *new_type(void)
{
    struct schema_type *type = calloc(1, sizeof(*type));

    assert_non_null(type);
    return type;
}

static struct schema_ids ids;

static struct schema_ids_type about(uint64_t asked_mono_ns, size_t text_bytes)
{
    return (struct schema_ids_type){.asked_mono_ns = asked_mono_ns, .text_bytes = text_bytes};
}

static void put(uint32_t id)
{
    assert_ok(schema_ids_put(&ids, id, new_type(), about(1, 1)));
}

static void check_order(void)
{
    for (uint32_t i = 1; i < ids.count; i++) {
        assert_true(ids.of[i - 1].id < ids.of[i].id);
    }
}

static void ids_are_kept_in_order(void **state)
{
    (void)state;
    put(5);
    put(1);
    schema_ids_put_none(&ids, 9, SCHEMA_SET_NONE, 100);
    schema_ids_put_none(&ids, 3, SCHEMA_SET_NONE, 100);
    put(7);
    check_order();
    assert_int_equal(ids.count, 5);
    assert_int_equal(ids.type_count, 3);
    assert_true(schema_ids_has(&ids, 5, UINT64_MAX));
    assert_true(schema_ids_has(&ids, 3, 99));
    assert_false(schema_ids_has(&ids, 3, 100));
    assert_false(schema_ids_has(&ids, 4, 0));
    schema_ids_put_none(&ids, 3, SCHEMA_SET_NONE, 500); /* asked again, none again */
    assert_true(schema_ids_has(&ids, 3, 499));
    put(3); /* now there is one */
    assert_true(schema_ids_has(&ids, 3, UINT64_MAX));
    assert_int_equal(ids.count, 5);
    check_order();
    schema_ids_done(&ids);
}

static void the_oldest_that_is_none_makes_room(void **state)
{
    (void)state;
    for (uint32_t id = 0; id < SCHEMA_IDS_MAX; id++) {
        schema_ids_put_none(&ids, id, SCHEMA_SET_NONE, 10000 + (id * 7919) % 10007);
    }
    uint32_t oldest = 0;
    for (uint32_t i = 0; i < ids.count; i++) {
        oldest = ids.of[i].until_mono_ns < ids.of[oldest].until_mono_ns ? i : oldest;
    }
    uint32_t gone = ids.of[oldest].id;
    put(5000);
    assert_int_equal(ids.count, SCHEMA_IDS_MAX);
    assert_false(schema_ids_has(&ids, gone, 0));
    schema_ids_put_none(&ids, 6000, SCHEMA_SET_NONE, 1);
    assert_int_equal(ids.count, SCHEMA_IDS_MAX);
    assert_true(schema_ids_has(&ids, 5000, 0) && schema_ids_has(&ids, 6000, 0));
    check_order();
    schema_ids_done(&ids);
}

static void fill_with_types(void)
{
    for (uint32_t id = 1; id <= SCHEMA_IDS_TYPES_MAX; id++) {
        assert_true(schema_ids_has_room(&ids));
        assert_ok(schema_ids_put(&ids, id, new_type(), about(1000 + id * 7919 % 10007, 5)));
    }
    assert_false(schema_ids_has_room(&ids));
}

static void without_room_an_id_is_none_and_that_is_known(void **state)
{
    struct schema_type *further = new_type();

    (void)state;
    schema_ids_put_none(&ids, 0, SCHEMA_SET_NONE, 1000);
    fill_with_types();
    assert_err(schema_ids_put(&ids, 9999, further, about(1, 1)), ERR_LIMIT);
    for (uint32_t id = 9000; id < 9000 + SCHEMA_IDS_MAX; id++) {
        schema_ids_put_none(&ids, id, SCHEMA_SET_NO_ROOM, 1000 + id);
        assert_true(schema_ids_has(&ids, id, 1000)); /* every one is told */
    }
    assert_false(schema_ids_has(&ids, 0, 0));
    assert_int_equal(ids.type_count, SCHEMA_IDS_TYPES_MAX);
    assert_int_equal(ids.count, SCHEMA_IDS_MAX);
    check_order();
    schema_type_free(further);
    schema_ids_done(&ids);
}

static void the_type_that_was_asked_for_longest_ago_goes(void **state)
{
    uint64_t last = 0;

    (void)state;
    fill_with_types();
    schema_ids_put_none(&ids, 0, SCHEMA_SET_NONE, 1); /* never evicted */
    assert_null(schema_ids_evict(&ids, 1000));
    for (uint32_t left = SCHEMA_IDS_TYPES_MAX; left > 0; left--) {
        uint64_t oldest = UINT64_MAX;
        for (uint32_t i = 1; i < ids.count; i++) {
            oldest = ids.types[i].asked_mono_ns < oldest ? ids.types[i].asked_mono_ns : oldest;
        }
        assert_true(oldest >= last);
        last = oldest;
        assert_null(schema_ids_evict(&ids, oldest));
        struct schema_type *type = schema_ids_evict(&ids, UINT64_MAX);
        assert_non_null(type);
        schema_type_free(type);
        assert_int_equal(ids.type_count, left - 1);
        assert_true(schema_ids_has_room(&ids));
    }
    assert_null(schema_ids_evict(&ids, UINT64_MAX));
    assert_int_equal(ids.text_bytes, 0);
    assert_int_equal(ids.count, 1);
    schema_ids_done(&ids);
}

static void each_is_compared_once_and_after_each_outage(void **state)
{
    (void)state;
    put(5);
    put(3);
    schema_ids_put_none(&ids, 1, SCHEMA_SET_NONE, 1);
    assert_int_equal(schema_ids_uncompared(&ids, 0)->id, 3);
    schema_ids_about(&ids, 3)->compared_outages = 1;
    assert_int_equal(schema_ids_uncompared(&ids, 0)->id, 5);
    schema_type_free(schema_ids_take(&ids, 5));
    assert_null(schema_ids_uncompared(&ids, 0));
    assert_int_equal(schema_ids_uncompared(&ids, 1)->id, 3);
    assert_int_equal(ids.type_count, 1);
    assert_int_equal(ids.text_bytes, 1);
    schema_ids_done(&ids);
}

static void texts_are_bounded_together(void **state)
{
    struct schema_type *further = new_type();

    (void)state;
    assert_ok(schema_ids_put(&ids, 1, new_type(), about(1, SCHEMA_IDS_TEXT_BYTES_MAX - 10)));
    assert_err(schema_ids_put(&ids, 2, further, about(1, 11)), ERR_LIMIT);
    assert_ok(schema_ids_put(&ids, 2, further, about(1, 10)));
    assert_false(schema_ids_has_room(&ids));
    schema_ids_done(&ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_is_known),
        cmocka_unit_test(an_empty_set_knows_nothing_or_all),
        cmocka_unit_test(a_copy_has_ids_of_its_own),
        cmocka_unit_test(ids_are_kept_in_order),
        cmocka_unit_test(the_oldest_that_is_none_makes_room),
        cmocka_unit_test(without_room_an_id_is_none_and_that_is_known),
        cmocka_unit_test(the_type_that_was_asked_for_longest_ago_goes),
        cmocka_unit_test(each_is_compared_once_and_after_each_outage),
        cmocka_unit_test(texts_are_bounded_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

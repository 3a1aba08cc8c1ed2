/* SPDX-License-Identifier: Apache-2.0
 *
 * Owned memory: growing buffers and the arena, with their bounds. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "tests/support/test.h"

#include <stdint.h>

static void refuses_sizes_that_cannot_be(void **state)
{
    struct buf b = {0};

    (void)state;
    assert_err(buf_reserve(&b, SIZE_MAX), ERR_NOMEM);
    assert_err(buf_reserve(&b, SIZE_MAX / 2), ERR_NOMEM);
    assert_ok(buf_append(&b, SPAN_LIT("x")));
    assert_err(buf_reserve(&b, SIZE_MAX - 1), ERR_NOMEM);
    test_assert_span(buf_span(&b), "x");
    buf_done(&b);
}

static void grows_keeps_and_consumes(void **state)
{
    struct buf b = {0};

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        assert_ok(buf_printf(&b, "%03u,", i));
    }
    assert_int_equal(b.len, 4000);
    buf_consume(&b, 3996);
    test_assert_span(buf_span(&b), "999,");
    /* the slack behind the capacity is there and defined */
    for (size_t i = 0; i < SPAN_SLACK_BYTES; i++) {
        assert_int_equal(b.at[b.cap + i], 0);
    }
    buf_done(&b);
    assert_null(b.at);
}

static void gives_memory_back(void **state)
{
    struct buf b = {0};

    (void)state;
    buf_shrink(&b);
    assert_ok(buf_append(&b, SPAN_LIT("kept")));
    assert_ok(buf_reserve(&b, 100000));
    buf_shrink(&b);
    assert_int_equal(b.cap, 4);
    assert_memory_equal(b.at, "kept\0\0\0\0", 8); /* the slack is defined */
    assert_ok(buf_append(&b, SPAN_LIT(" and grown again")));
    assert_memory_equal(b.at, "kept and grown again", 20);
    b.len = 0;
    buf_shrink(&b);
    assert_null(b.at);
    assert_int_equal(b.cap, 0);
}

static void an_arena_says_when_it_is_full(void **state)
{
    struct arena a;

    (void)state;
    assert_ok(arena_init(&a, 1024));
    assert_null(arena_alloc(&a, 1025));
    assert_null(arena_alloc(&a, SIZE_MAX));
    char *first = arena_alloc(&a, 1);
    char *second = arena_alloc(&a, 1008);
    assert_non_null(first);
    assert_ptr_equal(second, first + 16);
    assert_int_equal(arena_left(&a), 0);
    assert_null(arena_alloc(&a, 1));
    arena_rewind(&a, 16);
    assert_int_equal(arena_left(&a), 1008);
    arena_reset(&a);
    assert_ptr_equal(arena_alloc(&a, 1024), first);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_sizes_that_cannot_be),
        cmocka_unit_test(grows_keeps_and_consumes),
        cmocka_unit_test(gives_memory_back),
        cmocka_unit_test(an_arena_says_when_it_is_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

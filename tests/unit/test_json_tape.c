/* SPDX-License-Identifier: Apache-2.0
 *
 * Tapes: what they refuse, their layout, finding members, equality and what it costs. */
#include "wire/json_tape.h"

#include "tests/support/test.h"

#include <stdlib.h>

#define NODES 256u

static struct json_tape_node left_nodes[NODES];
static struct json_tape_node right_nodes[NODES];

static bool load(struct json_tape_node *nodes, const char *text, uint32_t *ret_count)
{
    struct json_tape t = {nodes, 0, NODES};
    bool good = json_tape_add(&t, span_of_str(text));

    *ret_count = t.count;
    return good;
}

static void refuses_what_is_no_value(void **state)
{
    static const char *const bad[] = {"",        " ",   "[", "]",     "{",   "\"",    "\"\\",
                                      "\"a\\\"", "[]]", "x", "[1}}}", "1 2", "[] []", "tru"};
    uint32_t count = 0;

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        /* A copy of its own, so that reading behind it is seen. */
        size_t len = strlen(bad[i]);
        char *copy = malloc(len + 1);
        struct json_tape t = {left_nodes, 0, NODES};
        assert_non_null(copy);
        memcpy(copy, bad[i], len);
        if (json_tape_add(&t, span_of(copy, len))) {
            fail_msg("%s", bad[i]);
        }
        free(copy);
    }
    assert_true(load(left_nodes, "[[]]", &count));
}

static void has_limits(void **state)
{
    char deep[2 * (JSON_DEPTH_MAX + 1)];
    struct json_tape t = {left_nodes, 0, 3};

    (void)state;
    memset(deep, '[', JSON_DEPTH_MAX + 1);
    memset(deep + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    t.max = NODES;
    assert_false(json_tape_add(&t, span_of(deep, sizeof(deep))));
    t.count = 0;
    assert_true(json_tape_add(&t, span_of(deep + 1, sizeof(deep) - 2)));
    t = (struct json_tape){left_nodes, 0, 3};
    assert_false(json_tape_add(&t, SPAN_LIT("[1,2,3]")));
    t.count = 0;
    assert_true(json_tape_add(&t, SPAN_LIT("[1,2]")));
}

/* The bound on nodes holds for the densest texts. */
static void has_room_for_the_densest(void **state)
{
    static const char *const texts[] = {
        "0",      "[]", "[0]",     "[0,0]",       "[0,0,0]",        "{\"\":0}",
        "[[[]]]", "{}", "[{},{}]", "{\"\":[[]]}", "{\"\":{\"\":0}}"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(texts); i++) {
        struct json_tape t = {left_nodes, 0, (uint32_t)JSON_TAPE_NODES(strlen(texts[i]))};
        assert_true(json_tape_add(&t, span_of_str(texts[i])));
    }
}

static void lays_nodes_out(void **state)
{
    uint32_t count = 0;

    (void)state;
    assert_true(load(left_nodes, " { \"a\" : [ 1 , true ] , \"\\u0062\" : \"x\\\"\" } ", &count));
    assert_int_equal(count, 7);
    assert_int_equal(left_nodes[0].kind, TAPE_OBJECT);
    assert_int_equal(left_nodes[0].len, 2);
    assert_int_equal(left_nodes[0].next, 7);
    test_assert_span(json_tape_span(&left_nodes[1]), "a");
    assert_int_equal(left_nodes[2].kind, TAPE_ARRAY);
    assert_int_equal(left_nodes[2].len, 2);
    assert_int_equal(left_nodes[2].next, 5);
    test_assert_span(json_tape_span(&left_nodes[3]), "1");
    assert_int_equal(left_nodes[4].kind, TAPE_TRUE);
    assert_int_equal(left_nodes[5].form, TEXT_JSON);
    test_assert_span(json_tape_span(&left_nodes[6]), "x\\\"");
    assert_int_equal(json_tape_find(left_nodes, 0, SPAN_LIT("a")), 2);
    assert_int_equal(json_tape_find(left_nodes, 0, SPAN_LIT("b")), 6);
    assert_int_equal(json_tape_find(left_nodes, 0, SPAN_LIT("c")), 0);
}

static bool equal(const char *a, const char *b, uint64_t work)
{
    uint32_t count = 0;

    assert_true(load(left_nodes, a, &count));
    assert_true(load(right_nodes, b, &count));
    return json_tape_equal((struct json_tape_pair){left_nodes, 0, right_nodes, 0}, &work);
}

/* 128 bytes */
#define DIGITS                                                         \
    "1234567890123456789012345678901234567890123456789012345678901234" \
    "1234567890123456789012345678901234567890123456789012345678901234"
#define LONG "\"" DIGITS "\""

static void compares_values(void **state)
{
    static const char *const same[][2] = {
        {"1", "1.0"},
        {"\"a\\n\"", "\"\\u0061\\u000a\""},
        {"{\"a\":1,\"b\":[{}]}", "{\"b\":[{}],\"\\u0061\":1e0}"},
        {"[[],{},null,true,false,\"\"]", "[ [ ] , { } , null , true , false , \"\" ]"},
    };
    static const char *const different[][2] = {
        {"1", "2"},
        {"1", "\"1\""},
        {"0", "false"},
        {"true", "false"},
        {"null", "0"},
        {"[1,2]", "[2,1]"},
        {"[1]", "[1,1]"},
        {"{}", "[]"},
        {"{\"a\":1}", "{\"b\":1}"},
        {"{\"a\":1}", "{\"a\":2}"},
        {"[[1]]", "[[]]"},
        {"{\"a\":{\"b\":1},\"c\":2}", "{\"c\":2,\"a\":{\"b\":2}}"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(same); i++) {
        assert_true(equal(same[i][0], same[i][1], 100));
        assert_true(equal(same[i][1], same[i][0], 100));
    }
    assert_true(equal(LONG, LONG, 3));
    assert_false(equal(LONG, LONG, 2));
    assert_true(equal("{" LONG ":1}", "{" LONG ":1}", 9));
    assert_false(equal("{" LONG ":1}", "{" LONG ":1}", 4));
    assert_false(equal(DIGITS, DIGITS, 4));
    assert_true(equal(DIGITS, DIGITS, 6));
    for (size_t i = 0; i < TEST_COUNT(different); i++) {
        assert_false(equal(different[i][0], different[i][1], 100));
        assert_false(equal(different[i][1], different[i][0], 100));
    }
}

static void stops_when_it_costs_too_much(void **state)
{
    (void)state;
    assert_false(equal("[1,2,3,4]", "[1,2,3,4]", 4));
    assert_true(equal("[1,2,3,4]", "[1,2,3,4]", 5));
    assert_false(equal("{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_value), cmocka_unit_test(has_limits),
        cmocka_unit_test(has_room_for_the_densest), cmocka_unit_test(lays_nodes_out),
        cmocka_unit_test(compares_values),          cmocka_unit_test(stops_when_it_costs_too_much),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

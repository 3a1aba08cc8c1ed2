/* SPDX-License-Identifier: Apache-2.0
 *
 * What a judgement may cost: values and texts that are large or take long, and that the work grows
 * with what is done. */
#include "base/buf.h"
#include "tests/support/check_json_case.h"

#include <stdio.h>
#include <time.h>

/* Head, `count` times `unit`, and tail, judged. */
static const char *judge_wide(const char *schema, const char *head, const char *unit, size_t count,
                              const char *tail)
{
    struct buf text = {0};
    static char detail[256];
    struct schema_json *s = check_json_case_compile(schema);

    assert_ok(buf_append(&text, span_of_str(head)));
    for (size_t i = 0; i < count; i++) {
        assert_ok(buf_append(&text, span_of_str(unit)));
    }
    assert_ok(buf_append(&text, span_of_str(tail)));
    assert_ok(buf_reserve(&text, SPAN_SLACK_BYTES));
    const char *got = check_json_case_judge(s, buf_span(&text));
    snprintf(detail, sizeof(detail), "%s", got == NULL ? "" : got);
    buf_done(&text);
    schema_json_free(s);
    return got == NULL ? NULL : detail;
}

static const char *judge_long(const char *schema, const char *unit, size_t count, const char *tail)
{
    return judge_wide(schema, "", unit, count, tail);
}

static void bounds_work(void **state)
{
    (void)state;
    assert_string_equal(judge_long("{\"$dynamicAnchor\":\"a\",\"$dynamicRef\":\"#a\"}", "", 0, "1"),
                        "schemas refer to each other too deeply");
    assert_string_equal(
        judge_long("{\"$dynamicAnchor\":\"a\",\"not\":{\"$dynamicRef\":\"#a\"}}", "", 0, "1"),
        "schemas refer to each other too deeply");
    assert_string_equal(
        judge_long("{\"anyOf\":[{\"$ref\":\"#/$defs/a\"},{\"$ref\":\"#/$defs/a\"}],\"$defs\":{"
                   "\"a\":{\"anyOf\":[{\"$ref\":\"#/$defs/b\"},{\"$ref\":\"#/$defs/b\"}]},"
                   "\"b\":{\"anyOf\":[{\"$ref\":\"#/$defs/c\"},{\"$ref\":\"#/$defs/c\"}]},"
                   "\"c\":{\"items\":{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]},"
                   "\"type\":\"array\"}}}",
                   "[[[[[[[[[[[[[[[[", 1, "1]]]]]]]]]]]]]]]]"),
        "judging it by this schema takes too long");
    assert_string_equal(
        judge_long("{\"pattern\":\"^(a+)+$\"}", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 1, "b\""),
        "matching a pattern takes too long");
    assert_string_equal(judge_long("{\"not\":{\"pattern\":\"^(a+)+$\"}}",
                                   "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 1, "b\""),
                        "matching a pattern takes too long");
    assert_string_equal(judge_long("true", "                ", MIB / 16, "1"),
                        "too large to be judged by a schema");
}

/* `count` schemas with a choice between them, on a value that is long. */
static void pays_for_length(const char *schema, const char *head, const char *unit,
                            const char *tail)
{
    struct buf text = {0};

    assert_ok(buf_append(&text, SPAN_LIT("{\"anyOf\":[false")));
    for (size_t i = 0; i < 1500; i++) {
        assert_ok(buf_printf(&text, ",%s", schema));
    }
    assert_ok(buf_append(&text, span_of("]}", 3)));
    assert_string_equal(judge_wide(text.at, head, unit, 4000, tail),
                        "judging it by this schema takes too long");
    buf_done(&text);
}

static void pays_for_what_is_long(void **state)
{
    (void)state;
    pays_for_length("{\"type\":\"integer\"}", "", "1234567890", ".5");
    pays_for_length("{\"const\":1}", "1.", "0000000000", "1");
    pays_for_length("{\"not\":{\"uniqueItems\":true}}", "[0,1,2,3,4,5,6,7,8,\"", "aaaaaaaaaa",
                    "\"]");
    pays_for_length("{\"properties\":{},\"not\":true}", "{\"\\n", "aaaaaaaaaa", "\":1}");
}

/* Long strings are no reason to give a plain pattern up. */
static void matches_long_strings(void **state)
{
    static const char *const fine[] = {"^(?:a|bc)*$", "^.*b?$", "a$", "^[^b]+$", "(?:a|b)$"};
    char schema[64];

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(fine); i++) {
        snprintf(schema, sizeof(schema), "{\"items\":{\"pattern\":\"%s\"}}", fine[i]);
        struct buf text = {0};
        assert_ok(buf_append(&text, SPAN_LIT("[\"")));
        for (size_t k = 0; k < 65536; k++) {
            assert_ok(buf_append(&text, SPAN_LIT("a")));
        }
        assert_ok(buf_append(&text, SPAN_LIT("\"]")));
        struct schema_json *s = check_json_case_compile(schema);
        const char *detail = check_json_case_judge(s, buf_span(&text));
        if (detail != NULL) {
            fail_msg("%s: %s", schema, detail);
        }
        schema_json_free(s);
        buf_done(&text);
    }
}

/* The seconds of processor time that judging `count` times `unit` takes. */
static double seconds_of(const char *schema, const char *head, const char *unit, size_t count,
                         const char *tail)
{
    clock_t begin = clock();

    assert_string_equal(judge_wide(schema, head, unit, count, tail),
                        "matching a pattern takes too long");
    return (double)(clock() - begin) / CLOCKS_PER_SEC;
}

/* Each match alone is within its limit, or all the places of one text are. */
static void pays_for_the_steps_of_matches(void **state)
{
    (void)state;
    assert_true(
        seconds_of("{\"properties\":{\"a\":{\"items\":{\"not\":{\"pattern\":\"^(a+)+$\"}}}}}",
                   "{\"a\":[", "\"aaaaaaaaaaaaaaaaab\",", 12000, "0]}") < 5);
    assert_true(seconds_of("{\"items\":{\"not\":{\"pattern\":\"(a+)+$\"}}}", "[\"", "aaaaaaaaaaaab",
                           20000, "\"]") < 5);
}

/* Patterns that have no machine code, since others took the memory for it. */
static void pays_for_interpreted_patterns(void **state)
{
    struct buf schema = {0};

    (void)state;
    assert_ok(buf_append(&schema, SPAN_LIT("{\"$defs\":{")));
    for (unsigned i = 0; i < 120; i++) {
        assert_ok(buf_printf(&schema, "\"d%u\":{\"pattern\":\"", i));
        for (unsigned k = 0; k < 2000; k++) {
            assert_ok(buf_append(&schema, SPAN_LIT("a?")));
        }
        assert_ok(buf_append(&schema, SPAN_LIT("\"},")));
    }
    assert_ok(buf_append(&schema, SPAN_LIT("\"z\":{}},\"not\":{\"anyOf\":[")));
    for (unsigned i = 0; i < 20; i++) {
        assert_ok(buf_printf(&schema, "{\"pattern\":\"x?[ab]+[cd]\"},"));
    }
    assert_ok(buf_append(&schema, span_of("false]}}", 9)));
    clock_t begin = clock();
    assert_string_equal(judge_wide(schema.at, "\"", "aaaaaaaaaaaaaaaa", 4096, "\""),
                        "judging it by this schema takes too long");
    assert_true(clock() - begin < 20 * CLOCKS_PER_SEC);
    buf_done(&schema);
}

static void judges_large_values(void **state)
{
    (void)state;
    assert_null(judge_long("{\"items\":{\"type\":\"array\"}}", "[[],[],[],[]],[[]", 0, "[]"));
    assert_null(judge_long("{\"prefixItems\":[{}],\"items\":{\"const\":1},\"type\":\"array\"}", "[",
                           1, "0,1,1,1,1,1,1,1]"));
    assert_string_equal(
        judge_long("{\"uniqueItems\":true}", "[", 1,
                   "0,1,2,3,4,5,6,7,8,9,[1,{\"a\":1,\"b\":2}],[1,{\"b\":2,\"a\":1e0}]"
                   "]"),
        "uniqueItems");
    assert_null(judge_long("{\"uniqueItems\":true}", "[", 1,
                           "0,1,2,3,4,5,6,7,8,9,\"0\",[0],[[0]],{},[],null,true,false,\"\","
                           "{\"a\":\"b\"},{\"b\":\"a\"},0.5]"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_work),
        cmocka_unit_test(judges_large_values),
        cmocka_unit_test(matches_long_strings),
        cmocka_unit_test(pays_for_what_is_long),
        cmocka_unit_test(pays_for_the_steps_of_matches),
        cmocka_unit_test(pays_for_interpreted_patterns),
    };

    return cmocka_run_group_tests(tests, check_json_case_setup, check_json_case_teardown);
}

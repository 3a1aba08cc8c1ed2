/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON contract: what RFC 8259 and RFC 7493 refuse, what they allow, and what becomes of the
 * four and of further members. */
#include "codec/codec_json.h"
#include "tests/support/one_record.h"
#include "tests/support/test.h"

#include <stdio.h>

static const char head[] = "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\","
                           "\"message\":\"m\",\"service\":\"s\"";

static const char *const bad[] = {
    /* numbers */
    "01",
    "-01",
    "00",
    "+1",
    "-",
    "1.",
    ".5",
    "-.5",
    "1e",
    "1e+",
    "1E-",
    "1.e5",
    "0x10",
    "1_000",
    "1,5",
    "1 2",
    "--1",
    "1e5.5",
    "1.5.5",
    "NaN",
    "-NaN",
    "Infinity",
    "-Infinity",
    "1f",
    "0b1",
    "1a",
    "\xd9\xa1",
    /* literals */
    "",
    "tru",
    "True",
    "TRUE",
    "truee",
    "nul",
    "nulll",
    "None",
    "undefined",
    "false1",
    "t",
    "true false",
    "void",
    /* strings */
    "\"",
    "\"a",
    "'a'",
    "\"\\\"",
    "\"\\x41\"",
    "\"\\a\"",
    "\"\\0\"",
    "\"\\'\"",
    "\"\\u\"",
    "\"\\u1\"",
    "\"\\u12\"",
    "\"\\u123\"",
    "\"\\u123g\"",
    "\"\\u@000\"",
    "\"\\u000`\"",
    "\"\\u00/0\"",
    "\"\\u00:0\"",
    "\"\\U0041\"",
    "\"\\ud800\"",
    "\"\\udc00\"",
    "\"\\ud800x\"",
    "\"\\ud800\\n\"",
    "\"\\ud800\\u0041\"",
    "\"\\ud800\\ud800\"",
    "\"\\udbff\\ue000\"",
    "\"\\udc00\\ud800\"",
    "\"\\ud83d\\\"",
    "\"\t\"",
    "\"\n\"",
    "\"\r\"",
    "\"\x01\"",
    "\"\x1f\"",
    "\"a\" \"b\"",
    "\"a\"b",
    "\"\\",
    "\"\\u00",
    /* arrays */
    "[",
    "]",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[,]",
    "[1 2]",
    "[1,,2]",
    "[1}",
    "[1;2]",
    "[\"a]",
    "[[]",
    "[]]",
    "[1]1",
    /* objects */
    "{",
    "{]",
    "{\"a\"",
    "{\"a\":",
    "{\"a\":}",
    "{\"a\":1",
    "{\"a\":1,",
    "{\"a\":1,}",
    "{,}",
    "{\"a\" 1}",
    "{\"a\",1}",
    "{a:1}",
    "{'a':1}",
    "{1:1}",
    "{\"a\":1 \"b\":2}",
    "{\"a\":1]",
    "{\"a\"::1}",
    "{\"a\":1,,\"b\":2}",
    "{null:1}",
    "{\"a\":1}}",
    "{[]:1}",
    /* what other dialects have */
    "/*c*/1",
    "1/*c*/",
    "1//c",
    "#1",
    "<a>",
    "1;",
    "\x0b"
    "1",
    "\x0c"
    "1",
    "\xc2\xa0"
    "1",
    "\xef\xbb\xbf"
    "1",
    "\x7f",
    "`a`",
    "@",
    "\\",
    "=",
};

static const struct {
    const char *value;
    const char *want; /* NULL: the same */
} good[] = {
    {"0", NULL},
    {"-0", NULL},
    {"-0.0", NULL},
    {"10", NULL},
    {"-1", NULL},
    {"1.5", NULL},
    {"1e5", NULL},
    {"1E5", NULL},
    {"1e+5", NULL},
    {"1e-05", NULL},
    {"0e0", NULL},
    {"1.50", NULL},
    {"0.1e1", NULL},
    {"123456789012345678901234567890", NULL},
    {"1e999", NULL},
    {"3.14159265358979323846264338327950288", NULL},
    {"true", NULL},
    {"false", NULL},
    {"null", NULL},
    {"\"\"", NULL},
    {"\"a\"", NULL},
    {"\"\\\"\"", NULL},
    {"\"\\\\\"", NULL},
    {"\"\\/\"", NULL},
    {"\"/\"", NULL},
    {"\"\\b\\f\\n\\r\\t\"", NULL},
    {"\"\\u0000\"", NULL},
    {"\"\\u0041\"", NULL},
    {"\"\\uABCD\"", NULL},
    {"\"\\uabcd\"", NULL},
    {"\"\\ud83d\\ude00\"", NULL},
    {"\"\\uD83D\\uDE00\"", NULL},
    {"\"\\ud7ff\\ue000\"", NULL},
    {"\"\\uffff\"", NULL},
    {"\"\xc3\xa9\"", NULL},
    {"\"\xe2\x82\xac\"", NULL},
    {"\"\xf0\x9f\x98\x80\"", NULL},
    {"\"\xef\xbf\xbf\"", NULL},
    {"\"\xf4\x8f\xbf\xbf\"", NULL},
    {"\"\xc2\xa0\"", NULL},
    {"\"{[,:]}\"", NULL},
    {"\"'\"", NULL},
    {"\"0123456789abcdef0123456789abcdef\"", NULL},
    {"\"\x7f\"", "\"\\u007f\""},
    {"\"\xc2\x80\"", "\"\\u0080\""},
    {"\"\xc2\x9f\"", "\"\\u009f\""},
    {"\"\xe2\x80\xa8\"", "\"\\u2028\""},
    {"\"\xe2\x80\xa9\"", "\"\\u2029\""},
    {"\"\xe2\x80\xaa\"", NULL},
    {"\"\\\\\xc2\x85\\n\"", "\"\\\\\\u0085\\n\""},
    {"\"\\\"\x7f\\\"\"", "\"\\\"\\u007f\\\"\""},
    {"[]", NULL},
    {"{}", NULL},
    {"[ ]", "[]"},
    {"{\n}", "{}"},
    {"[1,2]", NULL},
    {"[ 1 ,\t2\r\n]", "[1,2]"},
    {"[[],{},[{}]]", NULL},
    {"{\"a\":{\"a\":{\"a\":1}}}", NULL},
    {"[{\"a\":1},{\"a\":2}]", NULL},
    {"{ \"a b\" : \"c d\" }", "{\"a b\":\"c d\"}"},
    {"[\"\\\"\", \"]\"]", "[\"\\\"\",\"]\"]"},
    {"[\"\x7f \xc2\x85\"]", "[\"\\u007f \\u0085\"]"},
    {"{\"\xe2\x80\xa8\" : null}", "{\"\\u2028\":null}"},
    {"[true,false,null]", NULL},
    {"{\"\":0}", NULL},
    {"{\"timestamp\":1}", NULL},
    {"[\"\\\\\", 1]", "[\"\\\\\",1]"},
};

static int setup(void **state)
{
    static struct one_record r;

    one_record_init(&r, codec_json_entry);
    *state = &r;
    return 0;
}

static int teardown(void **state)
{
    one_record_done(*state);
    return 0;
}

/* A value as a further member of a good record. */
static struct span with_value(struct buf *b, const char *value)
{
    b->len = 0;
    assert_ok(buf_printf(b, "%s,\"x\":%s}", head, value));
    return buf_span(b);
}

static void refuses_values_that_json_does_not_have(void **state)
{
    struct buf b = {0};

    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        one_record_fails(*state, with_value(&b, bad[i]), REASON_BAD_JSON);
    }
    buf_done(&b);
}

static void keeps_values_as_they_are(void **state)
{
    struct buf b = {0};
    struct buf want = {0};

    for (size_t i = 0; i < TEST_COUNT(good); i++) {
        want.len = 0;
        assert_ok(buf_printf(&want, "%s,\"x\":%s}", head,
                             good[i].want == NULL ? good[i].value : good[i].want));
        one_record_is(*state, with_value(&b, good[i].value), want.at);
    }
    buf_done(&b);
    buf_done(&want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_values_that_json_does_not_have),
        cmocka_unit_test(keeps_values_as_they_are),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON as Avro data: the bytes of each type, what does not fit and how that is said, and that what
 * the codec writes becomes the datum it came from. */
#include "schema/schema_avro_encode.h"
#include "tests/support/avro_one.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/one_record.h"
#include "tests/support/test.h"

#include <stdio.h>

#define RECORD(fields)         "{\"type\":\"record\",\"name\":\"R\",\"fields\":[" fields "]}"
#define FIELD(name, type)      "{\"name\":\"" name "\",\"type\":" type "}"
#define DEFAULTED(type, value) "{\"name\":\"f\",\"type\":" type ",\"default\":" value "}"
#define LOGICAL(type, name)    "{\"type\":\"" type "\",\"logicalType\":\"" name "\"}"
#define FIXED                  "{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}"
#define ENUM                   "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]}"
#define DECIMAL                                        \
    "{\"type\":\"bytes\",\"logicalType\":\"decimal\"," \
    "\"precision\":5,\"scale\":2}"
#define FIXED_DECIMAL                                                            \
    "{\"type\":\"fixed\",\"name\":\"D\",\"size\":4,\"logicalType\":\"decimal\"," \
    "\"precision\":5,\"scale\":2}"
#define DURATION     "{\"type\":\"fixed\",\"name\":\"D\",\"size\":12,\"logicalType\":\"duration\"}"
#define ARRAY(items) "{\"type\":\"array\",\"items\":" items "}"
#define MAP(values)  "{\"type\":\"map\",\"values\":" values "}"
#define NODE         RECORD(FIELD("n", "[\"null\",\"R\"]"))
#define TWO_RECORDS                                                               \
    "[{\"type\":\"record\",\"name\":\"A\",\"fields\":[" FIELD(                    \
        "x", "\"int\"") "]},"                                                     \
                        "{\"type\":\"record\",\"name\":\"B\",\"fields\":[" FIELD( \
                            "x", "\"int\"") "," FIELD("y", "[\"int\",\"string\"]") "]}]"

static const struct {
    const char *schema; /* of a field v */
    const char *json;
    struct span datum;
    bool codec_differs; /* the codec writes the same value in another way */
} rows[] = {
    {"\"null\"", "null", {"", 0}, false},
    {"\"boolean\"", "true", {"\1", 1}, false},
    {"\"boolean\"", "false", {"\0", 1}, false},
    {"\"int\"", "-2147483648", {"\xff\xff\xff\xff\x0f", 5}, false},
    {"\"long\"", "9223372036854775807", {"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10}, false},
    {"\"long\"", "-9223372036854775808", {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10}, false},
    {"\"float\"", "0.1", {"\xcd\xcc\xcc\x3d", 4}, false},
    {"\"float\"", "\"Infinity\"", {"\0\0\x80\x7f", 4}, false},
    {"\"double\"", "1", {"\0\0\0\0\0\0\xf0\x3f", 8}, false},
    {"\"double\"", "\"-Infinity\"", {"\0\0\0\0\0\0\xf0\xff", 8}, false},
    {"\"double\"", "\"NaN\"", {"\0\0\0\0\0\0\xf8\x7f", 8}, false},
    {"\"bytes\"", "\"\"", {"\0", 1}, false},
    {"\"bytes\"", "\"AP8=\"", {"\4\0\xff", 3}, false},
    {"\"bytes\"", "\"AP8Q\"", {"\6\0\xff\x10", 4}, false},
    {"\"string\"",
     "\"caf\xc3\xa9\"",
     {"\12"
      "caf\xc3\xa9",
      6},
     false},
    {FIXED, "\"AQI=\"", {"\1\2", 2}, false},
    {ENUM, "\"B\"", {"\2", 1}, false},
    {ARRAY("\"int\""), "[]", {"\0", 1}, false},
    {ARRAY("\"int\""), "[1,2,3]", {"\6\2\4\6\0", 5}, false},
    {MAP("\"int\""), "{}", {"\0", 1}, false},
    {MAP("\"int\""), "{\"a\":1,\"b\":2}", {"\4\2a\2\2b\4\0", 8}, false},
    {"[\"null\",\"string\"]", "\"x\"", {"\2\2x", 3}, false},
    {"[\"int\",\"string\",\"null\"]", "null", {"\4", 1}, false},
    {"[\"int\",\"long\"]", "2147483648", {"\2\x80\x80\x80\x80\x10", 6}, false},
    {"[\"float\",\"double\"]", "1e300", {"\2\x9c\x75\x00\x88\x3c\xe4\x37\x7e", 9}, true},
    {"[" ARRAY("\"int\"") "," MAP("\"int\"") "]", "{\"a\":1}", {"\2\2\2a\2\0", 6}, false},
    {ARRAY("[" ARRAY("\"int\"") ",\"string\",\"null\"]"),
     "[[1],\"x\",null,[]]",
     {"\10\0\2\2\0\2\2x\4\0\0\0", 12},
     false},
    {TWO_RECORDS, "{\"x\":1}", {"\0\2", 2}, false},
    {TWO_RECORDS, "{\"x\":1,\"y\":\"z\"}", {"\2\2\2\2z", 5}, false},
    {"{\"type\":\"record\",\"name\":\"N\",\"fields\":[" FIELD("n", "[\"null\",\"N\"]") "]}",
     "{\"n\":{\"n\":null}}",
     {"\2\0", 2},
     false},
    {"{\"type\":\"record\",\"name\":\"E\",\"fields\":[]}", "{}", {"", 0}, false},
    {LOGICAL("int", "date"), "\"2026-11-21\"", {"\xd4\xc4\x02", 3}, false},
    {LOGICAL("int", "date"), "\"1969-12-31\"", {"\1", 1}, false},
    {LOGICAL("int", "date"), "-1", {"\1", 1}, true},
    {LOGICAL("int", "time-millis"), "\"00:00:00.001\"", {"\2", 1}, false},
    {LOGICAL("int", "time-millis"), "\"00:00:00.0019999\"", {"\2", 1}, true},
    {LOGICAL("long", "time-micros"), "\"00:00:00.000001\"", {"\2", 1}, false},
    {LOGICAL("long", "timestamp-millis"), "\"1969-12-31T23:59:59.999Z\"", {"\1", 1}, false},
    {LOGICAL("long", "timestamp-millis"), "\"1970-01-01T01:00:00.001+01:00\"", {"\2", 1}, true},
    {LOGICAL("long", "timestamp-millis"), "\"1969-12-31T23:59:59.9999Z\"", {"\1", 1}, true},
    {LOGICAL("long", "timestamp-micros"), "\"1970-01-01T00:00:00Z\"", {"\0", 1}, true},
    {LOGICAL("long", "timestamp-micros"), "3", {"\6", 1}, true},
    {LOGICAL("long", "local-timestamp-millis"), "\"1970-01-01T00:00:00.001\"", {"\2", 1}, false},
    {LOGICAL("long", "local-timestamp-micros"), "\"1970-01-01T00:00:00.000001\"", {"\2", 1}, false},
    {DECIMAL, "\"0.00\"", {"\2\0", 2}, false},
    {DECIMAL, "\"-0.01\"", {"\2\xff", 2}, false},
    {DECIMAL, "\"12.3\"", {"\4\x04\xce", 3}, true},
    {DECIMAL, "\"1.28\"", {"\4\0\x80", 3}, false},
    {DECIMAL, "\"-1.28\"", {"\2\x80", 2}, false},
    {DECIMAL, "\"999.99\"", {"\6\x01\x86\x9f", 4}, false},
    {DECIMAL, "\"000999\"", {"\6\x01\x86\x3c", 4}, true},
    {FIXED_DECIMAL, "\"-0.01\"", {"\xff\xff\xff\xff", 4}, false},
    {FIXED_DECIMAL, "\"1.00\"", {"\0\0\0\x64", 4}, false},
    {DURATION,
     "{\"months\":1,\"days\":2,\"milliseconds\":4294967295}",
     {"\1\0\0\0\2\0\0\0\xff\xff\xff\xff", 12},
     false},
};

static struct one_record run;

static int setup(void **state)
{
    (void)state;
    one_record_init(&run, avro_one_codec);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    one_record_done(&run);
    return 0;
}

static struct schema_avro *compiled(const char *text)
{
    struct schema_why why = {{0}};
    struct schema_avro *s = NULL;

    if (schema_avro_compile(span_of_str(text), &why, &s) != ERR_OK) {
        fail_msg("%s: %s", text, why.text);
    }
    return s;
}

static err_t encode(const char *schema, const char *json, struct schema_why *why, struct buf *out)
{
    struct schema_avro *s = compiled(schema);
    json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);

    assert_non_null(value);
    err_t err = schema_avro_encode(s, value, why, out);
    json_decref(value);
    schema_avro_free(s);
    return err;
}

static void test_bytes_and_back(void **state)
{
    char schema[1024];
    char json[512];
    char line[512];

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        struct schema_why why = {{0}};
        struct buf out = {0};
        snprintf(schema, sizeof(schema), RECORD("{\"name\":\"v\",\"type\":%s}"), rows[i].schema);
        snprintf(json, sizeof(json), "{\"v\":%s}", rows[i].json);
        if (encode(schema, json, &why, &out) != ERR_OK) {
            fail_msg("%s %s: %s", schema, json, why.text);
        }
        assert_int_equal(out.len, rows[i].datum.len);
        assert_memory_equal(out.len > 0 ? out.at : "", rows[i].datum.at, out.len);
        struct schema_avro *s = compiled(schema);
        avro_one_use(s);
        snprintf(line, sizeof(line), AVRO_ONE_HEAD ",\"v\":%s}", rows[i].json);
        if (rows[i].codec_differs) {
            assert_int_equal(one_record_run(&run, buf_span(&out)), REASON_NONE);
        } else {
            one_record_is(&run, buf_span(&out), line);
        }
        schema_avro_free(s);
        buf_done(&out);
    }
}

static const struct {
    const char *schema;
    const char *json;
    const char *why; /* a part of it */
} bad_rows[] = {
    {"\"null\"", "0", "at \"\": allowed is null"},
    {"\"boolean\"", "0", "true or false"},
    {"\"int\"", "2147483648", "an integer of 32 bits"},
    {"\"int\"", "1.0", "an integer of 32 bits"},
    {"\"int\"", "\"1\"", "an integer of 32 bits"},
    {"\"long\"", "null", "an integer of 64 bits"},
    {"\"float\"", "1e39", "a number that a float can hold"},
    {"\"double\"", "\"nan\"", "\"NaN\""},
    {"\"string\"", "1", "a string"},
    {"\"bytes\"", "\"A\"", "base64"},
    {"\"bytes\"", "\"A===\"", "base64"},
    {"\"bytes\"", "\"AP9=\"", "base64"},
    {"\"bytes\"", "\"AP8-\"", "base64"},
    {"\"bytes\"", "1", "base64"},
    {FIXED, "\"AQ==\"", "as many bytes"},
    {ENUM, "\"C\"", "one of the symbols"},
    {ENUM, "0", "one of the symbols"},
    {ARRAY("\"int\""), "{}", "an array"},
    {ARRAY("\"int\""), "[1,null]", "at \"/1\": allowed is an integer"},
    {MAP("\"int\""), "[]", "an object"},
    {MAP(ARRAY("\"int\"")), "{\"a\":[1],\"b\":[1,2,\"\"]}", "at \"/b/2\""},
    {RECORD(FIELD("a", "\"int\"")), "{}", "an object with a member \"a\""},
    {RECORD(FIELD("a", "\"int\"")), "[]", "an object"},
    {RECORD(FIELD("a", "\"int\"")), "{\"a\":1,\"b\":2}", "no other members"},
    {RECORD(FIELD("a", ARRAY("[\"null\",\"int\"]"))), "{\"a\":[null,1,\"x\"]}", "at \"/a/2\""},
    {"[\"null\",\"string\"]", "1", "a string"},
    {"[\"null\"," RECORD(FIELD("a", "\"int\"")) "]", "{\"a\":\"\"}", "at \"/a\""},
    {LOGICAL("int", "date"), "\"2026-02-29\"", "a date or time"},
    {LOGICAL("int", "date"), "\"2026-02-28T00:00:00Z\"", "a date or time"},
    {LOGICAL("int", "time-millis"), "\"24:00:00\"", "a date or time"},
    {LOGICAL("long", "timestamp-millis"), "\"2026-02-28 00:00:00\"", "a date or time"},
    {LOGICAL("long", "local-timestamp-millis"), "\"2026-02-28T00:00:00Z\"", "a date or time"},
    {DECIMAL, "1.5", "a string of digits"},
    {DECIMAL, "\"1.234\"", "a string of digits"},
    {DECIMAL, "\"1000.00\"", "a string of digits"},
    {DECIMAL, "\"1.\"", "a string of digits"},
    {DECIMAL, "\".5\"", "a string of digits"},
    {DECIMAL, "\"-\"", "a string of digits"},
    {DECIMAL, "\"1e2\"", "a string of digits"},
    {DURATION, "{\"months\":1,\"days\":2}", "an object of months"},
    {DURATION, "{\"months\":1,\"days\":-2,\"milliseconds\":0}", "an object of months"},
};

static void test_misfits(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad_rows); i++) {
        struct schema_why why = {{0}};
        struct buf out = {0};
        assert_ok(buf_append(&out, SPAN_LIT("before")));
        assert_err(encode(bad_rows[i].schema, bad_rows[i].json, &why, &out), ERR_SYNTAX);
        test_assert_span(buf_span(&out), "before");
        if (strstr(why.text, bad_rows[i].why) == NULL) {
            fail_msg("\"%s\" is not in \"%s\"", bad_rows[i].why, why.text);
        }
        buf_done(&out);
    }
}

/* Absent fields: the schema's own form of bytes, the first branch, nested defaults. */
static void test_defaults(void **state)
{
    static const struct {
        const char *schema;
        struct span datum;
    } defaults[] = {
        {RECORD(DEFAULTED("\"bytes\"", "\"\\u00ff\\u0000a\"")), {"\6\xff\0a", 4}},
        {RECORD(DEFAULTED(FIXED, "\"\\u00ff\\u0080\"")), {"\xff\x80", 2}},
        {RECORD(DEFAULTED("[\"int\",\"null\"]", "7")), {"\0\x0e", 2}},
        {RECORD(DEFAULTED(ENUM, "\"B\"")), {"\2", 1}},
        {RECORD(DEFAULTED("\"float\"", "1")), {"\0\0\x80\x3f", 4}},
        {RECORD(DEFAULTED(LOGICAL("long", "timestamp-millis"), "5")), {"\12", 1}},
        {RECORD(DEFAULTED(MAP("\"int\""), "{\"a\":1}")), {"\2\2a\2\0", 5}},
        {RECORD(DEFAULTED(ARRAY("[\"null\",\"int\"]"), "[null]")), {"\2\0\0", 3}},
        {RECORD(DEFAULTED("{\"type\":\"record\",\"name\":\"S\",\"fields\":[{\"name\":\"x\","
                          "\"type\":\"int\",\"default\":1}," FIELD("y", "\"int\"") "]}",
                          "{\"y\":2,\"other\":3}")),
         {"\2\4", 2}},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(defaults); i++) {
        struct schema_why why = {{0}};
        struct buf out = {0};
        assert_ok(encode(defaults[i].schema, "{}", &why, &out));
        assert_int_equal(out.len, defaults[i].datum.len);
        assert_memory_equal(out.at, defaults[i].datum.at, out.len);
        buf_done(&out);
    }
}

/* Defaults within defaults double on each level; one branch of two is wrong on each level. */
static void test_what_never_ends(void **state)
{
    struct buf schema = {0};
    struct buf out = {0};
    struct schema_why why = {{0}};

    (void)state;
    assert_ok(buf_printf(&schema, "{\"type\":\"record\",\"name\":\"T\",\"fields\":[{\"name\":\"v\","
                                  "\"default\":null,\"type\":[\"null\""));
    for (unsigned i = 0; i < 60; i++) {
        char inner[16];
        snprintf(inner, sizeof(inner), i == 0 ? "\"int\"" : "\"R%u\"", i - 1);
        const char *value = i == 0 ? "1" : "{}";
        assert_ok(buf_printf(&schema,
                             ",{\"type\":\"record\",\"name\":\"R%u\",\"fields\":[{\"name\":\"a%u\","
                             "\"type\":%s,\"default\":%s},{\"name\":\"b\",\"type\":%s,"
                             "\"default\":%s}]}",
                             i, i, inner, value, inner, value));
    }
    assert_ok(buf_printf(&schema, "]}]}"));
    assert_ok(buf_append(&schema, span_of("", 1)));
    assert_err(encode(schema.at, "{\"v\":{\"a59\":{}}}", &why, &out), ERR_LIMIT);
    assert_int_equal(out.len, 0);
    assert_non_null(strstr(why.text, "too large"));
    buf_done(&schema);
    buf_done(&out);
}

static void test_too_deep(void **state)
{
    struct buf json = {0};
    struct buf out = {0};
    struct schema_why why = {{0}};

    (void)state;
    for (unsigned i = 0; i < 500; i++) {
        assert_ok(buf_printf(&json, "{\"n\":"));
    }
    assert_ok(buf_printf(&json, "null"));
    for (unsigned i = 0; i < 500; i++) {
        assert_ok(buf_printf(&json, "}"));
    }
    assert_ok(buf_append(&json, span_of("", 1)));
    assert_err(encode(NODE, json.at, &why, &out), ERR_LIMIT);
    buf_done(&json);
    buf_done(&out);
}

static err_t try_encode(void *arg)
{
    struct schema_why why = {{0}};
    struct buf out = {0};
    static const char json[] = "{\"a\":\"AQI=\",\"b\":[\"0.01\"]}";
    json_t *value = json_loads(json, 0, NULL);

    err_t err = schema_avro_encode(arg, value, &why, &out);
    json_decref(value);
    buf_done(&out);
    return err;
}

static void test_memory_runs_out(void **state)
{
    struct schema_avro *s = compiled(RECORD(FIELD("a", FIXED) "," FIELD("b", ARRAY(DECIMAL))));

    (void)state;
    fail_alloc_walk(try_encode, s);
    schema_avro_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_and_back), cmocka_unit_test(test_misfits),
        cmocka_unit_test(test_defaults),       cmocka_unit_test(test_what_never_ends),
        cmocka_unit_test(test_too_deep),       cmocka_unit_test(test_memory_runs_out),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

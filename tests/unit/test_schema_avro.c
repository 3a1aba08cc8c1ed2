/* SPDX-License-Identifier: Apache-2.0
 *
 * Avro schemas: what is refused and with which words, and the plan of what is not. */
#include "schema/schema_avro.h"
#include "schema/schema_builtin.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

#define RECORD(fields)         "{\"type\":\"record\",\"name\":\"R\",\"fields\":[" fields "]}"
#define FIELD(name, type)      "{\"name\":\"" name "\",\"type\":" type "}"
#define DEFAULTED(type, value) RECORD("{\"name\":\"f\",\"type\":" type ",\"default\":" value "}")
#define FIXED(name)            "{\"type\":\"fixed\",\"name\":\"" name "\",\"size\":1}"
#define ENUM                   "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]}"
#define LIST                   RECORD(FIELD("v", "\"int\"") "," FIELD("n", "[\"null\",\"R\"]"))

static const struct {
    const char *text;
    err_t err;
    const char *why; /* a part of it */
} bad_rows[] = {
    {"", ERR_SYNTAX, "no JSON: line 1"},
    {"{", ERR_SYNTAX, "no JSON"},
    {"\"int\" \"int\"", ERR_SYNTAX, "no JSON"},
    {"{\"type\":\"int\",\"type\":\"int\"}", ERR_SYNTAX, "duplicate"},
    {"\"\xff\"", ERR_SYNTAX, "no JSON"},
    {"1", ERR_SYNTAX, "a type is a name"},
    {"null", ERR_SYNTAX, "a type is a name"},
    {"{}", ERR_SYNTAX, "a type is a name"},
    {"{\"type\":{\"type\":\"int\"}}", ERR_SYNTAX, "a type is a name"},
    {"\"nosuch\"", ERR_UNKNOWN, "at \"\": no type of that name is defined: \"nosuch\""},
    {"{\"type\":\"nosuch\"}", ERR_UNKNOWN, "nosuch"},
    {RECORD(FIELD("a", "\"int\"") "," FIELD("b", "[\"null\",\"X\"]")), ERR_UNKNOWN,
     "at \"/fields/1/1\": no type of that name is defined: \"X\""},
    {"{\"type\":\"record\",\"name\":\"R\"}", ERR_SYNTAX, "an array of fields"},
    {"{\"type\":\"record\",\"fields\":[]}", ERR_SYNTAX, "needs a valid name"},
    {"{\"type\":\"record\",\"name\":\"1\",\"fields\":[]}", ERR_SYNTAX, "needs a valid name: \"1\""},
    {"{\"type\":\"record\",\"name\":\"a..b\",\"fields\":[]}", ERR_SYNTAX, "needs a valid name"},
    {"{\"type\":\"record\",\"name\":\"\",\"fields\":[]}", ERR_SYNTAX, "needs a valid name"},
    {"{\"type\":\"record\",\"name\":\"a.int\",\"fields\":[]}", ERR_SYNTAX, "a primitive one"},
    {"{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"a b\",\"fields\":[]}", ERR_SYNTAX,
     "a namespace must be"},
    {"{\"type\":\"record\",\"name\":\"R\",\"namespace\":1,\"fields\":[]}", ERR_SYNTAX,
     "a namespace must be"},
    {"{\"type\":\"record\",\"name\":\"R\",\"aliases\":\"A\",\"fields\":[]}", ERR_SYNTAX,
     "aliases must be an array"},
    {"{\"type\":\"record\",\"name\":\"R\",\"aliases\":[\"-\"],\"fields\":[]}", ERR_SYNTAX,
     "an alias is no name: \"-\""},
    {RECORD("1"), ERR_SYNTAX, "a field needs a valid name"},
    {RECORD("{\"name\":\"a.b\",\"type\":\"int\"}"), ERR_SYNTAX, "at \"/fields/0\""},
    {RECORD("{\"name\":\"a\"}"), ERR_SYNTAX, "a field needs a type: \"a\""},
    {RECORD("{\"name\":\"a\",\"type\":\"int\",\"order\":\"up\"}"), ERR_SYNTAX, "order is"},
    {RECORD("{\"name\":\"a\",\"type\":\"int\",\"aliases\":[\"a.b\"]}"), ERR_SYNTAX,
     "an alias is no name"},
    {RECORD(FIELD("a", "\"int\"") "," FIELD("a", "\"int\"")), ERR_SYNTAX,
     "two fields have one name: \"a\""},
    {RECORD(FIELD("a", FIXED("F")) "," FIELD("b", FIXED("F"))), ERR_SYNTAX,
     "a name is defined twice: \"F\""},
    {"[" FIXED("a.F") ",{\"type\":\"fixed\",\"name\":\"F\",\"namespace\":\"a\",\"size\":1}]",
     ERR_SYNTAX, "a name is defined twice: \"a.F\""},
    {"{\"type\":\"enum\",\"name\":\"E\"}", ERR_SYNTAX, "an array of symbols"},
    {"{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"A\"]}", ERR_SYNTAX, "twice: \"A\""},
    {"{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"a-b\"]}", ERR_SYNTAX, "is no name"},
    {"{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[1]}", ERR_SYNTAX, "is no name"},
    {"{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"],\"default\":\"B\"}", ERR_SYNTAX,
     "none of its symbols: \"B\""},
    {"{\"type\":\"fixed\",\"name\":\"F\"}", ERR_SYNTAX, "needs a size"},
    {"{\"type\":\"fixed\",\"name\":\"F\",\"size\":-1}", ERR_SYNTAX, "needs a size"},
    {"{\"type\":\"fixed\",\"name\":\"F\",\"size\":2147483648}", ERR_SYNTAX, "needs a size"},
    {"{\"type\":\"fixed\",\"name\":\"F\",\"size\":\"1\"}", ERR_SYNTAX, "needs a size"},
    {"{\"type\":\"array\"}", ERR_SYNTAX, "an array needs items"},
    {"{\"type\":\"map\"}", ERR_SYNTAX, "a map needs values"},
    {"{\"type\":\"map\",\"values\":{\"type\":\"array\",\"items\":\"X\"}}", ERR_UNKNOWN,
     "at \"/values/items\""},
    {"[]", ERR_SYNTAX, "a union needs a branch"},
    {"[\"int\",\"int\"]", ERR_SYNTAX, "two branches of one type"},
    {"[\"int\",{\"type\":\"int\",\"logicalType\":\"date\"}]", ERR_SYNTAX, "two branches"},
    {"[{\"type\":\"map\",\"values\":\"int\"},{\"type\":\"map\",\"values\":\"long\"}]", ERR_SYNTAX,
     "two branches of one type"},
    {"[" FIXED("F") ",\"F\"]", ERR_SYNTAX, "two branches of one type"},
    {"[\"null\",[\"int\"]]", ERR_SYNTAX, "directly in a union"},
    {RECORD(FIELD("r", "\"R\"")), ERR_LIMIT, "\"R\" contains itself without end"},
    {RECORD(FIELD("r", "[\"R\"]")), ERR_LIMIT, "contains itself without end"},
    {DEFAULTED("\"int\"", "\"1\""), ERR_SYNTAX, "the default of the field \"f\" does not fit"},
    {DEFAULTED("\"int\"", "2147483648"), ERR_SYNTAX, "does not fit"},
    {DEFAULTED("\"int\"", "1.0"), ERR_SYNTAX, "does not fit"},
    {DEFAULTED("\"null\"", "0"), ERR_SYNTAX, "does not fit"},
    {DEFAULTED("\"boolean\"", "0"), ERR_SYNTAX, "does not fit"},
    {DEFAULTED("\"double\"", "\"NaN\""), ERR_SYNTAX, "does not fit"},
    {DEFAULTED("\"string\"", "null"), ERR_SYNTAX, "does not fit"},
    {DEFAULTED("\"bytes\"", "\"\\u0100\""), ERR_SYNTAX, "does not fit"},
    {DEFAULTED(FIXED("F"), "\"ab\""), ERR_SYNTAX, "does not fit"},
    {DEFAULTED(ENUM, "\"C\""), ERR_SYNTAX, "does not fit"},
    {DEFAULTED("[\"null\",\"int\"]", "1"), ERR_SYNTAX, "does not fit"},
    {DEFAULTED("{\"type\":\"array\",\"items\":\"int\"}", "[1,null]"), ERR_SYNTAX, "does not fit"},
    {DEFAULTED("{\"type\":\"map\",\"values\":\"int\"}", "{\"a\":1,\"b\":\"\"}"), ERR_SYNTAX,
     "does not fit"},
    {DEFAULTED("{\"type\":\"map\",\"values\":\"int\"}", "[]"), ERR_SYNTAX, "does not fit"},
    {DEFAULTED("{\"type\":\"record\",\"name\":\"S\",\"fields\":[" FIELD("x", "\"int\"") "]}", "{}"),
     ERR_SYNTAX, "does not fit"},
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad_rows); i++) {
        struct schema_why why = {{0}};
        struct schema_avro *s = NULL;
        assert_err(schema_avro_compile(span_of_str(bad_rows[i].text), &why, &s), bad_rows[i].err);
        assert_null(s);
        if (strstr(why.text, bad_rows[i].why) == NULL) {
            fail_msg("%s: \"%s\" is not in \"%s\"", bad_rows[i].text, bad_rows[i].why, why.text);
        }
    }
}

static const char *const good_texts[] = {
    "\"string\"",
    "{\"type\":\"string\",\"extra\":[1,{\"a\":null}]}",
    "[\"null\",\"string\"]",
    "{\"type\":\"array\",\"items\":[\"null\",\"string\"]}",
    "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[],\"aliases\":[\"x.y\"]}",
    "{\"type\":\"record\",\"name\":\"R\",\"fields\":[],\"namespace\":\"\"}",
    RECORD(
        "{\"name\":\"a\",\"type\":\"int\",\"order\":\"ignore\",\"aliases\":[\"b\"],\"doc\":\"\"}"),
    LIST,
    /* Namespaces: of the full name, beside the name, enclosing, and the null one by "". */
    "{\"type\":\"record\",\"name\":\"a.b.R\",\"namespace\":\"x\",\"fields\":["
    "{\"name\":\"f\",\"type\":" FIXED(
        "F") "},{\"name\":\"g\",\"type\":\"a.b.F\"},"
             "{\"name\":\"h\",\"type\":\"F\"},{\"name\":\"i\",\"type\":{\"type\":\"fixed\","
             "\"name\":\"G\","
             "\"namespace\":\"c\",\"size\":2}},{\"name\":\"j\",\"type\":[\"null\",\"c.G\",\"R\"]},"
             "{\"name\":\"k\",\"type\":{\"type\":\"F\"}}]}",
    "[" FIXED("F") ",{\"type\":\"fixed\",\"name\":\"F\",\"namespace\":\"a\",\"size\":1}]",
    DEFAULTED("\"null\"", "null"),
    DEFAULTED("\"boolean\"", "false"),
    DEFAULTED("\"int\"", "-2147483648"),
    DEFAULTED("\"long\"", "9223372036854775807"),
    DEFAULTED("\"float\"", "1"),
    DEFAULTED("\"double\"", "1.5e3"),
    DEFAULTED("\"bytes\"", "\"\\u0000\\u00ff\""),
    DEFAULTED("\"string\"", "\"\\u0100\""),
    DEFAULTED(FIXED("F"), "\"\\u00ff\""),
    DEFAULTED(ENUM, "\"B\""),
    DEFAULTED("[\"int\",\"null\"]", "1"),
    DEFAULTED("{\"type\":\"array\",\"items\":[\"null\",\"int\"]}", "[null,null]"),
    DEFAULTED("{\"type\":\"map\",\"values\":\"int\"}", "{\"a\":1,\"b\":2}"),
    DEFAULTED("[{\"type\":\"record\",\"name\":\"S\",\"fields\":[{\"name\":\"x\",\"type\":"
              "\"int\",\"default\":1}," FIELD("y", "\"string\"") "]}]",
              "{\"y\":\"\"}"),
};

static void test_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(good_texts); i++) {
        struct schema_why why = {{0}};
        struct schema_avro *s = NULL;
        if (schema_avro_compile(span_of_str(good_texts[i]), &why, &s) != ERR_OK) {
            fail_msg("%s: %s", good_texts[i], why.text);
        }
        schema_avro_free(s);
    }
    schema_avro_free(NULL);
}

static struct schema_avro *compiled(const char *text)
{
    struct schema_why why = {{0}};
    struct schema_avro *s = NULL;

    assert_ok(schema_avro_compile(span_of_str(text), &why, &s));
    return s;
}

static void test_plan_of_a_list(void **state)
{
    struct schema_avro *s = compiled(
        "{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"n\","
        "\"fields\":[" FIELD("v", "\"int\"") "," FIELD("message", "[\"null\",\"R\"]") "]}");

    (void)state;
    assert_int_equal(s->node_count, 4); /* record, int, union, null */
    assert_int_equal(s->nodes[0].kind, AVRO_RECORD);
    test_assert_span(s->nodes[0].fullname, "n.R");
    assert_int_equal(s->nodes[0].count, 2);
    assert_int_equal(s->nodes[0].bytes_min, 2);
    const struct schema_avro_field *fields = s->fields + s->nodes[0].first;
    test_assert_span(fields[0].name, "v");
    assert_int_equal(fields[0].kind, AVRO_INT);
    assert_int_equal(fields[0].entry, FIELD_COUNT);
    assert_int_equal(fields[1].entry, FIELD_MESSAGE);
    const struct schema_avro_node *either = &s->nodes[fields[1].node];
    assert_int_equal(either->kind, AVRO_UNION);
    assert_int_equal(either->count, 2);
    assert_int_equal(s->branches[either->first + 1], 0); /* the record itself */
    schema_avro_free(s);
}

static void test_log_entry(void **state)
{
    struct span text = schema_builtin(SCHEMA_KIND_AVRO);
    struct schema_why why = {{0}};
    struct schema_avro *s = NULL;

    (void)state;
    assert_ok(schema_avro_compile(text, &why, &s));
    assert_int_equal(s->field_count, 4);
    for (uint32_t i = 0; i < FIELD_COUNT; i++) {
        assert_int_equal(s->fields[i].entry, i);
        assert_int_equal(s->fields[i].kind, AVRO_STRING);
    }
    assert_false(s->never_begins_with_zero);
    schema_avro_free(s);
}

static const struct {
    const char *text;
    enum schema_avro_logical logical;
} logical_rows[] = {
    {"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4}", AVRO_DECIMAL},
    {"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":4}", AVRO_DECIMAL},
    {"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":5}", AVRO_PLAIN},
    {"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":-1}", AVRO_PLAIN},
    {"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":\"1\"}",
     AVRO_PLAIN},
    {"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":0}", AVRO_PLAIN},
    {"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":1025}", AVRO_PLAIN},
    {"{\"type\":\"bytes\",\"logicalType\":\"decimal\"}", AVRO_PLAIN},
    {"{\"type\":\"fixed\",\"name\":\"F\",\"size\":4,\"logicalType\":\"decimal\",\"precision\":9}",
     AVRO_DECIMAL},
    {"{\"type\":\"fixed\",\"name\":\"F\",\"size\":4,\"logicalType\":\"decimal\",\"precision\":10}",
     AVRO_PLAIN},
    {"{\"type\":\"fixed\",\"name\":\"F\",\"size\":12,\"logicalType\":\"duration\"}", AVRO_DURATION},
    {"{\"type\":\"fixed\",\"name\":\"F\",\"size\":11,\"logicalType\":\"duration\"}", AVRO_PLAIN},
    {"{\"type\":\"string\",\"logicalType\":\"uuid\"}", AVRO_UUID},
    {"{\"type\":\"bytes\",\"logicalType\":\"uuid\"}", AVRO_PLAIN},
    {"{\"type\":\"int\",\"logicalType\":\"date\"}", AVRO_DATE},
    {"{\"type\":\"long\",\"logicalType\":\"date\"}", AVRO_PLAIN},
    {"{\"type\":\"int\",\"logicalType\":\"time-millis\"}", AVRO_TIME_MILLIS},
    {"{\"type\":\"long\",\"logicalType\":\"time-micros\"}", AVRO_TIME_MICROS},
    {"{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}", AVRO_TIMESTAMP_MILLIS},
    {"{\"type\":\"int\",\"logicalType\":\"timestamp-millis\"}", AVRO_PLAIN},
    {"{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}", AVRO_TIMESTAMP_MICROS},
    {"{\"type\":\"long\",\"logicalType\":\"local-timestamp-millis\"}", AVRO_LOCAL_TIMESTAMP_MILLIS},
    {"{\"type\":\"long\",\"logicalType\":\"local-timestamp-micros\"}", AVRO_LOCAL_TIMESTAMP_MICROS},
    {"{\"type\":\"long\",\"logicalType\":1}", AVRO_PLAIN},
    {"{\"type\":\"long\",\"logicalType\":\"nosuch\"}", AVRO_PLAIN},
};

static void test_logical_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(logical_rows); i++) {
        struct schema_avro *s = compiled(logical_rows[i].text);
        assert_int_equal(s->nodes[0].logical, logical_rows[i].logical);
        schema_avro_free(s);
    }
}

/* Only data that are empty never begin with 00. */
static void test_begins_with_zero(void **state)
{
    static const char *const empty[] = {"\"null\"",
                                        "{\"type\":\"record\",\"name\":\"R\",\"fields\":[]}",
                                        RECORD(FIELD("a", "\"null\""))};
    static const char *const others[] = {"\"boolean\"", "\"double\"", "[\"null\"]", FIXED("F"),
                                         RECORD(FIELD("a", "\"null\"") "," FIELD("b", ENUM))};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(empty); i++) {
        struct schema_avro *s = compiled(empty[i]);
        assert_true(s->never_begins_with_zero);
        schema_avro_free(s);
    }
    for (size_t i = 0; i < TEST_COUNT(others); i++) {
        struct schema_avro *s = compiled(others[i]);
        assert_false(s->never_begins_with_zero);
        schema_avro_free(s);
    }
}

static void repeat(struct buf *b, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        assert_ok(buf_append(b, span_of_str(text)));
    }
}

static void test_limits(void **state)
{
    static const size_t depths[] = {SCHEMA_AVRO_DEPTH_MAX - 1, SCHEMA_AVRO_DEPTH_MAX,
                                    SCHEMA_AVRO_DEPTH_MAX + 1, 3000};
    struct buf b = {0};
    struct schema_avro *s = NULL;

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(depths); i++) {
        struct schema_why why = {{0}};
        b.len = 0;
        repeat(&b, "{\"type\":\"array\",\"items\":", depths[i]);
        repeat(&b, "\"int\"", 1);
        repeat(&b, "}", depths[i]);
        err_t want = depths[i] <= SCHEMA_AVRO_DEPTH_MAX ? ERR_OK : ERR_LIMIT;
        assert_err(schema_avro_compile(buf_span(&b), &why, &s), want);
        if (want == ERR_OK) {
            schema_avro_free(s);
        }
    }
    struct schema_why why = {{0}};
    b.len = 0;
    repeat(&b, " ", SCHEMA_AVRO_TEXT_BYTES_MAX);
    repeat(&b, "\"int\"", 1);
    assert_err(schema_avro_compile(buf_span(&b), &why, &s), ERR_LIMIT);
    assert_non_null(strstr(why.text, "longer than"));
    buf_done(&b);
}

/* Each symbol of a default is looked for among all of the enum's. */
static void test_many_symbols(void **state)
{
    (void)state;
    for (size_t defaults = 3000; defaults <= 4200; defaults += 1200) {
        struct buf b = {0};
        struct schema_why why = {{0}};
        struct schema_avro *s = NULL;
        repeat(&b, "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"f\",\"type\":", 1);
        repeat(&b, "{\"type\":\"array\",\"items\":{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[",
               1);
        for (unsigned i = 0; i < 8000; i++) {
            assert_ok(buf_printf(&b, "\"S%u\",", i));
        }
        repeat(&b, "\"Z\"]}},\"default\":[", 1);
        repeat(&b, "\"Z\",", defaults);
        repeat(&b, "\"Z\"]}]}", 1);
        err_t want = defaults == 3000 ? ERR_OK : ERR_LIMIT;
        assert_err(schema_avro_compile(buf_span(&b), &why, &s), want);
        if (want == ERR_OK) {
            schema_avro_free(s);
        } else {
            assert_non_null(strstr(why.text, "is too large to be checked"));
        }
        buf_done(&b);
    }
}

static void test_long_name(void **state)
{
    static char text[4096];
    static char name[1100];
    struct schema_why why = {{0}};
    struct schema_avro *s = NULL;

    (void)state;
    memset(name, 'n', sizeof(name) - 1);
    snprintf(text, sizeof(text), "{\"type\":\"fixed\",\"name\":\"%s\",\"size\":1}", name);
    assert_err(schema_avro_compile(span_of_str(text), &why, &s), ERR_LIMIT);
    assert_non_null(strstr(why.text, "a name is too long"));
}

static void test_many_branches(void **state)
{
    (void)state;
    for (unsigned count = SCHEMA_AVRO_BRANCHES_MAX; count <= SCHEMA_AVRO_BRANCHES_MAX + 1;
         count++) {
        struct buf b = {0};
        struct schema_why why = {{0}};
        struct schema_avro *s = NULL;
        for (unsigned i = 0; i < count; i++) {
            assert_ok(buf_printf(&b, "%s{\"type\":\"fixed\",\"name\":\"F%u\",\"size\":1}",
                                 i == 0 ? "[" : ",", i));
        }
        repeat(&b, "]", 1);
        bool fits = count <= SCHEMA_AVRO_BRANCHES_MAX;
        assert_err(schema_avro_compile(buf_span(&b), &why, &s), fits ? ERR_OK : ERR_LIMIT);
        if (fits) {
            schema_avro_free(s);
        }
        buf_done(&b);
    }
}

/* Doubling lengths end at the largest number, not at zero. */
static void test_bytes_min_saturates(void **state)
{
    struct buf b = {0};
    struct schema_why why = {{0}};
    struct schema_avro *s = NULL;

    (void)state;
    repeat(&b, "[\"null\"", 1);
    for (unsigned i = 0; i < 40; i++) {
        char inner[32];
        snprintf(inner, sizeof(inner), i == 0 ? "\"double\"" : "\"R%u\"", i - 1);
        assert_ok(buf_printf(&b,
                             ",{\"type\":\"record\",\"name\":\"R%u\",\"fields\":["
                             "{\"name\":\"a\",\"type\":%s},{\"name\":\"b\",\"type\":%s}]}",
                             i, inner, inner));
    }
    repeat(&b, "]", 1);
    assert_ok(schema_avro_compile(buf_span(&b), &why, &s));
    assert_int_equal(s->nodes[s->branches[s->nodes[0].first + 40]].bytes_min, UINT32_MAX - 1);
    assert_int_equal(s->nodes[0].bytes_min, 1);
    schema_avro_free(s);
    buf_done(&b);
}

static err_t try_compile(void *arg)
{
    struct schema_why why = {{0}};
    struct schema_avro *s = NULL;

    TRY(schema_avro_compile(span_of_str(arg), &why, &s));
    schema_avro_free(s);
    return ERR_OK;
}

static void test_memory_runs_out(void **state)
{
    char text[] = RECORD(FIELD("a", ENUM) "," FIELD("b", "[\"null\",\"E\",\"R\"]"));

    (void)state;
    fail_alloc_walk(try_compile, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_plan_of_a_list),
        cmocka_unit_test(test_log_entry),
        cmocka_unit_test(test_logical_types),
        cmocka_unit_test(test_begins_with_zero),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_many_symbols),
        cmocka_unit_test(test_long_name),
        cmocka_unit_test(test_many_branches),
        cmocka_unit_test(test_bytes_min_saturates),
        cmocka_unit_test(test_memory_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Schema resolution: each rule from both sides, recursive types, and what is said of a misfit. */
#include "schema/schema_compat_avro.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/test.h"

#include <stdio.h>

#define RECORD(name, fields) "{\"type\":\"record\",\"name\":\"" name "\",\"fields\":[" fields "]}"
#define FIELD(name, type)    "{\"name\":\"" name "\",\"type\":" type "}"
#define DEFAULTED(name, type, value) \
    "{\"name\":\"" name "\",\"type\":" type ",\"default\":" value "}"
#define ALIASED(name, type, alias) \
    "{\"name\":\"" name "\",\"type\":" type ",\"aliases\":[\"" alias "\"]}"
#define FIXED(name, size)   "{\"type\":\"fixed\",\"name\":\"" name "\",\"size\":" size "}"
#define ENUM(name, symbols) "{\"type\":\"enum\",\"name\":\"" name "\",\"symbols\":[" symbols "]}"
#define ARRAY(items)        "{\"type\":\"array\",\"items\":" items "}"
#define MAP(values)         "{\"type\":\"map\",\"values\":" values "}"
#define DECIMAL(p, s) \
    "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":" p ",\"scale\":" s "}"
#define LIST(name, value) RECORD(name, FIELD("v", value) "," FIELD("n", "[\"null\",\"" name "\"]"))

struct row {
    const char *reader;
    const char *writer;
    const char *why; /* a part of it; NULL: it can be read */
};

static const struct row rows[] = {
    {"\"int\"", "\"int\"", NULL},
    {"\"long\"", "\"int\"", NULL},
    {"\"float\"", "\"int\"", NULL},
    {"\"double\"", "\"int\"", NULL},
    {"\"float\"", "\"long\"", NULL},
    {"\"double\"", "\"long\"", NULL},
    {"\"double\"", "\"float\"", NULL},
    {"\"bytes\"", "\"string\"", NULL},
    {"\"string\"", "\"bytes\"", NULL},
    {"\"int\"", "\"long\"", "at \"\": the writer's long cannot be read as \"int\""},
    {"\"long\"", "\"float\"", "float cannot"},
    {"\"float\"", "\"double\"", "double cannot"},
    {"\"int\"", "\"boolean\"", "boolean cannot"},
    {"\"null\"", "\"int\"", "int cannot"},
    {"\"string\"", "\"int\"", "int cannot"},
    {FIXED("F", "1"), "\"bytes\"", "bytes cannot be read as \"fixed\""},
    {"{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}", "\"long\"", NULL},
    {DECIMAL("4", "2"), DECIMAL("4", "2"), NULL},
    {DECIMAL("4", "2"), "\"bytes\"", NULL},
    {DECIMAL("4", "2"), DECIMAL("5", "2"), "precision or scale"},
    {DECIMAL("4", "2"), DECIMAL("4", "1"), "precision or scale"},
    {FIXED("F", "2"), FIXED("F", "2"), NULL},
    {FIXED("a.F", "2"), FIXED("b.F", "2"), NULL}, /* names without namespace */
    {FIXED("F", "2"), FIXED("F", "3"), "the size differs of the fixed type \"F\""},
    {FIXED("F", "2"), FIXED("G", "2"), "neither the name nor an alias \"G\""},
    {"{\"type\":\"fixed\",\"name\":\"F\",\"size\":2,\"aliases\":[\"G\"]}", FIXED("G", "2"), NULL},
    {"{\"type\":\"fixed\",\"name\":\"a.F\",\"size\":2,\"aliases\":[\"G\"]}", FIXED("a.G", "2"),
     NULL},
    {"{\"type\":\"fixed\",\"name\":\"a.F\",\"size\":2,\"aliases\":[\"G\"]}", FIXED("b.G", "2"),
     "neither the name nor an alias"},
    {"{\"type\":\"fixed\",\"name\":\"a.F\",\"size\":2,\"aliases\":[\"b.G\"]}", FIXED("b.G", "2"),
     NULL},
    {FIXED("G", "2"), "{\"type\":\"fixed\",\"name\":\"F\",\"size\":2,\"aliases\":[\"G\"]}",
     "neither the name nor an alias \"F\""}, /* only the reader's aliases count */
    {ENUM("E", "\"A\",\"B\""), ENUM("E", "\"B\""), NULL},
    {ENUM("E", "\"A\""), ENUM("E", "\"A\",\"B\""), "no default and no symbol \"B\""},
    {"{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"],\"default\":\"A\"}",
     ENUM("E", "\"A\",\"B\""), NULL},
    {ENUM("E", "\"A\""), ENUM("G", "\"A\""), "neither the name"},
    {ENUM("E", "\"A\""), "\"string\"", "string cannot be read as \"enum\""},
    {ARRAY("\"long\""), ARRAY("\"int\""), NULL},
    {ARRAY("\"int\""), ARRAY("\"long\""), "at \"/items\": the writer's long"},
    {MAP("\"long\""), MAP("\"int\""), NULL},
    {MAP(ARRAY("\"int\"")), MAP(ARRAY("\"null\"")), "at \"/values/items\""},
    {ARRAY("\"int\""), MAP("\"int\""), "map cannot be read as \"array\""},
    {RECORD("R", ""), RECORD("R", FIELD("a", "\"int\"")), NULL},
    {RECORD("R", FIELD("a", "\"int\"")), RECORD("R", ""),
     "at \"\": the writer has no field for the reader's, which has no default: \"a\""},
    {RECORD("R", DEFAULTED("a", "\"int\"", "1")), RECORD("R", ""), NULL},
    {RECORD("R", FIELD("a", "\"int\"")), RECORD("R", DEFAULTED("b", "\"int\"", "1")),
     "no field for the reader's"},
    {RECORD("R", FIELD("a", "\"int\"") "," FIELD("b", "\"long\"")),
     RECORD("R", FIELD("b", "\"int\"") "," FIELD("a", "\"int\"")), NULL},
    {RECORD("R", FIELD("a", "\"int\"")), RECORD("R", FIELD("a", "\"string\"")),
     "at \"/a\": the writer's string cannot be read as \"int\""},
    {RECORD("R", DEFAULTED("a", "\"int\"", "1")), RECORD("R", FIELD("a", "\"string\"")),
     "at \"/a\""},
    {RECORD("R", ALIASED("a", "\"long\"", "old")), RECORD("R", FIELD("old", "\"int\"")), NULL},
    {RECORD("R", ALIASED("a", "\"int\"", "old")), RECORD("R", FIELD("old", "\"long\"")),
     "at \"/a\""},
    {RECORD("R", ALIASED("a", "\"int\"", "old")),
     RECORD("R", FIELD("old", "\"string\"") "," FIELD("a", "\"int\"")), NULL},
    {RECORD("R", ""), RECORD("S", ""), "neither the name nor an alias \"S\""},
    {"{\"type\":\"record\",\"name\":\"n.R\",\"aliases\":[\"S\"],\"fields\":[]}", RECORD("n.S", ""),
     NULL},
    {RECORD("R", FIELD("a", RECORD("S", FIELD("b", ARRAY("\"int\""))))),
     RECORD("R", FIELD("a", RECORD("S", FIELD("b", ARRAY("\"string\""))))), "at \"/a/b/items\""},
    /* Unions of the reader, of the writer, of both. */
    {"[\"null\",\"int\"]", "\"int\"", NULL},
    {"[\"null\",\"long\"]", "\"int\"", NULL},
    {"[\"null\",\"int\"]", "\"string\"",
     "no branch of the reader's union reads the writer's \"string\""},
    {"\"long\"", "[\"int\",\"long\"]", NULL},
    {"\"int\"", "[\"int\",\"long\"]", "the writer's long"},
    {"\"int\"", "[\"int\"]", NULL},
    {"[\"string\",\"null\",\"double\"]", "[\"null\",\"float\",\"bytes\"]", NULL},
    {"[\"null\",\"int\"]", "[\"null\",\"int\",\"string\"]", "no branch"},
    {"[\"null\"," ARRAY("\"int\"") "]", ARRAY("\"string\""), "at \"/items\""},
    {"[" RECORD("a.R", FIELD("x", "\"int\"")) "," RECORD("b.R", FIELD("y", "\"int\"")) "]",
     RECORD("b.R", FIELD("y", "\"int\"")), NULL}, /* the full name before the bare one */
    {"[" RECORD("a.R", FIELD("x", "\"int\"")) "," RECORD("b.S", "") "]",
     RECORD("c.R", FIELD("x", "\"int\"")), NULL},
    {"[\"null\"," FIXED("F", "1") "]", FIXED("G", "1"), "reads the writer's \"G\""},
    /* Recursion. */
    {LIST("R", "\"long\""), LIST("R", "\"int\""), NULL},
    {LIST("R", "\"int\""), LIST("R", "\"long\""), "at \"/v\""},
    {LIST("R", "\"int\""),
     RECORD("R", FIELD("v", "\"int\"") "," FIELD("n", "[\"null\",\"string\"]")), "at \"/n\""},
    {RECORD("R", FIELD("v", "\"int\"") "," FIELD(
                     "n", "[\"null\"," RECORD("S", FIELD("n", "[\"null\",\"R\"]")) "]")),
     RECORD("R", FIELD("v", "\"int\"") "," FIELD(
                     "n", "[\"null\"," RECORD("S", FIELD("n", "[\"null\",\"R\"]")) "]")),
     NULL},
};

static void test_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        struct schema_why why = {{0}};
        err_t err =
            schema_compat_avro(span_of_str(rows[i].reader), span_of_str(rows[i].writer), &why);
        if (err != (rows[i].why == NULL ? ERR_OK : ERR_EXISTS)) {
            fail_msg("%s from %s: %s %s", rows[i].reader, rows[i].writer, err_name(err), why.text);
        }
        if (rows[i].why != NULL && strstr(why.text, rows[i].why) == NULL) {
            fail_msg("\"%s\" is not in \"%s\"", rows[i].why, why.text);
        }
    }
}

static void test_texts_that_are_no_schemas(void **state)
{
    struct schema_why why = {{0}};

    (void)state;
    assert_err(schema_compat_avro(SPAN_LIT("{"), SPAN_LIT("\"int\""), &why), ERR_SYNTAX);
    assert_err(schema_compat_avro(SPAN_LIT("\"int\""), SPAN_LIT("{"), &why), ERR_SYNTAX);
    assert_err(schema_compat_avro(SPAN_LIT("\"int\""), SPAN_LIT("\"x\""), &why), ERR_UNKNOWN);
    assert_err(
        schema_compat_avro(SPAN_LIT(RECORD("R", FIELD("r", "\"R\""))), SPAN_LIT("\"int\""), &why),
        ERR_LIMIT);
}

/* `count` records that each refer to the one before, thrice by different ways. */
static struct span chain(struct buf *b, uint32_t count)
{
    b->len = 0;
    assert_ok(buf_printf(b, "[" RECORD("R0", FIELD("v", "\"int\""))));
    for (uint32_t i = 1; i < count; i++) {
        assert_ok(buf_printf(
            b,
            "," RECORD("R%u", FIELD("a", "\"R%u\"") "," FIELD("b", "[\"null\",\"R%u\"]") "," FIELD(
                                  "c", ARRAY("\"R%u\""))),
            i, i - 1, i - 1, i - 1));
    }
    assert_ok(buf_printf(b, "]"));
    return buf_span(b);
}

static void test_large_schemas(void **state)
{
    struct schema_why why = {{0}};
    struct buf b = {0};

    (void)state;
    struct span text = chain(&b, 900);
    assert_ok(schema_compat_avro(text, text, &why));
    buf_done(&b);
}

static err_t try_compat(void *arg)
{
    struct schema_why why = {{0}};

    return schema_compat_avro(span_of_str(arg), span_of_str(arg), &why);
}

static void test_memory_runs_out(void **state)
{
    char text[] = LIST("R", "\"int\"");

    (void)state;
    fail_alloc_walk(try_compat, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_texts_that_are_no_schemas),
        cmocka_unit_test(test_large_schemas),
        cmocka_unit_test(test_memory_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * What the compiler refuses, and how it names the place; bounds; memory that runs out. What the
 * programs do is tested with the checker (test_check_json.c, test_json_suite.c). */
#include "base/limits.h"
#include "schema/schema_json_program.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

static err_t compile(struct span text, struct schema_why *why)
{
    struct schema_json *s = NULL;
    err_t err = schema_json_compile(text, why, &s);

    assert_true((err == ERR_OK) == (s != NULL));
    schema_json_free(s);
    return err;
}

struct bad {
    const char *schema;
    err_t err;
    const char *why; /* a part of it */
};

static const struct bad bad[] = {
    {"", ERR_SYNTAX, "no JSON"},
    {"{", ERR_SYNTAX, "no JSON"},
    {"{} {}", ERR_SYNTAX, "something follows"},
    {"{\"a\":1,\"a\":2}", ERR_SYNTAX, "the same name twice"},
    {"\"x\"", ERR_SYNTAX, ": a schema is an object or a boolean"},
    {"[]", ERR_SYNTAX, ": a schema is an object or a boolean"},
    {"{\"properties\":{\"a\":{\"type\":\"strin\"}}}", ERR_SYNTAX,
     "/properties/a/type: no type that JSON has"},
    {"{\"type\":[\"string\",1]}", ERR_SYNTAX, "/type/1: no type"},
    {"{\"type\":[]}", ERR_SYNTAX, "/type: must name at least one type"},
    {"{\"properties\":[]}", ERR_SYNTAX, "/properties: must be an object"},
    {"{\"properties\":{\"a\":1}}", ERR_SYNTAX, "/properties/a: a schema is"},
    {"{\"required\":\"a\"}", ERR_SYNTAX, "/required: must be an array"},
    {"{\"required\":[\"a\",2]}", ERR_SYNTAX, "/required/1: must be a string"},
    {"{\"dependentRequired\":{\"a\":\"b\"}}", ERR_SYNTAX, "/dependentRequired/a: must be"},
    {"{\"minLength\":-1}", ERR_SYNTAX, "/minLength: must be a whole number"},
    {"{\"minLength\":1.5}", ERR_SYNTAX, "/minLength: must be a whole number"},
    {"{\"minLength\":\"1\"}", ERR_SYNTAX, "/minLength: must be a whole number"},
    {"{\"maximum\":\"1\"}", ERR_SYNTAX, "/maximum: must be a number"},
    {"{\"multipleOf\":0}", ERR_SYNTAX, "/multipleOf: must be above 0"},
    {"{\"multipleOf\":-2}", ERR_SYNTAX, "/multipleOf: must be above 0"},
    {"{\"multipleOf\":1234567890.123456789}", ERR_LIMIT, "/multipleOf: has more than 18 digits"},
    {"{\"enum\":1}", ERR_SYNTAX, "/enum: must be an array"},
    {"{\"uniqueItems\":1}", ERR_SYNTAX, "/uniqueItems: must be true or false"},
    {"{\"format\":1}", ERR_SYNTAX, "/format: must be a string"},
    {"{\"pattern\":\"(\"}", ERR_SYNTAX, "/pattern: bad pattern near character 1"},
    {"{\"pattern\":\"(*UTF)a\"}", ERR_SYNTAX, "/pattern: a pattern begins with (*"},
    {"{\"pattern\":\"\\\\C\"}", ERR_SYNTAX, "/pattern: bad pattern"},
    {"{\"patternProperties\":{\"[\":true}}", ERR_SYNTAX, "/patternProperties/[: bad pattern"},
    {"{\"allOf\":[]}", ERR_SYNTAX, "/allOf: must hold at least one"},
    {"{\"anyOf\":{}}", ERR_SYNTAX, "/anyOf: must be an array"},
    {"{\"not\":1}", ERR_SYNTAX, "/not: a schema is"},
    {"{\"items\":[{}]}", ERR_SYNTAX, "/items: a schema is"},
    {"{\"$defs\":1}", ERR_SYNTAX, "/$defs: must be an object"},
    {"{\"$ref\":1}", ERR_SYNTAX, "/$ref: not a string"},
    {"{\"$id\":1}", ERR_SYNTAX, "/$id: not a string"},
    {"{\"$id\":\"http://x/#a\"}", ERR_SYNTAX, "/$id: an $id with a fragment"},
    {"{\"$anchor\":\"\"}", ERR_SYNTAX, "/$anchor: an anchor without a name"},
    {"{\"$defs\":{\"a\":{\"$anchor\":\"x\"},\"b\":{\"$anchor\":\"x\"}}}", ERR_SYNTAX,
     "stands twice"},
    {"{\"$defs\":{\"a\":{\"$id\":\"x\"},\"b\":{\"$id\":\"x\"}}}", ERR_SYNTAX,
     "/$defs/b: two schemas have the $id \"x\""},
    {"{\"$schema\":1}", ERR_SYNTAX, "/$schema: not a string"},
    {"{\"$schema\":\"http://json-schema.org/draft-04/schema#\"}", ERR_UNKNOWN, "/$schema: neither"},
    {"{\"$ref\":\"#/$defs/a\"}", ERR_UNKNOWN, "/$ref: \"#/$defs/a\" is not in this document"},
    {"{\"$ref\":\"#a\"}", ERR_UNKNOWN, "/$ref: \"#a\" is not in this document"},
    {"{\"$ref\":\"http://example.com/s\"}", ERR_UNKNOWN, "is not in this document"},
    {"{\"$ref\":\"#/type\",\"type\":\"string\"}", ERR_SYNTAX, "/type: a schema is"},
    {"{\"$dynamicRef\":\"#a\"}", ERR_UNKNOWN, "/$dynamicRef: \"#a\""},
    {"{\"prefixItems\":[{}],\"$ref\":\"#/prefixItems/1\"}", ERR_UNKNOWN, "is not in this document"},
    {"{\"prefixItems\":[{}],\"$ref\":\"#/prefixItems/00\"}", ERR_UNKNOWN, "not in this document"},
    {"{\"$ref\":\"#\"}", ERR_SYNTAX, "/$ref: comes back to a schema around it"},
    {"{\"$defs\":{\"a\":{\"$ref\":\"#/$defs/b\"},\"b\":{\"$ref\":\"#/$defs/a\"}}}", ERR_SYNTAX,
     "/$defs/b/$ref: comes back"},
    {"{\"allOf\":[true,{\"$ref\":\"#\"}]}", ERR_SYNTAX, "/allOf/1/$ref: comes back"},
    {"{\"anyOf\":[{\"not\":{\"oneOf\":[{\"$ref\":\"#/anyOf/0\"}]}}]}", ERR_SYNTAX,
     "/anyOf/0/not/oneOf/0/$ref: comes back"},
    {"{\"not\":{\"$ref\":\"#\"}}", ERR_SYNTAX, "/not/$ref: comes back"},
    {"{\"if\":{\"$ref\":\"#\"}}", ERR_SYNTAX, "/if/$ref: comes back"},
    {"{\"if\":{},\"then\":{\"$ref\":\"#\"}}", ERR_SYNTAX, "/then/$ref: comes back"},
    {"{\"if\":{},\"else\":{\"$ref\":\"#\"}}", ERR_SYNTAX, "/else/$ref: comes back"},
    {"{\"dependentSchemas\":{\"a\":{\"$ref\":\"#\"}}}", ERR_SYNTAX,
     "/dependentSchemas/a/$ref: comes back"},
    {"{\"properties\":{\"a\":{\"$anchor\":\"x\",\"$dynamicRef\":\"#x\"}}}", ERR_SYNTAX,
     "/properties/a/$dynamicRef: comes back"},
};

static void names_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        struct schema_why why = {0};
        err_t err = compile(span_of_str(bad[i].schema), &why);
        if (err != bad[i].err || strstr(why.text, bad[i].why) == NULL) {
            fail_msg("%s\n%s: %s", bad[i].schema, err_name(err), why.text);
        }
    }
}

/* A text of `count` times `unit` between head and tail. */
static char *repeat(const char *head, const char *unit, size_t count, const char *tail)
{
    size_t bytes = strlen(head) + strlen(unit) * count + strlen(tail) + 1;
    char *text = malloc(bytes);
    size_t len = strlen(head);

    assert_non_null(text);
    memcpy(text, head, len);
    for (size_t i = 0; i < count; i++, len += strlen(unit)) {
        memcpy(text + len, unit, strlen(unit));
    }
    memcpy(text + len, tail, strlen(tail) + 1);
    return text;
}

static void limits(char *text, const char *part)
{
    struct schema_why why = {0};

    assert_err(compile(span_of_str(text), &why), ERR_LIMIT);
    assert_non_null(strstr(why.text, part));
    free(text);
}

static void has_limits(void **state)
{
    char *long_reference = repeat("{\"$ref\":\"", "a", 2100, "\"}");

    (void)state;
    limits(repeat("{\"title\":\"", "a", MIB, "\"}"), "longer than");
    limits(repeat("", "{\"not\":", 65, "1"), "nested deeper");
    limits(repeat("{\"allOf\":[", "{},", 16384, "{}]}"), "schemas in one document");
    limits(repeat("{\"required\":[", "\"a\",", 65536, "\"b\"]}"), "rules in one schema");
    limits(repeat("{\"allOf\":[", "{\"pattern\":\"a\"},", 1024, "{\"pattern\":\"b\"}]}"),
           "patterns");
    limits(repeat("{\"pattern\":\"", "a", 4097, "\"}"), "longer than 4096");
    limits(repeat("{\"allOf\":[", "{\"pattern\":\"(?:[a-z]{9}x){800}\"},", 1000, "{}]}"),
           "the patterns take more than 16777216 bytes");
    limits(long_reference, "too long");
    limits(repeat("{\"allOf\":[", "{\"$anchor\":\"a\"},", 4096, "{\"$anchor\":\"b\"}]}"),
           "anchors");
}

static void ids_have_a_limit(void **state)
{
    char *text = malloc(100000);
    size_t len = 0;

    (void)state;
    assert_non_null(text);
    len += (size_t)snprintf(text, 100000, "{\"allOf\":[");
    for (int i = 0; i < 1100; i++) {
        len += (size_t)snprintf(text + len, 100000 - len, "{\"$id\":\"s%d\"},", i);
    }
    snprintf(text + len, 100000 - len, "{}]}");
    limits(text, "have an $id");
}

static err_t compile_rich(void *arg)
{
    struct schema_why why = {0};
    err_t err = compile(
        SPAN_LIT(
            "{\"$id\":\"http://x/y\",\"type\":\"object\",\"required\":[\"a\"],"
            "\"properties\":{\"a\":{\"pattern\":\"^[a-z]+$\"},\"b\":{\"$ref\":\"#c\"}},"
            "\"patternProperties\":{\"^\\\\p{Letter}\":{\"enum\":[1,2]}},"
            "\"$defs\":{\"c\":{\"$anchor\":\"c\",\"oneOf\":[{\"const\":1},{\"$id\":\"z\"}]}}}"),
        &why);

    (void)arg;
    if (err == ERR_NOMEM) {
        assert_string_equal(why.text, "not enough memory");
    }
    return err;
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    fail_alloc_walk(compile_rich, NULL);
}

static const char *const good[] = {
    "true",
    "false",
    " {} ",
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\"}",
    "{\"$schema\":\"http://json-schema.org/draft-07/schema#\"}",
    "{\"minLength\":2.0,\"maxLength\":1e99}",
    "{\"unknown\":{\"type\":1}}",
    "{\"$ref\":\"#/unknown\",\"unknown\":{\"type\":\"string\"}}",
    "{\"$ref\":\"#/$defs/a~1b~0c%25\",\"$defs\":{\"a/b~c%\":{}}}",
    "{\"$id\":\"http://x/a/b\",\"$ref\":\"../c\",\"$defs\":{\"d\":{\"$id\":\"/c\"}}}",
    "{\"pattern\":\"^\\\\p{Letter}\\\\s[\\\\s\\\\d]*[^]$\"}",
    "{\"pattern\":\"\\\\u00e4\\\\cA\\\\/\"}",
    "{\"format\":\"no such format\"}",
    "{\"properties\":{\"a\":{\"$ref\":\"#\"}},\"items\":{\"$ref\":\"#\"},"
    "\"propertyNames\":{\"$ref\":\"#\"},\"contains\":{\"$ref\":\"#\"},"
    "\"additionalProperties\":{\"allOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}}",
    "{\"allOf\":[{\"$ref\":\"#/$defs/a\"},{\"$ref\":\"#/$defs/a\"}],\"$defs\":{\"a\":{}}}",
    "{\"then\":{\"$ref\":\"#\"}}",
    "{\"$dynamicAnchor\":\"x\",\"$dynamicRef\":\"#x\"}",
};

static void takes_what_is_allowed(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(good); i++) {
        struct schema_why why = {0};
        err_t err = compile(span_of_str(good[i]), &why);
        if (err != ERR_OK) {
            fail_msg("%s\n%s: %s", good[i], err_name(err), why.text);
        }
    }
    schema_json_free(NULL);
}

static bool is_flat(const char *text)
{
    struct schema_why why = {0};
    struct schema_json *s = NULL;

    assert_ok(schema_json_compile(span_of_str(text), &why, &s));
    bool flat = s->flat.usable;
    schema_json_free(s);
    return flat;
}

static void knows_the_short_way(void **state)
{
    (void)state;
    assert_true(is_flat("{}"));
    assert_true(is_flat("{\"type\":\"object\",\"required\":[\"level\"],\"properties\":"
                        "{\"message\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":9}}}"));
    assert_true(is_flat("{\"properties\":{\"more\":{\"type\":\"number\"}}}"));
    assert_false(is_flat("false"));
    assert_false(is_flat("{\"type\":\"array\"}"));
    assert_false(is_flat("{\"required\":[\"more\"]}"));
    assert_false(is_flat("{\"additionalProperties\":false}"));
    assert_false(is_flat("{\"minProperties\":1}"));
    assert_false(is_flat("{\"properties\":{\"message\":{\"pattern\":\"a\"}}}"));
    assert_false(is_flat("{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{}}}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_what_is_wrong),   cmocka_unit_test(has_limits),
        cmocka_unit_test(ids_have_a_limit),      cmocka_unit_test(survives_lack_of_memory),
        cmocka_unit_test(takes_what_is_allowed), cmocka_unit_test(knows_the_short_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

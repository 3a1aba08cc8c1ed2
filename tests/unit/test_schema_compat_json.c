/* SPDX-License-Identifier: Apache-2.0
 *
 * A table of pairs: what the reader must refuse with the place named, and what it must take. */
#include "base/buf.h"
#include "schema/schema_compat_json.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

struct pair {
    const char *reader;
    const char *writer;
    const char *why; /* a part of it; NULL: compatible */
};

#define OPEN(properties) "{\"type\":\"object\",\"properties\":{" properties "}}"
#define CLOSED(properties) \
    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{" properties "}}"

static const struct pair pairs[] = {
    /* The same, and booleans. */
    {"true", "true", NULL},
    {"{}", "{\"type\":\"string\"}", NULL},
    {"{\"type\":\"string\"}", "{}", "type \"string\""},
    {"{\"type\":\"string\"}", "false", NULL},
    {"false", "{\"type\":\"string\"}", "not allowed"},
    {"false", "false", NULL},
    {"{\"items\":{\"$ref\":\"#\"}}", "{\"items\":{\"$ref\":\"#\"}}", NULL},
    /* Types. */
    {"{\"type\":\"number\"}", "{\"type\":\"integer\"}", NULL},
    {"{\"type\":\"integer\"}", "{\"type\":\"number\"}", "type \"integer\""},
    {"{\"type\":[\"string\",\"null\"]}", "{\"type\":\"string\"}", NULL},
    {"{\"type\":\"string\"}", "{\"type\":[\"string\",\"null\"]}", "type"},
    {"{\"type\":\"string\"}", "{\"const\":\"a\"}", NULL},
    {"{\"type\":\"string\"}", "{\"enum\":[\"a\",1]}", "type"},
    /* Members. */
    {OPEN("\"a\":{\"type\":\"string\"}"), OPEN(""), "/a: type"},
    {OPEN(""), OPEN("\"a\":{\"type\":\"string\"}"), NULL},
    {OPEN("\"a\":{}"), OPEN(""), NULL},
    {CLOSED("\"a\":{\"type\":\"string\"}"), CLOSED(""), NULL},
    {CLOSED(""), CLOSED("\"a\":{\"type\":\"string\"}"), "/*: not allowed"},
    {CLOSED("\"a\":{\"type\":\"string\"}"), OPEN("\"a\":{\"type\":\"string\"}"), "/*: not allowed"},
    {OPEN("\"a\":{\"type\":\"string\"}"), CLOSED("\"a\":{\"type\":\"string\"}"), NULL},
    {"{\"additionalProperties\":{\"type\":\"number\"}}",
     "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"},"
     "\"properties\":{\"a\":{\"const\":3}}}",
     NULL},
    {"{\"additionalProperties\":{\"type\":\"number\"}}",
     "{\"additionalProperties\":{\"type\":\"integer\"},\"properties\":{\"a\":{\"const\":\"x\"}}}",
     "/*: type"},
    {"{\"required\":[\"a\"]}", "{\"type\":\"object\",\"required\":[\"b\",\"a\"]}", NULL},
    {"{\"required\":[\"a\",\"b\"]}", "{\"type\":\"object\",\"required\":[\"a\"]}",
     "required \"b\""},
    {"{\"required\":[\"a\"]}", "{\"type\":\"string\"}", NULL},
    {"{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"required\":[\"b\"]}", NULL},
    {"{\"dependentRequired\":{\"a\":[\"b\"]}}", "{}", "dependentRequired"},
    {"{\"patternProperties\":{\"^a\":{\"type\":\"string\"}}}",
     "{\"patternProperties\":{\"^a\":{\"type\":\"string\"}},\"type\":\"object\"}", NULL},
    {"{\"patternProperties\":{\"^a\":{\"type\":\"string\"}}}", "{}", "patternProperties"},
    {"{\"propertyNames\":{\"maxLength\":3}}",
     "{\"propertyNames\":{\"maxLength\":3},\"title\":\"\"}", NULL},
    {"{\"propertyNames\":{\"maxLength\":3}}", "{\"type\":\"object\"}", "propertyNames"},
    /* Limits. */
    {"{\"minLength\":1}", "{\"minLength\":2}", NULL},
    {"{\"minLength\":2}", "{\"minLength\":1}", "minLength 2"},
    {"{\"maxLength\":1}", "{\"maxLength\":2}", "maxLength 1"},
    {"{\"maxLength\":2}", "{\"maxLength\":1}", NULL},
    {"{\"minItems\":1}", "{\"type\":\"array\"}", "minItems"},
    {"{\"maxProperties\":4}", "{\"maxProperties\":4.0}", NULL},
    {"{\"minimum\":1}", "{\"minimum\":1.5}", NULL},
    {"{\"minimum\":1}", "{\"exclusiveMinimum\":1}", NULL},
    {"{\"exclusiveMinimum\":1}", "{\"minimum\":1}", "exclusiveMinimum"},
    {"{\"maximum\":1}", "{\"maximum\":2}", "maximum 1"},
    {"{\"exclusiveMaximum\":3}", "{\"maximum\":2}", NULL},
    {"{\"maximum\":1}", "{\"minimum\":0}", "maximum"},
    {"{\"multipleOf\":2}", "{\"multipleOf\":6}", NULL},
    {"{\"multipleOf\":0.5}", "{\"multipleOf\":10}", NULL},
    {"{\"multipleOf\":4}", "{\"multipleOf\":6}", "multipleOf"},
    {"{\"multipleOf\":10}", "{\"multipleOf\":1}", "multipleOf"},
    {"{\"pattern\":\"^a\"}", "{\"pattern\":\"^a\",\"type\":\"string\"}", NULL},
    {"{\"pattern\":\"^a\"}", "{\"pattern\":\"^b\"}", "pattern"},
    {"{\"uniqueItems\":true}", "{\"uniqueItems\":false}", "uniqueItems"},
    {"{\"uniqueItems\":true}", "{\"uniqueItems\":true,\"type\":\"array\"}", NULL},
    /* Values. */
    {"{\"enum\":[1,2,3]}", "{\"enum\":[3.0,1]}", NULL},
    {"{\"enum\":[1,2]}", "{\"enum\":[1,2,3]}", "enum"},
    {"{\"enum\":[1,2]}", "{\"const\":2}", NULL},
    {"{\"const\":{\"a\":[1]}}", "{\"enum\":[{\"a\":[1.0]}]}", NULL},
    {"{\"const\":1}", "{\"type\":\"integer\"}", "const"},
    /* Elements. */
    {"{\"items\":{\"type\":\"number\"}}", "{\"items\":{\"type\":\"integer\"}}", NULL},
    {"{\"items\":{\"type\":\"integer\"}}", "{\"items\":{\"type\":\"number\"}}", "/*: type"},
    {"{\"items\":{\"type\":\"integer\"}}", "{\"type\":\"array\"}", "/*: type"},
    {"{\"items\":false}", "{\"maxItems\":0}", NULL},
    {"{\"items\":{\"type\":\"integer\"}}",
     "{\"prefixItems\":[{\"const\":1}],\"items\":{\"const\":2}}", NULL},
    {"{\"prefixItems\":[{\"type\":\"string\"}]}", "{\"items\":{\"type\":\"string\"}}", NULL},
    {"{\"prefixItems\":[{\"type\":\"string\"}]}", "{\"prefixItems\":[{}]}", "/*: type"},
    {"{\"contains\":{\"const\":1}}", "{\"contains\":{\"const\":1},\"type\":\"array\"}", NULL},
    {"{\"contains\":{\"const\":1},\"minContains\":2}", "{\"contains\":{\"const\":1}}", "contains"},
    /* Combinations. */
    {"{\"allOf\":[{\"minLength\":1},{\"maxLength\":9}]}", "{\"minLength\":2,\"maxLength\":3}",
     NULL},
    {"{\"minLength\":1,\"maxLength\":9}", "{\"allOf\":[{\"minLength\":2},{\"maxLength\":3}]}",
     NULL},
    {"{\"allOf\":[{\"minLength\":1}]}", "{}", "minLength"},
    {"{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "{\"type\":\"string\"}", NULL},
    {"{\"type\":\"string\"}", "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "type"},
    {"{\"type\":\"string\"}", "{\"anyOf\":[{\"const\":\"a\"},{\"const\":\"b\"}]}", NULL},
    {"{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"},{\"type\":\"integer\"}]}",
     "{\"anyOf\":[{\"type\":\"null\"},{\"type\":\"string\"}]}", NULL},
    {"{\"anyOf\":[{\"type\":\"string\"}]}", "{\"type\":\"number\"}", "anyOf"},
    {"{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "{\"type\":\"null\"}", NULL},
    {"{\"oneOf\":[{\"type\":\"number\"},{\"type\":\"integer\"}]}", "{\"type\":\"integer\"}",
     "another branch"},
    {"{\"not\":{\"type\":\"string\"}}", "{\"not\":{\"type\":\"string\"},\"title\":\"t\"}", NULL},
    {"{\"not\":{\"type\":\"string\"}}", "{\"type\":\"number\"}", "not"},
    {"{\"if\":{\"const\":1},\"then\":false}",
     "{\"if\":{\"const\":1},\"then\":false,\"title\":\"\"}", NULL},
    {"{\"if\":{\"const\":1},\"then\":false}", "{\"if\":{\"const\":1}}", "if"},
    {"{\"unevaluatedProperties\":false}", "{\"unevaluatedProperties\":false,\"title\":\"\"}",
     "unevaluatedProperties"},
    /* References, recursive ones too. */
    {"{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"type\":\"string\"}}}", "{\"type\":\"string\"}",
     NULL},
    {"{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"type\":\"string\"}}}",
     "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"type\":\"number\"}}}", "type"},
    {"{\"properties\":{\"next\":{\"$ref\":\"#\"},\"n\":{\"type\":\"number\"}},\"title\":\"r\"}",
     "{\"properties\":{\"next\":{\"$ref\":\"#\"},\"n\":{\"type\":\"integer\"}}}", NULL},
    {"{\"properties\":{\"next\":{\"$ref\":\"#\"},\"n\":{\"type\":\"integer\"}}}",
     "{\"properties\":{\"next\":{\"$ref\":\"#\"},\"n\":{\"type\":\"number\"}}}", "/n: type"},
    {"{\"not\":{\"$ref\":\"#/$defs/a\"},\"$defs\":{\"a\":{\"const\":1}}}",
     "{\"not\":{\"$ref\":\"#/$defs/a\"},\"$defs\":{\"a\":{\"const\":1}},\"title\":\"\"}", NULL},
    {"{\"not\":{\"$ref\":\"#/$defs/a\"},\"$defs\":{\"a\":{\"const\":1}}}",
     "{\"not\":{\"$ref\":\"#/$defs/a\"},\"$defs\":{\"a\":{\"const\":2}}}", "not"},
    /* Draft-07 beside 2020-12. */
    {"{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"items\":[{\"type\":\"string\"}]}",
     "{\"prefixItems\":[{\"const\":\"a\"}]}", NULL},
    {"{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"format\":\"date\"}",
     "{\"type\":\"string\"}", "format \"date\""},
    /* What reads the same and means something else. */
    {"{\"$defs\":{\"x\":{\"const\":1}},\"items\":{\"$id\":\"r\",\"not\":{\"$ref\":\"#/$defs/"
     "x\"},\"$defs\":{\"x\":{\"const\":2}}}}",
     "{\"$defs\":{\"x\":{\"const\":1}},\"items\":{\"$id\":\"r\",\"not\":{\"$ref\":\"#/$defs/"
     "x\"},\"$defs\":{\"x\":{\"const\":3}}}}",
     "not"},
    {"{\"not\":{\"items\":[{\"type\":\"string\"}]},\"$schema\":\"http://json-schema.org/draft-07/"
     "schema#\"}",
     "{\"not\":{\"prefixItems\":[{\"type\":\"string\"}]}}", "not"},
    {"{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"not\":{\"format\":\"date\"}}",
     "{\"not\":{\"format\":\"date\"}}", "not"},
    {"{\"not\":{\"dependencies\":{\"a\":[\"b\"]}}}",
     "{\"$schema\":\"http://json-schema.org/draft-07/"
     "schema#\",\"not\":{\"dependencies\":{\"a\":[\"b\"]}}}",
     "not"},
    {"{\"x-cordwood-assert-format\":true,\"not\":{\"format\":\"date\"}}",
     "{\"not\":{\"format\":\"date\"}}", "not"},
    {"{\"contains\":true,\"minContains\":2}",
     "{\"$schema\":\"http://json-schema.org/draft-07/"
     "schema#\",\"contains\":true,\"minContains\":2}",
     "contains"},
    {"{\"pattern\":\"^a\"}",
     "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"pattern\":\"^a\"}", NULL},
    {"{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"not\":{\"type\":\"string\"}}",
     "{\"$schema\":\"http://json-schema.org/draft-07/"
     "schema#\",\"not\":{\"type\":\"string\"},\"title\":\"\"}",
     NULL},
    {"{\"pattern\":\"^a\"}",
     "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"$ref\":\"#/definitions/"
     "s\",\"pattern\":\"^a\",\"definitions\":{\"s\":{\"type\":\"string\"}}}",
     "pattern"},
    {"{\"$schema\":\"http://json-schema.org/draft-07/"
     "schema#\",\"dependentSchemas\":{},\"dependencies\":{\"a\":{\"minProperties\":2}}}",
     "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"dependentSchemas\":{}}",
     "dependencies"},
};

static void compares(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(pairs); i++) {
        const struct pair *p = &pairs[i];
        struct schema_why why = {0};
        err_t err = schema_compat_json(span_of_str(p->reader), span_of_str(p->writer), &why);
        bool good =
            p->why == NULL ? err == ERR_OK : err == ERR_EXISTS && strstr(why.text, p->why) != NULL;
        if (!good) {
            fail_msg("%s\n%s\n%s: %s", p->reader, p->writer, err_name(err), why.text);
        }
    }
}

static void passes_on_errors_of_the_compiler(void **state)
{
    struct schema_why why = {0};

    (void)state;
    assert_err(schema_compat_json(SPAN_LIT("{"), SPAN_LIT("{}"), &why), ERR_SYNTAX);
    assert_err(schema_compat_json(SPAN_LIT("{}"), SPAN_LIT("1"), &why), ERR_SYNTAX);
    assert_err(schema_compat_json(SPAN_LIT("{}"), SPAN_LIT("{\"$ref\":\"x\"}"), &why), ERR_UNKNOWN);
    assert_err(
        schema_compat_json(SPAN_LIT("{\"multipleOf\":1234567890123456789}"), SPAN_LIT("{}"), &why),
        ERR_LIMIT);
}

/* The number of cases grows as a power; it is given up, not computed. */
static void gives_up_on_entangled_schemas(void **state)
{
    char text[8192] = "{\"allOf\":[";
    struct schema_why why = {0};

    (void)state;
    for (int i = 0; i < 20; i++) {
        size_t len = strlen(text);
        snprintf(text + len, sizeof(text) - len,
                 "{\"anyOf\":[{\"minLength\":%d},{\"maxLength\":%d},{\"maxLength\":%d}]},", i,
                 i + 40, i + 80);
    }
    memcpy(text + strlen(text) - 1, "]}", 3);
    assert_err(schema_compat_json(SPAN_LIT("{\"type\":\"string\"}"), span_of_str(text), &why),
               ERR_EXISTS);
    assert_non_null(strstr(why.text, "entangled"));
}

/* A schema of `count` parts, each with a number from `first` on within. */
struct many {
    const char *head;
    const char *before;
    const char *after;
    const char *tail;
    unsigned count;
};

static void put_many(const struct many *m, unsigned first, struct buf *text)
{
    assert_ok(buf_append(text, span_of_str(m->head)));
    for (unsigned i = first; i < first + m->count; i++) {
        assert_ok(buf_printf(text, "%s%s%06u%s", i == first ? "" : ",", m->before, i, m->after));
    }
    assert_ok(buf_append(text, span_of_str(m->tail)));
}

/* The writer has no first part, and one more at the end. `part` of the reason; NULL: compatible. */
static void refuses_many(const struct many *m, const char *part)
{
    struct schema_why why = {0};
    struct buf reader = {0};
    struct buf writer = {0};

    put_many(m, 0, &reader);
    put_many(m, 1, &writer);
    err_t err = schema_compat_json(buf_span(&reader), buf_span(&writer), &why);
    buf_done(&reader);
    buf_done(&writer);
    if (err != (part == NULL ? ERR_OK : ERR_EXISTS) ||
        (part != NULL && strstr(why.text, part) == NULL)) {
        fail_msg("%s: %s", err_name(err), why.text);
    }
}

/* Large schemas are compared; what would take too long is given up. */
static void bounds_the_work(void **state)
{
    static const struct many properties = {"{\"properties\":{", "\"n", "\":{\"type\":\"string\"}",
                                           "},\"additionalProperties\":{\"type\":\"string\"}}",
                                           1900};
    static const struct many required = {"{\"required\":[", "\"n", "\"", "]}", 5000};
    static const struct many values = {"{\"enum\":[", "{\"n", "\":1}", "]}", 30000};
    static const struct many values_behind = {"{\"enum\":[\"x\",", "{\"n", "\":1}", "]}", 30000};

    (void)state;
    refuses_many(&properties, NULL);
    refuses_many(&required, "required \"n000000\"");
    refuses_many(&values, "entangled");
    refuses_many(&values_behind, "entangled");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_on_errors_of_the_compiler),
        cmocka_unit_test(gives_up_on_entangled_schemas),
        cmocka_unit_test(bounds_the_work),
        cmocka_unit_test(compares),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Verdicts and their texts, draft-07 where it differs, and that a record is judged like its
 * JSON text. The official cases of draft 2020-12 are in test_json_suite.c. */
#include "check/check_json.h"

#include "codec/codec_json.h"
#include "render/render_json.h"
#include "tests/support/check_json_case.h"

#include <stdio.h>
#include <stdlib.h>

#define RECORD_BYTES (64u * KIB)

struct verdict {
    const char *schema;
    const char *json;
    const char *detail; /* NULL: valid */
};

static void judge_all(const struct verdict *verdicts, size_t count, const char *head)
{
    char text[2048];

    for (size_t i = 0; i < count; i++) {
        const struct verdict *v = &verdicts[i];
        snprintf(text, sizeof(text), "%s%s", head, v->schema);
        struct schema_json *s = check_json_case_compile(text);
        const char *detail = check_json_case_judge(s, span_of_str(v->json));
        bool good = detail == NULL || v->detail == NULL ? detail == v->detail
                                                        : strcmp(detail, v->detail) == 0;
        if (!good) {
            fail_msg("%s\n%s\n%s", text, v->json, detail == NULL ? "valid" : detail);
        }
        schema_json_free(s);
    }
}

static const struct verdict details[] = {
    {"false", "1", "not allowed"},
    {"{\"type\":\"string\"}", "1", "type \"string\""},
    {"{\"type\":[\"string\",\"null\"]}", "1", "type"},
    {"{\"properties\":{\"message\":{\"minLength\":1}}}", "{\"message\":\"\"}",
     "/message: minLength 1"},
    {"{\"required\":[\"a\",\"b\"]}", "{\"a\":1}", "required \"b\""},
    {"{\"additionalProperties\":false}", "{\"a\":1}", "/*: not allowed"},
    {"{\"items\":{\"properties\":{\"x\":{\"maximum\":2.50}}}}", "[{},{\"x\":2.51}]",
     "/*/x: maximum 2.50"},
    {"{\"properties\":{\"a\":{\"$ref\":\"#/$defs/t\"}},\"$defs\":{\"t\":{\"const\":\"v\"}}}",
     "{\"a\":1}", "/a: const \"v\""},
    {"{\"allOf\":[{\"minimum\":1},{\"enum\":[1]}]}", "2", "enum"},
    {"{\"anyOf\":[{\"minimum\":1},{\"const\":true}]}", "0", "anyOf"},
    {"{\"oneOf\":[{\"minimum\":1},{\"minimum\":2}]}", "3", "oneOf"},
    {"{\"not\":{}}", "3", "not"},
    {"{\"if\":{\"const\":1},\"else\":{\"multipleOf\":0.01}}", "0.005", "multipleOf 0.01"},
    {"{\"contains\":{\"const\":1}}", "[2]", "contains"},
    {"{\"unevaluatedProperties\":false}", "{\"a\":1}", "/*: not allowed"},
    {"{\"propertyNames\":{\"pattern\":\"^a\"}}", "{\"b\":1}", "/*: pattern \"^a\""},
    {"{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"a\":1}", "dependentRequired \"b\""},
    {"{\"dependentSchemas\":{\"a\":{\"maxProperties\":1}}}", "{\"a\":1,\"b\":1}",
     "maxProperties 1"},
    {"{\"uniqueItems\":true}", "[1,1.0]", "uniqueItems"},
    {"{\"const\":\"0123456789012345678901234567890123456789012345678901234567890123\"}", "1",
     "const \"012345678901234567890123456789012345678901234567…\""},
    {"{\"const\":\"a\\nb\"}", "1", "const \"a b\""},
};

static void says_where_and_why(void **state)
{
    (void)state;
    judge_all(details, TEST_COUNT(details), "");
}

static const struct verdict values[] = {
    /* Numbers are exact, of any size. */
    {"{\"multipleOf\":0.0001}", "0.0075", NULL},
    {"{\"multipleOf\":0.0001}", "0.00751", "multipleOf 0.0001"},
    {"{\"multipleOf\":0.123456789}", "1e308", "multipleOf 0.123456789"},
    {"{\"multipleOf\":3}", "123456789012345678901234567890123456789", NULL},
    {"{\"multipleOf\":3}", "123456789012345678901234567890123456788", "multipleOf 3"},
    {"{\"multipleOf\":1e-8}", "12391239123", NULL},
    {"{\"multipleOf\":2e3}", "4000.0", NULL},
    {"{\"multipleOf\":7}", "-0.0", NULL},
    {"{\"maximum\":98249283749234923498293171823948729348710298301928331}",
     "98249283749234923498293171823948729348710298301928331", NULL},
    {"{\"maximum\":98249283749234923498293171823948729348710298301928331}",
     "98249283749234923498293171823948729348710298301928332",
     "maximum 982492837492349234982931718239487293487102983019…"},
    {"{\"minimum\":-1e400}", "-9e399", NULL},
    {"{\"exclusiveMinimum\":0}", "1e-99999999999999999999", NULL},
    {"{\"exclusiveMinimum\":0}", "-0", "exclusiveMinimum 0"},
    {"{\"type\":\"integer\"}", "1.0", NULL},
    {"{\"type\":\"integer\"}", "1e2", NULL},
    {"{\"type\":\"integer\"}", "12.5e1", NULL},
    {"{\"type\":\"integer\"}", "1e-1", "type \"integer\""},
    {"{\"const\":1}", "1.00e0", NULL},
    {"{\"const\":100}", "1e2", NULL},
    {"{\"const\":0}", "-0.000", NULL},
    {"{\"const\":0}", "false", "const 0"},
    {"{\"enum\":[[1],{\"a\":[true,null]}]}", "{\"a\":[true,null]}", NULL},
    {"{\"enum\":[[1],{\"a\":[true,null]}]}", "{\"a\":[true]}", "enum"},
    {"{\"const\":{\"a\":1,\"b\":2}}", "{\"b\":2,\"\\u0061\":1}", NULL},
    {"{\"const\":{\"a\":{},\"b\":[]}}", "{\"a\":{},\"b\":[]}", NULL},
    {"{\"const\":{\"a\":{},\"b\":[]}}", "{\"a\":[],\"b\":[]}", "const"},
    /* Lengths are of code points. */
    {"{\"maxLength\":2}", "\"\\ud83d\\ude00\xf0\x9f\x98\x80\"", NULL},
    {"{\"minLength\":3}", "\"\\ud83d\\ude00\xf0\x9f\x98\x80\"", "minLength 3"},
    {"{\"maxLength\":1}", "\"\\n\"", NULL},
    /* Names are compared decoded. */
    {"{\"required\":[\"\\u0061\"],\"properties\":{\"a\":false}}", "{\"\\u0061\":1}",
     "/a: not allowed"},
    {"{\"patternProperties\":{\"^\xc3\xa4\":{\"type\":\"null\"}}}", "{\"\\u00e4b\":1}",
     "/*: type \"null\""},
    /* Patterns as in ECMA-262. */
    {"{\"pattern\":\"^a$\"}", "\"a\\n\"", "pattern \"^a$\""},
    {"{\"pattern\":\"^\\\\d$\"}", "\"\xd9\xa1\"", "pattern \"^\\d$\""},
    {"{\"pattern\":\"^\\\\w$\"}", "\"\xc3\xa9\"", "pattern \"^\\w$\""},
    {"{\"pattern\":\"^\\\\s$\"}", "\"\\u2003\"", NULL},
    {"{\"pattern\":\"^\\\\S$\"}", "\"\\ufeff\"", "pattern \"^\\S$\""},
    {"{\"pattern\":\"^[\\\\s]$\"}", "\"\\u00a0\"", NULL},
    {"{\"pattern\":\"^\\\\p{Lowercase_Letter}$\"}", "\"\xc3\xa9\"", NULL},
    {"{\"pattern\":\"^\\\\P{gc=Decimal_Number}$\"}", "\"1\"",
     "pattern \"^\\P{gc=Decimal_Number}$\""},
    {"{\"pattern\":\"^.$\"}", "\"\xf0\x9f\x98\x80\"", NULL},
    {"{\"pattern\":\"^\\\\u{1F600}$\"}", "\"\xf0\x9f\x98\x80\"", NULL},
    {"{\"pattern\":\"^\\\\x41\\\\u0042$\"}", "\"AB\"", NULL},
    {"{\"pattern\":\"^(?:(a)|b)\\\\1$\"}", "\"b\"", NULL},
    {"{\"pattern\":\"[]\"}", "\"a\"", "pattern \"[]\""},
    {"{\"pattern\":\"^[^]$\"}", "\"\\n\"", NULL},
    {"{\"pattern\":\"\"}", "\"\"", NULL},
    {"{\"pattern\":\"^.$\"}", "\"\\n\"", "pattern \"^.$\""},
    {"{\"pattern\":\"^.$\"}", "\"\\r\"", "pattern \"^.$\""},
    {"{\"pattern\":\"^.$\"}", "\"\\u2028\"", "pattern \"^.$\""},
    {"{\"pattern\":\"^.$\"}", "\"\\u2029\"", "pattern \"^.$\""},
    {"{\"pattern\":\"^.$\"}", "\"\\u000b\"", NULL},
    {"{\"pattern\":\"^.$\"}", "\"\\u0085\"", NULL},
    {"{\"pattern\":\"^.$\"}", "\"a\"", NULL},
    {"{\"pattern\":\"^.$\"}", "\"\\ud83d\\ude00\"", NULL},
    {"{\"pattern\":\"^.$\"}", "\"\\u202a\"", NULL},
    {"{\"pattern\":\"^[.]$\"}", "\"a\"", "pattern \"^[.]$\""},
    {"{\"pattern\":\"^\\\\.$\"}", "\"a\"", "pattern \"^\\.$\""},
    {"{\"pattern\":\"^[.]$\"}", "\".\"", NULL},
    {"{\"pattern\":\"^[\\\\S]$\"}", "\"\\u00a0\"", "pattern \"^[\\S]$\""},
    {"{\"pattern\":\"^[\\\\S]$\"}", "\"\\ufeff\"", "pattern \"^[\\S]$\""},
    {"{\"pattern\":\"^[\\\\S]$\"}", "\" \"", "pattern \"^[\\S]$\""},
    {"{\"pattern\":\"^[\\\\S]$\"}", "\"\\u2028\"", "pattern \"^[\\S]$\""},
    {"{\"pattern\":\"^[\\\\S]$\"}", "\"\\u200a\"", "pattern \"^[\\S]$\""},
    {"{\"pattern\":\"^[\\\\S]$\"}", "\"\\n\"", "pattern \"^[\\S]$\""},
    {"{\"pattern\":\"^[\\\\S]$\"}", "\"\\u200b\"", NULL},
    {"{\"pattern\":\"^[\\\\Sx]$\"}", "\"\\ud83d\\ude00\"", NULL},
    {"{\"pattern\":\"^[\\\\S]$\"}", "\"\\ud7ff\"", NULL},
    {"{\"pattern\":\"^[^\\\\S]$\"}", "\"\\u3000\"", NULL},
    {"{\"pattern\":\"^[^\\\\S]$\"}", "\"a\"", "pattern \"^[^\\S]$\""},
    {"{\"pattern\":\"^[\\\\S ]$\"}", "\" \"", NULL},
    /* Format asserts only if asked to. */
    {"{\"format\":\"ipv4\"}", "\"x\"", NULL},
    {"{\"x-cordwood-assert-format\":true,\"format\":\"ipv4\"}", "\"x\"", "format \"ipv4\""},
    {"{\"x-cordwood-assert-format\":true,\"format\":\"ipv4\"}", "1", NULL},
};

static void judges_values(void **state)
{
    (void)state;
    judge_all(values, TEST_COUNT(values), "");
}

/* Behind {"$schema":"…draft-07…", */
static const struct verdict draft7[] = {
    {"\"items\":[{\"const\":1}],\"additionalItems\":{\"const\":2}}", "[1,2,2]", NULL},
    {"\"items\":[{\"const\":1}],\"additionalItems\":{\"const\":2}}", "[1,2,3]", "/*: const 2"},
    {"\"items\":[{\"const\":1}],\"additionalItems\":false}", "[1]", NULL},
    {"\"items\":[{\"const\":1}],\"additionalItems\":false}", "[1,2]", "/*: not allowed"},
    {"\"items\":{\"const\":1},\"additionalItems\":false}", "[1,1]", NULL},
    {"\"prefixItems\":[false]}", "[1]", NULL},
    {"\"definitions\":{\"a\":{\"const\":1}},\"$ref\":\"#/definitions/a\",\"const\":2}", "1", NULL},
    {"\"definitions\":{\"a\":{\"const\":1}},\"$ref\":\"#/definitions/a\",\"const\":2}", "2",
     "const 1"},
    {"\"properties\":{\"a\":{\"$ref\":\"#/definitions/a\",\"maxLength\":1}},"
     "\"definitions\":{\"a\":{\"minLength\":1}}}",
     "{\"a\":\"xx\"}", NULL},
    {"\"definitions\":{\"a\":{\"$id\":\"#foo\",\"const\":1}},\"not\":{\"$ref\":\"#foo\"}}", "1",
     "not"},
    {"\"definitions\":{\"a\":{\"$id\":\"http://x/y#foo\",\"const\":1}},"
     "\"not\":{\"$ref\":\"http://x/y#foo\"}}",
     "1", "not"},
    {"\"dependencies\":{\"a\":[\"b\"],\"c\":{\"maxProperties\":1}}}", "{\"a\":1}",
     "dependentRequired \"b\""},
    {"\"dependencies\":{\"a\":[\"b\"],\"c\":{\"maxProperties\":1}}}", "{\"c\":1,\"d\":1}",
     "maxProperties 1"},
    {"\"dependencies\":{\"a\":[\"b\"],\"c\":false}}", "{\"d\":1}", NULL},
    {"\"dependentRequired\":{\"a\":[\"b\"]},\"dependentSchemas\":{\"a\":false}}", "{\"a\":1}",
     NULL},
    {"\"contains\":{\"const\":1},\"minContains\":2,\"maxContains\":0}", "[1]", NULL},
    {"\"contains\":{\"const\":1},\"minContains\":0}", "[]", "contains"},
    {"\"unevaluatedProperties\":false,\"unevaluatedItems\":false}", "{\"a\":1}", NULL},
    {"\"if\":{\"type\":\"string\"},\"then\":{\"minLength\":1},\"else\":{\"minimum\":1}}", "\"\"",
     "minLength 1"},
    {"\"if\":{\"type\":\"string\"},\"then\":{\"minLength\":1},\"else\":{\"minimum\":1}}", "0",
     "minimum 1"},
    {"\"type\":\"integer\"}", "1.0", NULL},
    {"\"propertyNames\":false}", "{}", NULL},
    {"\"format\":\"ipv4\"}", "\"1.2.3\"", "format \"ipv4\""},
    {"\"$anchor\":\"a\",\"$dynamicRef\":\"#nowhere\"}", "1", NULL},
};

static void judges_draft_07(void **state)
{
    (void)state;
    judge_all(draft7, TEST_COUNT(draft7),
              "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",");
}

struct format_row {
    const char *format;
    const char *good[7];
    const char *bad[14];
};

static const struct format_row formats[] = {
    {"date-time",
     {"2026-11-21T04:11:45Z", "2016-12-31T23:59:60Z", "2026-11-21t04:11:45.5+05:30"},
     {"2026-02-29T00:00:00Z", "2026-11-21 04:11:45Z", "2026-11-21T04:11:45", "", "x"}},
    {"date", {"2024-02-29"}, {"2026-02-29", "2026-1-01", "2026-13-01", "", "2026-01-01T"}},
    {"time",
     {"04:11:45Z", "04:11:45.123-23:59", "23:59:60Z"},
     {"04:11:45", "24:00:00Z", "04:11:60Z", "4:11:45Z", ""}},
    {"ipv4",
     {"0.0.0.0", "255.255.255.255", "127.0.0.1"},
     {"256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4 ", "1..2.3", "", "0x7f.1.1.1",
      "1.2.3.1000"}},
    {"ipv6",
     {"::", "::1", "1:2:3:4:5:6:7:8", "fe80::a", "1::8", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4"},
     {"1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", ":1", "1:", "1::2::3", "12345::", "::g", "",
      ":::", "1:2:3:4:5:6:7:1.2.3.4", "1.2.3.4", "::1%eth0", "1:2:3:4::5:6:7:8"}},
    {"uuid",
     {"2EB8AA08-aa98-11ea-b4aa-73b441d16380", "00000000-0000-0000-0000-000000000000"},
     {"2eb8aa08-aa98-11ea-b4aa-73b441d1638", "2eb8aa08aa9811eab4aa73b441d16380", "",
      "2eb8aa08-aa98-11ea-b4aa-73b441d1638g", "2eb8-aa08-aa98-11ea-b4aa73b44-1d16380"}},
    {"email",
     {"a@b", "joe.bloggs+x@example.com", "\"joe bloggs\"@example.com", "a@[127.0.0.1]",
      "a@[IPv6:::1]", "\"a\\\"b\\\\\"@example.com"},
     {"a", "@b", "a@", ".a@b", "a.@b", "a..b@c", "a@-b", "a@b.", "a@b..c", "a b@c", "a@[1.2.3]",
      "\"@b", "\"\\\\\"\"@example.com", ""}},
    {"uri",
     {"http://example.com/a?b=c#d", "urn:x:y", "mailto:a@b.c", "http://u:p@[::1]:80/%20",
      "file:///etc/x", "a:"},
     {"//example.com", "/a", "a b:c", "http://a b/", "http://a/%zz", "http://a:b/", "1a:b",
      "http://[::1/", "http://a/<>", "", "\\\\x", "http://x/#a#b"}},
};

static void judge_format(const char *format, const char *text, bool valid)
{
    char schema[256];
    char json[256];

    snprintf(schema, sizeof(schema), "{\"x-cordwood-assert-format\":true,\"format\":\"%s\"}",
             format);
    struct schema_json *s = check_json_case_compile(schema);
    size_t len = 1;
    json[0] = '"';
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\') {
            json[len++] = '\\';
        }
        json[len++] = *p;
    }
    json[len++] = '"';
    if ((check_json_case_judge(s, span_of(json, len)) == NULL) != valid) {
        fail_msg("%s: %s", format, text);
    }
    schema_json_free(s);
}

static void judges_formats(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(formats); i++) {
        for (size_t k = 0; k < TEST_COUNT(formats[i].good) && formats[i].good[k] != NULL; k++) {
            judge_format(formats[i].format, formats[i].good[k], true);
        }
        for (size_t k = 0; k < TEST_COUNT(formats[i].bad) && formats[i].bad[k] != NULL; k++) {
            judge_format(formats[i].format, formats[i].bad[k], false);
        }
    }
}

/* The record that a text is by the contract, all of whose four are there. */
static const char *judge_record(const struct schema_json *s, const char *text, struct buf *line)
{
    static const struct codec_env env;
    struct record rec;
    const char *detail = NULL;
    char *copy = calloc(1, strlen(text) + SPAN_SLACK_BYTES);

    assert_non_null(copy);
    memcpy(copy, text, strlen(text));
    batch_reset(&check_json_case.batch, 1);
    assert_int_equal(
        codec_json_entry(&env, span_of(copy, strlen(text)), &check_json_case.batch, &rec, &detail),
        REASON_NONE);
    size_t used = check_json_case.batch.arena.used;
    bool valid =
        check_json_record(&check_json_case.check, s, &rec, &check_json_case.batch.arena, &detail);
    assert_int_equal(check_json_case.batch.arena.used, used);
    line->len = 0;
    assert_ok(buf_reserve(line, render_json_bound(&rec)));
    line->len = (size_t)(render_json_line(&rec, line->at) - line->at) - 1;
    arena_reset(&check_json_case.batch.arena);
    free(copy);
    return valid ? NULL : detail;
}

#define FOUR(level, message, more)                                                           \
    "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"" level "\",\"message\":\"" message \
    "\",\"service\":\"svc\"" more "}"

static const char *const records[] = {
    FOUR("INFO", "m", ""),
    FOUR("", "", ""),
    FOUR("\\u0049NFO", "\\ud83d\\ude00", ""),
    FOUR("INFO", "\xf0\x9f\x98\x80\xc3\xa9", ",\"n\":1"),
    FOUR("INFO", "mm", ",\"n\":1.5,\"a\":[1,1.0]"),
    FOUR("INFO", "mmm", ",\"n\":\"1\",\"a\":[1,2],\"o\":{\"x\":{\"y\":[true,null]}}"),
    FOUR("INFO", "mmmm", ",\"\\u006e\":2,\"a\":{},\"o\":[]"),
};

static const char *const schemas[] = {
    "true",
    "false",
    "{\"type\":\"object\",\"required\":[\"timestamp\",\"level\",\"message\",\"service\"],"
    "\"properties\":{\"timestamp\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"level\":{\"type\":\"string\",\"minLength\":1},\"message\":{\"type\":\"string\"},"
    "\"service\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":256}}}",
    "{\"properties\":{\"message\":{\"minLength\":2,\"maxLength\":3}}}",
    "{\"properties\":{\"message\":{\"maxLength\":1}}}",
    "{\"properties\":{\"message\":{\"type\":\"number\"}}}",
    "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"properties\":"
    "{\"timestamp\":{\"format\":\"date-time\"},\"message\":{\"format\":\"email\"}}}",
    "{\"properties\":{\"n\":{\"type\":\"integer\"}}}",
    "{\"required\":[\"n\"]}",
    "{\"additionalProperties\":{\"type\":[\"string\",\"number\"]}}",
    "{\"additionalProperties\":false,\"properties\":{\"timestamp\":{},\"level\":{},\"message\":{},"
    "\"service\":{}}}",
    "{\"properties\":{\"a\":{\"uniqueItems\":true}},\"maxProperties\":6}",
    "{\"properties\":{\"o\":{\"properties\":{\"x\":{\"required\":[\"y\"]}}}},"
    "\"patternProperties\":{\"^[a-z]$\":true},\"unevaluatedProperties\":{\"type\":\"string\"}}",
    "{\"properties\":{\"level\":{\"const\":\"INFO\"}},\"propertyNames\":{\"maxLength\":9}}",
    "{\"type\":[\"array\",\"object\"],\"minProperties\":5}",
    "{\"type\":\"array\"}",
};

static void judges_records_like_their_texts(void **state)
{
    struct buf line = {0};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(schemas); i++) {
        struct schema_json *s = check_json_case_compile(schemas[i]);
        for (size_t k = 0; k < TEST_COUNT(records); k++) {
            const char *record = judge_record(s, records[k], &line);
            const char *text = check_json_case_judge(s, buf_span(&line));
            if ((record == NULL) != (text == NULL) ||
                (record != NULL && strcmp(record, text) != 0)) {
                fail_msg("%s\n%s\nrecord: %s\ntext: %s", schemas[i], records[k],
                         record == NULL ? "valid" : record, text == NULL ? "valid" : text);
            }
        }
        schema_json_free(s);
    }
    buf_done(&line);
}

static void judges_what_is_absent_and_ours(void **state)
{
    const struct extra extras[] = {
        {.name = text_of(SPAN_LIT("n"), TEXT_CLEAN), .kind = EXTRA_NUMBER, .number = -7},
        {.name = text_of(SPAN_LIT("t"), TEXT_CLEAN), .kind = EXTRA_TRUE},
    };
    struct record rec = {.message = text_of(SPAN_LIT("m"), TEXT_CLEAN)};
    struct schema_json *required = check_json_case_compile("{\"required\":[\"level\"]}");
    struct schema_json *exact =
        check_json_case_compile("{\"const\":{\"message\":\"m\",\"t\":true,\"n\":-7}}");
    const char *detail = NULL;

    (void)state;
    assert_false(check_json_record(&check_json_case.check, required, &rec,
                                   &check_json_case.batch.arena, &detail));
    assert_string_equal(detail, "required \"level\"");
    rec.level = text_of(SPAN_LIT(""), TEXT_CLEAN);
    assert_true(check_json_record(&check_json_case.check, required, &rec,
                                  &check_json_case.batch.arena, &detail));
    rec.level = (struct text){0};
    assert_false(check_json_record(&check_json_case.check, exact, &rec,
                                   &check_json_case.batch.arena, &detail));
    rec.extras = extras;
    rec.extra_count = 2;
    assert_true(check_json_record(&check_json_case.check, exact, &rec, &check_json_case.batch.arena,
                                  &detail));
    schema_json_free(required);
    schema_json_free(exact);
}

/* An arena that is too small is no reason to pass. */
static void needs_room(void **state)
{
    static const char *const wanting[] = {"true", "{\"unevaluatedItems\":false}",
                                          "{\"uniqueItems\":true}"};
    static const char json[] = "[0,1,2,3,4,5,6,7,8,9,10]" /* and slack */
                               "                                                                ";
    struct arena arena;

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(wanting); i++) {
        struct schema_json *s = check_json_case_compile(wanting[i]);
        const char *detail = NULL;
        bool passed = false;
        for (size_t room = 0; room < KIB; room += 16) {
            assert_ok(arena_init(&arena, room + 1));
            bool valid =
                check_json_text(&check_json_case.check, s, span_of(json, 24), &arena, &detail);
            assert_true(valid || !passed);
            assert_true(i != 1 || !valid);
            passed |= valid;
            arena_done(&arena);
        }
        assert_true(passed == (i != 1));
        schema_json_free(s);
    }
}

/* An extra with the name of one of the four is that member only for another type. */
static void judges_extras_that_bear_one_of_the_four_names(void **state)
{
    struct schema_json *integer = check_json_case_compile(
        "{\"properties\":{\"level\":{\"type\":\"integer\"}},\"required\":[\"level\"]}");
    struct schema_json *string =
        check_json_case_compile("{\"properties\":{\"level\":{\"type\":\"string\"}}}");
    struct schema_json *closed =
        check_json_case_compile("{\"properties\":{\"message\":{},\"service\":{},\"timestamp\":"
                                "{},\"level\":{\"type\":\"string\"}},"
                                "\"additionalProperties\":false}");
    static const char seven[1 + SPAN_SLACK_BYTES] = "7";
    const struct extra level = {
        .name = text_of(SPAN_LIT("level"), TEXT_CLEAN), .kind = EXTRA_JSON, .json = {seven, 1}};
    struct record rec = {.origin = ORIGIN_TYPED, .extras = &level, .extra_count = 1};
    const char *detail = NULL;

    (void)state;
    batch_reset(&check_json_case.batch, 1);
    assert_true(check_json_record(&check_json_case.check, integer, &rec,
                                  &check_json_case.batch.arena, &detail));
    assert_false(check_json_record(&check_json_case.check, string, &rec,
                                   &check_json_case.batch.arena, &detail));
    assert_string_equal(detail, "/level: type \"string\"");
    rec.origin = ORIGIN_LINE;
    rec.level = text_of(SPAN_LIT("INFO"), TEXT_CLEAN);
    assert_true(check_json_record(&check_json_case.check, string, &rec,
                                  &check_json_case.batch.arena, &detail));
    assert_true(check_json_record(&check_json_case.check, closed, &rec,
                                  &check_json_case.batch.arena, &detail));
    schema_json_free(integer);
    schema_json_free(string);
    schema_json_free(closed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_where_and_why),
        cmocka_unit_test(needs_room),
        cmocka_unit_test(judges_values),
        cmocka_unit_test(judges_draft_07),
        cmocka_unit_test(judges_formats),
        cmocka_unit_test(judges_records_like_their_texts),
        cmocka_unit_test(judges_what_is_absent_and_ours),
        cmocka_unit_test(judges_extras_that_bear_one_of_the_four_names),
    };

    return cmocka_run_group_tests(tests, check_json_case_setup, check_json_case_teardown);
}

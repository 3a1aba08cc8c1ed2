/* SPDX-License-Identifier: Apache-2.0
 *
 * Avro data of every type, and what hostile senders make of them. */
#include "codec/codec_avro.h"
#include "schema/schema_builtin.h"
#include "tests/support/avro_one.h"
#include "tests/support/one_record.h"
#include "tests/support/test.h"

#include <stdio.h>

/* A field `v` of some type, as a record. */
#define RECORD_OF(type) \
    "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"v\",\"type\":" type "}]}"

#define LOGICAL(type, name) "{\"type\":\"" type "\",\"logicalType\":\"" name "\"}"
#define DECIMAL(precision, scale)                                                                  \
    "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":" precision ",\"scale\":" scale \
    "}"
#define NODE                                                                              \
    "{\"type\":\"record\",\"name\":\"N\",\"fields\":[{\"name\":\"n\",\"type\":[\"null\"," \
    "\"N\"]}]}"

#define LOG_ENTRY          \
    "\x28"                 \
    "2026-11-21T04:11:45Z" \
    "\x08"                 \
    "INFO"                 \
    "\x0a"                 \
    "hello"                \
    "\x08"                 \
    "auth"
#define LOG_LINE                                                                        \
    "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":\"hello\"," \
    "\"service\":\"auth\"}"

static struct one_record run;
static struct schema_avro *plan;

static void use_schema(struct span text)
{
    struct schema_why why = {{0}};

    schema_avro_free(plan);
    plan = NULL;
    if (schema_avro_compile(text, &why, &plan) != ERR_OK) {
        fail_msg("%s", why.text);
    }
    avro_one_use(plan);
}

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
    schema_avro_free(plan);
    return 0;
}

/* Each form holds its bound, which one_record checks. */
static void run_other_forms(struct span datum)
{
    run.out = "csv";
    assert_int_equal(one_record_run(&run, datum), REASON_NONE);
    run.out = "text";
    assert_int_equal(one_record_run(&run, datum), REASON_NONE);
    run.out = "jsonl";
}

struct value_row {
    const char *schema;
    struct span datum;
    const char *json;
};

static const struct value_row value_rows[] = {
    {RECORD_OF("\"null\""), {"", 0}, "null"},
    {RECORD_OF("\"boolean\""), {"\0", 1}, "false"},
    {RECORD_OF("\"boolean\""), {"\1", 1}, "true"},
    {RECORD_OF("\"int\""), {"\0", 1}, "0"},
    {RECORD_OF("\"int\""), {"\1", 1}, "-1"},
    {RECORD_OF("\"int\""), {"\xff\xff\xff\xff\x0f", 5}, "-2147483648"},
    {RECORD_OF("\"int\""), {"\xfe\xff\xff\xff\x0f", 5}, "2147483647"},
    {RECORD_OF("\"long\""),
     {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10},
     "-9223372036854775808"},
    {RECORD_OF("\"long\""),
     {"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10},
     "9223372036854775807"},
    {RECORD_OF("\"float\""), {"\xcd\xcc\xcc\x3d", 4}, "0.1"},
    {RECORD_OF("\"float\""), {"\0\0\xc0\x7f", 4}, "\"NaN\""},
    {RECORD_OF("\"double\""), {"\x9a\x99\x99\x99\x99\x99\xb9\x3f", 8}, "0.1"},
    {RECORD_OF("\"double\""), {"\0\0\0\0\0\0\xf0\xff", 8}, "\"-Infinity\""},
    {RECORD_OF("\"bytes\""), {"\0", 1}, "\"\""},
    {RECORD_OF("\"bytes\""), {"\4\0\xff", 3}, "\"AP8=\""},
    {RECORD_OF("\"string\""), {"\0", 1}, "\"\""},
    {RECORD_OF("\"string\""), {"\6a\"b", 4}, "\"a\\\"b\""},
    {RECORD_OF("\"string\""), {"\4\xc3\xa9", 3}, "\"\xc3\xa9\""},
    {RECORD_OF("{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}"), {"\1\2", 2}, "\"AQI=\""},
    {RECORD_OF("{\"type\":\"fixed\",\"name\":\"F\",\"size\":0}"), {"", 0}, "\"\""},
    {RECORD_OF("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]}"), {"\2", 1}, "\"B\""},
    {RECORD_OF("{\"type\":\"array\",\"items\":\"int\"}"), {"\0", 1}, "[]"},
    {RECORD_OF("{\"type\":\"array\",\"items\":\"int\"}"), {"\4\2\4\2\6\0", 6}, "[1,2,3]"},
    {RECORD_OF("{\"type\":\"array\",\"items\":\"int\"}"), {"\3\4\2\4\1\2\6\0", 8}, "[1,2,3]"},
    {RECORD_OF("{\"type\":\"array\",\"items\":\"null\"}"), {"\6\0", 2}, "[null,null,null]"},
    {RECORD_OF("{\"type\":\"array\",\"items\":\"null\"}"), {"\5\0\0", 3}, "[null,null,null]"},
    {RECORD_OF("{\"type\":\"map\",\"values\":\"int\"}"), {"\0", 1}, "{}"},
    {RECORD_OF("{\"type\":\"map\",\"values\":\"int\"}"), {"\4\2a\2\0\4\0", 7}, "{\"a\":1,\"\":2}"},
    {RECORD_OF("{\"type\":\"map\",\"values\":{\"type\":\"map\",\"values\":\"null\"}}"),
     {"\4\2a\2\2a\0\2b\2\2a\0\0", 14},
     "{\"a\":{\"a\":null},\"b\":{\"a\":null}}"},
    {RECORD_OF("[\"null\",\"string\"]"), {"\0", 1}, "null"},
    {RECORD_OF("[\"null\",\"string\"]"), {"\2\2x", 3}, "\"x\""},
    {RECORD_OF("[\"int\",{\"type\":\"array\",\"items\":[\"null\",\"int\"]}]"),
     {"\2\4\0\2\10\0", 6},
     "[null,4]"},
    {RECORD_OF(NODE), {"\2\2\0", 3}, "{\"n\":{\"n\":{\"n\":null}}}"},
    {RECORD_OF("{\"type\":\"record\",\"name\":\"E\",\"fields\":[]}"), {"", 0}, "{}"},
    {RECORD_OF(LOGICAL("string", "uuid")), {"\2x", 2}, "\"x\""},
    {RECORD_OF(LOGICAL("int", "date")), {"\xd4\xc4\x02", 3}, "\"2026-11-21\""},
    {RECORD_OF(LOGICAL("int", "date")), {"\1", 1}, "\"1969-12-31\""},
    {RECORD_OF(LOGICAL("int", "date")), {"\xfe\xff\xff\xff\x0f", 5}, "2147483647"},
    {RECORD_OF(LOGICAL("int", "time-millis")), {"\2", 1}, "\"00:00:00.001\""},
    {RECORD_OF(LOGICAL("int", "time-millis")), {"\1", 1}, "-1"},
    {RECORD_OF(LOGICAL("int", "time-millis")), {"\xfe\xef\xb2\x52", 4}, "\"23:59:59.999\""},
    {RECORD_OF(LOGICAL("int", "time-millis")), {"\x80\xf0\xb2\x52", 4}, "86400000"},
    {RECORD_OF(LOGICAL("long", "time-micros")), {"\2", 1}, "\"00:00:00.000001\""},
    {RECORD_OF(LOGICAL("long", "timestamp-millis")), {"\1", 1}, "\"1969-12-31T23:59:59.999Z\""},
    {RECORD_OF(LOGICAL("long", "timestamp-micros")), {"\2", 1}, "\"1970-01-01T00:00:00.000001Z\""},
    {RECORD_OF(LOGICAL("long", "timestamp-micros")),
     {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10},
     "-9223372036854775808"},
    {RECORD_OF(LOGICAL("long", "local-timestamp-millis")),
     {"\0", 1},
     "\"1970-01-01T00:00:00.000\""},
    {RECORD_OF(LOGICAL("long", "local-timestamp-micros")),
     {"\0", 1},
     "\"1970-01-01T00:00:00.000000\""},
    {RECORD_OF(LOGICAL("string", "date")), {"\2x", 2}, "\"x\""},
    {RECORD_OF(LOGICAL("long", "no-such-type")), {"\2", 1}, "1"},
    {RECORD_OF("{\"type\":\"fixed\",\"name\":\"D\",\"size\":12,\"logicalType\":\"duration\"}"),
     {"\1\0\0\0\2\0\0\0\xff\xff\xff\xff", 12},
     "{\"months\":1,\"days\":2,\"milliseconds\":4294967295}"},
    {RECORD_OF(DECIMAL("4", "2")), {"\2\0", 2}, "\"0.00\""},
    {RECORD_OF(DECIMAL("4", "2")), {"\4\x04\xd2", 3}, "\"12.34\""},
    {RECORD_OF(DECIMAL("4", "2")), {"\2\xff", 2}, "\"-0.01\""},
    {RECORD_OF(DECIMAL("4", "0")), {"\4\xd8\xf1", 3}, "\"-9999\""},
    {RECORD_OF(DECIMAL("4", "4")), {"\12\0\0\0\0\1", 6}, "\"0.0001\""},
    {RECORD_OF(DECIMAL("40", "20")),
     {"\x20\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 17},
     "\"-1701411834604692317.31687303715884105728\""},
    {RECORD_OF(DECIMAL("2000", "0")), {"\2\1", 2}, "\"AQ==\""}, /* ill-fitting: plain bytes */
    {RECORD_OF(DECIMAL("2", "3")), {"\2\1", 2}, "\"AQ==\""},
    {RECORD_OF("{\"type\":\"fixed\",\"name\":\"F\",\"size\":1,\"logicalType\":\"decimal\","
               "\"precision\":2,\"scale\":1}"),
     {"\xf6", 1},
     "\"-1.0\""},
    {RECORD_OF("{\"type\":\"fixed\",\"name\":\"F\",\"size\":1,\"logicalType\":\"decimal\","
               "\"precision\":3}"),
     {"\xf6", 1},
     "\"9g==\""},
};

static void test_values(void **state)
{
    char line[512];

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(value_rows); i++) {
        use_schema(span_of_str(value_rows[i].schema));
        snprintf(line, sizeof(line), AVRO_ONE_HEAD ",\"v\":%s}", value_rows[i].json);
        one_record_is(&run, value_rows[i].datum, line);
        run_other_forms(value_rows[i].datum);
    }
}

/* No head of a datum is one, nor is one with a byte more. */
static void test_every_truncation(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(value_rows); i++) {
        struct span datum = value_rows[i].datum;
        char longer[64] = "";
        use_schema(span_of_str(value_rows[i].schema));
        for (size_t len = 0; len < datum.len; len++) {
            one_record_fails(&run, span_head(datum, len), REASON_BAD_AVRO);
        }
        memcpy(longer, datum.at, datum.len);
        one_record_fails(&run, span_of(longer, datum.len + 1), REASON_BAD_AVRO);
    }
    use_schema(schema_builtin(SCHEMA_KIND_AVRO));
    for (size_t len = 0; len < sizeof(LOG_ENTRY) - 1; len++) {
        one_record_fails(&run, span_of(LOG_ENTRY, len), REASON_BAD_AVRO);
    }
}

static void test_log_entry(void **state)
{
    (void)state;
    use_schema(schema_builtin(SCHEMA_KIND_AVRO));
    one_record_is(&run, SPAN_LIT(LOG_ENTRY), LOG_LINE);
    const struct record *rec = &run.batch.records[0];
    assert_int_equal(rec->format, FORMAT_AVRO);
    assert_int_equal(rec->origin, ORIGIN_CONTRACT);
    assert_int_equal(rec->message.form, TEXT_CLEAN);
    assert_ptr_equal(rec->message.at, run.input.at + 27); /* not copied */
    assert_ptr_equal(rec->source.at, run.input.at);
    run_other_forms(SPAN_LIT(LOG_ENTRY));
    one_record_fails(&run, SPAN_LIT("\0\0\0\0"), REASON_MISSING_TIMESTAMP);
    one_record_is(&run,
                  SPAN_LIT("\x28"
                           "2026-11-21T04:11:45Z"
                           "\x08"
                           "info"
                           "\x08"
                           "a\n\xc3\xa9"
                           "\x02"
                           "\x7f"),
                  "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":"
                  "\"a\\n\xc3\xa9\",\"service\":\"\\u007f\"}");
    one_record_fails(&run,
                     SPAN_LIT("\x28"
                              "2026-11-21T04:11:45Z"
                              "\x08"
                              "INFO"
                              "\x02\xff\x02s"),
                     REASON_BAD_UTF8);
}

/* Lengths around what is taken by whole words, each character that needs a look at each place. */
static void test_text_of_every_length(void **state)
{
    char datum[700] = "\x28"
                      "2026-11-21T04:11:45Z"
                      "\x08"
                      "INFO";
    char line[700];

    (void)state;
    use_schema(schema_builtin(SCHEMA_KIND_AVRO));
    for (size_t len = 1; len < 300; len++) {
        size_t at = 26;
        datum[at++] = (char)(len < 64 ? len * 2 : (len * 2 & 0x7f) | 0x80);
        if (len >= 64) {
            datum[at++] = (char)(len * 2 >> 7);
        }
        memset(datum + at, 'x', len);
        memcpy(datum + at + len, "\2s", 2);
        struct span all = span_of(datum, at + len + 2);
        snprintf(line, sizeof(line),
                 "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":\"%.*s\","
                 "\"service\":\"s\"}",
                 (int)len, datum + at);
        one_record_is(&run, all, line);
        datum[at + len / 2] = '\x80';
        one_record_fails(&run, all, REASON_BAD_UTF8);
    }
}

#define FOUR(type)                                                                               \
    "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"service\",\"type\":"            \
    "\"string\"},{\"name\":\"n\",\"type\":\"long\"},{\"name\":\"timestamp\",\"type\":" type "}," \
    "{\"name\":\"level\",\"type\":{\"type\":\"enum\",\"name\":\"L\",\"symbols\":[\"INFO\"]}},"   \
    "{\"name\":\"message\",\"type\":[\"null\",\"string\"]},{\"name\":\"ok\",\"type\":"           \
    "\"boolean\"}]}"

static void test_record_without_fields(void **state)
{
    (void)state;
    use_schema(SPAN_LIT("{\"type\":\"record\",\"name\":\"R\",\"fields\":[]}"));
    one_record_is(&run, SPAN_LIT(""), AVRO_ONE_HEAD "}");
    one_record_fails(&run, SPAN_LIT("\0"), REASON_BAD_AVRO);
}

/* The four may stand anywhere and be of any type whose JSON is a string. */
static void test_richer_record(void **state)
{
    (void)state;
    use_schema(SPAN_LIT(FOUR(LOGICAL("long", "timestamp-millis"))));
    one_record_is(&run, SPAN_LIT("\6svc\x0e\2\0\2\4hi\1"),
                  "{\"timestamp\":\"1970-01-01T00:00:00.001Z\",\"level\":\"INFO\",\"message\":"
                  "\"hi\",\"service\":\"svc\",\"n\":7,\"ok\":true}");
    one_record_is(&run, SPAN_LIT("\6svc\x0e\2\0\0\1"),
                  "{\"timestamp\":\"1970-01-01T00:00:00.001Z\",\"level\":\"INFO\",\"message\":"
                  "\"m\",\"service\":\"svc\",\"n\":7,\"_message\":null,\"ok\":true}");
    use_schema(SPAN_LIT(FOUR("\"long\"")));
    one_record_is(&run, SPAN_LIT("\6svc\x0e\2\0\2\4hi\1"),
                  "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":"
                  "\"hi\",\"service\":\"svc\",\"n\":7,\"_timestamp\":1,\"ok\":true}");
}

static const struct {
    const char *schema;
    struct span datum;
    enum reason reason;
    const char *detail;
} hostile_rows[] = {
    {"\"string\"", {"\0", 1}, REASON_SCHEMA, "the schema is no record"},
    {RECORD_OF("\"null\""), {"\0", 1}, REASON_BAD_AVRO, "bytes behind its end"},
    {RECORD_OF("\"boolean\""), {"\2", 1}, REASON_BAD_AVRO, "a boolean that is neither 0 nor 1"},
    {RECORD_OF("\"int\""),
     {"\x80\x80\x80\x80\x10", 5},
     REASON_BAD_AVRO,
     "an int of more than 32 bits"},
    {RECORD_OF("[\"int\"]"),
     {"\0\x80\x80\x80\x80\x10", 6},
     REASON_BAD_AVRO,
     "an int of more than 32 bits"},
    {RECORD_OF(LOGICAL("int", "date")),
     {"\x80\x80\x80\x80\x10", 5},
     REASON_BAD_AVRO,
     "an int of more than 32 bits"},
    {RECORD_OF("\"long\""),
     {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10},
     REASON_BAD_AVRO,
     "a number of more than 64 bits"},
    {RECORD_OF("\"long\""),
     {"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11},
     REASON_BAD_AVRO,
     "a number of more than 64 bits"},
    {RECORD_OF("\"long\""), {"\x80", 1}, REASON_BAD_AVRO, "it breaks off in a number"},
    {RECORD_OF("\"string\""), {"\1", 1}, REASON_BAD_AVRO, "a negative length"},
    {RECORD_OF("\"string\""), {"\2", 1}, REASON_BAD_AVRO, "a length beyond its end"},
    {RECORD_OF("\"string\""),
     {"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 10},
     REASON_BAD_AVRO,
     "a length beyond its end"},
    {RECORD_OF("\"string\""),
     {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10},
     REASON_BAD_AVRO,
     "a negative length"},
    {RECORD_OF("\"bytes\""), {"\1", 1}, REASON_BAD_AVRO, "a negative length"},
    {RECORD_OF("{\"type\":\"fixed\",\"name\":\"F\",\"size\":2147483647}"),
     {"a", 1},
     REASON_BAD_AVRO,
     "a length beyond its end"},
    {RECORD_OF("\"string\""), {"\2\xc0", 2}, REASON_BAD_UTF8, "a string is no UTF-8"},
    {RECORD_OF("{\"type\":\"array\",\"items\":\"string\"}"),
     {"\4\2\xc0\2a\0", 6},
     REASON_BAD_UTF8,
     "a string is no UTF-8"},
    {RECORD_OF("{\"type\":\"map\",\"values\":\"null\"}"),
     {"\2\2\xc0\0", 4},
     REASON_BAD_UTF8,
     "a string is no UTF-8"},
    {RECORD_OF("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]}"),
     {"\4", 1},
     REASON_BAD_AVRO,
     "a symbol that the enum does not have"},
    {RECORD_OF("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]}"),
     {"\1", 1},
     REASON_BAD_AVRO,
     "a symbol that the enum does not have"},
    {RECORD_OF("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[]}"),
     {"\0", 1},
     REASON_BAD_AVRO,
     "a symbol that the enum does not have"},
    {RECORD_OF("[\"null\",\"string\"]"),
     {"\4", 1},
     REASON_BAD_AVRO,
     "a branch that the union does not have"},
    {RECORD_OF("[\"null\",\"string\"]"),
     {"\1", 1},
     REASON_BAD_AVRO,
     "a branch that the union does not have"},
    {RECORD_OF("[\"null\",\"string\"]"),
     {"\x80\x80\x80\x80\x80\x80\x01", 7},
     REASON_BAD_AVRO,
     "a branch that the union does not have"},
    /* 2^40 items, then the most negative count with a length. */
    {RECORD_OF("{\"type\":\"array\",\"items\":\"int\"}"),
     {"\x80\x80\x80\x80\x80\x40\0", 7},
     REASON_BAD_AVRO,
     "a block of more items than bytes"},
    {RECORD_OF("{\"type\":\"map\",\"values\":\"null\"}"),
     {"\x80\x80\x80\x80\x80\x40\0", 7},
     REASON_BAD_AVRO,
     "a block of more items than bytes"},
    {RECORD_OF("{\"type\":\"array\",\"items\":\"int\"}"),
     {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\0\0", 12},
     REASON_BAD_AVRO,
     "a block of more items than bytes"},
    {RECORD_OF("{\"type\":\"array\",\"items\":\"null\"}"),
     {"\x80\x80\x80\x80\x80\x40\0", 7},
     REASON_TOO_LARGE,
     "its JSON is much larger than itself"},
    {RECORD_OF("{\"type\":\"array\",\"items\":\"null\"}"),
     {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\0\0", 12},
     REASON_TOO_LARGE,
     "its JSON is much larger than itself"},
    {RECORD_OF("{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"E\",\"fields\":[]}}"),
     {"\x80\x80\x80\x80\x80\x40\0", 7},
     REASON_TOO_LARGE,
     "its JSON is much larger than itself"},
    {RECORD_OF("{\"type\":\"array\",\"items\":{\"type\":\"fixed\",\"name\":\"E\",\"size\":0}}"),
     {"\x80\x80\x80\x80\x80\x40\0", 7},
     REASON_TOO_LARGE,
     "its JSON is much larger than itself"},
    /* Blocks that lie about their length. */
    {RECORD_OF("{\"type\":\"array\",\"items\":\"int\"}"),
     {"\1\1\2\0", 4},
     REASON_BAD_AVRO,
     "a block longer than what is left"},
    {RECORD_OF("{\"type\":\"array\",\"items\":\"int\"}"),
     {"\1\x10\2\0", 4},
     REASON_BAD_AVRO,
     "a block longer than what is left"},
    {RECORD_OF("{\"type\":\"array\",\"items\":\"int\"}"),
     {"\1\4\2\0", 4},
     REASON_BAD_AVRO,
     "a block that is not as long as it says"},
    {RECORD_OF("{\"type\":\"array\",\"items\":\"int\"}"),
     {"\1\0\2\0", 4},
     REASON_BAD_AVRO,
     "a block that is not as long as it says"},
    {RECORD_OF("{\"type\":\"map\",\"values\":\"int\"}"),
     {"\4\2a\2\2a\4\0", 8},
     REASON_BAD_AVRO,
     "the same key twice in a map"},
    {RECORD_OF("{\"type\":\"map\",\"values\":\"int\"}"),
     {"\2\0\2\2\0\4\0", 7},
     REASON_BAD_AVRO,
     "the same key twice in a map"},
    {RECORD_OF(DECIMAL("2", "0")), {"\0", 1}, REASON_BAD_AVRO, "a decimal without bytes"},
    {RECORD_OF(DECIMAL("2", "0")),
     {"\2\x64", 2},
     REASON_SCHEMA,
     "a decimal with more digits than its precision"},
};

static void test_hostile(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(hostile_rows); i++) {
        use_schema(span_of_str(hostile_rows[i].schema));
        one_record_fails(&run, hostile_rows[i].datum, hostile_rows[i].reason);
        assert_string_equal(run.batch.rejects[0].detail, hostile_rows[i].detail);
        assert_int_equal(run.batch.arena.used, 0); /* given back */
    }
}

static void test_depth(void **state)
{
    static char datum[40 * 1024];

    (void)state;
    use_schema(SPAN_LIT(NODE));
    memset(datum, 2, sizeof(datum));
    one_record_fails(&run, span_of(datum, sizeof(datum)), REASON_TOO_DEEP);
    for (size_t levels = 1; levels < 80; levels++) {
        datum[levels - 1] = 0; /* the root, and a level for each branch 1 */
        enum reason reason = one_record_run(&run, span_of(datum, levels));
        assert_int_equal(reason, levels <= JSON_DEPTH_MAX ? REASON_NONE : REASON_TOO_DEEP);
        datum[levels - 1] = 2;
    }
}

/* Zero bytes that double on each level: 2^60 of them end at the budget. */
static void test_doubling(void **state)
{
    static char schema[8192];
    size_t at = 0;

    (void)state;
    at += (size_t)snprintf(schema, sizeof(schema),
                           "{\"type\":\"record\",\"name\":\"R\",\"fields\":[");
    for (unsigned i = 0; i < 60; i++) {
        at += (size_t)snprintf(schema + at, sizeof(schema) - at,
                               "{\"name\":\"a\",\"type\":{\"type\":\"record\",\"name\":\"R%u\","
                               "\"fields\":[",
                               i);
    }
    for (unsigned i = 60; i > 0; i--) {
        at += (size_t)snprintf(schema + at, sizeof(schema) - at,
                               "]}},{\"name\":\"b\",\"type\":\"R%u\"}", i - 1);
    }
    snprintf(schema + at, sizeof(schema) - at, "]}");
    use_schema(span_of_str(schema));
    one_record_fails(&run, SPAN_LIT(""), REASON_TOO_LARGE);
}

static void fill_map(struct buf *b, uint32_t keys, bool repeat)
{
    char entry[16];

    b->len = 0;
    assert_ok(buf_reserve(b, keys * 8 + 16));
    for (uint32_t i = 0; i < keys; i++) {
        snprintf(entry, sizeof(entry), "\x02\n%05u", repeat && i == keys - 1 ? 0 : i);
        assert_ok(buf_append(b, span_of(entry, 7)));
        b->at[b->len++] = 0;
    }
    b->at[b->len++] = 0;
}

/* Blocks of one entry each; the last key is new, or the first again. */
static void test_many_keys(void **state)
{
    struct buf b = {0};

    (void)state;
    use_schema(SPAN_LIT(RECORD_OF("{\"type\":\"map\",\"values\":\"int\"}")));
    for (uint32_t keys = 2; keys < 30000; keys = keys * 3 + 1) {
        fill_map(&b, keys, false);
        assert_int_equal(one_record_run(&run, buf_span(&b)), REASON_NONE);
        fill_map(&b, keys, true);
        one_record_fails(&run, buf_span(&b), REASON_BAD_AVRO);
    }
    buf_done(&b);
}

static struct span wide_schema(uint32_t fields, char *out, size_t room)
{
    size_t at = (size_t)snprintf(out, room, "{\"type\":\"record\",\"name\":\"R\",\"fields\":[");

    for (uint32_t i = 0; i < fields; i++) {
        at += (size_t)snprintf(out + at, room - at,
                               "%s{\"name\":\"field_%u\",\"type\":[\"null\",\"int\"]}",
                               i > 0 ? "," : "", i);
    }
    at += (size_t)snprintf(out + at, room - at, "]}");
    return span_of(out, at);
}

static void test_wide_record(void **state)
{
    static char schema[512 * 1024];
    static const char nulls[4096];

    (void)state;
    use_schema(wide_schema(1000, schema, sizeof(schema)));
    assert_int_equal(one_record_run(&run, span_of(nulls, 1000)), REASON_NONE);
    run_other_forms(span_of(nulls, 1000));
    use_schema(wide_schema(4000, schema, sizeof(schema)));
    one_record_fails(&run, span_of(nulls, 4000), REASON_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_log_entry),
        cmocka_unit_test(test_text_of_every_length),
        cmocka_unit_test(test_record_without_fields),
        cmocka_unit_test(test_richer_record),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_doubling),
        cmocka_unit_test(test_many_keys),
        cmocka_unit_test(test_wide_record),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

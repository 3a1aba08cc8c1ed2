/* SPDX-License-Identifier: Apache-2.0
 *
 * NDJSON: other names, other forms, defaults, and what is counted. */
#include "codec/codec_json.h"
#include "tests/support/one_record.h"
#include "tests/support/test.h"

#include <stdio.h>

#define RECEIVED "2026-11-21T04:11:45.123456Z" /* when one_record receives */
#define T        "\"timestamp\":\"2026-01-02T03:04:05Z\""

static int setup(void **state)
{
    static struct one_record r;

    one_record_init(&r, codec_json_line);
    *state = &r;
    return 0;
}

static int teardown(void **state)
{
    one_record_done(*state);
    return 0;
}

static void becomes(void **state, const char *payload, const char *line)
{
    one_record_is(*state, span_of_str(payload), line);
}

static void refuses_only_what_is_no_json(void **state)
{
    static const char *const bad[] = {"{",
                                      "[]",
                                      "{\"a\":1,\"a\":2}",
                                      "{\"a\":\"\\ud800\"}",
                                      "{\"a\":\xff}",
                                      "{\"msg\":\"a\"} x",
                                      "{\"a\xff\":01}"};
    struct buf b = {0};

    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        one_record_fails(*state, span_of_str(bad[i]), REASON_BAD_JSON);
    }
    assert_ok(buf_printf(&b, "{\"a\":"));
    for (int i = 0; i < 64; i++) {
        assert_ok(buf_printf(&b, "["));
    }
    one_record_fails(*state, buf_span(&b), REASON_TOO_DEEP);
    b.len = 0;
    assert_ok(buf_printf(&b, "{\"service\":\"%0257d\"}", 0));
    one_record_fails(*state, buf_span(&b), REASON_SERVICE_TOO_LONG);
    buf_done(&b);
}

static void fills_in_what_is_missing_and_counts_it(void **state)
{
    const struct one_record *r = *state;

    becomes(state, "{}",
            "{\"timestamp\":\"" RECEIVED
            "\",\"level\":\"INFO\",\"message\":\"\",\"service\":\"json\","
            "\"time_source\":\"received\"}");
    for (size_t f = 0; f < FIELD_COUNT; f++) {
        assert_int_equal(r->batch.defaulted[f], 1);
    }
    becomes(state, "{\"message\":\"m\",\"hostname\":\"h2\",\"host\":\"h1\"}",
            "{\"timestamp\":\"" RECEIVED
            "\",\"level\":\"INFO\",\"message\":\"m\",\"service\":\"h1\","
            "\"hostname\":\"h2\",\"host\":\"h1\",\"time_source\":\"received\"}");
    assert_int_equal(r->batch.defaulted[FIELD_MESSAGE], 0);
    assert_int_equal(r->batch.defaulted[FIELD_SERVICE], 1);
    becomes(state, "{" T ",\"host\":\"\",\"hostname\":\"h2\",\"level\":\"warn\"}",
            "{" T ",\"level\":\"WARN\",\"message\":\"\",\"service\":\"h2\",\"host\":\"\","
            "\"hostname\":\"h2\"}");
    assert_int_equal(r->batch.defaulted[FIELD_TIMESTAMP], 0);
    assert_int_equal(r->batch.defaulted[FIELD_LEVEL], 0);
    becomes(state, "{" T ",\"host\":{\"name\":\"x\"}}",
            "{" T
            ",\"level\":\"INFO\",\"message\":\"\",\"service\":\"x\",\"host\":{\"name\":\"x\"}}");
}

static void takes_the_first_name_that_has_a_value(void **state)
{
    static const char *const names[][16] = {
        {"timestamp", "@timestamp", "time", "ts", "date", "_time", "datetime", "asctime",
         "eventTime", "Timestamp", "Time", "@t", "timeUnixNano", NULL},
        {"level", "severity", "lvl", "loglevel", "log.level", "levelname", "level_name",
         "severityText", "severity_text", "error_severity", "Level", "LogLevel", "SeverityText",
         "@l", NULL},
        {"message", "msg", "log", "short_message", "event", "body", "textPayload", "Message",
         "Body", "@m", "@mt", "MessageTemplate", NULL},
        {"service", "service.name", "app", "application", "logger", "logger_name", "loggerName",
         "log.logger", "programname", "tag", "source", "Category", NULL},
    };
    static const char *const values[] = {"2026-01-02T03:04:05Z", "NOTICE", "m", "s"};
    char payload[512];
    char want[512];

    for (size_t f = 0; f < TEST_COUNT(names); f++) {
        for (size_t i = 0; names[f][i] != NULL; i++) {
            const char *others = f == 0 ? "\"level\":\"NOTICE\",\"message\":\"m\",\"service\":\"s\""
                                 : f == 1 ? T ",\"message\":\"m\",\"service\":\"s\""
                                 : f == 2 ? T ",\"level\":\"NOTICE\",\"service\":\"s\""
                                          : T ",\"level\":\"NOTICE\",\"message\":\"m\"";
            /* The one that counts comes first or last, the next in rank has another value. */
            const char *next = names[f][i + 1] == NULL ? "other" : names[f][i + 1];
            snprintf(payload, sizeof(payload), "{\"%s\":\"%s\",%s,\"%s\":\"zzz\"}", names[f][i],
                     values[f], others, next);
            snprintf(want, sizeof(want),
                     "{" T
                     ",\"level\":\"NOTICE\",\"message\":\"m\",\"service\":\"s\",\"%s\":\"zzz\"}",
                     next);
            becomes(state, payload, want);
            snprintf(payload, sizeof(payload), "{\"%s\":\"zzz\",%s,\"%s\":\"%s\"}", next, others,
                     names[f][i], values[f]);
            becomes(state, payload, want);
        }
    }
}

/* A value of the wrong kind stays, under a name that is not in the way. */
static void keeps_what_it_cannot_use(void **state)
{
    becomes(
        state, "{\"timestamp\":\"soon\",\"level\":[1],\"message\":5,\"service\":{\"nom\":\"x\"}}",
        "{\"timestamp\":\"" RECEIVED "\",\"level\":\"INFO\",\"message\":\"\",\"service\":\"json\","
        "\"_timestamp\":\"soon\",\"_level\":[1],\"_message\":5,\"_service\":{\"nom\":\"x\"},"
        "\"time_source\":\"received\"}");
    becomes(state,
            "{\"timestamp\":true,\"ts\":\"2026-01-02T03:04:05Z\",\"level\":\"\",\"lvl\":\"ERR\","
            "\"message\":null,\"log\":\"m\",\"service\":\"\",\"tag\":\"t\"}",
            "{" T ",\"level\":\"ERR\",\"message\":\"m\",\"service\":\"t\",\"_timestamp\":true,"
            "\"_level\":\"\",\"_message\":null,\"_service\":\"\"}");
    becomes(state,
            "{" T
            ",\"level\":\"a0123456789012345678901234567890123456789012345678901234567890123\"}",
            "{" T ",\"level\":\"INFO\",\"message\":\"\",\"service\":\"json\",\"_level\":"
            "\"a0123456789012345678901234567890123456789012345678901234567890123\"}");
}

static void reads_levels_of_every_kind(void **state)
{
    static const struct {
        const char *value;
        const char *level; /* NULL: unusable */
    } levels[] = {
        {"0", "EMERG"},
        {"1", "ALERT"},
        {"2", "CRIT"},
        {"3", "ERR"},
        {"4", "WARNING"},
        {"5", "NOTICE"},
        {"6", "INFO"},
        {"7", "DEBUG"},
        {"8", NULL},
        {"9", NULL},
        {"10", "TRACE"},
        {"20", "DEBUG"},
        {"30", "INFO"},
        {"40", "WARN"},
        {"50", "ERROR"},
        {"60", "FATAL"},
        {"35", "INFO"},
        {"59", "ERROR"},
        {"61", NULL},
        {"100", NULL},
        {"-1", NULL},
        {"30.0", NULL},
        {"3e1", NULL},
        {"true", NULL},
        {"null", NULL},
        {"[]", NULL},
        {"\"30\"", "INFO"},
        {"\"6\"", "INFO"},
        {"\"\\u0036\"", "INFO"},
        {"\"99\"", "99"},
        {"\"info\"", "INFO"},
        {"\"Warning\"", "WARNING"},
        {"\"Information\"", "INFORMATION"},
        {"\"\\u0065rror\"", "ERROR"},
        {"\"a\\\"b\"", "A\\\"B"},
    };
    char payload[128];
    char want[256];

    for (size_t i = 0; i < TEST_COUNT(levels); i++) {
        const char *level = levels[i].level;
        snprintf(payload, sizeof(payload), "{" T ",\"severity\":%s}", levels[i].value);
        snprintf(want, sizeof(want),
                 "{" T ",\"level\":\"%s\",\"message\":\"\",\"service\":\"json\"%s%s}",
                 level == NULL ? "INFO" : level, level == NULL ? ",\"severity\":" : "",
                 level == NULL ? levels[i].value : "");
        becomes(state, payload, want);
    }
}

static void replaces_what_is_no_utf8(void **state)
{
    becomes(
        state, "{" T ",\"level\":\"INFO\",\"msg\":\"a\xff\\n\",\"app\":\"s\",\"k\xc3\":1}",
        "{" T ",\"level\":\"INFO\",\"message\":\"a\xef\xbf\xbd\\n\",\"service\":\"s\","
        "\"k\xef\xbf\xbd\":1,\"invalid_utf8\":true,\"raw_base64\":"
        "\"eyJ0aW1lc3RhbXAiOiIyMDI2LTAxLTAyVDAzOjA0OjA1WiIsImxldmVsIjoiSU5GTyIsIm1zZyI6ImH/XG4iLCJh"
        "cHAiOiJzIiwia8MiOjF9\"}");
}

/* As many members as fit, one of them with a byte that is no text: the arena is large enough. */
static void repairs_lines_of_many_members(void **state)
{
    struct one_record *r = *state;
    struct buf b = {0};

    assert_ok(buf_printf(&b, "{\"msg\":\"\xff\""));
    for (unsigned i = 0; i < 24000; i++) {
        assert_ok(buf_printf(&b, ",\"%x\":%u", i, i % 10));
    }
    assert_ok(buf_printf(&b, "}"));
    assert_int_equal(one_record_run(r, buf_span(&b)), REASON_NONE);
    assert_int_equal(r->batch.records[0].extra_count, 24000);
    b.len = 0;
    assert_ok(buf_printf(&b, "{\"msg\":\""));
    for (unsigned i = 0; i < 250000; i++) {
        assert_ok(buf_append(&b, SPAN_LIT("\xff")));
    }
    assert_ok(buf_printf(&b, "\"}"));
    assert_int_equal(one_record_run(r, buf_span(&b)), REASON_NONE);
    assert_int_equal(r->batch.records[0].truncated_bytes,
                     750000 - ONE_RECORD_MESSAGE_BYTES_MAX / 3 * 3);
    buf_done(&b);
}

static void cuts_long_messages(void **state)
{
    struct one_record *r = *state;
    struct buf b = {0};

    assert_ok(buf_printf(&b, "{" T ",\"msg\":\"%0*d\"}", (int)ONE_RECORD_MESSAGE_BYTES_MAX + 7, 0));
    assert_int_equal(one_record_run(r, buf_span(&b)), REASON_NONE);
    assert_int_equal(r->batch.records[0].message.len, ONE_RECORD_MESSAGE_BYTES_MAX);
    assert_int_equal(r->batch.records[0].truncated_bytes, 7);
    buf_done(&b);
}

static void knows_journald(void **state)
{
    struct one_record *r = *state;

    assert_int_equal(one_record_run(r, SPAN_LIT("{\"MESSAGE\":\"m\xff\",\"PRIORITY\":\"3\"}")),
                     REASON_NONE);
    const struct record *rec = &r->batch.records[0];
    assert_int_equal(rec->format, FORMAT_JOURNALD);
    assert_int_equal(rec->origin, ORIGIN_LINE);
    assert_true(rec->invalid_utf8);
    test_assert_span(rec->raw, "{\"MESSAGE\":\"m\xff\",\"PRIORITY\":\"3\"}");
    test_assert_span(text_span(rec->level), "ERR");
    assert_int_equal(one_record_run(r, SPAN_LIT("{\"MESSAGE\":\"m\",\"level\":\"err\"}")),
                     REASON_NONE);
    assert_int_equal(rec->format, FORMAT_JSON);
}

/* As a contract: no aliases, no defaults, no repair, nothing cut. */
static void is_strict_when_told_so(void **state)
{
    struct one_record *r = *state;

    r->env.ndjson_strict = true;
    one_record_fails(r, SPAN_LIT("{}"), REASON_MISSING_TIMESTAMP);
    one_record_fails(r, SPAN_LIT("{" T ",\"msg\":\"m\"}"), REASON_MISSING_LEVEL);
    one_record_fails(r, SPAN_LIT("{" T ",\"level\":\"x\",\"message\":\"m\",\"service\":\"s\"}"),
                     REASON_BAD_LEVEL);
    one_record_fails(r, SPAN_LIT("{" T ",\"level\":6,\"message\":\"m\",\"service\":\"s\"}"),
                     REASON_BAD_LEVEL);
    one_record_fails(r, SPAN_LIT("{" T ",\"message\":\"\xff\"}"), REASON_BAD_UTF8);
    becomes(state, "{" T ",\"level\":\"warn\",\"message\":\"m\",\"service\":\"s\",\"msg\":1}",
            "{" T ",\"level\":\"WARN\",\"message\":\"m\",\"service\":\"s\",\"msg\":1}");
    r->env.ndjson_strict = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_only_what_is_no_json),
        cmocka_unit_test(fills_in_what_is_missing_and_counts_it),
        cmocka_unit_test(takes_the_first_name_that_has_a_value),
        cmocka_unit_test(keeps_what_it_cannot_use),
        cmocka_unit_test(reads_levels_of_every_kind),
        cmocka_unit_test(replaces_what_is_no_utf8),
        cmocka_unit_test(repairs_lines_of_many_members),
        cmocka_unit_test(cuts_long_messages),
        cmocka_unit_test(knows_journald),
        cmocka_unit_test(is_strict_when_told_so),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

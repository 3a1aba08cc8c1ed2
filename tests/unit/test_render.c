/* SPDX-License-Identifier: Apache-2.0
 *
 * Output lines, character by character, in all three forms; and the lines of rejects. */
#include "base/limits.h"
#include "render/render.h"
#include "render/render_reject.h"
#include "tests/support/test.h"

#include <stdio.h>

static struct text clean(const char *s)
{
    return text_of(span_of_str(s), TEXT_CLEAN);
}

static struct text plain(const char *s)
{
    return text_of(span_of_str(s), TEXT_PLAIN);
}

static struct text json(const char *s)
{
    return text_of(span_of_str(s), TEXT_JSON);
}

static struct extra text_member(const char *name, struct text value)
{
    return (struct extra){.name = clean(name), .kind = EXTRA_TEXT, .text = value};
}

static struct extra json_member(const char *name, const char *value)
{
    return (struct extra){.name = clean(name), .kind = EXTRA_JSON, .json = span_of_str(value)};
}

static struct record sample(void)
{
    return (struct record){
        .timestamp = clean("2026-11-21T04:11:45Z"),
        .level = clean("INFO"),
        .message = clean("hello"),
        .service = clean("api"),
    };
}

/* Fails unless the record becomes this line (given without LF) within its bound. */
static void renders(const char *format, const struct record *rec, const char *want)
{
    const struct render *r = render_find(span_of_str(format));
    struct buf b = {0};

    assert_non_null(r);
    size_t bound = r->bound(rec);
    assert_ok(buf_reserve(&b, bound));
    b.len = (size_t)(r->line(rec, b.at) - b.at);
    assert_true(b.len <= bound);
    assert_int_equal(b.at[b.len - 1], '\n');
    test_assert_span(span_of(b.at, b.len - 1), want);
    buf_done(&b);
}

static void finds_formats_by_name(void **state)
{
    (void)state;
    assert_null(render_find(SPAN_LIT("xml")));
    assert_null(render_find(SPAN_LIT("json")));
    assert_null(render_find(SPAN_LIT("")));
    test_assert_span(render_find(SPAN_LIT("csv"))->header,
                     "timestamp,level,message,service,extra\n");
    assert_int_equal(render_find(SPAN_LIT("jsonl"))->header.len, 0);
    assert_int_equal(render_find(SPAN_LIT("text"))->header.len, 0);
    assert_string_equal(render_find(SPAN_LIT("jsonl"))->suffix, "jsonl");
    assert_string_equal(render_find(SPAN_LIT("csv"))->suffix, "csv");
    assert_string_equal(render_find(SPAN_LIT("text"))->suffix, "log");
}

static void renders_the_four(void **state)
{
    struct record rec = sample();

    (void)state;
    renders("jsonl", &rec,
            "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":\"hello\","
            "\"service\":\"api\"}");
    renders("csv", &rec, "2026-11-21T04:11:45Z,INFO,hello,api,");
    renders("text", &rec, "2026-11-21T04:11:45Z [INFO] [api] hello");
    rec.message = clean("");
    renders("jsonl", &rec,
            "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":\"\","
            "\"service\":\"api\"}");
    renders("csv", &rec, "2026-11-21T04:11:45Z,INFO,,api,");
    renders("text", &rec, "2026-11-21T04:11:45Z [INFO] [api] ");
}

/* All rows of underscores that are tracked, and one that is much longer. */
static void stays_within_its_bound_for_any_row_of_underscores(void **state)
{
    enum { ROWS = 64, LONG = 3000 };
    static char names[ROWS + 2][LONG + 16];
    static struct extra extras[ROWS + 2];
    struct record rec = sample();
    struct buf b = {0};

    (void)state;
    for (size_t i = 0; i < ROWS + 2; i++) {
        size_t count = i <= ROWS ? i : LONG;
        memset(names[i], '_', count);
        memcpy(names[i] + count, "level", 6);
        extras[i] = json_member(names[i], "1");
    }
    rec.extras = extras;
    rec.extra_count = ROWS + 2;
    size_t bound = render_find(SPAN_LIT("jsonl"))->bound(&rec);
    assert_ok(buf_reserve(&b, bound + 2 * LONG));
    b.len = (size_t)(render_find(SPAN_LIT("jsonl"))->line(&rec, b.at) - b.at);
    assert_true(b.len <= bound);
    assert_true(b.len < LONG + 64 * 64 + 4096); /* ours has 65, not one more than the longest */
    buf_done(&b);
}

static void names_the_type_of_records_of_another_type(void **state)
{
    const struct extra extras[] = {text_member("type", clean("express")), json_member("n", "1")};
    struct record rec = sample();

    (void)state;
    rec.extras = extras;
    rec.extra_count = 2;
    renders("jsonl", &rec,
            "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":\"hello\","
            "\"service\":\"api\",\"type\":\"express\",\"n\":1}");
    rec.type = plain("Or\"der");
    renders("jsonl", &rec,
            "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":\"hello\","
            "\"service\":\"api\",\"_type\":\"express\",\"n\":1,\"type\":\"Or\\\"der\"}");
    rec.extra_count = 0;
    renders("csv", &rec,
            "2026-11-21T04:11:45Z,INFO,hello,api,\"{\"\"type\"\":\"\"Or\\\"\"der\"\"}\"");
}

static void escapes_what_would_break_a_line(void **state)
{
    struct record rec = sample();

    (void)state;
    rec.message = plain("\"\\\b\f\n\r\t\x01\x1f\x7f\xc2\x80\xc2\x9f\xc2\xa0\xe2\x80\xa8\xe2\x80\xa9"
                        "\xe2\x80\xaa/\xf0\x9f\x98\x80");
    renders(
        "jsonl", &rec,
        "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":\"\\\"\\\\\\b\\f\\n"
        "\\r\\t\\u0001\\u001f\\u007f\\u0080\\u009f\xc2\xa0\\u2028\\u2029\xe2\x80\xaa/"
        "\xf0\x9f\x98\x80\",\"service\":\"api\"}");
    renders(
        "csv", &rec,
        "2026-11-21T04:11:45Z,INFO,\"\"\"\\\\\\x08\\x0c\\n\\r\\t\\x01\\x1f\\x7f\\x80\\x9f\xc2\xa0"
        "\\u2028\\u2029\xe2\x80\xaa/\xf0\x9f\x98\x80\",api,");
    renders("text", &rec,
            "2026-11-21T04:11:45Z [INFO] [api] \"\\\\\\x08\\x0c\\n\\r\\t\\x01\\x1f\\x7f\\x80\\x9f"
            "\xc2\xa0\\u2028\\u2029\xe2\x80\xaa/\xf0\x9f\x98\x80");
}

static void keeps_the_senders_escapes_in_json_and_reads_them_elsewhere(void **state)
{
    struct record rec = sample();

    (void)state;
    rec.message = json("\\u0041\\/\\n\\\"\\\\\x7f\xc2\x85\xe2\x80\xa8\xc3\xa9\\ud83d\\ude00,");
    renders("jsonl", &rec,
            "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":\"\\u0041\\/\\n"
            "\\\"\\\\\\u007f\\u0085\\u2028\xc3\xa9\\ud83d\\ude00,\",\"service\":\"api\"}");
    renders("csv", &rec,
            "2026-11-21T04:11:45Z,INFO,\"A/\\n\"\"\\\\\\x7f\\x85\\u2028\xc3\xa9\xf0\x9f\x98\x80,\","
            "api,");
    renders(
        "text", &rec,
        "2026-11-21T04:11:45Z [INFO] [api] A/\\n\"\\\\\\x7f\\x85\\u2028\xc3\xa9\xf0\x9f\x98\x80,");
}

static void separates_fields_so_that_they_can_be_told_apart(void **state)
{
    struct record rec = sample();

    (void)state;
    rec.service = clean("a]b,c");
    rec.level = clean("X] [");
    rec.message = clean("{a {b}{c x{ {");
    renders("csv", &rec, "2026-11-21T04:11:45Z,X] [,{a {b}{c x{ {,\"a]b,c\",");
    renders("text", &rec, "2026-11-21T04:11:45Z [X\\x5d [] [a\\x5db,c] \\x7ba \\x7bb}{c x{ \\x7b");
}

static void renders_extras_in_their_order(void **state)
{
    const struct extra extras[] = {
        json_member("n", "1.50"),
        text_member("s", plain("a\"b")),
        json_member("o", "{ \"x y\" : [ 1 , \"a b\\\"]\x7f\" ] ,\n\"z\":null }"),
        {.name = plain("q\"\n"), .kind = EXTRA_NUMBER, .number = INT64_MIN},
        {.name = json("\\u0041\x7f"), .kind = EXTRA_TRUE},
        text_member("", clean("")),
    };
    struct record rec = sample();

    (void)state;
    rec.extras = extras;
    rec.extra_count = TEST_COUNT(extras);
    renders(
        "jsonl", &rec,
        "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":\"hello\","
        "\"service\":\"api\",\"n\":1.50,\"s\":\"a\\\"b\",\"o\":{\"x y\":[1,\"a b\\\"]\\u007f\"],"
        "\"z\":null},\"q\\\"\\n\":-9223372036854775808,\"\\u0041\\u007f\":true,\"\":\"\"}");
    renders("csv", &rec,
            "2026-11-21T04:11:45Z,INFO,hello,api,\"{\"\"n\"\":1.50,\"\"s\"\":\"\"a\\\"\"b\"\","
            "\"\"o\"\":"
            "{\"\"x y\"\":[1,\"\"a b\\\"\"]\\u007f\"\"],\"\"z\"\":null},\"\"q\\\"\"\\n\"\":"
            "-9223372036854775808,\"\"\\u0041\\u007f\"\":true,\"\"\"\":\"\"\"\"}\"");
    renders(
        "text", &rec,
        "2026-11-21T04:11:45Z [INFO] [api] hello {\"n\":1.50,\"s\":\"a\\\"b\",\"o\":{\"x y\":[1,"
        "\"a b\\\"]\\u007f\"],\"z\":null},\"q\\\"\\n\":-9223372036854775808,"
        "\"\\u0041\\u007f\":true,\"\":\"\"}");
}

static void adds_what_we_did_behind_the_extras(void **state)
{
    const struct extra extra = json_member("n", "0");
    struct record rec = sample();

    (void)state;
    rec.extras = &extra;
    rec.extra_count = 1;
    rec.time_source = TIME_RECEIVED;
    rec.truncated_bytes = UINT32_MAX;
    rec.message_missing = true;
    rec.invalid_utf8 = true;
    rec.raw = SPAN_LIT("\xff\xfe,a");
    renders(
        "jsonl", &rec,
        "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":\"hello\","
        "\"service\":\"api\",\"n\":0,\"time_source\":\"received\",\"truncated_bytes\":4294967295,"
        "\"message_missing\":true,\"invalid_utf8\":true,\"raw_base64\":\"//4sYQ==\"}");
    rec = sample();
    rec.time_source = TIME_ASSUMED_YEAR;
    renders("csv", &rec,
            "2026-11-21T04:11:45Z,INFO,hello,api,\"{\"\"time_source\"\":\"\"assumed_year\"\"}\"");
    rec.time_source = TIME_ASSUMED_ZONE;
    renders("text", &rec,
            "2026-11-21T04:11:45Z [INFO] [api] hello {\"time_source\":\"assumed_zone\"}");
}

static void writes_base64_of_every_length(void **state)
{
    static const struct {
        struct span raw;
        const char *line_end;
    } pairs[] = {
        {{"", 0}, "\"\"}"},
        {{"f", 1}, "\"Zg==\"}"},
        {{"fo", 2}, "\"Zm8=\"}"},
        {{"foo", 3}, "\"Zm9v\"}"},
        {{"foob", 4}, "\"Zm9vYg==\"}"},
        {{"fooba", 5}, "\"Zm9vYmE=\"}"},
        {{"foobar", 6}, "\"Zm9vYmFy\"}"},
        {{"\xfb\xff\xbf", 3}, "\"+/+/\"}"},
    };
    struct record rec = sample();
    char want[256];

    (void)state;
    rec.invalid_utf8 = true;
    for (size_t i = 0; i < TEST_COUNT(pairs); i++) {
        rec.raw = pairs[i].raw;
        snprintf(want, sizeof(want), "%s%s",
                 "2026-11-21T04:11:45Z [INFO] [api] hello {\"invalid_utf8\":true,\"raw_base64\":",
                 pairs[i].line_end);
        renders("text", &rec, want);
    }
}

/* Names that are ours or one of the four, and the underscores they get. */
static void renames_members_that_are_in_the_way(void **state)
{
    const struct extra extras[] = {
        json_member("level", "1"),
        json_member("_level", "2"),
        json_member("___level", "3"),
        json_member("time_source", "4"),
        json_member("timestamp", "5"),
        {.name = json("mess\\u0061ge"), .kind = EXTRA_TRUE},
        {.name = json("\\u005fservice"), .kind = EXTRA_TRUE},
        json_member("service", "6"),
        json_member("truncated_bytes", "7"),
        json_member("message_missing", "8"),
        json_member("invalid_utf8", "9"),
        json_member("raw_base64", "10"),
        json_member("levels", "11"),
        json_member("Level", "12"),
        json_member("__time_source", "13"),
    };
    struct record rec = sample();

    (void)state;
    rec.extras = extras;
    rec.extra_count = TEST_COUNT(extras);
    rec.time_source = TIME_RECEIVED;
    renders("text", &rec,
            "2026-11-21T04:11:45Z [INFO] [api] hello {\"__level\":1,\"_level\":2,\"___level\":3,"
            "\"_time_source\":4,\"_timestamp\":5,\"_mess\\u0061ge\":true,\"\\u005fservice\":true,"
            "\"__service\":6,\"_truncated_bytes\":7,\"_message_missing\":8,\"_invalid_utf8\":9,"
            "\"_raw_base64\":10,\"levels\":11,\"Level\":12,\"__time_source\":13,"
            "\"time_source\":\"received\"}");
}

/* All of 70 underscores taken: one more than the most. */
static void finds_a_free_name_behind_many(void **state)
{
    static char names[71][80];
    static struct extra extras[71];
    struct record rec = sample();
    struct buf want = {0};

    (void)state;
    assert_ok(buf_printf(&want, "2026-11-21T04:11:45Z [INFO] [api] hello {"));
    for (int i = 0; i <= 70; i++) {
        memset(names[i], '_', (size_t)i);
        strncpy(names[i] + i, "level", sizeof(names[i]) - (size_t)i);
        extras[i] = json_member(names[i], "0");
        assert_ok(buf_printf(&want, "%s\"%s%s\":0", i == 0 ? "" : ",",
                             i == 0 ? "______________________________________________________"
                                      "_________________"
                                    : "",
                             names[i]));
    }
    assert_ok(buf_append(&want, span_of("}", 2)));
    rec.extras = extras;
    rec.extra_count = 71;
    renders("text", &rec, want.at);
    buf_done(&want);
}

/* A thousand of a kind in every place of a record: no slack hides a bound that is too low. */
static void bounds_hold_for_the_dearest_characters(void **state)
{
    static const char *const dearest[] = {"\x01",     "\n",           "\"",          "\\", "\x7f",
                                          "\xc2\x80", "\xe2\x80\xa8", "{",           " {", "]",
                                          ",",        "\xc3\xa9",     "\xe2\x82\xac"};
    static const char *const in_json[] = {"\\\"",         "\\\\",    "\x7f", "\xc2\x80",
                                          "\xe2\x80\xa8", "\\u000a", ",",    "\\ud83d\\ude00"};
    static const char *const forms[] = {"jsonl", "csv", "text"};
    size_t count = TEST_COUNT(dearest) + TEST_COUNT(in_json);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        bool escaped = i >= TEST_COUNT(dearest);
        const char *c = escaped ? in_json[i - TEST_COUNT(dearest)] : dearest[i];
        struct buf json_value = {0};
        struct buf line = {0};
        assert_ok(buf_printf(&json_value, "\""));
        for (int n = 0; n < 1000; n++) {
            assert_ok(buf_append(&json_value, span_of_str(c)));
        }
        assert_ok(buf_printf(&json_value, "\""));
        struct text t = text_of(span_of(json_value.at + 1, json_value.len - 2),
                                escaped ? TEXT_JSON : TEXT_PLAIN);
        struct extra extras[] = {
            {.name = t, .kind = EXTRA_TEXT, .text = t},
            {.name = t, .kind = EXTRA_JSON, .json = buf_span(&json_value)},
        };
        struct record rec = {.timestamp = t, .level = t, .message = t, .service = t};
        rec.extras = extras;
        rec.extra_count = escaped ? 2 : 1;
        for (size_t f = 0; f < TEST_COUNT(forms); f++) {
            const struct render *r = render_find(span_of_str(forms[f]));
            size_t bound = r->bound(&rec);
            assert_true(bound <= RENDER_LINE_BYTES_MAX(8 * t.len));
            line.len = 0;
            assert_ok(buf_reserve(&line, bound));
            assert_true((size_t)(r->line(&rec, line.at) - line.at) <= bound);
        }
        buf_done(&line);
        buf_done(&json_value);
    }
}

static void reject_is(const struct reject *reject, const char *want)
{
    const struct render_reject_facts facts = {.received_at = clean("2026-11-21T04:11:45.123456Z"),
                                              .peer = SPAN_LIT("[::1]:4242")};
    struct buf b = {0};
    size_t bound = render_reject_bound(reject, &facts);

    assert_ok(buf_reserve(&b, bound));
    b.len = (size_t)(render_reject_line(reject, &facts, b.at) - b.at);
    assert_true(b.len <= bound);
    test_assert_span(buf_span(&b), want);
    buf_done(&b);
}

/* Payloads come from buffers: they have slack. */
static struct span slack_span(struct buf *b, struct span s)
{
    buf_done(b);
    assert_ok(buf_reserve(b, s.len + 1));
    assert_ok(buf_append(b, s));
    memset(b->at + b->len, 0, SPAN_SLACK_BYTES);
    return buf_span(b);
}

static void renders_who_sent_a_reject(void **state)
{
    const struct reject reject = {
        .payload = SPAN_LIT(""), .detail = "", .format = FORMAT_RAW, .reason = REASON_EMPTY};
    const struct render_reject_facts facts = {.received_at = clean("2026-11-21T04:11:45.123456Z"),
                                              .peer = SPAN_LIT("input"),
                                              .cert = SPAN_LIT("CN=a\\\"b")};
    char line[512];

    (void)state;
    assert_true(render_reject_bound(&reject, &facts) <= sizeof(line));
    size_t len = (size_t)(render_reject_line(&reject, &facts, line) - line);
    test_assert_span(span_of(line, len),
                     "{\"received_at\":\"2026-11-21T04:11:45.123456Z\",\"peer\":\"input\","
                     "\"peer_cert\":\"CN=a\\\\\\\"b\",\"format\":\"raw\",\"reason\":\"empty\","
                     "\"detail\":\"\",\"length\":0,\"payload\":\"\"}\n");
}

/* What the sender calls as we do gets an underscore, whether or not ours has a value; brief members
 * too. */
static void a_stamp_is_appended_and_its_names_are_ours(void **state)
{
    static const char brief[] = "hostname\0\0\0\0\0\0\0\0web-1\0\0\0\0\0\0\0\0\0\0\0";
    const struct extra extras[] = {
        text_member("peer", clean("me")),
        text_member("_peer", clean("him")),
        text_member("peer_cert", json("a")),
        {.name = clean("hostname"),
         .kind = EXTRA_BRIEF,
         .text = text_of(span_of(brief + 16, 5), 0)},
    };
    const struct record_stamp stamp = {
        .names = {SPAN_LIT("peer"), SPAN_LIT("peer_cert"), SPAN_LIT("hostname")},
        .name_count = 3,
        .members = SPAN_LIT(",\"peer\":\"[::1]:1\",\"hostname\":\"now\""),
    };
    struct record rec = sample();

    (void)state;
    rec.stamp = &stamp;
    rec.time_source = TIME_RECEIVED;
    renders("jsonl", &rec,
            "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":\"hello\","
            "\"service\":\"api\",\"time_source\":\"received\",\"peer\":\"[::1]:1\","
            "\"hostname\":\"now\"}");
    rec.time_source = TIME_AS_SENT;
    rec.extras = extras;
    rec.extra_count = TEST_COUNT(extras);
    renders("text", &rec,
            "2026-11-21T04:11:45Z [INFO] [api] hello {\"__peer\":\"me\",\"_peer\":\"him\","
            "\"_peer_cert\":\"a\",\"_hostname\":\"web-1\",\"peer\":\"[::1]:1\","
            "\"hostname\":\"now\"}");
    renders("csv", &rec,
            "2026-11-21T04:11:45Z,INFO,hello,api,\"{\"\"__peer\"\":\"\"me\"\",\"\"_peer\"\":"
            "\"\"him\"\",\"\"_peer_cert\"\":\"\"a\"\",\"\"_hostname\"\":\"\"web-1\"\","
            "\"\"peer\"\":\"\"[::1]:1\"\",\"\"hostname\"\":\"\"now\"\"}\"");
}

static void a_stamp_without_members_shows_nothing(void **state)
{
    const struct record_stamp stamp = {.names = {SPAN_LIT("peer")}, .name_count = 1};
    struct record rec = sample();

    (void)state;
    rec.stamp = &stamp;
    renders("csv", &rec, "2026-11-21T04:11:45Z,INFO,hello,api,");
}

static void renders_rejects(void **state)
{
    struct buf b = {0};
    struct reject reject = {
        .payload = slack_span(&b, SPAN_LIT("{\"a\":\n\x7f\xe2\x80\xa8")),
        .length = 70000,
        .detail = "it's \"bad\"",
        .format = FORMAT_JSON,
        .reason = REASON_BAD_JSON,
    };

    (void)state;
    reject_is(&reject,
              "{\"received_at\":\"2026-11-21T04:11:45.123456Z\",\"peer\":\"[::1]:4242\","
              "\"format\":\"json\",\"reason\":\"bad_json\",\"detail\":\"it's \\\"bad\\\"\","
              "\"length\":70000,\"payload\":\"{\\\"a\\\":\\n\\u007f\\u2028\"}\n");
    reject = (struct reject){
        .payload = slack_span(&b, SPAN_LIT("\x00\xff\xfe")),
        .length = 3,
        .detail = "",
        .format = FORMAT_UNKNOWN,
        .reason = REASON_UNKNOWN_FORMAT,
    };
    reject_is(&reject, "{\"received_at\":\"2026-11-21T04:11:45.123456Z\",\"peer\":\"[::1]:4242\","
                       "\"format\":\"unknown\",\"reason\":\"unknown_format\",\"detail\":\"\","
                       "\"length\":3,\"payload_base64\":\"AP/+\"}\n");
    reject = (struct reject){.detail = "", .format = FORMAT_AVRO, .reason = REASON_EMPTY};
    reject_is(&reject, "{\"received_at\":\"2026-11-21T04:11:45.123456Z\",\"peer\":\"[::1]:4242\","
                       "\"format\":\"avro\",\"reason\":\"empty\",\"detail\":\"\",\"length\":0,"
                       "\"payload\":\"\"}\n");
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_formats_by_name),
        cmocka_unit_test(renders_the_four),
        cmocka_unit_test(names_the_type_of_records_of_another_type),
        cmocka_unit_test(stays_within_its_bound_for_any_row_of_underscores),
        cmocka_unit_test(escapes_what_would_break_a_line),
        cmocka_unit_test(keeps_the_senders_escapes_in_json_and_reads_them_elsewhere),
        cmocka_unit_test(separates_fields_so_that_they_can_be_told_apart),
        cmocka_unit_test(renders_extras_in_their_order),
        cmocka_unit_test(adds_what_we_did_behind_the_extras),
        cmocka_unit_test(writes_base64_of_every_length),
        cmocka_unit_test(renames_members_that_are_in_the_way),
        cmocka_unit_test(finds_a_free_name_behind_many),
        cmocka_unit_test(bounds_hold_for_the_dearest_characters),
        cmocka_unit_test(renders_who_sent_a_reject),
        cmocka_unit_test(a_stamp_is_appended_and_its_names_are_ours),
        cmocka_unit_test(a_stamp_without_members_shows_nothing),
        cmocka_unit_test(renders_rejects),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

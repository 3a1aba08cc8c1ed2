/* SPDX-License-Identifier: Apache-2.0
 *
 * Output lines read by another parser: random objects, and every byte in every field, come out as
 * they went in, apart from what is documented: the four in front, the level in upper case, names of
 * ours with underscores. */
#include "codec/codec_json.h"
#include "tests/support/one_record.h"
#include "tests/support/oracle.h"
#include "tests/support/test.h"

#include <stdio.h>

#define ROUNDS 3000u

static uint64_t seed = 20261121;

/* A number below `n`: xorshift64*, the same in every run. */
static unsigned dice(unsigned n)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (unsigned)((seed * 0x2545f4914f6cdd1du >> 33) % n);
}

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

static void put(struct buf *b, const char *s)
{
    assert_ok(buf_append(b, span_of_str(s)));
}

static void put_space(struct buf *b)
{
    static const char *const spaces[] = {" ", "\t", "\r\n", "   "};

    if (dice(4) == 0) {
        put(b, spaces[dice(4)]);
    }
}

static void put_string(struct buf *b)
{
    static const char *const parts[] = {
        "a",
        "Z",
        "0",
        " ",
        "/",
        "'",
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\\\"",
        "\\\\",
        "\\/",
        "\\n",
        "\\r",
        "\\t",
        "\\b",
        "\\f",
        "\\u0041",
        "\\u001f",
        "\\u00e9",
        "\\u2028",
        "\\ud83d\\ude00",
        "\\u0000",
        "\x7f",
        "\xc2\x80",
        "\xc2\x9f",
        "\xc2\xa0",
        "\xc3\xa9",
        "\xe2\x80\xa8",
        "\xe2\x80\xa9",
        "\xe2\x82\xac",
        "\xef\xbf\xbd",
        "\xef\xbf\xbf",
        "\xf0\x9f\x98\x80",
        "\xf4\x8f\xbf\xbf",
        "the quick brown fox jumps over the lazy dog",
    };

    put(b, "\"");
    for (unsigned n = dice(4) == 0 ? dice(40) : dice(6); n > 0; n--) {
        put(b, parts[dice(TEST_COUNT(parts))]);
    }
    put(b, "\"");
}

static void put_scalar(struct buf *b)
{
    static const char *const scalars[] = {
        "0",       "-0",    "7",
        "-12",     "3.25",  "1e5",
        "-2.5E-3", "1.0",   "123456789012345678901234567890",
        "true",    "false", "null",
    };

    if (dice(3) == 0) {
        put_string(b);
        return;
    }
    put(b, scalars[dice(TEST_COUNT(scalars))]);
}

/* Some nested value; its brackets close in the order in which they were opened. */
static void put_value(struct buf *b)
{
    char close[8];
    unsigned depth = 0;

    while (depth < sizeof(close) && dice(3) == 0) {
        bool object = dice(2) == 0;
        put(b, object ? "{" : "[");
        put_space(b);
        if (object) {
            put(b, "\"k\"");
            put_space(b);
            put(b, ":");
            put_space(b);
        } else if (dice(2) == 0) {
            put_scalar(b);
            put(b, ",");
            put_space(b);
        }
        close[depth++] = object ? '}' : ']';
    }
    put_scalar(b);
    while (depth > 0) {
        put_space(b);
        assert_ok(buf_append(b, span_of(&close[--depth], 1)));
    }
}

/* A member whose name no other has: they end in their number. */
static void put_extra(struct buf *b, unsigned number)
{
    static const char *const names[] = {"x",   "a b", "\\u0041", "\xc3\xa9", "_level",
                                        "\\n", "",    "levels",  "\x7f"};
    static const char *const reserved[] = {"time_source", "truncated_bytes", "message_missing",
                                           "invalid_utf8", "raw_base64"};
    char name[64];

    if (number < TEST_COUNT(reserved) && dice(4) == 0) {
        snprintf(name, sizeof(name), "\"%s\"", reserved[number]);
    } else {
        snprintf(name, sizeof(name), "\"%s%u\"", names[dice(TEST_COUNT(names))], number);
    }
    put(b, name);
    put_space(b);
    put(b, ":");
    put_space(b);
    put_value(b);
}

static void put_member(struct buf *b, unsigned member)
{
    static const char *const levels[] = {"info", "WARN", "Error", "\\u0064ebug"};

    switch (member) {
    case 0:
        put(b, "\"timestamp\":\"2026-11-21T04:11:45.5Z\"");
        return;
    case 1:
        put(b, "\"level\":\"");
        put(b, levels[dice(4)]);
        put(b, "\"");
        return;
    case 2:
        put(b, "\"message\":");
        put_space(b);
        put_string(b);
        return;
    case 3:
        put(b, "\"service\" :");
        put_string(b);
        return;
    default:
        put_extra(b, member - 4);
        return;
    }
}

static void put_object(struct buf *b)
{
    unsigned order[12] = {0};
    unsigned count = 4 + dice(8);

    for (unsigned i = 0; i < count; i++) { /* shuffled as it grows */
        unsigned at = dice(i + 1);
        order[i] = order[at];
        order[at] = i;
    }
    put_space(b);
    put(b, "{");
    for (unsigned i = 0; i < count; i++) {
        put_space(b);
        put_member(b, order[i]);
        put_space(b);
        put(b, i + 1 < count ? "," : "}");
    }
    put_space(b);
}

/* The input as the output should say it. */
static json_t *expected(json_t *input)
{
    static const char *const four[] = {"timestamp", "level", "message", "service"};
    json_t *want = json_object();
    const char *name = NULL;
    json_t *value = NULL;
    char level[16] = "";

    for (size_t i = 0; i < TEST_COUNT(four); i++) {
        assert_int_equal(json_object_set(want, four[i], json_object_get(input, four[i])), 0);
    }
    snprintf(level, sizeof(level), "%s", json_string_value(json_object_get(input, "level")));
    for (char *p = level; *p != '\0'; p++) {
        *p = (char)(*p >= 'a' ? *p - 0x20 : *p);
    }
    assert_int_equal(json_object_set_new(want, "level", json_string(level)), 0);
    json_object_foreach(input, name, value)
    {
        char renamed[80];
        bool own = strcmp(name, "time_source") == 0 || strcmp(name, "truncated_bytes") == 0 ||
                   strcmp(name, "message_missing") == 0 || strcmp(name, "invalid_utf8") == 0 ||
                   strcmp(name, "raw_base64") == 0;
        snprintf(renamed, sizeof(renamed), "%s%s", own ? "_" : "", name);
        if (json_object_get(want, renamed) == NULL) {
            assert_int_equal(json_object_set(want, renamed, value), 0);
        }
    }
    return want;
}

/* Equal, and in the same order. */
static void assert_same(const json_t *got, const json_t *want, struct span line)
{
    char *got_text = json_dumps(got, JSON_COMPACT | JSON_REAL_PRECISION(17));
    char *want_text = json_dumps(want, JSON_COMPACT | JSON_REAL_PRECISION(17));

    assert_non_null(got_text);
    if (strcmp(got_text, want_text) != 0) {
        fail_msg("line %.*s\nwant %s", (int)line.len, line.at, want_text);
    }
    free(got_text);
    free(want_text);
}

static void says_what_the_sender_said(void **state)
{
    struct one_record *r = *state;
    struct buf b = {0};
    unsigned accepted = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        json_t *input = NULL;
        json_t *output = NULL;
        b.len = 0;
        put_object(&b);
        assert_int_equal(oracle_judge(buf_span(&b), &input), ORACLE_GOOD);
        enum reason reason = one_record_run(r, buf_span(&b));
        if (reason == REASON_MISSING_MESSAGE || reason == REASON_MISSING_SERVICE ||
            reason == REASON_SERVICE_TOO_LONG) {
            json_decref(input);
            continue; /* the random string was empty or too long */
        }
        assert_string_equal(reason_name(reason), "none");
        accepted++;
        struct span line = buf_span(&r->line);
        assert_int_equal(oracle_judge(line, &output), ORACLE_GOOD);
        json_t *want = expected(input);
        assert_same(output, want, line);
        json_decref(want);
        json_decref(output);
        json_decref(input);
    }
    assert_true(accepted > ROUNDS / 2);
    buf_done(&b);
}

/* The field that `payload` sets to `text`, read back from the output line. */
static void comes_back(struct one_record *r, struct span payload, const char *field,
                       struct span text)
{
    json_t *output = NULL;

    assert_string_equal(reason_name(one_record_run(r, payload)), "none");
    assert_int_equal(oracle_judge(buf_span(&r->line), &output), ORACLE_GOOD);
    json_t *value = json_object_get(output, field);
    assert_int_equal(json_string_length(value), text.len);
    assert_memory_equal(json_string_value(value), text.at, text.len);
    json_decref(output);
}

static void every_character_survives_in_every_field(void **state)
{
    static const char *const fields[] = {"message", "service", "extra"};
    char payload[256];
    char text[8];

    for (size_t f = 0; f < TEST_COUNT(fields); f++) {
        for (unsigned c = 0; c < 256; c++) {
            size_t len = 1;
            text[0] = (char)c;
            if (c >= 0x80) { /* the character U+0080..FF */
                text[0] = (char)(0xc0 | c >> 6);
                text[1] = (char)(0x80 | (c & 0x3f));
                len = 2;
            }
            for (int escaped = 0; escaped < 2; escaped++) {
                char spelled[8];
                bool must = c < 0x20 || c == '"' || c == '\\';
                snprintf(spelled, sizeof(spelled), escaped == 1 || must ? "\\u%04x" : "%.*s",
                         escaped == 1 || must ? c : (unsigned)len, text);
                snprintf(payload, sizeof(payload),
                         "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\","
                         "\"%s\":\"%s\"%s%s}",
                         fields[f], spelled, f == 0 ? "" : ",\"message\":\"m\"",
                         f == 1 ? "" : ",\"service\":\"s\"");
                comes_back(*state, span_of_str(payload), fields[f], span_of(text, len));
            }
        }
    }
}

/* Every byte as itself, in JSON of the contract and as a line: a good line or a reason, and in a
 * line the bytes that are no text are replaced. */
static void every_raw_byte_gives_one_line_or_a_reason(void **state)
{
    static const char *const places[] = {
        "{\"timestamp\":\"2026-11-21T04:11:45Z@\",\"level\":\"INFO\",\"message\":\"m\","
        "\"service\":\"s\"}",
        "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO@\",\"message\":\"m\","
        "\"service\":\"s\"}",
        "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":\"m@\","
        "\"service\":\"s\"}",
        "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":\"m\","
        "\"service\":\"s@\"}",
        "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":\"m\","
        "\"service\":\"s\",\"n@\":1}",
        "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":\"m\","
        "\"service\":\"s\",\"n\":[\"@\"]}",
    };
    struct one_record lines;
    char payload[256];

    one_record_init(&lines, codec_json_line);
    for (size_t i = 0; i < TEST_COUNT(places); i++) {
        for (int c = 1; c < 256; c++) {
            snprintf(payload, sizeof(payload), "%s", places[i]);
            *strchr(payload, '@') = (char)c;
            struct span s = span_of_str(payload);
            bool invalid = c < 0x20 || c == '"' || c == '\\';
            enum reason reason = one_record_run(*state, s);
            assert_true((reason == REASON_BAD_UTF8) == (c >= 0x80));
            assert_true((reason == REASON_BAD_JSON) == invalid);
            assert_int_equal(one_record_run(&lines, s), invalid ? REASON_BAD_JSON : REASON_NONE);
            if (!invalid) {
                oracle_require_object(buf_span(&lines.line));
                assert_int_equal(lines.batch.records[0].invalid_utf8, c >= 0x80);
            }
        }
    }
    one_record_done(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_the_sender_said),
        cmocka_unit_test(every_character_survives_in_every_field),
        cmocka_unit_test(every_raw_byte_gives_one_line_or_a_reason),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON records of the contract as a whole: the four in every order and dress, further members, and
 * what is refused with which reason. */
#include "codec/codec_json.h"
#include "tests/support/one_record.h"
#include "tests/support/test.h"

#define T    "\"timestamp\":\"2026-11-21T04:11:45Z\""
#define L    "\"level\":\"INFO\""
#define M    "\"message\":\"m\""
#define S    "\"service\":\"s\""
#define LINE "{" T "," L "," M "," S "}"

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

static void refuses_what_is_no_object(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "[]",
        "[" LINE "]",
        "null",
        "\""
        "a\"",
        "1",
        "x",
        "{",
        "}",
        "{}}",
        "{}{}",
        "{} x",
        LINE LINE,
        LINE ",",
        LINE "\n" LINE,
        LINE "}",
        LINE "\x01",
        LINE "\"",
        "\xef\xbb\xbf" LINE,
        "{" T "," L "," M "," S,
        "{" T "," L "," M "," S ",}",
        "{," T "," L "," M "," S "}",
        "{" T " " L "," M "," S "}",
        "{" T ";" L "," M "," S "}",
        "{" T "," L "," M "," S "]",
        "{" T "," L "," M ",\"service\"}",
        "{" T "," L "," M ",\"service\":}",
        "{" T "," L "," M ",\"service\":\"s}",
        "{" T "," L "," M ",\"service\"=\"s\"}",
        "{" T "," L "," M ",\"service:\"s\"}",
        "{" T "," L "," M ",'service':\"s\"}",
        "{" T "," L "," M "," S ",\"a\":\x7f}",
        "{" T "," L "," M "," S ",\xff:1}",
        "{" T "," L "," M "," S ",\"a\":\xc3\xa9}",
        "{,}",
        "{\"a\"}",
        "{1}",
        "\x1e" LINE,
        "{\"level\":\"INFO\"",
        "{\"level\":\"INFO",
        "{\"level\":\"",
        "{\"level\":",
        "{\"level",
        "{\"",
        "{\"level\" \"INFO\"}",
        "{\"level\":\"INFO\",\"level\":\"INFO\"}",
        "{\"level\":\"a\nb\"}",
    };

    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        one_record_fails(*state, span_of_str(bad[i]), REASON_BAD_JSON);
    }
    one_record_fails(*state, SPAN_LIT("{\"a\":1\0}"), REASON_BAD_JSON);
    one_record_fails(*state, SPAN_LIT("{\"a\":\"\0\"}"), REASON_BAD_JSON);
}

static void refuses_what_is_no_utf8(void **state)
{
    static const char *const bad[] = {
        "\xff",     "\x80", "\xc0\xaf",        "\xed\xa0\x80",        "\xf4\x90\x80\x80",
        "\xe2\x82", "\xc3", "\xe2\x82\\u00e9", "\xf8\x88\x80\x80\x80"};
    struct buf b = {0};

    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        b.len = 0;
        assert_ok(buf_printf(&b, "{" T "," L ",\"message\":\"%s\"," S "}", bad[i]));
        one_record_fails(*state, buf_span(&b), REASON_BAD_UTF8);
        b.len = 0;
        assert_ok(buf_printf(&b, "{" T "," L "," M "," S ",\"%s\":1}", bad[i]));
        one_record_fails(*state, buf_span(&b), REASON_BAD_UTF8);
        b.len = 0;
        assert_ok(buf_printf(&b, "{" T "," L "," M "," S ",\"a\":[{\"b\":\"%s\"}]}", bad[i]));
        one_record_fails(*state, buf_span(&b), REASON_BAD_UTF8);
    }
    buf_done(&b);
}

static void names_what_is_wrong_with_the_four(void **state)
{
    static const struct {
        const char *payload;
        enum reason reason;
    } bad[] = {
        {"{}", REASON_MISSING_TIMESTAMP},
        {"{" L "," M "," S "}", REASON_MISSING_TIMESTAMP},
        {"{" T "," M "," S "}", REASON_MISSING_LEVEL},
        {"{" T "," L "," S "}", REASON_MISSING_MESSAGE},
        {"{" T "," L "," M "}", REASON_MISSING_SERVICE},
        {"{\"Timestamp\":\"2026-11-21T04:11:45Z\"," L "," M "," S "}", REASON_MISSING_TIMESTAMP},
        {"{\"timestamp\":1795234305," L "," M "," S "}", REASON_BAD_TIMESTAMP},
        {"{\"timestamp\":null," L "," M "," S "}", REASON_BAD_TIMESTAMP},
        {"{\"timestamp\":\"yesterday\"," L "," M "," S "}", REASON_BAD_TIMESTAMP},
        {"{\"timestamp\":\"\"," L "," M "," S "}", REASON_MISSING_TIMESTAMP},
        {"{" T ",\"level\":6," M "," S "}", REASON_BAD_LEVEL},
        {"{" T ",\"level\":\"VERBOSE\"," M "," S "}", REASON_BAD_LEVEL},
        {"{" T ",\"level\":\"\"," M "," S "}", REASON_MISSING_LEVEL},
        {"{" T "," L ",\"message\":{}," S "}", REASON_MISSING_MESSAGE},
        {"{" T "," L ",\"message\":\"\"," S "}", REASON_MISSING_MESSAGE},
        {"{" T "," L "," M ",\"service\":[\"s\"]}", REASON_MISSING_SERVICE},
        {"{" T "," L "," M ",\"service\":\"\"}", REASON_MISSING_SERVICE},
        {"{\"service\":1,\"level\":2," T "," M "}", REASON_MISSING_SERVICE}, /* the first */
        {"{\"level\":2," T "," M "," S "", REASON_BAD_JSON}, /* no JSON at all comes first */
        {"{\"level\":2,\"level\":\"INFO\"," T "," M "," S "}", REASON_BAD_JSON},
    };

    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        one_record_fails(*state, span_of_str(bad[i].payload), bad[i].reason);
    }
}

static void limits_lengths(void **state)
{
    struct buf b = {0};

    assert_ok(buf_printf(&b, "{" T "," L ",\"message\":\"%0*d\"," S "}",
                         (int)ONE_RECORD_MESSAGE_BYTES_MAX + 1, 0));
    one_record_fails(*state, buf_span(&b), REASON_MESSAGE_TOO_LONG);
    b.len = 0;
    assert_ok(buf_printf(&b, "{" T "," L "," M ",\"service\":\"%0257d\"}", 0));
    one_record_fails(*state, buf_span(&b), REASON_SERVICE_TOO_LONG);
    b.len = 0;
    assert_ok(buf_printf(&b, "{" T "," L ",\"message\":\"%0*d\",\"service\":\"%0256d\"}",
                         (int)ONE_RECORD_MESSAGE_BYTES_MAX, 0, 0));
    one_record_is(*state, buf_span(&b), b.at);
    buf_done(&b);
}

/* The four in all 24 orders, in four dresses. */
static void takes_the_four_in_any_order(void **state)
{
    static const char *const members[4][4] = {
        {T, L, M, S},
        {"\"timestamp\": \"2026-11-21T04:11:45Z\"", "\"level\": \"INFO\"", "\"message\": \"m\"",
         "\"service\": \"s\""},
        {"\r\n\t\"timestamp\" \n:\t\"2026-11-21T04:11:45Z\" ", " \"level\" : \"info\" ",
         " \"message\":  \"m\"\t", "\n\"service\"  :\"s\" "},
        {"\"t\\u0069mestamp\":\"2026-11-21T04:11:45Z\"", "\"\\u006c\\u0065vel\":\"\\u0049NFO\"",
         "\"messag\\u0065\":\"m\"", "\"\\u0073ervice\":\"s\""},
    };
    static const char *const separators[4] = {",", ", ", " , ", ","};
    struct buf b = {0};

    for (unsigned dress = 0; dress < 4; dress++) {
        for (unsigned order = 0; order < 256; order++) {
            unsigned i = order & 3, j = order >> 2 & 3, k = order >> 4 & 3, l = order >> 6;
            if ((1u << i | 1u << j | 1u << k | 1u << l) != 15) {
                continue;
            }
            const char *separator = separators[dress];
            b.len = 0;
            assert_ok(buf_printf(&b, "%s{%s%s%s%s%s%s%s}%s", dress == 2 ? " \n" : "",
                                 members[dress][i], separator, members[dress][j], separator,
                                 members[dress][k], separator, members[dress][l],
                                 dress == 2 ? "\r\n " : ""));
            one_record_is(*state, buf_span(&b), LINE);
        }
    }
    buf_done(&b);
}

static void keeps_further_members_in_their_order(void **state)
{
    one_record_is(
        *state,
        SPAN_LIT("{\"z\":1," L ",\"a\":\"x\"," S ",\"m\":{\"k\":[]}," M "," T ", \"e\" : null}"),
        "{" T "," L "," M "," S ",\"z\":1,\"a\":\"x\",\"m\":{\"k\":[]},\"e\":null}");
    one_record_is(*state,
                  SPAN_LIT("{" T "," L "," M "," S ",\"leve\":1,\"levels\":2,\"Level\":3,"
                           "\"timestam\":4,\"timestampx\":5,\"messag\":6,\"services\":7}"),
                  "{" T "," L "," M "," S ",\"leve\":1,\"levels\":2,\"Level\":3,\"timestam\":4,"
                  "\"timestampx\":5,\"messag\":6,\"services\":7}");
    one_record_is(*state,
                  SPAN_LIT("{" T "," L "," M "," S ",\"time_source\":\"x\",\"_time_source\":1}"),
                  "{" T "," L "," M "," S ",\"__time_source\":\"x\",\"_time_source\":1}");
    one_record_is(*state, SPAN_LIT("{" T "," L "," M "," S ",\"raw\\u005fbase64\":\"x\"}"),
                  "{" T "," L "," M "," S ",\"_raw\\u005fbase64\":\"x\"}");
}

/* Strings of every length around the scanner's blocks, at every offset into them. */
static void takes_strings_of_every_length(void **state)
{
    struct buf b = {0};

    for (int message = 1; message < 140; message++) {
        for (int service = 1; service < 70; service += 3) {
            b.len = 0;
            assert_ok(buf_printf(
                &b, "{\"service\":\"%0*d\",\"message\":\"%0*d\"," T "," L ",\"x\":\"%0*d\"}",
                service, 0, message, 0, service, 0));
            assert_int_equal(one_record_run(*state, buf_span(&b)), REASON_NONE);
            const struct record *rec = &((struct one_record *)*state)->batch.records[0];
            assert_int_equal(rec->message.len, message);
            assert_int_equal(rec->service.len, service);
            assert_int_equal(rec->extras[0].text.len, service);
        }
    }
    buf_done(&b);
}

/* Every way to cut a record short is refused, and never as anything but bad JSON. */
static void refuses_every_shorter_text(void **state)
{
    static const char text[] =
        "{" T ", " L ",\"x\":[1.5e+3,{\"a\\u00e9\":null,\"b\":\"\\ud83d\\ude00\"}],"
        "\"y\":true," M ",\"z\":\"\xf0\x9f\x98\x80\"," S "}";

    for (size_t len = 0; len < sizeof(text) - 1; len++) {
        enum reason reason = one_record_run(*state, span_of(text, len));
        assert_true(reason == REASON_BAD_JSON || reason == REASON_BAD_UTF8);
        if (reason == REASON_BAD_UTF8) { /* cut inside the last character */
            assert_true((unsigned char)text[len] >= 0x80);
        }
    }
    assert_int_equal(one_record_run(*state, span_of(text, sizeof(text) - 1)), REASON_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_object),
        cmocka_unit_test(refuses_what_is_no_utf8),
        cmocka_unit_test(names_what_is_wrong_with_the_four),
        cmocka_unit_test(limits_lengths),
        cmocka_unit_test(takes_the_four_in_any_order),
        cmocka_unit_test(keeps_further_members_in_their_order),
        cmocka_unit_test(takes_strings_of_every_length),
        cmocka_unit_test(refuses_every_shorter_text),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

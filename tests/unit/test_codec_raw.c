/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of which nothing is known: which form they are taken for, and what is made of bytes that
 * are no UTF-8. */
#include "codec/codec_raw.h"

#include "tests/support/raw_rows.h"

static void an_empty_line_is_the_only_reject(void **state)
{
    struct one_record r;

    (void)state;
    one_record_init(&r, codec_raw_line);
    one_record_fails(&r, span_of("", 0), REASON_EMPTY);
    assert_int_equal(one_record_run(&r, SPAN_LIT(" ")), REASON_NONE);
    assert_int_equal(one_record_run(&r, SPAN_LIT("\0")), REASON_NONE);
    assert_int_equal(one_record_run(&r, SPAN_LIT("\xff")), REASON_NONE);
    one_record_done(&r);
}

/* The whole line as the message. */
#define WHOLE(message)                                                                         \
    "{\"timestamp\":\"2026-11-21T04:11:45.123456Z\",\"level\":\"INFO\",\"message\":\"" message \
    "\",\"service\":\"raw\",\"time_source\":\"received\""

static void what_has_no_form_is_the_message(void **state)
{
    static const struct raw_row rows[] = {
        RAW_ROW("hello", WHOLE("hello") "}"),
        RAW_ROW(" hello ", WHOLE(" hello ") "}"),
        RAW_ROW("hello\r", WHOLE("hello\\r") "}"),
        RAW_ROW("a\0b\tc\x1b[0m", WHOLE("a\\u0000b\\tc\\u001b[0m") "}"),
        RAW_ROW("gr\xc3\xbc\xc3\x9f"
                "e \"q\" \\",
                WHOLE("gr\xc3\xbc\xc3\x9f"
                      "e \\\"q\\\" \\\\") "}"),
        RAW_ROW("\xef\xbb\xbfhello", WHOLE("\xef\xbb\xbfhello") "}"),
        RAW_ROW("<192>hello", WHOLE("<192>hello") "}"),
        RAW_ROW("<b>hello</b>", WHOLE("<b>hello</b>") "}"),
        RAW_ROW("Nov 21 04:11:45 h a: m", WHOLE("Nov 21 04:11:45 h a: m") "}"),
        RAW_ROW("1 2026-11-21T04:11:45Z h a - - - m",
                WHOLE("1 2026-11-21T04:11:45Z h a - - - m") "}"),
    };

    (void)state;
    raw_rows_check(rows, TEST_COUNT(rows), FORMAT_RAW);
}

/* One of the four fields at a time is not what the form wants. */
static void what_is_nearly_the_form_is_the_message(void **state)
{
    static const struct raw_row rows[] = {
        RAW_ROW("2026-11-21T04:11:45Z", WHOLE("2026-11-21T04:11:45Z") "}"),
        RAW_ROW("2026-11-21T04:11:45 [INFO] [a] m", WHOLE("2026-11-21T04:11:45 [INFO] [a] m") "}"),
        RAW_ROW("2026-11-31T04:11:45Z [INFO] [a] m",
                WHOLE("2026-11-31T04:11:45Z [INFO] [a] m") "}"),
        RAW_ROW(" 2026-11-21T04:11:45Z [INFO] [a] m",
                WHOLE(" 2026-11-21T04:11:45Z [INFO] [a] m") "}"),
        RAW_ROW("2026-11-21T04:11:45Z INFO [a] m", WHOLE("2026-11-21T04:11:45Z INFO [a] m") "}"),
        RAW_ROW("2026-11-21T04:11:45Z [LOUD] [a] m",
                WHOLE("2026-11-21T04:11:45Z [LOUD] [a] m") "}"),
        RAW_ROW("2026-11-21T04:11:45Z [] [a] m", WHOLE("2026-11-21T04:11:45Z [] [a] m") "}"),
        RAW_ROW("2026-11-21T04:11:45Z [INFO][a] m", WHOLE("2026-11-21T04:11:45Z [INFO][a] m") "}"),
        RAW_ROW("2026-11-21T04:11:45Z [INFO] a m", WHOLE("2026-11-21T04:11:45Z [INFO] a m") "}"),
        RAW_ROW("2026-11-21T04:11:45Z [INFO] [] m", WHOLE("2026-11-21T04:11:45Z [INFO] [] m") "}"),
        RAW_ROW("2026-11-21T04:11:45Z [INFO] [a m", WHOLE("2026-11-21T04:11:45Z [INFO] [a m") "}"),
        RAW_ROW("2026-11-21T04:11:45Z [INFO] [a]m", WHOLE("2026-11-21T04:11:45Z [INFO] [a]m") "}"),
        RAW_ROW("2026-11-21T04:11:45Z [INFO]", WHOLE("2026-11-21T04:11:45Z [INFO]") "}"),
    };

    (void)state;
    raw_rows_check(rows, TEST_COUNT(rows), FORMAT_RAW);
}

static void the_form_gives_all_four_fields(void **state)
{
    static const struct raw_row rows[] = {
        RAW_ROW("2026-11-21T04:11:45Z [INFO] [shop] order 4711",
                "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":"
                "\"order 4711\",\"service\":\"shop\"}"),
        RAW_ROW("2026-11-21T04:11:45.123456789+01:00 [warn] [my shop]  m [x] ",
                "{\"timestamp\":\"2026-11-21T04:11:45.123456789+01:00\",\"level\":\"WARN\","
                "\"message\":\" m [x] \",\"service\":\"my shop\"}"),
        RAW_ROW("2026-11-21T04:11:45Z [Critical] [a] ",
                "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"CRITICAL\",\"message\":"
                "\"\",\"service\":\"a\"}"),
        RAW_ROW("2026-11-21T04:11:45Z [DEBUG] [a]",
                "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"DEBUG\",\"message\":\"\","
                "\"service\":\"a\"}"),
        RAW_ROW("2026-11-21T04:11:45Z [INFO] [\xc3\xa4\"] \"q\"\r",
                "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":"
                "\"\\\"q\\\"\\r\",\"service\":\"\xc3\xa4\\\"\"}"),
    };

    (void)state;
    raw_rows_check(rows, TEST_COUNT(rows), FORMAT_RAW);
}

static void a_service_has_at_most_256_bytes(void **state)
{
    struct one_record r;
    struct buf line = {0};

    (void)state;
    one_record_init(&r, codec_raw_line);
    assert_ok(buf_printf(&line, "2026-11-21T04:11:45Z [INFO] [%0256d] m", 0));
    assert_int_equal(one_record_run(&r, buf_span(&line)), REASON_NONE);
    assert_int_equal(r.batch.records[0].service.len, 256);
    line.len = 0;
    assert_ok(buf_printf(&line, "2026-11-21T04:11:45Z [INFO] [%0257d] m", 0));
    assert_int_equal(one_record_run(&r, buf_span(&line)), REASON_NONE);
    test_assert_span(text_span(r.batch.records[0].service), "raw");
    one_record_done(&r);
    buf_done(&line);
}

static void journald_json_is_journald(void **state)
{
    static const struct raw_row rows[] = {
        RAW_ROW("{\"MESSAGE\":\"m\",\"PRIORITY\":\"3\",\"_COMM\":\"a\"}",
                "{\"timestamp\":\"2026-11-21T04:11:45.123456Z\",\"level\":\"ERR\",\"message\":"
                "\"m\",\"service\":\"a\",\"time_source\":\"received\"}"),
        RAW_ROW(" \t{ \"_SYSTEMD_UNIT\" : \"a\" } \r",
                "{\"timestamp\":\"2026-11-21T04:11:45.123456Z\",\"level\":\"INFO\","
                "\"message\":\"\",\"service\":\"a\",\"time_source\":\"received\"}"),
    };

    (void)state;
    raw_rows_check(rows, TEST_COUNT(rows), FORMAT_JOURNALD);
}

static void other_json_is_the_message(void **state)
{
    static const struct raw_row rows[] = {
        RAW_ROW("{", WHOLE("{") "}"),
        RAW_ROW("{}", WHOLE("{}") "}"),
        RAW_ROW("{\"message\":\"m\"}", WHOLE("{\\\"message\\\":\\\"m\\\"}") "}"),
        RAW_ROW("{\"_SYSTEMD_UNIT\":\"a\"", WHOLE("{\\\"_SYSTEMD_UNIT\\\":\\\"a\\\"") "}"),
        RAW_ROW("{\"_SYSTEMD_UNIT\":\"a\"}x", WHOLE("{\\\"_SYSTEMD_UNIT\\\":\\\"a\\\"}x") "}"),
        RAW_ROW("{\"_COMM\":1,\"_COMM\":2}", WHOLE("{\\\"_COMM\\\":1,\\\"_COMM\\\":2}") "}"),
        RAW_ROW("[1]", WHOLE("[1]") "}"),
    };

    (void)state;
    raw_rows_check(rows, TEST_COUNT(rows), FORMAT_RAW);
}

#define FFFD "\xef\xbf\xbd"

static void invalid_utf8_is_replaced_and_kept(void **state)
{
    static const struct raw_row raw[] = {
        RAW_ROW("a\xff"
                "b",
                WHOLE("a" FFFD "b") ",\"invalid_utf8\":true,\"raw_base64\":\"Yf9i\"}"),
        RAW_ROW("2026-11-21T04:11:45Z [INFO] [\xc3] m",
                "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":\"m\","
                "\"service\":\"" FFFD "\",\"invalid_utf8\":true,\"raw_base64\":"
                "\"MjAyNi0xMS0yMVQwNDoxMTo0NVogW0lORk9dIFvDXSBt\"}"),
    };
    static const struct raw_row syslog[] = {
        RAW_ROW("<13>a: \xe4",
                "{\"timestamp\":\"2026-11-21T04:11:45.123456Z\",\"level\":\"NOTICE\","
                "\"message\":\"" FFFD "\",\"service\":\"a\",\"facility\":\"user\","
                "\"time_source\":\"received\",\"invalid_utf8\":true,"
                "\"raw_base64\":\"PDEzPmE6IOQ=\"}"),
    };
    static const struct raw_row journal[] = {
        RAW_ROW("{\"_COMM\":\"a\",\"MESSAGE\":\"\xe4\",\"PRIORITY\":\"6\"}",
                "{\"timestamp\":\"2026-11-21T04:11:45.123456Z\",\"level\":\"INFO\",\"message\":"
                "\"" FFFD "\",\"service\":\"a\",\"time_source\":\"received\","
                "\"invalid_utf8\":true,\"raw_base64\":"
                "\"eyJfQ09NTSI6ImEiLCJNRVNTQUdFIjoi5CIsIlBSSU9SSVRZIjoiNiJ9\"}"),
    };

    (void)state;
    raw_rows_check(raw, TEST_COUNT(raw), FORMAT_RAW);
    raw_rows_check(syslog, TEST_COUNT(syslog), FORMAT_SYSLOG);
    raw_rows_check(journal, TEST_COUNT(journal), FORMAT_JOURNALD);
}

static void what_is_filled_in_is_counted(void **state)
{
    struct one_record r;

    (void)state;
    one_record_init(&r, codec_raw_line);
    assert_int_equal(one_record_run(&r, SPAN_LIT("hello")), REASON_NONE);
    assert_int_equal(r.batch.defaulted[FIELD_TIMESTAMP], 1);
    assert_int_equal(r.batch.defaulted[FIELD_LEVEL], 1);
    assert_int_equal(r.batch.defaulted[FIELD_SERVICE], 1);
    assert_int_equal(r.batch.defaulted[FIELD_MESSAGE], 0);
    one_record_done(&r);
}

/* A line's message is cut; a frame of format 4 is rejected. */
static void the_origin_decides_about_long_messages(void **state)
{
    struct one_record line;
    struct one_record frame;
    struct buf in = {0};

    (void)state;
    one_record_init(&line, codec_raw_line);
    one_record_init(&frame, codec_raw_frame);
    assert_ok(buf_printf(&in, "%0*d", (int)ONE_RECORD_MESSAGE_BYTES_MAX + 1, 0));
    assert_int_equal(one_record_run(&line, buf_span(&in)), REASON_NONE);
    assert_int_equal(line.batch.records[0].truncated_bytes, 1);
    one_record_fails(&frame, buf_span(&in), REASON_MESSAGE_TOO_LONG);
    one_record_done(&line);
    one_record_done(&frame);
    buf_done(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_line_is_the_only_reject),
        cmocka_unit_test(what_has_no_form_is_the_message),
        cmocka_unit_test(what_is_nearly_the_form_is_the_message),
        cmocka_unit_test(the_form_gives_all_four_fields),
        cmocka_unit_test(a_service_has_at_most_256_bytes),
        cmocka_unit_test(journald_json_is_journald),
        cmocka_unit_test(other_json_is_the_message),
        cmocka_unit_test(invalid_utf8_is_replaced_and_kept),
        cmocka_unit_test(what_is_filled_in_is_counted),
        cmocka_unit_test(the_origin_decides_about_long_messages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

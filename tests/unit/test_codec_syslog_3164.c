/* SPDX-License-Identifier: Apache-2.0
 *
 * RFC 3164 and its dialects. The tables name the sender of each line. */
#include "codec/codec_raw.h"
#include "tests/support/raw_rows.h"

static void the_examples_of_the_rfc(void **state)
{
    (void)state;
    raw_rows_check_file("rfc3164_examples.txt", FORMAT_SYSLOG);
}

static void daemons_of_unix(void **state)
{
    (void)state;
    raw_rows_check_file("rfc3164_unix.txt", FORMAT_SYSLOG);
}

static void applications_and_servers(void **state)
{
    (void)state;
    raw_rows_check_file("rfc3164_applications.txt", FORMAT_SYSLOG);
}

static void network_devices(void **state)
{
    (void)state;
    raw_rows_check_file("rfc3164_devices.txt", FORMAT_SYSLOG);
}

static void a_nul_behind_the_message_is_dropped(void **state)
{
    static const struct raw_row rows[] = {
        /* Python SysLogHandler, with and without ident */
        RAW_ROW("<14>shop: order 4711 done\0",
                "{\"timestamp\":\"2026-11-21T04:11:45.123456Z\",\"level\":\"INFO\",\"message\":"
                "\"order 4711 done\",\"service\":\"shop\",\"facility\":\"user\","
                "\"time_source\":\"received\"}"),
        RAW_ROW("<14>order 4711 done\0",
                "{\"timestamp\":\"2026-11-21T04:11:45.123456Z\",\"level\":\"INFO\",\"message\":"
                "\"order 4711 done\",\"service\":\"syslog\",\"facility\":\"user\","
                "\"time_source\":\"received\"}"),
    };

    (void)state;
    raw_rows_check(rows, TEST_COUNT(rows), FORMAT_SYSLOG);
}

/* A word of `bytes` letters between two parts of a line. */
static struct span long_word(struct buf *line, const char *before, size_t bytes, const char *behind)
{
    line->len = 0;
    assert_ok(buf_append(line, span_of_str(before)));
    for (size_t i = 0; i < bytes; i++) {
        assert_ok(buf_append(line, SPAN_LIT("x")));
    }
    assert_ok(buf_append(line, span_of_str(behind)));
    return buf_span(line);
}

static void words_that_are_too_long_are_part_of_the_message(void **state)
{
    struct buf line = {0};
    struct one_record r;
    const struct record *rec = &r.batch.records[0];

    (void)state;
    one_record_init(&r, codec_raw_line);
    assert_int_equal(one_record_run(&r, long_word(&line, "<13>", 256, ": m")), REASON_NONE);
    assert_int_equal(rec->service.len, 256);
    assert_int_equal(one_record_run(&r, long_word(&line, "<13>", 257, ": m")), REASON_NONE);
    test_assert_span(text_span(rec->service), "syslog");
    assert_int_equal(rec->message.len, 257 + 3);

    const char *time = "<13>Nov 21 04:11:45 ";
    assert_int_equal(one_record_run(&r, long_word(&line, time, 255, " a: m")), REASON_NONE);
    test_assert_span(text_span(rec->service), "a");
    assert_int_equal(one_record_run(&r, long_word(&line, time, 256, " a: m")), REASON_NONE);
    test_assert_span(text_span(rec->service), "syslog");
    assert_int_equal(rec->message.len, 256 + 5);

    assert_int_equal(one_record_run(&r, long_word(&line, "<13>a[", 128, "]: m")), REASON_NONE);
    assert_int_equal(rec->extra_count, 2);
    assert_int_equal(one_record_run(&r, long_word(&line, "<13>a[", 129, "]: m")), REASON_NONE);
    assert_int_equal(rec->extra_count, 1);
    one_record_done(&r);
    buf_done(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_rfc),
        cmocka_unit_test(daemons_of_unix),
        cmocka_unit_test(applications_and_servers),
        cmocka_unit_test(network_devices),
        cmocka_unit_test(a_nul_behind_the_message_is_dropped),
        cmocka_unit_test(words_that_are_too_long_are_part_of_the_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

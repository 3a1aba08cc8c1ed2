/* SPDX-License-Identifier: Apache-2.0
 *
 * Structured data: what becomes JSON and what is none. Sections are those of RFC 5424. */
#include "codec/codec_raw.h"
#include "codec/codec_syslog_sd.h"

#include "tests/support/raw_rows.h"

static void it_becomes_json(void **state)
{
    (void)state;
    raw_rows_check_file("structured_data.txt", FORMAT_SYSLOG);
}

static void broken_it_is_part_of_the_message(void **state)
{
    (void)state;
    raw_rows_check_file("structured_data_broken.txt", FORMAT_SYSLOG);
}

/* As many as are allowed, then one more: JSON first, then the text that was sent. */
static void too_many_parameters_stay_text(void **state)
{
    struct buf line = {0};
    struct one_record r;
    const struct record *rec = &r.batch.records[0];

    (void)state;
    one_record_init(&r, codec_raw_line);
    assert_ok(buf_append(&line, SPAN_LIT("<14>1 - - - - - [a")));
    for (unsigned i = 1; i < CODEC_SYSLOG_SD_ITEMS_MAX; i++) {
        assert_ok(buf_printf(&line, " p%u=\"\"", i));
    }
    assert_ok(buf_append(&line, SPAN_LIT("]")));
    assert_int_equal(one_record_run(&r, buf_span(&line)), REASON_NONE);
    assert_int_equal(rec->extras[1].kind, EXTRA_JSON);

    line.len--;
    assert_ok(buf_append(&line, SPAN_LIT(" q=\"1\"] m")));
    assert_int_equal(one_record_run(&r, buf_span(&line)), REASON_NONE);
    assert_int_equal(rec->extras[1].kind, EXTRA_TEXT);
    assert_int_equal(rec->extras[1].text.len, line.len - strlen("<14>1 - - - - - ") - strlen(" m"));
    test_assert_span(text_span(rec->message), "m");
    one_record_done(&r);
    buf_done(&line);
}

static void control_characters_are_escaped(void **state)
{
    static const struct raw_row rows[] = {
        RAW_ROW("<14>1 - - - - - [a b=\"\t\n\1\0\x7f\"]",
                "{\"timestamp\":\"2026-11-21T04:11:45.123456Z\",\"level\":\"INFO\",\"message\":"
                "\"\",\"service\":\"syslog\",\"facility\":\"user\",\"structured_data\":"
                "{\"a\":{\"b\":\"\\u0009\\u000a\\u0001\\u0000\\u007f\"}},"
                "\"time_source\":\"received\"}"),
    };

    (void)state;
    raw_rows_check(rows, TEST_COUNT(rows), FORMAT_SYSLOG);
}

/* The bound of the arena holds where every byte of the input becomes six. */
static void they_need_no_more_memory_than_promised(void **state)
{
    struct buf line = {0};
    struct one_record r;

    (void)state;
    one_record_init(&r, codec_raw_line);
    assert_ok(buf_append(&line, SPAN_LIT("<14>1 - - - - - [a b=\"")));
    for (unsigned i = 0; i < 100000; i++) {
        assert_ok(buf_append(&line, SPAN_LIT("\1")));
    }
    assert_ok(buf_append(&line, SPAN_LIT("\"]")));
    assert_int_equal(one_record_run(&r, buf_span(&line)), REASON_NONE);
    assert_true(r.line.len > 600000);
    one_record_done(&r);
    buf_done(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_becomes_json),
        cmocka_unit_test(broken_it_is_part_of_the_message),
        cmocka_unit_test(too_many_parameters_stay_text),
        cmocka_unit_test(control_characters_are_escaped),
        cmocka_unit_test(they_need_no_more_memory_than_promised),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

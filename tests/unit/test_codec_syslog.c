/* SPDX-License-Identifier: Apache-2.0
 *
 * <PRI>: what is none, what each value means, and what is filled in for what a message lacks. */
#include "codec/codec_raw.h"
#include "codec/codec_syslog.h"

#include "tests/support/raw_rows.h"

static void what_has_no_pri_is_left_alone(void **state)
{
    static const char *const lines[] = {
        "",        "<",
        "<>",      "<1",
        "<13",     "<x>m",
        "<192>m",  "<999>m",
        "<1234>",  "<0013>m",
        "<-1>m",   "<+1>m",
        "< 13>m",  "<13 >m",
        "<1.3>m",  " <13>m",
        "13>m",    "<<13>m",
        "<13<14>", "<0x1>m",
        "m<13>",   "\xef\xbb\xbf<13>m",
    };
    struct one_record r;

    (void)state;
    one_record_init(&r, codec_raw_line);
    for (size_t i = 0; i < TEST_COUNT(lines); i++) {
        struct record rec = {.format = FORMAT_UNKNOWN};
        char in[128] = {0};
        memcpy(in, lines[i], strlen(lines[i]));
        struct text text = text_of(span_of(in, strlen(lines[i])), TEXT_PLAIN);
        assert_false(codec_syslog(&r.env, text, &r.batch, &rec));
        assert_int_equal(rec.format, FORMAT_UNKNOWN);
    }
    one_record_done(&r);
}

/* RFC 5424 section 6.2.1, tables 1 and 2. */
static void each_pri_has_its_level_and_facility(void **state)
{
    static const char *const levels[8] = {"EMERG",   "ALERT",  "CRIT", "ERR",
                                          "WARNING", "NOTICE", "INFO", "DEBUG"};
    static const char *const facilities[24] = {
        "kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
        "uucp",   "cron",   "authpriv", "ftp",    "ntp",    "audit",  "alert",  "clock",
        "local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7"};
    struct one_record r;
    struct buf line = {0};

    (void)state;
    one_record_init(&r, codec_raw_line);
    for (unsigned pri = 0; pri < 192; pri++) {
        line.len = 0;
        assert_ok(buf_printf(&line, "<%u>1 - h a - - - m", pri));
        assert_int_equal(one_record_run(&r, buf_span(&line)), REASON_NONE);
        const struct record *rec = &r.batch.records[0];
        test_assert_span(text_span(rec->level), levels[pri % 8]);
        assert_int_equal(rec->severity, pri % 8);
        test_assert_span(text_span(rec->extras[0].name), "facility");
        test_assert_span(text_span(rec->extras[0].text), facilities[pri / 8]);
    }
    one_record_done(&r);
    buf_done(&line);
}

#define NOTHING(level, facility)                                          \
    "{\"timestamp\":\"2026-11-21T04:11:45.123456Z\",\"level\":\"" level   \
    "\",\"message\":\"\",\"service\":\"syslog\",\"facility\":\"" facility \
    "\",\"time_source\":\"received\"}"

static void pri_alone_is_a_message(void **state)
{
    static const struct raw_row rows[] = {
        RAW_ROW("<0>", NOTHING("EMERG", "kern")),     RAW_ROW("<00>", NOTHING("EMERG", "kern")),
        RAW_ROW("<000>", NOTHING("EMERG", "kern")),   RAW_ROW("<013>", NOTHING("NOTICE", "user")),
        RAW_ROW("<191>", NOTHING("DEBUG", "local7")), RAW_ROW("<13> ", NOTHING("NOTICE", "user")),
        RAW_ROW("<13>\n", NOTHING("NOTICE", "user")), RAW_ROW("<13>\0", NOTHING("NOTICE", "user")),
    };

    (void)state;
    raw_rows_check(rows, TEST_COUNT(rows), FORMAT_SYSLOG);
}

static void what_is_filled_in_is_counted(void **state)
{
    static const struct {
        struct span line;
        uint32_t timestamps;
        uint32_t services;
    } rows[] = {
        {{"<13>1 2026-11-21T04:11:45Z h a - - - m", 38}, 0, 0},
        {{"<13>1 - h a - - - m", 19}, 1, 0},
        {{"<13>1 2026-11-21T04:11:45Z h - - - - m", 38}, 0, 1},
        {{"<13>Nov 21 04:11:45 h a: m", 26}, 0, 0},
        {{"<13>Nov 21 04:11:45 h m", 23}, 0, 1},
        {{"<13>m", 5}, 1, 1},
    };
    struct one_record r;

    (void)state;
    one_record_init(&r, codec_raw_line);
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        assert_int_equal(one_record_run(&r, rows[i].line), REASON_NONE);
        assert_int_equal(r.batch.defaulted[FIELD_TIMESTAMP], rows[i].timestamps);
        assert_int_equal(r.batch.defaulted[FIELD_SERVICE], rows[i].services);
        assert_int_equal(r.batch.defaulted[FIELD_LEVEL], 0);
        assert_int_equal(r.batch.defaulted[FIELD_MESSAGE], 0);
    }
    one_record_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_no_pri_is_left_alone),
        cmocka_unit_test(each_pri_has_its_level_and_facility),
        cmocka_unit_test(pri_alone_is_a_message),
        cmocka_unit_test(what_is_filled_in_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

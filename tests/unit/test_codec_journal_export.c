/* SPDX-License-Identifier: Apache-2.0
 *
 * An entry of an export stream gives the line that the same entry as JSON gives. The batch is
 * received at 2026-11-21T04:11:45.123456Z. */
#include "codec/codec_journal_export.h"

#include "codec/codec_raw.h"
#include "tests/support/one_record.h"
#include "tests/support/test.h"

struct pair {
    struct span entry;
    const char *json; /* as journalctl -o json --all writes it */
};

#define PAIR(bytes, json)                    \
    {                                        \
        {(bytes), sizeof(bytes) - 1}, (json) \
    }

#define U       "_SYSTEMD_UNIT=u\n"
#define U_JSON  "\"_SYSTEMD_UNIT\":\"u\","
#define SIZE(n) "\n" n "\0\0\0\0\0\0\0"

static const struct pair pairs[] = {
    PAIR("__CURSOR=s=abc;i=1\n__REALTIME_TIMESTAMP=1795234305000001\nMESSAGE=m=\"n\"\nPRIORITY=3\n",
         "{\"__CURSOR\":\"s=abc;i=1\",\"__REALTIME_TIMESTAMP\":\"1795234305000001\","
         "\"MESSAGE\":\"m=\\\"n\\\"\",\"PRIORITY\":\"3\"}"),
    PAIR(U "MESSAGE=\n", "{" U_JSON "\"MESSAGE\":\"\"}"),
    PAIR(U "MESSAGE" SIZE("\3") "a\nb\n", "{" U_JSON "\"MESSAGE\":\"a\\nb\"}"),
    PAIR(U "MESSAGE" SIZE("\4") "\x1b[0m\n", "{" U_JSON "\"MESSAGE\":[27,91,48,109]}"),
    PAIR(U "MESSAGE" SIZE("\3") "a\0\xff\n", "{" U_JSON "\"MESSAGE\":[97,0,255]}"),
    PAIR(U "MESSAGE" SIZE("\0") "\n", "{" U_JSON "\"MESSAGE\":\"\"}"),
    PAIR(U "MESSAGE=\xc3\xa4\tb\n", "{" U_JSON "\"MESSAGE\":\"\xc3\xa4\\tb\"}"),
    PAIR(U "MESSAGE=a\nMESSAGE=b\n", "{" U_JSON "\"MESSAGE\":[\"a\",\"b\"]}"),
    /* other fields keep their bytes as an array, and repeated ones their order */
    PAIR(U "X" SIZE("\2") "\x80\n\n", "{" U_JSON "\"X\":[128,10]}"),
    PAIR(U "X" SIZE("\1") "\x1b\n", "{" U_JSON "\"X\":[27]}"),
    PAIR(U "X" SIZE("\2") "\xc2\x85\n", "{" U_JSON "\"X\":[194,133]}"),
    PAIR(U "X" SIZE("\3") "a\nb\n", "{" U_JSON "\"X\":\"a\\nb\"}"),
    PAIR(U "X=1\nY=z\nX=2\nX" SIZE("\1") "\x7f\n",
         "{" U_JSON "\"X\":[\"1\",\"2\",[127]],\"Y\":\"z\"}"),
    PAIR(U "PRIORITY=2\nPRIORITY=4\n", "{" U_JSON "\"PRIORITY\":[\"2\",\"4\"]}"),
    PAIR("MESSAGE=m\nPRIORITY=9\nSYSLOG_IDENTIFIER=i\n",
         "{\"MESSAGE\":\"m\",\"PRIORITY\":\"9\",\"SYSLOG_IDENTIFIER\":\"i\"}"),
};

static void an_entry_is_what_its_json_is(void **state)
{
    struct one_record binary;
    struct one_record json;
    char line[2048];

    (void)state;
    one_record_init(&binary, codec_journal_export);
    one_record_init(&json, codec_raw_line);
    for (size_t i = 0; i < TEST_COUNT(pairs); i++) {
        assert_int_equal(one_record_run(&json, span_of_str(pairs[i].json)), REASON_NONE);
        assert_true(json.line.len > 1 && json.line.len < sizeof(line));
        memcpy(line, json.line.at, json.line.len);
        line[json.line.len - (json.line.at[json.line.len - 1] == '\n')] = '\0';
        one_record_is(&binary, pairs[i].entry, line);
        assert_int_equal(binary.batch.records[0].format, FORMAT_JOURNALD);
    }
    one_record_done(&binary);
    one_record_done(&json);
}

static void without_marks_it_is_an_entry_all_the_same(void **state)
{
    struct one_record r;

    (void)state;
    one_record_init(&r, codec_journal_export);
    one_record_is(&r, SPAN_LIT("X=1\n"),
                  "{\"timestamp\":\"2026-11-21T04:11:45.123456Z\",\"level\":\"INFO\","
                  "\"message\":\"\",\"service\":\"journald\",\"X\":\"1\","
                  "\"time_source\":\"received\"}");
    one_record_done(&r);
}

static void bad_fields_are_rejected(void **state)
{
    static const struct span entries[] = {
        {"=1\n", 3},   {"a=1\n", 4},        {"A B=1\n", 6},
        {"1A=1\n", 5}, {"A=1\n\xc3=\n", 7}, {"A=1", 3}, /* the framing never gives these … */
        {"A", 1},      {"A\n\1\0", 4},      {"A\n\2\0\0\0\0\0\0\0x\n", 12},
    };
    struct one_record r;
    char name[80];

    (void)state;
    one_record_init(&r, codec_journal_export);
    for (size_t i = 0; i < TEST_COUNT(entries); i++) {
        one_record_fails(&r, entries[i], REASON_BAD_FRAME);
    }
    one_record_fails(&r, SPAN_LIT(""), REASON_EMPTY);
    memset(name, 'A', 65);
    name[65] = '=';
    name[66] = '\n';
    one_record_fails(&r, span_of(name, 67), REASON_BAD_FRAME);
    assert_int_equal(one_record_run(&r, span_of(name + 1, 66)), REASON_NONE);
    one_record_done(&r);
}

static void more_than_1024_fields_are_too_many(void **state)
{
    struct one_record r;
    struct buf entry = {0};

    (void)state;
    one_record_init(&r, codec_journal_export);
    for (unsigned i = 0; i < CODEC_JOURNAL_EXPORT_FIELDS_MAX; i++) {
        assert_ok(buf_printf(&entry, i % 2 == 0 ? "A=\n" : "B%u=\n", i));
    }
    assert_int_equal(one_record_run(&r, buf_span(&entry)), REASON_NONE);
    assert_ok(buf_printf(&entry, "C=\n"));
    one_record_fails(&r, buf_span(&entry), REASON_TOO_LARGE);
    buf_done(&entry);
    one_record_done(&r);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_fields_are_rejected),
        cmocka_unit_test(more_than_1024_fields_are_too_many),
        cmocka_unit_test(an_entry_is_what_its_json_is),
        cmocka_unit_test(without_marks_it_is_an_entry_all_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

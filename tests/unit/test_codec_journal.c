/* SPDX-License-Identifier: Apache-2.0
 *
 * journald entries as `journalctl -o json` writes them, from object to output line. The batch is
 * received at 2026-11-21T04:11:45.123456Z. */
#include "codec/codec_journal.h"

#include "codec/codec_json.h"
#include "codec/codec_json_members.h"
#include "codec/codec_raw.h"
#include "tests/support/one_record.h"
#include "tests/support/test.h"

/* The object, parsed and taken for what it is. */
static enum reason codec_object(const struct codec_env *env, struct span in, struct batch *b,
                                struct record *ret_rec, const char **ret_detail)
{
    struct json_scan scan;
    struct codec_json_members members;

    json_scan_init(&scan, in, &b->arena);
    if (codec_json_members_parse(&scan, in.len, &members) != ERR_OK) {
        *ret_detail = scan.detail;
        return REASON_BAD_JSON;
    }
    if (!codec_journal_matches(members.at, members.count)) {
        *ret_detail = "no journald entry";
        return REASON_UNKNOWN_FORMAT;
    }
    codec_journal_members(env, members.at, members.count, b, ret_rec);
    ret_rec->origin = ORIGIN_LINE;
    ret_rec->source = in;
    return REASON_NONE;
}

struct row {
    const char *object;
    const char *line;
};

static void check_rows(const struct row *rows, size_t count)
{
    struct one_record r;

    one_record_init(&r, codec_object);
    for (size_t i = 0; i < count; i++) {
        one_record_is(&r, span_of_str(rows[i].object), rows[i].line);
        assert_int_equal(r.batch.records[0].format, FORMAT_JOURNALD);
    }
    one_record_done(&r);
}

static void other_objects_do_not_match(void **state)
{
    static const char *const others[] = {
        "{}",
        "{\"MESSAGE\":\"m\"}",
        "{\"PRIORITY\":\"6\"}",
        "{\"message\":\"m\",\"priority\":\"6\"}",
        "{\"_systemd_unit\":\"a.service\"}",
        "{\"REALTIME_TIMESTAMP\":\"1\"}",
        "{\"SYSLOG_IDENTIFIER\":\"x\",\"_COMM\":\"x\",\"_HOSTNAME\":\"h\",\"_TRANSPORT\":\"t\"}",
    };
    struct one_record r;

    (void)state;
    one_record_init(&r, codec_object);
    for (size_t i = 0; i < TEST_COUNT(others); i++) {
        one_record_fails(&r, span_of_str(others[i]), REASON_UNKNOWN_FORMAT);
    }
    one_record_done(&r);
}

#define NOW  "\"timestamp\":\"2026-11-21T04:11:45.123456Z\""
#define RECV ",\"time_source\":\"received\"}"

static void one_of_three_marks_is_enough(void **state)
{
    static const struct row rows[] = {
        {"{\"__REALTIME_TIMESTAMP\":\"1795234305000001\"}",
         "{\"timestamp\":\"2026-11-21T04:11:45.000001Z\",\"level\":\"INFO\",\"message\":\"\","
         "\"service\":\"journald\"}"},
        {"{\"_SYSTEMD_UNIT\":\"cron.service\"}",
         "{" NOW ",\"level\":\"INFO\",\"message\":\"\",\"service\":\"cron.service\"" RECV},
        {"{\"MESSAGE\":\"m\",\"PRIORITY\":\"3\"}",
         "{" NOW ",\"level\":\"ERR\",\"message\":\"m\",\"service\":\"journald\"" RECV},
        {"{\"\\u005fSYSTEMD_UNIT\":\"a\"}",
         "{" NOW ",\"level\":\"INFO\",\"message\":\"\",\"service\":\"a\"" RECV},
    };

    (void)state;
    check_rows(rows, TEST_COUNT(rows));
}

/* The fields of systemd.journal-fields(7) in the order in which journalctl prints them. */
static void a_whole_entry_keeps_every_other_field(void **state)
{
    static const struct row rows[] = {
        {"{\"__CURSOR\":\"s=abc;i=1\",\"__REALTIME_TIMESTAMP\":\"1795234305123456\","
         "\"__MONOTONIC_TIMESTAMP\":\"4711\",\"_BOOT_ID\":\"b0\",\"_TRANSPORT\":\"syslog\","
         "\"PRIORITY\":\"4\",\"SYSLOG_FACILITY\":\"10\",\"SYSLOG_IDENTIFIER\":\"sshd\","
         "\"_PID\":\"812\",\"_COMM\":\"sshd\",\"_SYSTEMD_UNIT\":\"ssh.service\","
         "\"_HOSTNAME\":\"web1\",\"MESSAGE\":\"Failed password for \\\"root\\\"\"}",
         "{\"timestamp\":\"2026-11-21T04:11:45.123456Z\",\"level\":\"WARNING\","
         "\"message\":\"Failed password for \\\"root\\\"\",\"service\":\"ssh.service\","
         "\"__CURSOR\":\"s=abc;i=1\",\"__MONOTONIC_TIMESTAMP\":\"4711\",\"_BOOT_ID\":\"b0\","
         "\"_TRANSPORT\":\"syslog\",\"SYSLOG_FACILITY\":\"10\",\"SYSLOG_IDENTIFIER\":\"sshd\","
         "\"_PID\":\"812\",\"_COMM\":\"sshd\",\"_HOSTNAME\":\"web1\"}"},
    };

    (void)state;
    check_rows(rows, TEST_COUNT(rows));
}

static void the_service_is_the_best_name_there_is(void **state)
{
    static const struct row rows[] = {
        {"{\"_TRANSPORT\":\"kernel\",\"_COMM\":\"c\",\"SYSLOG_IDENTIFIER\":\"i\",\"MESSAGE\":\"m\","
         "\"PRIORITY\":6,\"_HOSTNAME\":\"h\"}",
         "{" NOW ",\"level\":\"INFO\",\"message\":\"m\",\"service\":\"i\","
         "\"_TRANSPORT\":\"kernel\",\"_COMM\":\"c\",\"_HOSTNAME\":\"h\"" RECV},
        {"{\"_TRANSPORT\":\"stdout\",\"_COMM\":\"c\",\"MESSAGE\":\"m\",\"PRIORITY\":\"6\"}",
         "{" NOW ",\"level\":\"INFO\",\"message\":\"m\",\"service\":\"c\","
         "\"_TRANSPORT\":\"stdout\"" RECV},
        {"{\"_TRANSPORT\":\"kernel\",\"MESSAGE\":\"m\",\"PRIORITY\":\"0\"}",
         "{" NOW ",\"level\":\"EMERG\",\"message\":\"m\",\"service\":\"kernel\"" RECV},
        /* the host is a place: it stays a field of its own */
        {"{\"_HOSTNAME\":\"web1\",\"MESSAGE\":\"m\",\"PRIORITY\":\"7\"}",
         "{" NOW ",\"level\":\"DEBUG\",\"message\":\"m\",\"service\":\"web1\","
         "\"_HOSTNAME\":\"web1\"" RECV},
        /* what is no name is passed over and kept */
        {"{\"_SYSTEMD_UNIT\":\"\",\"SYSLOG_IDENTIFIER\":[\"a\",\"b\"],\"_COMM\":null,"
         "\"_TRANSPORT\":\"journal\"}",
         "{" NOW ",\"level\":\"INFO\",\"message\":\"\",\"service\":\"journal\","
         "\"_SYSTEMD_UNIT\":\"\",\"SYSLOG_IDENTIFIER\":[\"a\",\"b\"],\"_COMM\":null" RECV},
    };

    (void)state;
    check_rows(rows, TEST_COUNT(rows));
}

#define UNIT_U "\"_SYSTEMD_UNIT\":\"u\""

static void a_message_may_be_text_bytes_or_null(void **state)
{
    static const struct row rows[] = {
        {"{" UNIT_U ",\"MESSAGE\":null}",
         "{" NOW ",\"level\":\"INFO\",\"message\":\"\",\"service\":\"u\","
         "\"time_source\":\"received\",\"message_missing\":true}"},
        {"{" UNIT_U ",\"MESSAGE\":\"\"}",
         "{" NOW ",\"level\":\"INFO\",\"message\":\"\",\"service\":\"u\"" RECV},
        {"{" UNIT_U ",\"MESSAGE\":[]}",
         "{" NOW ",\"level\":\"INFO\",\"message\":\"\",\"service\":\"u\"" RECV},
        {"{" UNIT_U ",\"MESSAGE\":[104,105]}",
         "{" NOW ",\"level\":\"INFO\",\"message\":\"hi\",\"service\":\"u\"" RECV},
        {"{" UNIT_U ",\"MESSAGE\":[ 27 , 91,51,49,109,\n195, 164 ]}",
         "{" NOW ",\"level\":\"INFO\",\"message\":\"\\u001b[31m\xc3\xa4\",\"service\":\"u\"" RECV},
        {"{" UNIT_U ",\"MESSAGE\":[97,255,98]}",
         "{" NOW ",\"level\":\"INFO\",\"message\":\"a\xef\xbf\xbd"
         "b\",\"service\":\"u\","
         "\"time_source\":\"received\",\"invalid_utf8\":true,\"raw_base64\":\"Yf9i\"}"},
    };

    (void)state;
    check_rows(rows, TEST_COUNT(rows));
}

static void a_message_of_another_kind_is_kept_as_it_stands(void **state)
{
    static const struct row rows[] = {
        {"{" UNIT_U ",\"MESSAGE\":[256]}",
         "{" NOW ",\"level\":\"INFO\",\"message\":\"[256]\",\"service\":\"u\"" RECV},
        {"{" UNIT_U ",\"MESSAGE\":[1.5]}",
         "{" NOW ",\"level\":\"INFO\",\"message\":\"[1.5]\",\"service\":\"u\"" RECV},
        {"{" UNIT_U ",\"MESSAGE\":[-1,2]}",
         "{" NOW ",\"level\":\"INFO\",\"message\":\"[-1,2]\",\"service\":\"u\"" RECV},
        {"{" UNIT_U ",\"MESSAGE\":[\"a\",\"b\"]}",
         "{" NOW
         ",\"level\":\"INFO\",\"message\":\"[\\\"a\\\",\\\"b\\\"]\",\"service\":\"u\"" RECV},
        {"{" UNIT_U ",\"MESSAGE\":[[104],[105]]}",
         "{" NOW ",\"level\":\"INFO\",\"message\":\"[[104],[105]]\",\"service\":\"u\"" RECV},
        {"{" UNIT_U ",\"MESSAGE\":42}",
         "{" NOW ",\"level\":\"INFO\",\"message\":\"42\",\"service\":\"u\"" RECV},
    };

    (void)state;
    check_rows(rows, TEST_COUNT(rows));
}

static void a_bad_time_or_priority_is_filled_in_and_kept(void **state)
{
    static const struct row rows[] = {
        {"{" UNIT_U ",\"__REALTIME_TIMESTAMP\":\"\"}",
         "{" NOW ",\"level\":\"INFO\",\"message\":\"\",\"service\":\"u\","
         "\"__REALTIME_TIMESTAMP\":\"\"" RECV},
        {"{" UNIT_U ",\"__REALTIME_TIMESTAMP\":\"12x\"}",
         "{" NOW ",\"level\":\"INFO\",\"message\":\"\",\"service\":\"u\","
         "\"__REALTIME_TIMESTAMP\":\"12x\"" RECV},
        {"{" UNIT_U ",\"__REALTIME_TIMESTAMP\":\"99999999999999999\"}",
         "{" NOW ",\"level\":\"INFO\",\"message\":\"\",\"service\":\"u\","
         "\"__REALTIME_TIMESTAMP\":\"99999999999999999\"" RECV},
        {"{" UNIT_U ",\"PRIORITY\":\"8\"}",
         "{" NOW ",\"level\":\"INFO\",\"message\":\"\",\"service\":\"u\",\"PRIORITY\":\"8\"" RECV},
        {"{" UNIT_U ",\"PRIORITY\":\"info\"}",
         "{" NOW ",\"level\":\"INFO\",\"message\":\"\",\"service\":\"u\","
         "\"PRIORITY\":\"info\"" RECV},
        {"{" UNIT_U ",\"PRIORITY\":[\"3\",\"4\"],\"__REALTIME_TIMESTAMP\":1795234305000001}",
         "{\"timestamp\":\"2026-11-21T04:11:45.000001Z\",\"level\":\"INFO\",\"message\":\"\","
         "\"service\":\"u\",\"PRIORITY\":[\"3\",\"4\"]}"},
    };

    (void)state;
    check_rows(rows, TEST_COUNT(rows));
}

/* NDJSON and raw lines repair a whole line; that must not hide what was repaired in a message. */
static void a_message_of_bytes_is_told_on_every_way(void **state)
{
    static const one_record_codec_fn ways[] = {codec_json_line, codec_raw_line, codec_raw_frame};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(ways); i++) {
        struct one_record r;
        one_record_init(&r, ways[i]);
        one_record_is(&r, SPAN_LIT("{" UNIT_U ",\"MESSAGE\":[97,255,98]}"),
                      "{" NOW ",\"level\":\"INFO\",\"message\":\"a\xef\xbf\xbd"
                      "b\",\"service\":\"u\",\"time_source\":\"received\","
                      "\"invalid_utf8\":true,\"raw_base64\":\"Yf9i\"}");
        one_record_done(&r);
    }
}

static void every_value_filled_in_is_counted(void **state)
{
    struct one_record r;

    (void)state;
    one_record_init(&r, codec_object);
    assert_int_equal(one_record_run(&r, SPAN_LIT("{\"__REALTIME_TIMESTAMP\":\"x\"}")), REASON_NONE);
    for (enum entry_field f = 0; f < FIELD_COUNT; f++) {
        assert_int_equal(r.batch.defaulted[f], 1);
    }
    assert_int_equal(one_record_run(&r, SPAN_LIT("{\"__REALTIME_TIMESTAMP\":\"1\",\"_COMM\":\"c\","
                                                 "\"MESSAGE\":\"m\",\"PRIORITY\":\"5\"}")),
                     REASON_NONE);
    for (enum entry_field f = 0; f < FIELD_COUNT; f++) {
        assert_int_equal(r.batch.defaulted[f], 0);
    }
    one_record_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_objects_do_not_match),
        cmocka_unit_test(one_of_three_marks_is_enough),
        cmocka_unit_test(a_whole_entry_keeps_every_other_field),
        cmocka_unit_test(the_service_is_the_best_name_there_is),
        cmocka_unit_test(a_message_may_be_text_bytes_or_null),
        cmocka_unit_test(a_message_of_another_kind_is_kept_as_it_stands),
        cmocka_unit_test(a_bad_time_or_priority_is_filled_in_and_kept),
        cmocka_unit_test(a_message_of_bytes_is_told_on_every_way),
        cmocka_unit_test(every_value_filled_in_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules: each reason, what normalised records may do that contracts may not, and what becomes
 * of a batch. */
#include "check/check_entry.h"
#include "tests/support/test.h"

#include <stdio.h>

#define MESSAGE_BYTES_MAX 16u

static const struct check_entry_limits limits = {.message_bytes_max = MESSAGE_BYTES_MAX};
static struct batch batch;

static int setup(void **state)
{
    (void)state;
    return batch_init(&batch, 64 * KIB) == ERR_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    batch_done(&batch);
    return 0;
}

static struct text clean(const char *s)
{
    return text_of(span_of_str(s), TEXT_CLEAN);
}

static struct text json(const char *s)
{
    return text_of(span_of_str(s), TEXT_JSON);
}

static struct record good(enum record_origin origin)
{
    return (struct record){
        .timestamp = clean("2026-11-21T04:11:45Z"),
        .level = clean("INFO"),
        .message = clean("m"),
        .service = clean("s"),
        .format = FORMAT_JSON,
        .severity = SEVERITY_OTHER,
        .origin = (uint8_t)origin,
        .source = SPAN_LIT("the source"),
    };
}

/* The reason for which the record is rejected, or REASON_NONE and the checked record. */
static enum reason check(struct record rec, struct record *ret)
{
    batch_reset(&batch, 1);
    batch.records[0] = rec;
    batch.record_count = 1;
    check_entry_batch(&limits, &batch);
    assert_int_equal(batch.record_count + batch.reject_count, 1);
    if (batch.record_count == 1) {
        *ret = batch.records[0];
        return REASON_NONE;
    }
    const struct reject *reject = &batch.rejects[0];
    test_assert_span(reject->payload, "the source");
    assert_int_equal(reject->length, 10);
    assert_int_equal(reject->format, FORMAT_JSON);
    assert_true(strlen(reject->detail) > 0);
    return (enum reason)reject->reason;
}

static void fails(struct record rec, enum reason reason)
{
    struct record ignored;

    assert_string_equal(reason_name(check(rec, &ignored)), reason_name(reason));
}

static struct record passes(struct record rec)
{
    struct record got = {0};

    assert_string_equal(reason_name(check(rec, &got)), "none");
    return got;
}

static void refuses_bad_timestamps(void **state)
{
    static const char *const bad[] = {
        "2026-02-29T00:00:00Z", "2026-11-21",          "now",
        "1795234305",           "2026-11-21T04:11:45", "2026-11-21T04:11:60Z"};
    static const char *const fine[] = {"2026-11-21T04:11:45Z", "2028-02-29T23:59:59.999999999Z",
                                       "2016-12-31T23:59:60Z", "2026-11-21t04:11:45.1+05:30"};
    struct record rec = good(ORIGIN_CONTRACT);

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        rec.timestamp = clean(bad[i]);
        fails(rec, REASON_BAD_TIMESTAMP);
    }
    for (size_t i = 0; i < TEST_COUNT(fine); i++) {
        rec.timestamp = clean(fine[i]);
        test_assert_span(text_span(passes(rec).timestamp), fine[i]);
    }
    rec.timestamp = json("2026-11-21T04:11:45\\u005a");
    passes(rec);
    rec.timestamp = json("2026-11-21T04:11:45\\u005b");
    fails(rec, REASON_BAD_TIMESTAMP);
    rec.timestamp = clean("");
    fails(rec, REASON_MISSING_TIMESTAMP);
    rec.timestamp = (struct text){0};
    fails(rec, REASON_MISSING_TIMESTAMP);
    rec.origin = ORIGIN_LINE;
    fails(rec, REASON_MISSING_TIMESTAMP);
}

static void refuses_escaped_timestamps_that_are_far_too_long(void **state)
{
    static char digits[2000];
    struct record rec = good(ORIGIN_CONTRACT);

    (void)state;
    snprintf(digits, sizeof(digits), "2026-11-21T04:11:45.%01900d\\u005a", 1);
    rec.timestamp = json(digits);
    fails(rec, REASON_BAD_TIMESTAMP);
}

static void stores_levels_in_upper_case(void **state)
{
    static const struct {
        const char *sent;
        const char *stored;
        enum severity severity;
    } levels[] = {
        {"DEBUG", "DEBUG", SEVERITY_DEBUG},       {"info", "INFO", SEVERITY_INFO},
        {"Notice", "NOTICE", SEVERITY_NOTICE},    {"warn", "WARN", SEVERITY_WARNING},
        {"WARNING", "WARNING", SEVERITY_WARNING}, {"err", "ERR", SEVERITY_ERR},
        {"eRRoR", "ERROR", SEVERITY_ERR},         {"crit", "CRIT", SEVERITY_CRIT},
        {"alert", "ALERT", SEVERITY_ALERT},       {"emerg", "EMERG", SEVERITY_EMERG},
        {"trace", "TRACE", SEVERITY_TRACE},       {"fatal", "FATAL", SEVERITY_CRIT},
        {"critical", "CRITICAL", SEVERITY_CRIT},  {"panic", "PANIC", SEVERITY_EMERG},
    };
    struct record rec = good(ORIGIN_CONTRACT);

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(levels); i++) {
        rec.level = clean(levels[i].sent);
        struct record got = passes(rec);
        test_assert_span(text_span(got.level), levels[i].stored);
        assert_int_equal(got.severity, levels[i].severity);
    }
    rec.level = json("\\u0069nfo");
    test_assert_span(text_span(passes(rec).level), "INFO");
}

static void refuses_unknown_levels_of_the_contract(void **state)
{
    static const char *const bad[] = {
        "INFOO", "INF",   "I",       "WARNINGS", "CRITICALS",
        "INFO ", " INFO", "inf0",    "30",       "\x69\x4e\x46\x6f\x01",
        "[NFO",  "INF/",  "debu\xe7"};
    struct record rec = good(ORIGIN_CONTRACT);

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        rec.level = clean(bad[i]);
        fails(rec, REASON_BAD_LEVEL);
    }
    rec.level = json("\\u0000INFO");
    fails(rec, REASON_BAD_LEVEL);
    rec.level = clean("");
    fails(rec, REASON_MISSING_LEVEL);
    rec.level = (struct text){0};
    fails(rec, REASON_MISSING_LEVEL);
}

static void keeps_unknown_levels_of_others(void **state)
{
    struct record rec = good(ORIGIN_LINE);

    (void)state;
    rec.level = clean("verbose-2");
    struct record got = passes(rec);
    test_assert_span(text_span(got.level), "VERBOSE-2");
    assert_int_equal(got.level.form, TEXT_CLEAN);
    assert_int_equal(got.severity, SEVERITY_OTHER);
    rec.level = json("f\\u00fcr\\n");
    got = passes(rec);
    test_assert_span(text_span(got.level), "F\xc3\xbcR\n");
    assert_int_equal(got.level.form, TEXT_PLAIN);
    rec.level = clean("");
    fails(rec, REASON_MISSING_LEVEL);
    /* Nobody's level: kept, but not worth a copy. */
    rec.level = clean("a0123456789012345678901234567890123456789012345678901234567890123");
    assert_ptr_equal(passes(rec).level.at, rec.level.at);
}

static void limits_messages(void **state)
{
    struct record rec = good(ORIGIN_CONTRACT);

    (void)state;
    rec.message = clean("0123456789abcdef");
    passes(rec);
    rec.message = clean("0123456789abcdefg");
    fails(rec, REASON_MESSAGE_TOO_LONG);
    rec.message = json("0123456789abcde\\u0041");
    passes(rec);
    rec.message = json("0123456789abcdef\\u0041");
    fails(rec, REASON_MESSAGE_TOO_LONG);
    rec.origin = ORIGIN_FRAME;
    fails(rec, REASON_MESSAGE_TOO_LONG);
    rec.message = clean("");
    passes(rec);
    rec.origin = ORIGIN_CONTRACT;
    fails(rec, REASON_MISSING_MESSAGE);
    rec.message = (struct text){0};
    fails(rec, REASON_MISSING_MESSAGE);
    rec.origin = ORIGIN_LINE;
    fails(rec, REASON_MISSING_MESSAGE);
}

static void cuts_messages_of_lines(void **state)
{
    static const struct {
        struct text sent;
        const char *stored;
        uint32_t truncated;
    } cuts[] = {
        {{"0123456789abcdef", 16, TEXT_CLEAN}, "0123456789abcdef", 0},
        {{"0123456789abcdefXYZ", 19, TEXT_CLEAN}, "0123456789abcdef", 3},
        {{"0123456789abcde\xe2\x82\xac.", 19, TEXT_CLEAN}, "0123456789abcde", 4},
        {{"0123456789abcd\\n\\u20ac", 22, TEXT_JSON}, "0123456789abcd\\n", 3},
        {{"0123456789abcde\\ud83d\\ude00!", 28, TEXT_JSON}, "0123456789abcde", 5},
        {{"\\u0030\\u0031\\u0032\\u0033", 24, TEXT_JSON}, "\\u0030\\u0031\\u0032\\u0033", 0},
    };
    struct record rec = good(ORIGIN_LINE);

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cuts); i++) {
        rec.message = cuts[i].sent;
        struct record got = passes(rec);
        test_assert_span(text_span(got.message), cuts[i].stored);
        assert_int_equal(got.message.form, cuts[i].sent.form);
        assert_int_equal(got.truncated_bytes, cuts[i].truncated);
    }
}

static void limits_services(void **state)
{
    static char name[SERVICE_BYTES_MAX + 7];
    struct record rec = good(ORIGIN_LINE);

    (void)state;
    memset(name, 'x', SERVICE_BYTES_MAX + 1);
    rec.service = clean(name);
    fails(rec, REASON_SERVICE_TOO_LONG);
    name[SERVICE_BYTES_MAX] = '\0';
    rec.service = clean(name);
    passes(rec);
    memcpy(name + SERVICE_BYTES_MAX - 1, "\\u0041", 7);
    rec.service = json(name);
    passes(rec);
    rec.service = clean("");
    fails(rec, REASON_MISSING_SERVICE);
    rec.service = (struct text){0};
    fails(rec, REASON_MISSING_SERVICE);
}

static void keeps_the_order_of_the_good_ones(void **state)
{
    static const char *const messages[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};

    (void)state;
    batch_reset(&batch, 1);
    for (uint32_t i = 0; i < BATCH_ITEMS_MAX; i++) {
        batch.records[i] = good(ORIGIN_LINE);
        batch.records[i].message = clean(messages[i % 10]);
        batch.records[i].level =
            clean("a level of sixty-four bytes, which all need a copy of their own.");
        if (i % 3 == 0) {
            batch.records[i].service = (struct text){0};
        }
    }
    batch.record_count = BATCH_ITEMS_MAX;
    check_entry_batch(&limits, &batch);
    assert_int_equal(batch.reject_count, (BATCH_ITEMS_MAX + 2) / 3);
    assert_int_equal(batch.record_count, BATCH_ITEMS_MAX - batch.reject_count);
    for (uint32_t i = 0, k = 0; i < BATCH_ITEMS_MAX; i++) {
        if (i % 3 != 0) {
            test_assert_span(text_span(batch.records[k].message), messages[i % 10]);
            test_assert_span(span_head(text_span(batch.records[k].level), 7), "A LEVEL");
            k++;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_bad_timestamps),
        cmocka_unit_test(refuses_escaped_timestamps_that_are_far_too_long),
        cmocka_unit_test(stores_levels_in_upper_case),
        cmocka_unit_test(refuses_unknown_levels_of_the_contract),
        cmocka_unit_test(keeps_unknown_levels_of_others),
        cmocka_unit_test(limits_messages),
        cmocka_unit_test(cuts_messages_of_lines),
        cmocka_unit_test(limits_services),
        cmocka_unit_test(keeps_the_order_of_the_good_ones),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

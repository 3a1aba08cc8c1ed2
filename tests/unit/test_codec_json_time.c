/* SPDX-License-Identifier: Apache-2.0
 *
 * Times as other loggers write them. */
#include "base/limits.h"
#include "codec/codec_json_time.h"
#include "tests/support/test.h"

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    return arena_init(&arena, MIB) == ERR_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct span with_slack(struct buf *b, const char *s)
{
    buf_done(b);
    assert_ok(buf_reserve(b, strlen(s) + 1));
    assert_ok(buf_append(b, span_of_str(s)));
    memset(b->at + b->len, '0', SPAN_SLACK_BYTES);
    return buf_span(b);
}

static const char *const texts[] = {
    "",
    "now",
    "2026-11-21",
    "2026-11-21T04:11",
    "2026-11-21 04:11:45 +1",
    "2026-11-21_04:11:45Z",
    "2026-02-30 04:11:45",
    "2026-11-21 04:11:45,Z",
    "2026-11-21T04:11:45+0:00",
    "2026-11-21T04:11:45+010",
    "2026-11-21T04:11:45+01_00",
    "2026-11-21T04:11:45 CET",
    "2026-11-21T04:11:45  Z",
    "2026-11-21T04:11:45 ",
    "2026-11-21T04:11:45ZZ",
    "0x1234567890",
    "2026-11-21T04:11:45.123456789012345678901234567890123456789012345678",
    "1795234305x",
    "1795234305.",
    "1795234305.1.2",
    "-1795234305",
    "+1795234305",
};
static const char *const numbers[] = {
    "0",
    "1",
    "99999999",
    "-1795234305",
    "1e7",
    "1795234305e-9",
    "0.001795234305",
    "1e99",
    "1e1000",
    "0e10",
    "true",
    "null",
    "[1795234305]",
    "{}",
    "12345678901",
    "9300000000",
    "9300000000000000000",
    "18000000000000000000",
    "99999999999999999999",
    "184467440737095516160000",
};

static void refuses_what_is_no_time(void **state)
{
    struct buf b = {0};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(texts) + TEST_COUNT(numbers); i++) {
        struct text time = {0};
        enum time_source source = TIME_RECEIVED;
        bool text = i < TEST_COUNT(texts);
        struct span s = with_slack(&b, text ? texts[i] : numbers[i - TEST_COUNT(texts)]);
        struct extra value = {.kind = text ? EXTRA_TEXT : EXTRA_JSON};
        if (text) {
            value.text = text_of(s, TEXT_CLEAN);
        } else {
            value.json = s;
        }
        arena_reset(&arena);
        if (codec_json_time_read(&value, &arena, &time, &source)) {
            fail_msg("%s became %.*s", b.at, (int)time.len, time.at);
        }
        assert_int_equal(arena.used, 0);
        assert_int_equal(source, TIME_RECEIVED);
    }
    buf_done(&b);
}

static const struct {
    const char *value;
    const char *time;
    bool assumed;
} good[] = {
    /* RFC 3339 stays as it is */
    {"2026-11-21T04:11:45Z", "2026-11-21T04:11:45Z", false},
    {"2026-11-21t04:11:45.5+05:30", "2026-11-21t04:11:45.5+05:30", false},
    /* nearly RFC 3339 */
    {"2026-11-21 04:11:45Z", "2026-11-21T04:11:45Z", false},
    {"2026-11-21 04:11:45", "2026-11-21T04:11:45Z", true},
    {"2026-11-21T04:11:45", "2026-11-21T04:11:45Z", true},
    {"2026-11-21 04:11:45,123", "2026-11-21T04:11:45.123Z", true},
    {"2026-11-21 04:11:45.123456", "2026-11-21T04:11:45.123456Z", true},
    {"2026-11-21 04:11:45 +0000", "2026-11-21T04:11:45+00:00", false},
    {"2026-11-21T04:11:45-0730", "2026-11-21T04:11:45-07:30", false},
    {"2026-11-21T04:11:45.1+02", "2026-11-21T04:11:45.1+02:00", false},
    {"2026-11-21 04:11:45 +02:00", "2026-11-21T04:11:45+02:00", false},
    {"2026-11-21 04:11:45 UTC", "2026-11-21T04:11:45Z", false},
    /* seconds */
    {"1795234305", "2026-11-21T04:11:45Z", false},
    {"1795234305.0", "2026-11-21T04:11:45Z", false},
    {"1795234305.5", "2026-11-21T04:11:45.500Z", false},
    {"1795234305.1234", "2026-11-21T04:11:45.123400Z", false},
    {"1795234305.123456789", "2026-11-21T04:11:45.123456789Z", false},
    {"1795234305.12345678999", "2026-11-21T04:11:45.123456789Z", false},
    {"1.795234305e9", "2026-11-21T04:11:45Z", false},
    {"1.7952343051234567E+09", "2026-11-21T04:11:45.123456700Z", false},
    {"17952343050e-1", "2026-11-21T04:11:45Z", false},
    {"01795234305", "2026-11-21T04:11:45Z", false},
    {"100000000", "1973-03-03T09:46:40Z", false},
    {"1800000000", "2027-01-15T08:00:00Z", false},
    /* milliseconds */
    {"1795234305123", "2026-11-21T04:11:45.123Z", false},
    {"1795234305000", "2026-11-21T04:11:45.000Z", false},
    {"1795234305123.25", "2026-11-21T04:11:45.123250Z", false},
    {"100000000000", "1973-03-03T09:46:40.000Z", false},
    /* microseconds */
    {"1795234305123456", "2026-11-21T04:11:45.123456Z", false},
    {"100000000000000", "1973-03-03T09:46:40.000000Z", false},
    /* nanoseconds */
    {"1795234305123456789", "2026-11-21T04:11:45.123456789Z", false},
    {"100000000000000000", "1973-03-03T09:46:40.000000000Z", false},
    {"9223372036854775807", "2262-04-11T23:47:16.854775807Z", false},
};

static void reads_times(void **state)
{
    struct buf b = {0};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(good); i++) {
        struct span s = with_slack(&b, good[i].value);
        struct extra text = {.kind = EXTRA_TEXT, .text = text_of(s, TEXT_CLEAN)};
        struct text time = {0};
        enum time_source source = TIME_RECEIVED;
        assert_true(codec_json_time_read(&text, &arena, &time, &source));
        test_assert_span(text_span(time), good[i].time);
        assert_int_equal(source, good[i].assumed ? TIME_ASSUMED_ZONE : TIME_AS_SENT);
        assert_true(rfc3339_valid(text_span(time)));
        if (span_find(s, 'T') < s.len || span_find(s, ' ') < s.len || span_find(s, 't') < s.len) {
            continue;
        }
        struct extra number = {.kind = EXTRA_JSON, .json = s};
        assert_true(codec_json_time_read(&number, &arena, &time, &source));
        test_assert_span(text_span(time), good[i].time);
        assert_int_equal(source, TIME_AS_SENT);
    }
    buf_done(&b);
}

static void reads_escaped_times(void **state)
{
    struct buf b = {0};
    struct text time = {0};
    enum time_source source = TIME_RECEIVED;
    struct extra value = {.kind = EXTRA_TEXT,
                          .text = text_of(with_slack(&b, "2026-11-21\\u002004:11:45"), TEXT_JSON)};

    (void)state;
    assert_true(codec_json_time_read(&value, &arena, &time, &source));
    test_assert_span(text_span(time), "2026-11-21T04:11:45Z");
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_time),
        cmocka_unit_test(reads_times),
        cmocka_unit_test(reads_escaped_times),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Protobuf messages that are broken, or made to cost much: what is refused and why, and that time
 * and memory stay within bounds. */
#include "base/clock.h"
#include "tests/support/protobuf_case.h"
#include "tests/support/rich_plan.h"
#include "tests/support/test.h"

#define DEPTH_MAX 100u

struct refused {
    const char *digits;
    enum reason reason;
};

static void check_refused(const char *name, const struct refused *rows, size_t count)
{
    protobuf_case.message = rich_plan_message(name);
    for (size_t i = 0; i < count; i++) {
        struct buf in = protobuf_case_hex(rows[i].digits);
        enum reason reason = protobuf_case_decode(buf_span(&in));
        if (reason != rows[i].reason) {
            fail_msg("%s: %s", rows[i].digits, reason_name(reason));
        }
        assert_true(protobuf_case.detail[0] != '\0');
        assert_int_equal(protobuf_case.batch.arena.used, 0);
        buf_done(&in);
    }
}

static void test_broken(void **state)
{
    static const struct refused rows[] = {
        {"00 01", REASON_BAD_PROTOBUF},            /* field 0 */
        {"07 01", REASON_BAD_PROTOBUF},            /* field 0 */
        {"3e 01", REASON_BAD_PROTOBUF},            /* wire type 6 */
        {"3f 01", REASON_BAD_PROTOBUF},            /* wire type 7 */
        {"8080808010 01", REASON_BAD_PROTOBUF},    /* field 2^29 */
        {"b880808080 00 01", REASON_BAD_PROTOBUF}, /* a tag of six bytes */
        {"ffffffffffffffffff01 01", REASON_BAD_PROTOBUF},
        {"38", REASON_BAD_PROTOBUF},
        {"38 80", REASON_BAD_PROTOBUF},
        {"38 ffffffffffffffffffff01", REASON_BAD_PROTOBUF}, /* eleven bytes */
        {"29 00000000000000", REASON_BAD_PROTOBUF},
        {"35 000000", REASON_BAD_PROTOBUF},
        {"1a 02 61", REASON_BAD_PROTOBUF},
        {"1a 8080808010", REASON_BAD_PROTOBUF}, /* length 2^32 */
        {"1a ffffffffffffffff7f", REASON_BAD_PROTOBUF},
        {"1a ffffffffffffffffff01", REASON_BAD_PROTOBUF},
        {"c202 02 0a05", REASON_BAD_PROTOBUF}, /* ends behind its message */
        {"c202 01 0a", REASON_BAD_PROTOBUF},
        {"c202 02 0001", REASON_BAD_PROTOBUF},
        {"3c", REASON_BAD_PROTOBUF},        /* an end without a group */
        {"c33e 0801", REASON_BAD_PROTOBUF}, /* a group without an end */
        {"c33e cc3e", REASON_BAD_PROTOBUF}, /* the end of another */
        {"c33e 1a05 c43e", REASON_BAD_PROTOBUF},
        {"f201 02 0180", REASON_BAD_PROTOBUF}, /* packed, ends within one */
        {"8202 07 00000000000000", REASON_BAD_PROTOBUF},
        {"8a02 05 0000000000", REASON_BAD_PROTOBUF},
        {"ca02 02 0a05", REASON_BAD_PROTOBUF}, /* a map's entry */
        {"ca02 01 0c", REASON_BAD_PROTOBUF},
        {"9a01 01 ff", REASON_BAD_UTF8},
        {"9a01 03 eda080", REASON_BAD_UTF8}, /* a surrogate */
        {"9a01 02 c0af", REASON_BAD_UTF8},   /* overlong */
        {"9a01 01 c3", REASON_BAD_UTF8},
        {"b201 01 80", REASON_BAD_UTF8},
        {"9a02 01 ff", REASON_BAD_UTF8},
        {"c202 03 0a01ff", REASON_BAD_UTF8},
        {"ca02 03 0a01ff", REASON_BAD_UTF8},
        {"d202 03 1201ff", REASON_BAD_UTF8},
        {"ea04 03 0a01ff", REASON_BAD_UTF8},
        {"ea03 03 0a01ff", REASON_BAD_UTF8},
        {"9204 03 0a01ff", REASON_BAD_UTF8},
        {"0a 0b 08ff91b8c398feffffff01", REASON_BAD_PROTOBUF}, /* a second before the year 1 */
        {"0a 07 088083d1ffaf07", REASON_BAD_PROTOBUF},         /* the year 10000 */
        {"0a 06 10 8094ebdc03", REASON_BAD_PROTOBUF},          /* a whole second of nanos */
        {"0a 0b 10 ffffffffffffffffff01", REASON_BAD_PROTOBUF},
        {"e203 07 08 81bcaece9709", REASON_BAD_PROTOBUF},
        {"e203 0d 0801 10ffffffffffffffffff01", REASON_BAD_PROTOBUF}, /* signs differ */
        {"e203 06 10 8094ebdc03", REASON_BAD_PROTOBUF},
        {"ea03 03 0a0141", REASON_BAD_PROTOBUF},   /* a path with a capital */
        {"ea03 04 0a02615f", REASON_BAD_PROTOBUF}, /* … ends with '_' */
        {"ea03 05 0a035f3161", REASON_BAD_PROTOBUF},
        {"fa03 09 11000000000000f87f", REASON_BAD_PROTOBUF}, /* a Value that is NaN */
        {"fa03 09 11000000000000f07f", REASON_BAD_PROTOBUF},
    };

    (void)state;
    check_refused("test.Rich", rows, TEST_COUNT(rows));
}

static void test_broken_flat(void **state)
{
    static const struct refused bad[] = {
        {"1a01ff", REASON_BAD_UTF8},           {"1a", REASON_BAD_PROTOBUF},
        {"1a80", REASON_BAD_PROTOBUF},         {"1a02 6d", REASON_BAD_PROTOBUF},
        {"1a8080808010", REASON_BAD_PROTOBUF}, {"1a016d 02016d", REASON_BAD_PROTOBUF},
        {"2a01ff", REASON_BAD_UTF8},
    };

    (void)state;
    check_refused("test.Flat", bad, TEST_COUNT(bad));
}

/* `levels` messages in each other, as field `tag` (two bytes) of the outermost, `inner` within. */
static struct buf nested(unsigned levels, const char *outer, const char *inner)
{
    struct buf in = {0};

    for (unsigned i = 0; i < levels; i++) {
        struct buf tag = protobuf_case_hex(i + 1 == levels ? outer : inner);
        struct buf next = {0};
        assert_ok(buf_append(&next, buf_span(&tag)));
        for (size_t len = in.len;; len >>= 7) {
            char byte = (char)(len < 0x80 ? len : len | 0x80);
            assert_ok(buf_append(&next, span_of(&byte, 1)));
            if (len < 0x80) {
                break;
            }
        }
        if (in.len > 0) {
            assert_ok(buf_append(&next, buf_span(&in)));
        }
        buf_done(&in);
        buf_done(&tag);
        in = next;
    }
    return in;
}

/* The record's object is a level, too. */
static void test_depth(void **state)
{
    struct buf in = nested(JSON_DEPTH_MAX - 1, "c202", "2a");

    (void)state;
    protobuf_case.message = rich_plan_message("test.Rich");
    assert_int_equal(protobuf_case_decode(buf_span(&in)), REASON_NONE);
    buf_done(&in);
    in = nested(JSON_DEPTH_MAX, "c202", "2a");
    assert_int_equal(protobuf_case_decode(buf_span(&in)), REASON_TOO_DEEP);
    assert_int_equal(protobuf_case.batch.arena.used, 0);
    buf_done(&in);
    in = nested(20000, "c202", "2a");
    assert_int_equal(protobuf_case_decode(buf_span(&in)), REASON_TOO_DEEP);
    buf_done(&in);
}

static void test_group_depth(void **state)
{
    char groups[2 * (DEPTH_MAX + 1)];

    (void)state;
    protobuf_case.message = rich_plan_message("test.Rich");
    for (unsigned depth = DEPTH_MAX; depth <= DEPTH_MAX + 1; depth++) {
        struct buf in = {0};
        memset(groups, 0x0b, depth);
        memset(groups + depth, 0x0c, depth);
        assert_ok(buf_append(&in, span_of(groups, 2 * (size_t)depth)));
        assert_int_equal(protobuf_case_decode(buf_span(&in)),
                         depth == DEPTH_MAX ? REASON_NONE : REASON_TOO_DEEP);
        buf_done(&in);
    }
}

/* Every cut of a message gives a record or a reason, and the right one where a field ends. */
static void test_truncation(void **state)
{
    static const char *const digits =
        "0a020801 1001 1a016d 220173 c202 0a 0a0161 1a020102 3a0162 ca02 05 0a0161 1007 "
        "fa03 08 3206 0a00 0a022001 8202 08 000000000000f03f c33e 0801 c43e 35 cdcccc3d";

    (void)state;
    protobuf_case.message = rich_plan_message("test.Rich");
    struct buf whole = protobuf_case_hex(digits);
    for (size_t len = 0; len < whole.len; len++) {
        struct buf in = {0};
        assert_ok(buf_reserve(&in, len + 1));
        if (len > 0) {
            assert_ok(buf_append(&in, span_head(buf_span(&whole), len)));
        }
        enum reason reason = protobuf_case_decode(span_of(in.at, len));
        assert_true(reason == REASON_NONE || reason == REASON_BAD_PROTOBUF);
        buf_done(&in);
    }
    buf_done(&whole);
}

/* Names, quotes and digits can make the JSON much larger than the message: there is an end to that.
 */
static void test_output_is_bounded(void **state)
{
    struct buf in = protobuf_case_hex("fa01 808006"); /* 96 KiB of "-64" */

    (void)state;
    protobuf_case.message = rich_plan_message("test.Rich");
    for (unsigned i = 0; i < 96 * KIB; i++) {
        assert_ok(buf_append(&in, span_of("\x7f", 1)));
    }
    assert_int_equal(protobuf_case_decode(buf_span(&in)), REASON_TOO_LARGE);
    assert_int_equal(protobuf_case.batch.arena.used, 0);
    in.len = 0;
    for (unsigned i = 0; i < 60000; i++) { /* "1970-01-01T00:00:00Z" for three bytes */
        assert_ok(buf_append(&in, SPAN_LIT("\x82\x05\x00")));
    }
    assert_int_equal(protobuf_case_decode(buf_span(&in)), REASON_NONE);
    in.len = 0;
    for (unsigned i = 0; i < 120000; i++) { /* as many entries as can be */
        assert_ok(buf_append(&in, SPAN_LIT("\x38\x01")));
    }
    assert_int_equal(protobuf_case_decode(buf_span(&in)), REASON_NONE);
    buf_done(&in);
}

/* Time to decode a piece that is repeated to fill `bytes`. */
static uint64_t time_of(const char *digits, const char *other, size_t bytes)
{
    struct buf a = protobuf_case_hex(digits);
    struct buf b = protobuf_case_hex(other);
    struct buf in = {0};

    while (in.len < bytes) {
        assert_ok(buf_append(&in, buf_span(in.len % 2 == 0 ? &a : &b)));
    }
    uint64_t best = UINT64_MAX;
    for (int i = 0; i < 3; i++) {
        uint64_t start = clock_mono_ns();
        protobuf_case_decode(buf_span(&in));
        uint64_t spent = clock_mono_ns() - start;
        best = spent < best ? spent : best;
    }
    buf_done(&a);
    buf_done(&b);
    buf_done(&in);
    return best;
}

/* Sixteen times the bytes must not take anything like 256 times as long. */
static void test_cost_is_nearly_linear(void **state)
{
    static const char *const pieces[][2] = {
        {"3801", "f00101"},                     /* out of order */
        {"f00101", "b20200"},                   /* elements that alternate */
        {"ca020410010a00", "ca02050a01611001"}, /* a map with two keys */
        {"c20200", "c202021a00"},               /* a message in many pieces */
        {"98030190 03", "9203 00"},             /* a oneof that changes */
        {"c20206 2a04 2a022a00", "c20205 2a03 1a0101"},
    };

    (void)state;
    protobuf_case.message = rich_plan_message("test.Rich");
    for (size_t i = 0; i < TEST_COUNT(pieces); i++) {
        uint64_t small = time_of(pieces[i][0], pieces[i][1], 8 * KIB);
        uint64_t large = time_of(pieces[i][0], pieces[i][1], 128 * KIB);
        if (large > 100 * small + 5000000) {
            fail_msg("row %zu: %llu ns, then %llu ns", i, (unsigned long long)small,
                     (unsigned long long)large);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_broken_flat),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_group_depth),
        cmocka_unit_test(test_truncation),
        cmocka_unit_test(test_output_is_bounded),
        cmocka_unit_test(test_cost_is_nearly_linear),
    };

    return cmocka_run_group_tests(tests, protobuf_case_setup, protobuf_case_teardown);
}

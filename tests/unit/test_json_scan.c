/* SPDX-License-Identifier: Apache-2.0
 *
 * What the scanner counts: depth, names, and the time that many names take. */
#include "base/clock.h"
#include "codec/codec_json.h"
#include "tests/support/one_record.h"
#include "tests/support/test.h"

#define HEAD                                                                        \
    "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":\"m\"," \
    "\"service\":\"s\""

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

/* A further member nested `depth` levels deep, in arrays or in objects. */
static struct span nested(struct buf *b, unsigned depth, const char *open, const char *close)
{
    b->len = 0;
    assert_ok(buf_printf(b, HEAD ",\"x\":"));
    for (unsigned i = 0; i < depth; i++) {
        assert_ok(buf_append(b, span_of_str(open)));
    }
    assert_ok(buf_append(b, SPAN_LIT("1")));
    for (unsigned i = 0; i < depth; i++) {
        assert_ok(buf_append(b, span_of_str(close)));
    }
    assert_ok(buf_append(b, SPAN_LIT("}")));
    return buf_span(b);
}

static void nests_64_levels_and_no_more(void **state)
{
    struct buf b = {0};

    /* The object itself is the first level. */
    one_record_fails(*state, nested(&b, 64, "[", "]"), REASON_TOO_DEEP);
    one_record_fails(*state, nested(&b, 64, "{\"a\":", "}"), REASON_TOO_DEEP);
    one_record_fails(*state, nested(&b, 100000, "[", "]"), REASON_TOO_DEEP);
    assert_int_equal(one_record_run(*state, nested(&b, 63, "[", "]")), REASON_NONE);
    assert_int_equal(one_record_run(*state, nested(&b, 63, "{\"a\":", "}")), REASON_NONE);
    assert_int_equal(one_record_run(*state, nested(&b, 21, "[{\"a\":[", "]}]")), REASON_NONE);
    buf_done(&b);
}

/* The most names for the fewest bytes: objects that open and never close. */
static void remembers_the_names_of_objects_that_never_close(void **state)
{
    static const char *const opens[] = {"{\"\":", "{\"\":0,\"a\":", "[{\"\":", "{\"\":[[0],"};
    struct buf b = {0};

    for (size_t i = 0; i < TEST_COUNT(opens); i++) {
        for (unsigned depth = 0; depth < 80; depth++) {
            for (unsigned head = 0; head < 2; head++) {
                b.len = 0;
                assert_ok(buf_printf(&b, "%s", head == 0 ? "{\"\":" : "{\"\":0,\"b\":0,\"c\":"));
                for (unsigned k = 0; k < depth; k++) {
                    assert_ok(buf_append(&b, span_of_str(opens[i])));
                }
                enum reason reason = one_record_run(*state, buf_span(&b));
                assert_true(reason == REASON_BAD_JSON || reason == REASON_TOO_DEEP);
            }
        }
    }
    buf_done(&b);
}

static void refuses_equal_names_anywhere(void **state)
{
    static const char *const bad[] = {
        HEAD ",\"level\":\"INFO\"}",
        HEAD ",\"message\": \"m\"}",
        HEAD ",\"timestamp\":1}",
        HEAD ",\"serv\\u0069ce\":\"s\"}",
        HEAD ",\"a\":1,\"a\":1}",
        HEAD ",\"a\":1,\"b\":2,\"c\":3,\"a\":4}",
        HEAD ",\"a\":1,\"\\u0061\":1}",
        HEAD ",\"\\u0061\":1,\"a\":1}",
        HEAD ",\"\\u0061\":1,\"\\u0061\":1}",
        HEAD ",\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":1}",
        HEAD ",\"\":1,\"\":2}",
        HEAD ",\"x\":{\"a\":1,\"a\":2}}",
        HEAD ",\"x\":{\"a\":1,\"b\":{},\"a\":2}}",
        HEAD ",\"x\":[{\"b\":{\"a\":1,\"c\":[1,{\"d\":1,\"d\":1}]}}]}",
        HEAD ",\"x\":{\"\\u006e\":1,\"n\":2}}",
        HEAD ",\"x\":{\"b\":{\"a\":1},\"b\":{\"a\":1}}}",
    };
    static const char *const good[] = {
        HEAD ",\"a\":1,\"A\":1}",
        HEAD ",\"a\":{\"a\":{\"a\":1},\"b\":1},\"b\":[{\"a\":1},{\"a\":1}]}",
        HEAD ",\"a\":1,\"\\u0041\":1,\"aa\":1,\"\":1}",
        HEAD ",\"x\":{\"level\":1,\"message\":2},\"y\":{\"level\":1}}",
        HEAD ",\"ab\":1,\"ba\":1,\"axb\":1,\"ayb\":1}",
    };

    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        one_record_fails(*state, span_of_str(bad[i]), REASON_BAD_JSON);
    }
    for (size_t i = 0; i < TEST_COUNT(good); i++) {
        one_record_is(*state, span_of_str(good[i]), good[i]);
    }
}

/* An object with `count` members, in the outermost object or one level down. */
static struct span many(struct buf *b, unsigned count, const char *prefix, const char *suffix)
{
    b->len = 0;
    assert_ok(buf_printf(b, HEAD ",%s", prefix));
    for (unsigned i = 0; i < count; i++) {
        assert_ok(buf_printf(b, "%s\"%x\":%u", i == 0 ? "" : ",", i, i % 10));
    }
    assert_ok(buf_append(b, span_of_str(suffix)));
    return buf_span(b);
}

static void tells_many_names_apart(void **state)
{
    static const unsigned counts[] = {1, 2, 23, 24, 25, 26, 64, 65, 1000, 23000};
    struct buf b = {0};

    for (size_t i = 0; i < TEST_COUNT(counts); i++) {
        assert_int_equal(one_record_run(*state, many(&b, counts[i], "", "}")), REASON_NONE);
        assert_int_equal(one_record_run(*state, many(&b, counts[i], "\"y\":{", "}}")), REASON_NONE);
        one_record_fails(*state, many(&b, counts[i], "", ",\"0\":1}"), REASON_BAD_JSON);
        one_record_fails(*state, many(&b, counts[i], "\"y\":{", ",\"\\u0030\":1}}"),
                         REASON_BAD_JSON);
    }
    buf_done(&b);
}

/* Comparing each of 23000 names with each other would take minutes in this build. */
static void many_names_cost_no_quadratic_time(void **state)
{
    struct buf b = {0};
    uint64_t start = clock_mono_ns();
    struct span payload = many(&b, 23000, "\"y\":{", "}}");

    for (int i = 0; i < 100; i++) {
        assert_int_equal(one_record_run(*state, payload), REASON_NONE);
    }
    assert_true(clock_mono_ns() - start < 60 * NS_PER_S);
    buf_done(&b);
}

/* Hundreds of objects on each level: names of closed objects must be forgotten. */
static void forgets_the_names_of_closed_objects(void **state)
{
    struct buf b = {0};

    assert_ok(buf_printf(&b, HEAD ",\"x\":["));
    for (int i = 0; i < 3000; i++) {
        assert_ok(buf_printf(&b, "{\"a\":{\"b\":1,\"c\":{\"a\":[]}},\"b\":{}},"));
    }
    assert_ok(buf_printf(&b, "0]}"));
    assert_int_equal(one_record_run(*state, buf_span(&b)), REASON_NONE);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nests_64_levels_and_no_more),
        cmocka_unit_test(remembers_the_names_of_objects_that_never_close),
        cmocka_unit_test(refuses_equal_names_anywhere),
        cmocka_unit_test(tells_many_names_apart),
        cmocka_unit_test(many_names_cost_no_quadratic_time),
        cmocka_unit_test(forgets_the_names_of_closed_objects),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

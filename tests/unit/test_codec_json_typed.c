/* SPDX-License-Identifier: Apache-2.0
 *
 * Records of another type in JSON: what becomes one of the four, and what stays an extra. */
#include "codec/codec_json_typed.h"
#include "tests/support/test.h"

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

/* The text, with the slack behind it that a decoder may read. */
static enum reason decode(const char *json, struct record *ret)
{
    static char input[4096];
    const char *detail = "";

    assert_true(strlen(json) + SPAN_SLACK_BYTES < sizeof(input));
    memset(input, 'x', sizeof(input));
    memcpy(input, json, strlen(json));
    batch_reset(&batch, 1);
    return codec_json_typed(span_of(input, strlen(json)), &batch, ret, &detail);
}

static void fails(const char *json, enum reason reason)
{
    struct record rec;

    assert_string_equal(reason_name(decode(json, &rec)), reason_name(reason));
    assert_int_equal(batch.arena.used, 0);
}

static void refuses_what_is_no_object(void **state)
{
    (void)state;
    fails("", REASON_BAD_JSON);
    fails("[]", REASON_BAD_JSON);
    fails("{\"a\":1,\"a\":2}", REASON_BAD_JSON);
    fails("{\"a\":1", REASON_BAD_JSON);
    fails("{\"a\":\"\xff\"}", REASON_BAD_UTF8);
}

static void takes_strings_of_the_four_names(void **state)
{
    struct record rec;

    (void)state;
    assert_int_equal(decode("{\"a\":1,\"service\":\"s\",\"message\":\"m\",\"b\":\"x\","
                            "\"level\":\"warn\",\"timestamp\":\"whenever\"}",
                            &rec),
                     REASON_NONE);
    test_assert_span(text_span(rec.timestamp), "whenever");
    test_assert_span(text_span(rec.level), "warn");
    test_assert_span(text_span(rec.message), "m");
    test_assert_span(text_span(rec.service), "s");
    assert_int_equal(rec.extra_count, 2);
    test_assert_span(text_span(rec.extras[0].name), "a");
    test_assert_span(text_span(rec.extras[1].name), "b");
    assert_int_equal(rec.format, FORMAT_JSON);
    assert_int_equal(rec.origin, ORIGIN_TYPED);
}

static void leaves_other_values_where_they_are(void **state)
{
    struct record rec;

    (void)state;
    assert_int_equal(decode("{\"timestamp\":12,\"level\":null,\"message\":{\"text\":1}}", &rec),
                     REASON_NONE);
    assert_null(rec.timestamp.at);
    assert_null(rec.level.at);
    assert_null(rec.message.at);
    assert_null(rec.service.at);
    assert_int_equal(rec.extra_count, 3);
    test_assert_span(rec.extras[2].json, "{\"text\":1}");
    assert_int_equal(decode("{}", &rec), REASON_NONE);
    assert_int_equal(rec.extra_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_object),
        cmocka_unit_test(takes_strings_of_the_four_names),
        cmocka_unit_test(leaves_other_values_where_they_are),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Records of another type: what does not fit is moved and kept, what is missing is filled in. */
#include "check/check_typed.h"
#include "tests/support/test.h"

#include <stdlib.h>

#define MESSAGE_BYTES_MAX 8u

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

static struct text text(const char *s)
{
    return text_of(span_of_str(s), TEXT_PLAIN);
}

static struct record typed(void)
{
    return (struct record){.format = FORMAT_AVRO, .origin = ORIGIN_TYPED};
}

static void moves_what_does_not_fit(void **state)
{
    const struct extra first = {.name = text("a"), .kind = EXTRA_TRUE};
    struct record rec = typed();
    char long_name[300];

    (void)state;
    memset(long_name, 's', sizeof(long_name));
    batch_reset(&batch, 1);
    rec.extras = &first;
    rec.extra_count = 1;
    rec.timestamp = text("yesterday");
    rec.level = text("");
    rec.message = text("123456789");
    rec.service = text_of(span_of(long_name, sizeof(long_name)), TEXT_CLEAN);
    assert_true(check_typed_separate(&limits, &rec, &batch.arena));
    assert_null(rec.timestamp.at);
    assert_null(rec.level.at);
    assert_null(rec.message.at);
    assert_null(rec.service.at);
    assert_int_equal(rec.extra_count, 5);
    test_assert_span(text_span(rec.extras[0].name), "a");
    test_assert_span(text_span(rec.extras[1].name), "timestamp");
    test_assert_span(text_span(rec.extras[1].text), "yesterday");
    test_assert_span(text_span(rec.extras[3].name), "message");
    test_assert_span(text_span(rec.extras[3].text), "123456789");
    assert_int_equal(rec.extras[4].text.len, sizeof(long_name));
}

static void leaves_what_fits(void **state)
{
    struct record rec = typed();
    size_t used = 0;

    (void)state;
    batch_reset(&batch, 1);
    used = batch.arena.used;
    rec.timestamp = text_of(SPAN_LIT("2026-11-21T04:11:45\\u005a"), TEXT_JSON);
    rec.level = text("strange");
    rec.message = text("");
    rec.service = text("s");
    assert_true(check_typed_separate(&limits, &rec, &batch.arena));
    assert_int_equal(rec.extra_count, 0);
    assert_int_equal(batch.arena.used, used);
    check_typed_fill(&rec, &batch);
    test_assert_span(text_span(rec.level), "STRANGE");
    test_assert_span(text_span(rec.service), "s");
    assert_int_equal(rec.time_source, TIME_AS_SENT);
    assert_int_equal(batch.defaulted[FIELD_MESSAGE], 0);
}

static void says_when_memory_is_short(void **state)
{
    struct record rec = typed();
    struct arena none = {0};

    (void)state;
    rec.timestamp = text("yesterday");
    assert_false(check_typed_separate(&limits, &rec, &none));
}

static void fills_in_what_is_missing(void **state)
{
    struct record rec = typed();

    (void)state;
    batch_reset(&batch, 1795234305000000000ull);
    check_typed_fill(&rec, &batch);
    test_assert_span(text_span(rec.timestamp), "2026-11-21T04:11:45.000000Z");
    test_assert_span(text_span(rec.level), "INFO");
    test_assert_span(text_span(rec.message), "");
    assert_non_null(rec.message.at);
    test_assert_span(text_span(rec.service), "avro");
    assert_int_equal(rec.severity, SEVERITY_INFO);
    assert_int_equal(rec.time_source, TIME_RECEIVED);
    for (unsigned f = 0; f < FIELD_COUNT; f++) {
        assert_int_equal(batch.defaulted[f], 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves_what_does_not_fit),
        cmocka_unit_test(leaves_what_fits),
        cmocka_unit_test(says_when_memory_is_short),
        cmocka_unit_test(fills_in_what_is_missing),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing JSON: memory that runs out, commas, escapes. Jansson is the independent reader. */
#include "ingestor/json_put.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/test.h"

#include <jansson.h>

static void refuses_without_memory(void **state)
{
    struct buf out = {0};
    struct json_put j = {.out = &out};

    (void)state;
    fail_alloc_from(0);
    json_put_object(&j, NULL);
    json_put_count(&j, "n", 1);
    json_put_real(&j, "r", 1);
    json_put_bool(&j, "b", true);
    json_put_text(&j, "t", SPAN_LIT("\n"));
    json_put_object_end(&j);
    assert_true(fail_alloc_end());
    assert_err(j.err, ERR_NOMEM);
    assert_int_equal(out.len, 0);
}

static void puts_commas_where_they_belong(void **state)
{
    struct buf out = {0};
    struct json_put j = {.out = &out};

    (void)state;
    json_put_object(&j, NULL);
    json_put_count(&j, "a", 18446744073709551615ull);
    json_put_array(&j, "b");
    json_put_object(&j, NULL);
    json_put_object_end(&j);
    json_put_array(&j, NULL);
    json_put_array_end(&j);
    json_put_bool(&j, NULL, true);
    json_put_bool(&j, NULL, false);
    json_put_array_end(&j);
    json_put_real(&j, "c", 0.5);
    json_put_text(&j, "d", SPAN_LIT(""));
    json_put_object_end(&j);
    assert_ok(j.err);
    test_assert_span(buf_span(&out), "{\"a\":18446744073709551615,\"b\":[{},[],true,false],"
                                     "\"c\":0.500,\"d\":\"\"}");
    buf_done(&out);
}

static void escapes_what_json_must(void **state)
{
    char every[256];
    struct buf out = {0};
    struct json_put j = {.out = &out};

    (void)state;
    for (unsigned i = 0; i < 128; i++) {
        every[i] = (char)i;
    }
    size_t len = 128;
    static const char beyond[] = "\xC2\x85\xC3\xBC\xE2\x80\xA8\xF0\x9F\x98\x80";
    memcpy(every + len, beyond, sizeof(beyond) - 1);
    len += sizeof(beyond) - 1;

    json_put_array(&j, NULL);
    json_put_text(&j, NULL, span_of(every, len));
    json_put_array_end(&j);
    assert_ok(j.err);

    json_error_t error;
    json_t *read = json_loadb(out.at, out.len, JSON_ALLOW_NUL, &error);
    assert_non_null(read);
    json_t *text = json_array_get(read, 0);
    assert_int_equal(json_string_length(text), len);
    assert_memory_equal(json_string_value(text), every, len);
    assert_true(span_find(buf_span(&out), '\n') == out.len);
    json_decref(read);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_without_memory),
        cmocka_unit_test(puts_commas_where_they_belong),
        cmocka_unit_test(escapes_what_json_must),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

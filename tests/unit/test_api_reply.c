/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers: exact bodies, status by code, text that was cut. */
#include "registry/api_reply.h"

#include "tests/support/test.h"

static void a_fault_has_its_exact_body(void **state)
{
    struct http_reply reply = {.status = 200};
    struct api_fault fault;

    (void)state;
    assert_err(api_fault_set(&fault, API_NO_SUBJECT, "Subject '%s' not found.", "a\"ä"),
               ERR_SYNTAX);
    api_reply_fault(&reply, &fault);
    assert_int_equal(reply.status, 404);
    assert_true(
        span_equal(buf_span(&reply.body),
                   SPAN_LIT("{\"error_code\":40401,\"message\":\"Subject 'a\\\"ä' not found.\"}")));
    assert_string_equal(reply.headers[0].value, API_REPLY_MEDIA_TYPE);
    buf_done(&reply.body);
}

static void a_status_is_three_digits_of_the_code(void **state)
{
    (void)state;
    assert_int_equal(api_fault_status(API_INCOMPATIBLE), 409);
    assert_int_equal(api_fault_status(API_ID_MISMATCH), 422);
    assert_int_equal(api_fault_status(API_STORE), 500);
}

static void a_message_is_cut_at_a_character(void **state)
{
    char text[API_FAULT_BYTES * 2];

    (void)state;
    for (size_t start = 0; start < 4; start++) {
        struct http_reply reply = {.status = 200};
        struct api_fault fault;
        memset(text, 'x', start);
        for (size_t i = start; i + 3 < sizeof(text); i += 3) {
            memcpy(text + i, "€", 4);
        }
        assert_err(api_fault_set(&fault, API_BAD_SCHEMA, "%s", text), ERR_SYNTAX);
        api_reply_fault(&reply, &fault);
        assert_int_equal(reply.status, 422);
        buf_done(&reply.body);
    }
}

static void no_value_is_an_answer_too(void **state)
{
    struct http_reply reply = {.status = 200};

    (void)state;
    api_reply_json(&reply, NULL);
    assert_int_equal(reply.status, 500);
    test_assert_span(reply.fixed, "{\"error_code\":50001,\"message\":\"out of memory\"}");
}

static void a_store_failure_is_50001(void **state)
{
    struct api_fault fault = {0};

    (void)state;
    assert_ok(api_fault_store(&fault, ERR_OK, NULL));
    assert_err(api_fault_store(&fault, ERR_IO, NULL), ERR_SYNTAX);
    assert_int_equal(fault.code, API_STORE);
    assert_string_equal(fault.message, "Error in the backend data store: io");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fault_has_its_exact_body),
        cmocka_unit_test(a_status_is_three_digits_of_the_code),
        cmocka_unit_test(a_message_is_cut_at_a_character),
        cmocka_unit_test(no_value_is_an_answer_too),
        cmocka_unit_test(a_store_failure_is_50001),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

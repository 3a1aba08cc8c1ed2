/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may write. */
#include "registry/api_access.h"

#include "tests/support/test.h"

static err_t check(const struct api_access *a, const char *host, const char *origin,
                   const char *authorization)
{
    const struct api_access_proof proof = {authorization, host, origin};
    struct api_fault fault = {0};
    err_t err = api_access_check(a, &proof, &fault);

    assert_true(err == ERR_OK || fault.code == API_FORBIDDEN);
    return err;
}

static void settings_that_are_none(void **state)
{
    struct api_access a = {0};

    (void)state;
    assert_err(api_access_init(&a, "here", span_of(NULL, 0)), ERR_SYNTAX);
    assert_err(api_access_init(&a, "127.0.0.1", SPAN_LIT("")), ERR_LIMIT);
}

static void loopback_takes_what_comes_from_here(void **state)
{
    static const char *const strangers[] = {"evil.example",           "10.0.0.1:8000",
                                            "[2001:db8::1]",          "localhost.evil.example",
                                            "127.0.0.1.evil.example", ""};
    static const char *const own[] = {"localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000"};
    struct api_access a = {0};

    (void)state;
    assert_ok(api_access_init(&a, "127.0.0.1", span_of(NULL, 0)));
    assert_ok(check(&a, NULL, NULL, NULL));
    for (size_t i = 0; i < TEST_COUNT(strangers); i++) {
        assert_err(check(&a, strangers[i], NULL, NULL), ERR_SYNTAX);
    }
    for (size_t i = 0; i < TEST_COUNT(own); i++) {
        assert_ok(check(&a, own[i], NULL, NULL));
    }
    assert_err(check(&a, "localhost", "http://evil.example", NULL), ERR_SYNTAX);
    assert_err(check(&a, "localhost", "null", NULL), ERR_SYNTAX);
    assert_ok(check(&a, "localhost", "http://localhost:8000", NULL));
}

static void the_network_needs_a_token(void **state)
{
    struct api_access a = {0};

    (void)state;
    assert_ok(api_access_init(&a, "::", span_of(NULL, 0)));
    assert_err(check(&a, "localhost", NULL, "Bearer x"), ERR_SYNTAX);
    assert_ok(api_access_init(&a, "::", SPAN_LIT("x")));
    assert_err(check(&a, "localhost", NULL, NULL), ERR_SYNTAX);
    assert_err(check(&a, "localhost", NULL, "Bearer y"), ERR_SYNTAX);
    assert_ok(check(&a, "any.example", "http://any.example", "Bearer x"));
}

static void reading_needs_a_local_name_on_loopback(void **state)
{
    struct api_access a = {0};
    struct api_fault fault = {0};
    const struct api_access_proof strange = {.host = "evil.example"};
    const struct api_access_proof own = {.host = "localhost:8000"};

    (void)state;
    assert_ok(api_access_init(&a, "127.0.0.1", span_of(NULL, 0)));
    assert_err(api_access_read(&a, &strange, &fault), ERR_SYNTAX);
    assert_int_equal(fault.code, API_FORBIDDEN);
    assert_ok(api_access_read(&a, &own, &fault));
    assert_ok(api_access_read(&a, &(struct api_access_proof){0}, &fault));
    assert_ok(api_access_init(&a, "127.0.0.1", SPAN_LIT("x")));
    assert_ok(api_access_read(&a, &strange, &fault));
    assert_ok(api_access_init(&a, "0.0.0.0", span_of(NULL, 0)));
    assert_ok(api_access_read(&a, &strange, &fault));
}

static void compiling_is_for_writers_or_local_pages(void **state)
{
    struct api_access a = {0};
    struct api_fault fault = {0};
    const struct api_access_proof page = {.host = "localhost", .origin = "http://evil.example"};
    const struct api_access_proof own = {.host = "localhost"};
    const struct api_access_proof shown = {.authorization = "Bearer x", .host = "any.example"};

    (void)state;
    assert_ok(api_access_init(&a, "127.0.0.1", SPAN_LIT("x")));
    assert_err(api_access_compile(&a, &page, &fault), ERR_SYNTAX);
    assert_ok(api_access_compile(&a, &own, &fault));
    assert_ok(api_access_compile(&a, &shown, &fault));
    assert_ok(api_access_init(&a, "::", SPAN_LIT("x")));
    assert_err(api_access_compile(&a, &own, &fault), ERR_SYNTAX);
    assert_ok(api_access_compile(&a, &shown, &fault));
    assert_ok(api_access_init(&a, "::", span_of(NULL, 0)));
    assert_err(api_access_compile(&a, &own, &fault), ERR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_that_are_none),
        cmocka_unit_test(loopback_takes_what_comes_from_here),
        cmocka_unit_test(the_network_needs_a_token),
        cmocka_unit_test(reading_needs_a_local_name_on_loopback),
        cmocka_unit_test(compiling_is_for_writers_or_local_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

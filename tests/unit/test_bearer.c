/* SPDX-License-Identifier: Apache-2.0
 *
 * The token: who does not have it, and the ways to show it. */
#include "net/bearer.h"
#include "tests/support/test.h"

#include <stdio.h>

static void refuses_tokens_that_protect_nothing(void **state)
{
    struct bearer b;
    char longest[BEARER_TOKEN_BYTES_MAX + 1];

    (void)state;
    memset(longest, 'x', sizeof(longest));
    assert_err(bearer_init(&b, SPAN_LIT("")), ERR_LIMIT);
    assert_err(bearer_init(&b, span_of(longest, sizeof(longest))), ERR_LIMIT);
    assert_ok(bearer_init(&b, span_of(longest, BEARER_TOKEN_BYTES_MAX)));
}

static void refuses_other_tokens(void **state)
{
    static const char *const other[] = {"", "secre", "secret1", "Secret", "secret ", " secret"};
    struct bearer b;

    (void)state;
    assert_ok(bearer_init(&b, SPAN_LIT("secret")));
    for (size_t i = 0; i < TEST_COUNT(other); i++) {
        assert_false(bearer_matches(&b, span_of_str(other[i])));
    }
    assert_true(bearer_matches(&b, SPAN_LIT("secret")));
}

static void reads_the_authorization_header(void **state)
{
    static const char *const bad[] = {
        "",
        "Bearer",
        "Bearer ",
        "secret",
        "Basic secret",
        "Bearersecret",
        "Bearer secre",
        "Bearer secret2",
        "Bearer x secret",
    };
    static const char *const good[] = {"Bearer secret", "bearer secret", "BEARER   secret ",
                                       "Bearer secret realm"};
    struct bearer b;

    (void)state;
    assert_ok(bearer_init(&b, SPAN_LIT("secret")));
    assert_false(bearer_in_authorization(&b, NULL));
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        assert_false(bearer_in_authorization(&b, bad[i]));
    }
    for (size_t i = 0; i < TEST_COUNT(good); i++) {
        assert_true(bearer_in_authorization(&b, good[i]));
    }
}

static void a_token_may_hold_blanks(void **state)
{
    struct bearer b;

    (void)state;
    assert_ok(bearer_init(&b, SPAN_LIT("my secret")));
    assert_true(bearer_in_authorization(&b, "Bearer my secret"));
    assert_true(bearer_in_authorization(&b, "Bearer  my secret "));
    assert_false(bearer_in_authorization(&b, "Bearer my"));
    assert_false(bearer_in_authorization(&b, "Bearer my secret too"));
}

static void finds_its_cookie(void **state)
{
    struct bearer b;
    struct bearer other;
    char text[512];

    (void)state;
    assert_ok(bearer_init(&b, SPAN_LIT("secret")));
    assert_ok(bearer_init(&other, SPAN_LIT("other")));
    assert_int_equal(strlen(b.cookie), BEARER_COOKIE_BYTES - 1);
    assert_null(strstr(b.cookie, "secret"));

    assert_false(bearer_in_cookies(&b, NULL, "id"));
    assert_false(bearer_in_cookies(&b, "", "id"));
    assert_false(bearer_in_cookies(&b, ";; ;", "id"));
    assert_false(bearer_in_cookies(&b, "id=secret", "id"));
    snprintf(text, sizeof(text), "id=%s", other.cookie);
    assert_false(bearer_in_cookies(&b, text, "id"));
    snprintf(text, sizeof(text), "xid=%s; id%s; id=%.63s", b.cookie, b.cookie, b.cookie);
    assert_false(bearer_in_cookies(&b, text, "id"));
    snprintf(text, sizeof(text), "id=%s", b.cookie);
    assert_true(bearer_in_cookies(&b, text, "id"));
    snprintf(text, sizeof(text), "a=1; id=old; id=%s; z=2", b.cookie);
    assert_true(bearer_in_cookies(&b, text, "id"));
}

/* A browser's cookie outlives a restart. */
static void makes_the_same_cookie_again(void **state)
{
    struct bearer first;
    struct bearer second;

    (void)state;
    assert_ok(bearer_init(&first, SPAN_LIT("secret")));
    assert_ok(bearer_init(&second, SPAN_LIT("secret")));
    assert_string_equal(first.cookie, second.cookie);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_tokens_that_protect_nothing),
        cmocka_unit_test(refuses_other_tokens),
        cmocka_unit_test(reads_the_authorization_header),
        cmocka_unit_test(a_token_may_hold_blanks),
        cmocka_unit_test(finds_its_cookie),
        cmocka_unit_test(makes_the_same_cookie_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

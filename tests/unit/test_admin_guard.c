/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may read the admin pages: foreign names, missing tokens, and who is let in. */
#include "ingestor/admin_guard.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <unistd.h>

static void refuses_bad_settings(void **state)
{
    struct admin_guard g;

    (void)state;
    assert_err(admin_guard_init(&g, "", NULL), ERR_SYNTAX);
    assert_err(admin_guard_init(&g, "localhost", NULL), ERR_SYNTAX);
    assert_err(admin_guard_init(&g, "127.0.0.256", NULL), ERR_SYNTAX);
    assert_err(admin_guard_init(&g, "[::1]", NULL), ERR_SYNTAX);
    assert_err(admin_guard_init(&g, "127.0.0.1", ""), ERR_LIMIT);
}

static void refuses_foreign_names(void **state)
{
    static const char *const foreign[] = {
        "",
        ":3000",
        "evil.example",
        "evil.example:3000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1x",
        "10.0.0.5",
        "[2001:db8::5]:3000",
        "[::1.evil.example]",
        "0.0.0.0",
        "[",
        "[]",
        ".",
        "localhos",
        "localhost1",
    };
    char endless[1000];
    struct admin_guard g;

    (void)state;
    assert_ok(admin_guard_init(&g, "127.0.0.1", NULL));
    for (size_t i = 0; i < TEST_COUNT(foreign); i++) {
        assert_false(admin_guard_host_allowed(&g, foreign[i]));
    }
    memset(endless, 'a', sizeof(endless) - 1);
    endless[sizeof(endless) - 1] = '\0';
    assert_false(admin_guard_host_allowed(&g, endless));
}

static void knows_this_machine(void **state)
{
    static const char *const ours[] = {
        "localhost", "LocalHost:3000", "localhost.",           "127.0.0.1:3000",     "127.7.7.7",
        "[::1]",     "[::1]:3000",     "[0:0:0:0:0:0:0:1]:80", "[::ffff:127.0.0.1]",
    };
    char host[256];
    char name[300];
    struct admin_guard g;

    (void)state;
    assert_ok(admin_guard_init(&g, "127.0.0.1", NULL));
    assert_true(admin_guard_host_allowed(&g, NULL));
    for (size_t i = 0; i < TEST_COUNT(ours); i++) {
        assert_true(admin_guard_host_allowed(&g, ours[i]));
    }
    assert_int_equal(gethostname(host, sizeof(host)), 0);
    snprintf(name, sizeof(name), "%s:3000", host);
    assert_true(admin_guard_host_allowed(&g, name));
    snprintf(g.host_name, sizeof(g.host_name), "logs.example.org");
    assert_true(admin_guard_host_allowed(&g, "LOGS.example.org:3000"));
    assert_true(admin_guard_host_allowed(&g, "logs"));
    assert_false(admin_guard_host_allowed(&g, "logs.example"));
    assert_false(admin_guard_host_allowed(&g, "log"));
}

static void knows_the_bind_address(void **state)
{
    struct admin_guard g;

    (void)state;
    assert_ok(admin_guard_init(&g, "10.0.0.5", NULL));
    assert_true(admin_guard_host_allowed(&g, "10.0.0.5:3000"));
    assert_true(admin_guard_host_allowed(&g, "[::ffff:10.0.0.5]"));
    assert_false(admin_guard_host_allowed(&g, "10.0.0.6:3000"));
    assert_ok(admin_guard_init(&g, "2001:db8::5", NULL));
    assert_true(admin_guard_host_allowed(&g, "[2001:DB8:0::5]:3000"));
    assert_false(admin_guard_host_allowed(&g, "[2001:db8::6]"));
}

/* Bound to everything, every address may be ours; a name still may not. */
static void allows_any_address_when_bound_to_all(void **state)
{
    static const char *const all[] = {"0.0.0.0", "::"};
    struct admin_guard g;

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(all); i++) {
        assert_ok(admin_guard_init(&g, all[i], NULL));
        assert_true(admin_guard_host_allowed(&g, "10.0.0.6:3000"));
        assert_true(admin_guard_host_allowed(&g, "[2001:db8::6]"));
        assert_false(admin_guard_host_allowed(&g, "evil.example"));
    }
}

static void a_token_of_base64_may_be_pasted_into_an_address(void **state)
{
    struct admin_guard g;

    (void)state;
    assert_ok(admin_guard_init(&g, "0.0.0.0", "ab+c/d="));
    assert_true(admin_guard_token_shown(&g, &(struct admin_guard_proof){.query_token = "ab+c/d="}));
    assert_true(admin_guard_token_shown(&g, &(struct admin_guard_proof){.query_token = "ab c/d="}));
    assert_false(admin_guard_token_shown(&g, &(struct admin_guard_proof){.query_token = "abc/d="}));
}

static void asks_for_the_token(void **state)
{
    struct admin_guard g;

    (void)state;
    assert_ok(admin_guard_init(&g, "0.0.0.0", "secret"));
    assert_false(admin_guard_token_shown(&g, &(struct admin_guard_proof){0}));
    assert_false(admin_guard_token_shown(
        &g, &(struct admin_guard_proof){.authorization = "Bearer no",
                                        .cookies = ADMIN_GUARD_COOKIE "=secret",
                                        .query_token = "no"}));
    assert_true(
        admin_guard_token_shown(&g, &(struct admin_guard_proof){.authorization = "Bearer secret"}));
    assert_true(admin_guard_token_shown(&g, &(struct admin_guard_proof){.query_token = "secret"}));

    char cookie[128];
    snprintf(cookie, sizeof(cookie), "%s=%s", ADMIN_GUARD_COOKIE, g.bearer.cookie);
    assert_true(admin_guard_token_shown(&g, &(struct admin_guard_proof){.cookies = cookie}));
    assert_true(admin_guard_host_allowed(&g, "logs.example:3000"));
}

static void asks_for_nothing_without_a_token(void **state)
{
    struct admin_guard g;

    (void)state;
    assert_ok(admin_guard_init(&g, "127.0.0.1", NULL));
    assert_true(admin_guard_token_shown(&g, &(struct admin_guard_proof){0}));
}

static void tells_loopback_addresses(void **state)
{
    (void)state;
    assert_true(admin_guard_is_loopback("127.0.0.1"));
    assert_true(admin_guard_is_loopback("127.1.2.3"));
    assert_true(admin_guard_is_loopback("::1"));
    assert_false(admin_guard_is_loopback("::"));
    assert_false(admin_guard_is_loopback("0.0.0.0"));
    assert_false(admin_guard_is_loopback("10.0.0.1"));
    assert_false(admin_guard_is_loopback("localhost"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_bad_settings),
        cmocka_unit_test(refuses_foreign_names),
        cmocka_unit_test(knows_this_machine),
        cmocka_unit_test(knows_the_bind_address),
        cmocka_unit_test(allows_any_address_when_bound_to_all),
        cmocka_unit_test(asks_for_the_token),
        cmocka_unit_test(a_token_of_base64_may_be_pasted_into_an_address),
        cmocka_unit_test(asks_for_nothing_without_a_token),
        cmocka_unit_test(tells_loopback_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

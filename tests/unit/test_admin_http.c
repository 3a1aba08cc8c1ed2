/* SPDX-License-Identifier: Apache-2.0
 *
 * Starting the HTTP side: settings that are refused. What it answers is tested from outside
 * (tests/integration/test_admin_http.py). */
#include "ingestor/admin_http.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/fake_server.h"
#include "tests/support/test.h"

#include <errno.h>

static const struct admin_http_config loopback = {.bind = "127.0.0.1"};

static void refuses_bad_settings(void **state)
{
    static const struct {
        struct admin_http_config config;
        err_t err;
    } bad[] = {
        {{.bind = "localhost"}, ERR_SYNTAX},
        {{.bind = "", .open = true}, ERR_SYNTAX},
        {{.bind = "127.0.0.1", .token = ""}, ERR_LIMIT},
        {{.bind = "0.0.0.0"}, ERR_UNKNOWN},
        {{.bind = "::"}, ERR_UNKNOWN},
    };
    struct server *s = fake_server_new(1);
    struct admin_http *a = NULL;

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        assert_err(admin_http_start(&bad[i].config, s, &a), bad[i].err);
        assert_null(a);
    }
    fake_server_free(s);
}

static void refuses_a_port_in_use(void **state)
{
    struct server *s = fake_server_new(1);
    struct admin_http_config config = loopback;
    struct admin_http *first = NULL;
    struct admin_http *second = NULL;

    (void)state;
    assert_ok(admin_http_start(&config, s, &first));
    config.port = admin_http_port(first);
    assert_true(config.port > 0);
    assert_err(admin_http_start(&config, s, &second), ERR_IO);
    assert_int_equal(errno, EADDRINUSE);
    admin_http_stop(first);
    admin_http_stop(NULL);
    fake_server_free(s);
}

static void listens_anywhere_with_token_or_open(void **state)
{
    static const struct admin_http_config good[] = {
        {.bind = "0.0.0.0", .open = true},
        {.bind = "0.0.0.0", .token = "secret"},
        {.bind = "127.0.0.1"},
    };
    struct server *s = fake_server_new(1);

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(good); i++) {
        struct admin_http *a = NULL;
        assert_ok(admin_http_start(&good[i], s, &a));
        admin_http_stop(a);
    }
    fake_server_free(s);
}

static err_t try_start(void *arg)
{
    struct admin_http *a = NULL;
    err_t err = admin_http_start(&loopback, arg, &a);

    admin_http_stop(a);
    return err;
}

static void refuses_without_memory(void **state)
{
    struct server *s = fake_server_new(1);

    (void)state;
    fail_alloc_walk(try_start, s);
    fake_server_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_bad_settings),
        cmocka_unit_test(refuses_a_port_in_use),
        cmocka_unit_test(listens_anywhere_with_token_or_open),
        cmocka_unit_test(refuses_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

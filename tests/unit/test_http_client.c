/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP client against servers that do everything wrong, each error of the contract, and being
 * stopped from another thread. */
#include "net/http_client.h"

#include "base/clock.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/http_script.h"
#include "tests/support/test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BODY_MAX   100000u
#define TIMEOUT_MS 1000u
#define SOON_NS    (5 * NS_PER_S) /* on a machine that is busy */

static void nap_ms(long ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    nanosleep(&pause, NULL);
}

static void slow_drip(struct http_script *h, int fd)
{
    bool listens = http_script_send(fd, SPAN_LIT("HTTP/1.1 200 OK\r\n\r\n"));

    while (listens && !http_script_is_over(h)) {
        listens = http_script_send(fd, SPAN_LIT("x"));
        nap_ms(20);
    }
}

static void endless(struct http_script *h, int fd, struct span head, struct span what)
{
    bool listens = http_script_send(fd, head);

    while (listens && !http_script_is_over(h)) {
        listens = http_script_send(fd, what);
    }
}

static char kib[1024];

static void serve(void *arg, struct http_script *h, int fd, const char *path)
{
    static const struct {
        const char *path;
        const char *answer;
    } fixed[] = {
        {"/redirect", "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 5\r\n\r\nthere"},
        {"/chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"},
        {"/bad-chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"},
        {"/garbage", "no HTTP at all\r\n\r\n"},
        {"/binary", "\x16\x03\x01\x02\r\n\r\n"},
        {"/short", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"},
        {"/interim", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nok"},
        {"/claims", "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\nabc"},
        {"/nothing", ""},
    };

    (void)arg;
    for (size_t i = 0; i < TEST_COUNT(fixed); i++) {
        if (strcmp(path, fixed[i].path) == 0) {
            http_script_send(fd, span_of_str(fixed[i].answer));
            return;
        }
    }
    if (strcmp(path, "/hang") == 0) {
        http_script_hang(h, fd);
    } else if (strcmp(path, "/drip") == 0) {
        slow_drip(h, fd);
    } else if (strcmp(path, "/huge") == 0) {
        endless(h, fd, SPAN_LIT("HTTP/1.1 200 OK\r\n\r\n"), span_of(kib, sizeof(kib)));
    } else if (strcmp(path, "/heads") == 0) {
        endless(h, fd, SPAN_LIT("HTTP/1.1 200 OK\r\n"), SPAN_LIT("X-Filler: yes it is\r\n"));
    } else if (strcmp(path, "/interims") == 0) {
        endless(h, fd, SPAN_LIT(""), SPAN_LIT("HTTP/1.1 103 Early Hints\r\n\r\n"));
    } else if (strcmp(path, "/full") == 0) {
        static char body[BODY_MAX];
        http_script_answer(fd, 200, span_of(body, sizeof(body)));
    } else {
        http_script_answer(fd, strcmp(path, "/ok") == 0 ? 200 : 404, span_of_str(path));
    }
}

struct rig {
    struct http_script *server;
    struct http_client *client;
    struct http_client_answer got;
};

static struct rig rig;

static int open_rig(void **state)
{
    const struct http_client_config config = {
        .timeout_ms = TIMEOUT_MS, .body_bytes_max = BODY_MAX, .ca_file = ""};

    (void)state;
    memset(kib, 'x', sizeof(kib));
    rig = (struct rig){.server = http_script_start(0, serve, NULL)};
    assert_ok(http_client_new(&config, &rig.client));
    return 0;
}

static int close_rig(void **state)
{
    (void)state;
    http_client_free(rig.client);
    http_script_stop(rig.server);
    http_client_answer_done(&rig.got);
    return 0;
}

static err_t get(const char *path)
{
    char url[256];

    snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", http_script_port(rig.server), path);
    return http_client_get(rig.client, url, "text/plain", &rig.got);
}

static void refuses_what_is_no_such_url(void **state)
{
    const char *const urls[] = {"",
                                "ftp://127.0.0.1/x",
                                "file:///etc/passwd",
                                "gopher://127.0.0.1:1/",
                                "http://127.0.0.1:99999/",
                                "http://[::1",
                                "http:///",
                                "dict://127.0.0.1/"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(urls); i++) {
        err_t err = http_client_get(rig.client, urls[i], "*/*", &rig.got);
        assert_err(err, ERR_SYNTAX);
        assert_true(rig.got.why[0] != '\0');
    }
}

static void a_dead_port_is_an_error_at_once(void **state)
{
    struct http_script *gone = http_script_start(0, serve, NULL);
    char url[64];

    (void)state;
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/ok", http_script_port(gone));
    http_script_stop(gone);
    uint64_t start = clock_mono_ns();
    assert_err(http_client_get(rig.client, url, "*/*", &rig.got), ERR_IO);
    assert_true(clock_mono_ns() - start < SOON_NS);
    assert_non_null(strstr(rig.got.why, "onnect"));
}

static void the_timeout_is_for_the_whole_request(void **state)
{
    const char *const paths[] = {"/hang", "/drip"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(paths); i++) {
        uint64_t start = clock_mono_ns();
        assert_err(get(paths[i]), ERR_AGAIN);
        uint64_t took = clock_mono_ns() - start;
        assert_true(took >= (TIMEOUT_MS - 50) * NS_PER_MS);
        assert_true(took < TIMEOUT_MS * NS_PER_MS + SOON_NS);
        assert_true(rig.got.why[0] != '\0');
    }
}

static void what_is_too_long_is_not_received(void **state)
{
    const char *const paths[] = {"/huge", "/claims", "/heads", "/interims"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(paths); i++) {
        assert_err(get(paths[i]), ERR_LIMIT);
        assert_true(rig.got.body.len <= BODY_MAX && rig.got.body.cap < 3 * BODY_MAX);
        assert_true(rig.got.why[0] != '\0');
    }
    assert_ok(get("/full"));
    assert_int_equal(rig.got.body.len, BODY_MAX);
}

static void what_is_no_http_is_an_error(void **state)
{
    const struct {
        const char *path;
        err_t err;
    } rows[] = {
        {"/garbage", ERR_SYNTAX}, {"/binary", ERR_SYNTAX}, {"/short", ERR_IO},
        {"/bad-chunk", ERR_IO},   {"/nothing", ERR_IO},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        assert_err(get(rows[i].path), rows[i].err);
        assert_true(rig.got.why[0] != '\0');
    }
}

static void answers_of_every_status_are_given(void **state)
{
    const struct {
        const char *path;
        unsigned status;
        const char *body;
    } rows[] = {
        {"/ok", 200, "/ok"},        {"/none", 404, "/none"}, {"/redirect", 302, "there"},
        {"/chunked", 200, "abcde"}, {"/interim", 200, "ok"}, {"/a%2Fb?c=d", 404, "/a%2Fb?c=d"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        assert_ok(get(rows[i].path));
        assert_int_equal(rig.got.status, rows[i].status);
        test_assert_span(buf_span(&rig.got.body), rows[i].body);
        assert_string_equal(rig.got.why, "");
    }
}

static void the_environment_names_no_proxy(void **state)
{
    (void)state;
    assert_int_equal(setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
    assert_int_equal(setenv("ALL_PROXY", "http://127.0.0.1:1", 1), 0);
    assert_ok(get("/ok"));
    assert_int_equal(rig.got.status, 200);
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
}

static void a_certificate_of_nobody_is_refused(void **state)
{
    char url[64];

    (void)state; /* the server speaks no TLS: the handshake fails, nothing is sent in the clear */
    snprintf(url, sizeof(url), "https://127.0.0.1:%u/ok", http_script_port(rig.server));
    err_t err = http_client_get(rig.client, url, "*/*", &rig.got);
    assert_true(err == ERR_IO || err == ERR_AGAIN);
}

static void *stop_later(void *arg)
{
    nap_ms(100);
    http_client_stop(arg);
    return NULL;
}

static void stopping_ends_a_request_soon(void **state)
{
    const struct http_client_config config = {
        .timeout_ms = 60000, .body_bytes_max = BODY_MAX, .ca_file = ""};
    struct http_client *kept = rig.client;
    pthread_t thread;

    (void)state;
    assert_ok(http_client_new(&config, &rig.client));
    uint64_t start = clock_mono_ns();
    assert_int_equal(pthread_create(&thread, NULL, stop_later, rig.client), 0);
    assert_err(get("/hang"), ERR_IO);
    assert_true(clock_mono_ns() - start < SOON_NS);
    assert_string_equal(rig.got.why, "stopped");
    pthread_join(thread, NULL);
    assert_err(get("/ok"), ERR_IO);
    http_client_free(rig.client);
    rig.client = kept;
}

static err_t make_and_get(void *arg)
{
    const struct http_client_config config = {
        .timeout_ms = TIMEOUT_MS, .body_bytes_max = BODY_MAX, .ca_file = ""};
    struct http_client *kept = rig.client;

    (void)arg;
    http_client_answer_done(&rig.got);
    TRY(http_client_new(&config, &rig.client));
    err_t err = get("/full");
    http_client_free(rig.client);
    rig.client = kept;
    return err;
}

static void memory_that_runs_out_is_an_error(void **state)
{
    (void)state;
    fail_alloc_walk(make_and_get, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_such_url),
        cmocka_unit_test(a_dead_port_is_an_error_at_once),
        cmocka_unit_test(the_timeout_is_for_the_whole_request),
        cmocka_unit_test(what_is_too_long_is_not_received),
        cmocka_unit_test(what_is_no_http_is_an_error),
        cmocka_unit_test(answers_of_every_status_are_given),
        cmocka_unit_test(the_environment_names_no_proxy),
        cmocka_unit_test(a_certificate_of_nobody_is_refused),
        cmocka_unit_test(stopping_ends_a_request_soon),
        cmocka_unit_test(memory_that_runs_out_is_an_error),
    };

    return cmocka_run_group_tests(tests, open_rig, close_rig);
}

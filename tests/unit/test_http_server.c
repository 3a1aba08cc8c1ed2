/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP server over real sockets: what it refuses, what a handler sees, streams, bad manners. */
#include "base/clock.h"
#include "net/http_server.h"
#include "net/listener.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define BODY_MAX    1000u
#define PATIENCE_MS 60000

static atomic_uint stream_numbers;
static atomic_uint streams_ended;

static struct span stream_next(void *arg)
{
    static char text[32];

    (void)arg;
    if (atomic_load(&stream_numbers) % 2 == 1) {
        atomic_fetch_add(&stream_numbers, 1);
        return span_of(NULL, 0); /* nothing until the next tick */
    }
    int len = snprintf(text, sizeof(text), "<%u>", atomic_fetch_add(&stream_numbers, 1));
    return span_of(text, (size_t)len);
}

static void stream_end(void *arg)
{
    (void)arg;
    atomic_fetch_add(&streams_ended, 1);
}

/* Answers with what it was asked; /stream streams. */
static void echo(void *arg, const struct http_request *request, struct http_reply *reply)
{
    const char *header = http_request_header(request, "x-test");
    char query[8] = "-";

    (void)arg;
    if (strcmp(request->path, "/stream") == 0) {
        reply->stream = (struct http_reply_stream){.next = stream_next, .end = stream_end};
        return;
    }
    err_t err = http_request_query(request, "q", query, sizeof(query));
    struct addr addr;
    char peer[ADDR_TEXT_BYTES];
    http_request_peer(request, &addr);
    addr_format(&addr, peer);
    assert_ok(buf_printf(&reply->body, "%s %s q=%s(%s) h=%s body=%.*s peer=%.10s", request->method,
                         request->path, query, err_name(err), header == NULL ? "-" : header,
                         (int)request->body.len, request->body.at, peer));
    http_reply_header(reply, "X-Answer", "yes");
}

static struct http_server_config config_of(size_t body_bytes_max)
{
    return (struct http_server_config){
        .bind = "127.0.0.1",
        .connections_max = 20,
        .body_bytes_max = body_bytes_max,
        .handle = echo,
        .tick_ms = 20,
    };
}

static struct http_server *start(size_t body_bytes_max)
{
    struct http_server_config config = config_of(body_bytes_max);
    struct http_server *s = NULL;

    assert_ok(http_server_start(&config, &s));
    assert_true(http_server_port(s) > 0);
    return s;
}

static int connect_to(const struct http_server *s)
{
    struct sockaddr_in addr = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                               .sin_port = htons(http_server_port(s))};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
    return fd;
}

static void send_text(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);
        if (sent < 0) {
            return; /* it may have answered and closed before it read all */
        }
        text += sent;
        len -= (size_t)sent;
    }
}

/* Reads until `until` has come (NULL: the end of the stream). */
static const char *read_answer(int fd, const char *until)
{
    static char answer[65536];
    size_t len = 0;

    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
        ssize_t got = recv(fd, answer + len, sizeof(answer) - 1 - len, 0);
        if (got <= 0) {
            break;
        }
        len += (size_t)got;
        answer[len] = '\0';
        if (until != NULL && strstr(answer, until) != NULL) {
            break;
        }
    }
    answer[len] = '\0';
    return answer;
}

static const char *ask(const struct http_server *s, const char *request)
{
    int fd = connect_to(s);

    send_text(fd, request, strlen(request));
    const char *answer = read_answer(fd, NULL);
    close(fd);
    return answer;
}

static void assert_answer(const char *answer, const char *status, const char *end)
{
    assert_ptr_equal(strstr(answer, status), answer);
    assert_true(strlen(answer) >= strlen(end));
    assert_string_equal(answer + strlen(answer) - strlen(end), end);
}

#define CLOSE "Host: x\r\nConnection: close\r\n\r\n"

static void refuses_to_start(void **state)
{
    struct http_server *s = start(0);
    struct http_server *other = NULL;
    struct http_server_config config = config_of(0);

    (void)state;
    config.bind = "localhost";
    assert_err(http_server_start(&config, &other), ERR_SYNTAX);
    config.bind = "127.0.0.1";
    config.port = http_server_port(s);
    assert_err(http_server_start(&config, &other), ERR_IO);
    assert_int_equal(errno, EADDRINUSE);
    assert_null(other);
    http_server_stop(s);
    http_server_stop(NULL);
}

static err_t try_start(void *arg)
{
    struct http_server_config config = config_of(0);
    struct http_server *s = NULL;
    err_t err = http_server_start(&config, &s);

    (void)arg;
    http_server_stop(s);
    return err;
}

static void refuses_to_start_without_memory(void **state)
{
    (void)state;
    fail_alloc_walk(try_start, NULL);
}

static void refuses_bad_requests(void **state)
{
    struct http_server *s = start(0);
    static char long_header[70000];

    (void)state;
    assert_answer(ask(s, "GET / HTTP/1.1\r\n\r\n"), "HTTP/1.1 400", "Host header\n");
    assert_null(strstr(ask(s, "nonsense\r\n\r\n"), "200"));
    assert_null(strstr(ask(s, "\x16\x03\x01\r\n\r\n"), "200"));
    int len = snprintf(long_header, sizeof(long_header), "GET / HTTP/1.1\r\nHost: x\r\nA: ");
    memset(long_header + len, 'a', sizeof(long_header) - (size_t)len - 1);
    assert_answer(ask(s, long_header), "HTTP/1.1 431", "");
    assert_answer(ask(s, "GET / HTTP/1.1\r\n" CLOSE), "HTTP/1.1 200", "peer=127.0.0.1:");
    http_server_stop(s);
}

static void refuses_large_bodies(void **state)
{
    struct http_server *s = start(BODY_MAX);
    char request[4096];

    (void)state;
    assert_answer(ask(s, "POST / HTTP/1.1\r\nContent-Length: 1001\r\n" CLOSE), "HTTP/1.1 413",
                  "too large\n");
    assert_answer(ask(s, "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n" CLOSE),
                  "HTTP/1.1 4", "");
    int len = snprintf(request, sizeof(request),
                       "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" CLOSE "3e9\r\n");
    memset(request + len, 'a', 1001);
    snprintf(request + len + 1001, sizeof(request) - (size_t)len - 1001, "\r\n0\r\n\r\n");
    assert_answer(ask(s, request), "HTTP/1.1 413", "too large\n");
    http_server_stop(s);
}

static void gives_the_body_to_the_handler(void **state)
{
    struct http_server *s = start(BODY_MAX);

    (void)state;
    assert_non_null(strstr(ask(s, "POST /a HTTP/1.1\r\nContent-Length: 5\r\n" CLOSE "hello"),
                           "POST /a q=-(unknown) h=- body=hello peer="));
    assert_non_null(strstr(ask(s, "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" CLOSE
                                  "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
                           " body=abcde peer="));
    http_server_stop(s);
}

static void answers_without_reading_an_unwanted_body(void **state)
{
    struct http_server *s = start(0);

    (void)state;
    assert_answer(ask(s, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"),
                  "HTTP/1.1 200", "body= peer=127.0.0.1:");
    http_server_stop(s);
}

static void gives_path_query_and_headers(void **state)
{
    struct http_server *s = start(0);

    (void)state;
    assert_non_null(strstr(ask(s, "GET /a%2Fb/?q=x%2By+z HTTP/1.1\r\nX-TEST: 1\r\n" CLOSE),
                           "GET /a%2Fb/ q=x+y z(ok) h=1 body="));
    assert_non_null(strstr(ask(s, "GET /?q HTTP/1.1\r\n" CLOSE), "q=(ok)"));
    assert_non_null(strstr(ask(s, "GET /?q=%zz HTTP/1.1\r\n" CLOSE), "(syntax)"));
    assert_non_null(strstr(ask(s, "GET /?q=12345678 HTTP/1.1\r\n" CLOSE), "(limit)"));
    assert_non_null(strstr(ask(s, "GET / HTTP/1.0\r\n\r\n"), "X-Answer: yes\r\n"));
    assert_answer(ask(s, "HEAD / HTTP/1.1\r\n" CLOSE), "HTTP/1.1 200", "\r\n\r\n");
    http_server_stop(s);
}

static void keeps_connections(void **state)
{
    static const char request[] = "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n";
    struct http_server *s = start(0);
    int fd = connect_to(s);

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        send_text(fd, request, strlen(request));
        assert_non_null(strstr(read_answer(fd, "peer=127.0.0.1:"), "GET /1"));
    }
    close(fd);
    http_server_stop(s);
}

static void streams_until_the_reader_goes(void **state)
{
    static const char request[] = "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n";
    struct http_server *s = start(0);
    int fd = connect_to(s);
    unsigned before = atomic_load(&streams_ended);

    (void)state;
    atomic_store(&stream_numbers, 0);
    send_text(fd, request, strlen(request));
    assert_non_null(strstr(read_answer(fd, "<4>"), "<2>"));
    close(fd);
    for (unsigned i = 0; i < PATIENCE_MS / 10 && atomic_load(&streams_ended) == before; i++) {
        usleep(10000);
    }
    assert_int_equal(atomic_load(&streams_ended), before + 1);
    http_server_stop(s);
}

static void ends_streams_when_it_stops(void **state)
{
    static const char request[] = "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n";
    struct http_server *s = start(0);
    unsigned before = atomic_load(&streams_ended);
    int fds[5];

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(fds); i++) {
        fds[i] = connect_to(s);
        send_text(fds[i], request, strlen(request));
        read_answer(fds[i], ">");
    }
    http_server_stop(s);
    assert_int_equal(atomic_load(&streams_ended), before + TEST_COUNT(fds));
    for (size_t i = 0; i < TEST_COUNT(fds); i++) {
        read_answer(fds[i], NULL);
        close(fds[i]);
    }
}

/* A byte now and then keeps no connection open for ever. */
static void ends_requests_that_never_end(void **state)
{
    struct http_server_config config = config_of(0);
    struct http_server *s = NULL;

    (void)state;
    config.request_ms = 300;
    assert_ok(http_server_start(&config, &s));
    int fd = connect_to(s);
    send_text(fd, "GET / HTTP/1.1\r\nA: ", 19);
    uint64_t give_up_ns = clock_mono_ns() + PATIENCE_MS * NS_PER_MS;
    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (poll(&ready, 1, 50) == 1) {
            break;
        }
        assert_true(clock_mono_ns() < give_up_ns);
        send_text(fd, "a", 1);
    }
    char byte;
    assert_true(recv(fd, &byte, 1, 0) <= 0);
    close(fd);
    http_server_stop(s);
}

/* A socket that others have too: it is served, and goes on listening when the server has ended. */
static void leaves_a_socket_that_was_passed(void **state)
{
    struct http_server_config config = config_of(0);
    struct http_server *s = NULL;
    struct addr bound;
    int listen_fd = -1;

    (void)state;
    assert_ok(listener_tcp("127.0.0.1", 0, &listen_fd, &bound));
    int kept_fd = dup(listen_fd);
    struct http_server_socket passed = {listen_fd, addr_port(&bound)};
    config.bind = "no address, and not looked at";
    config.socket = &passed;
    assert_ok(http_server_start(&config, &s));
    assert_int_equal(http_server_port(s), addr_port(&bound));
    assert_answer(ask(s, "GET /a HTTP/1.1\r\n" CLOSE), "HTTP/1.1 200", "peer=127.0.0.1:");
    uint64_t beats = http_server_beats(s);
    for (unsigned ms = 0; http_server_beats(s) == beats && ms < PATIENCE_MS; ms++) {
        usleep(1000);
    }
    assert_int_not_equal(http_server_beats(s), beats);
    http_server_stop(s);

    assert_int_equal(fcntl(listen_fd, F_GETFD), -1); /* the server's own is closed */
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&bound.storage, bound.len), 0);
    int accepted = accept(kept_fd, NULL, NULL);
    assert_true(accepted >= 0);
    close(accepted);
    close(fd);
    close(kept_fd);
}

/* Three times as many as there are places, none of which ever asks; streams among them stay. */
static void makes_room_for_those_who_ask(void **state)
{
    static const char request[] = "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n";
    struct http_server *s = start(0);
    int fds[60];

    (void)state;
    int stream = connect_to(s);
    send_text(stream, request, strlen(request));
    read_answer(stream, ">");
    for (size_t i = 0; i < TEST_COUNT(fds); i++) {
        fds[i] = connect_to(s);
        send_text(fds[i], "GET / HTTP/1.1\r\nA: ", 19);
    }
    assert_answer(ask(s, "GET /there HTTP/1.1\r\n" CLOSE), "HTTP/1.1 200", "");
    read_answer(stream, ">");
    char byte;
    assert_true(recv(fds[0], &byte, 1, 0) <= 0); /* the oldest had to go */
    for (size_t i = 0; i < TEST_COUNT(fds); i++) {
        close(fds[i]);
    }
    close(stream);
    http_server_stop(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_to_start),
        cmocka_unit_test(refuses_to_start_without_memory),
        cmocka_unit_test(refuses_bad_requests),
        cmocka_unit_test(refuses_large_bodies),
        cmocka_unit_test(gives_the_body_to_the_handler),
        cmocka_unit_test(answers_without_reading_an_unwanted_body),
        cmocka_unit_test(gives_path_query_and_headers),
        cmocka_unit_test(keeps_connections),
        cmocka_unit_test(streams_until_the_reader_goes),
        cmocka_unit_test(ends_streams_when_it_stops),
        cmocka_unit_test(ends_requests_that_never_end),
        cmocka_unit_test(leaves_a_socket_that_was_passed),
        cmocka_unit_test(makes_room_for_those_who_ask),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

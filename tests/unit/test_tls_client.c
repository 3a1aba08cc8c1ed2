/* SPDX-License-Identifier: Apache-2.0
 *
 * The sending side of TLS against our own receiving side, over a socket pair: whom it trusts, what
 * each error is, that bytes arrive and both ends close in order. */
#include "net/tls_client.h"

#include "net/tls_devcert.h"
#include "net/transport_tls.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define STEPS_MAX 100

/* A state directory with a development certificate, and files that are none. */
struct files {
    char dir[TEMP_DIR_BYTES];
    char other_dir[TEMP_DIR_BYTES];
    char cert[TEMP_DIR_BYTES + 32];
    char key[TEMP_DIR_BYTES + 32];
    char other_cert[TEMP_DIR_BYTES + 32];
    char text[TEMP_DIR_BYTES + 32];
};

static struct files files;

static int make_files(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    temp_dir_make(files.dir);
    temp_dir_make(files.other_dir);
    assert_ok(tls_devcert_ensure(files.dir));
    assert_ok(tls_devcert_ensure(files.other_dir));
    temp_dir_write(files.dir, "text", SPAN_LIT("no PEM\n"));
    snprintf(files.cert, sizeof(files.cert), "%s/%s", files.dir, TLS_DEVCERT_FILE);
    snprintf(files.key, sizeof(files.key), "%s/%s", files.dir, TLS_DEVCERT_KEY_FILE);
    snprintf(files.other_cert, sizeof(files.other_cert), "%s/%s", files.other_dir,
             TLS_DEVCERT_FILE);
    snprintf(files.text, sizeof(files.text), "%s/text", files.dir);
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    temp_dir_remove(files.dir);
    temp_dir_remove(files.other_dir);
    return 0;
}

/* Both ends of one connection. */
struct pair {
    int fds[2]; /* the client's, the server's */
    struct tls_client_settings *settings;
    struct tls_client *client;
    struct tls_server *server_settings;
    struct transport *server;
};

static void pair_open(struct pair *p, const struct tls_client_config *config, const char *host,
                      enum tls_client_peer peer)
{
    const struct tls_server_config server = {.cert_file = files.cert,
                                             .key_file = files.key,
                                             .client_ca_file = "",
                                             .state_dir = files.dir};
    char why[256];

    *p = (struct pair){0};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p->fds), 0);
    assert_ok(tls_client_settings_new(config, why, &p->settings));
    assert_string_equal(why, "");
    assert_ok(tls_client_new(p->settings, p->fds[0], host, peer, &p->client));
    assert_ok(tls_server_new(&server, why, sizeof(why), &p->server_settings));
    assert_ok(transport_tls_new(p->server_settings, p->fds[1], &p->server));
}

static void pair_close(struct pair *p)
{
    tls_client_free(p->client);
    tls_client_settings_free(p->settings);
    p->server->ops->free(p->server);
    tls_server_free(p->server_settings);
    close(p->fds[0]);
    close(p->fds[1]);
}

/* Steps both ends until the client is done, one way or the other. */
static err_t pair_handshake(struct pair *p)
{
    err_t server = ERR_AGAIN;
    err_t client = ERR_AGAIN;

    for (int i = 0; i < STEPS_MAX && (client == ERR_AGAIN || server == ERR_AGAIN); i++) {
        client = client == ERR_AGAIN ? tls_client_handshake(p->client) : client;
        server = server == ERR_AGAIN ? p->server->ops->handshake(p->server) : server;
        if (client != ERR_OK && client != ERR_AGAIN) {
            break;
        }
    }
    return client;
}

static struct tls_client_config config_of(const char *ca, const char *loopback)
{
    return (struct tls_client_config){
        .ca_file = ca, .loopback_file = loopback, .cert_file = "", .key_file = ""};
}

static void refuses_files_it_cannot_use(void **state)
{
    const struct {
        struct tls_client_config config;
        err_t err;
        const char *why;
    } bad[] = {
        {{.ca_file = "/no/ca.pem", .cert_file = ""}, ERR_IO, "/no/ca.pem: No such file"},
        {{.ca_file = files.text, .cert_file = ""}, ERR_SYNTAX, files.text},
        {{.ca_file = "", .cert_file = "/no/cert.pem", .key_file = files.key},
         ERR_IO,
         "/no/cert.pem: No such file"},
        {{.ca_file = "", .cert_file = files.cert, .key_file = "/no/key.pem"},
         ERR_IO,
         "/no/key.pem: No such file"},
        {{.ca_file = "", .cert_file = files.text, .key_file = files.key}, ERR_SYNTAX, files.text},
        {{.ca_file = "", .cert_file = files.other_cert, .key_file = files.key},
         ERR_SYNTAX,
         files.key},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        struct tls_client_settings *settings = NULL;
        struct tls_client_config config = bad[i].config;
        char why[TLS_CLIENT_WHY_BYTES];
        config.loopback_file = "";
        assert_err(tls_client_settings_new(&config, why, &settings), bad[i].err);
        assert_ptr_equal(strstr(why, bad[i].why), why);
        assert_null(settings);
    }
}

static void trusts_whom_it_should(void **state)
{
    const struct {
        const char *ca;
        const char *loopback;
        const char *host;
        enum tls_client_peer peer;
        const char *why; /* NULL: trusted */
    } rows[] = {
        {"", files.cert, "localhost", TLS_CLIENT_LOOPBACK, NULL},
        {"", files.cert, "127.0.0.1", TLS_CLIENT_LOOPBACK, NULL},
        {"", files.cert, "::1", TLS_CLIENT_LOOPBACK, NULL},
        {files.cert, "", "localhost", TLS_CLIENT_REMOTE, NULL},
        {files.cert, files.other_cert, "localhost", TLS_CLIENT_LOOPBACK, NULL},
        {"", files.cert, "localhost", TLS_CLIENT_REMOTE, "self-signed certificate"},
        {"", "", "localhost", TLS_CLIENT_LOOPBACK, "self-signed certificate"},
        {"", "/no/such.pem", "localhost", TLS_CLIENT_LOOPBACK, "self-signed certificate"},
        {"", files.text, "localhost", TLS_CLIENT_LOOPBACK, "self-signed certificate"},
        {"", files.other_cert, "localhost", TLS_CLIENT_LOOPBACK, "self-signed certificate"},
        {files.other_cert, files.cert, "localhost", TLS_CLIENT_LOOPBACK, "self-signed certificate"},
        {"", files.cert, "elsewhere.example", TLS_CLIENT_LOOPBACK, "hostname mismatch"},
        {"", files.cert, "127.0.0.2", TLS_CLIENT_LOOPBACK, "IP address mismatch"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        struct tls_client_config config = config_of(rows[i].ca, rows[i].loopback);
        struct pair p;
        pair_open(&p, &config, rows[i].host, rows[i].peer);
        if (rows[i].why == NULL) {
            assert_ok(pair_handshake(&p));
            assert_string_equal(tls_client_why(p.client), "");
        } else {
            assert_err(pair_handshake(&p), ERR_SYNTAX);
            assert_non_null(strstr(tls_client_why(p.client), "certificate not trusted: "));
            assert_non_null(strstr(tls_client_why(p.client), rows[i].why));
            bool other_name = strstr(rows[i].why, "mismatch") != NULL;
            assert_int_equal(tls_client_distrust(p.client),
                             other_name ? TLS_CLIENT_OTHER_NAME : TLS_CLIENT_UNKNOWN_ISSUER);
        }
        pair_close(&p);
    }
}

static void insecure_trusts_anyone(void **state)
{
    struct tls_client_config config = config_of("", "");
    struct pair p;

    (void)state;
    config.insecure = true;
    pair_open(&p, &config, "elsewhere.example", TLS_CLIENT_REMOTE);
    assert_ok(pair_handshake(&p));
    pair_close(&p);
}

static void a_server_that_speaks_no_tls_is_refused(void **state)
{
    struct tls_client_config config = config_of("", files.cert);
    struct pair p;

    (void)state;
    pair_open(&p, &config, "localhost", TLS_CLIENT_LOOPBACK);
    assert_int_equal(write(p.fds[1], "HTTP/1.1 400 Bad Request\r\n\r\n", 28), 28);
    assert_err(tls_client_handshake(p.client), ERR_SYNTAX);
    assert_ptr_equal(strstr(tls_client_why(p.client), "TLS: "), tls_client_why(p.client));
    pair_close(&p);
}

static void a_server_that_leaves_in_the_handshake_is_eof(void **state)
{
    struct tls_client_config config = config_of("", files.cert);
    struct pair p;

    (void)state;
    pair_open(&p, &config, "localhost", TLS_CLIENT_LOOPBACK);
    assert_err(tls_client_handshake(p.client), ERR_AGAIN);
    assert_int_equal(tls_client_events(p.client), POLLIN);
    assert_int_equal(shutdown(p.fds[1], SHUT_WR), 0);
    assert_err(tls_client_handshake(p.client), ERR_EOF);
    assert_string_equal(tls_client_why(p.client), "the server closed the connection");
    pair_close(&p);
}

static void open_trusted(struct pair *p)
{
    struct tls_client_config config = config_of("", files.cert);

    pair_open(p, &config, "localhost", TLS_CLIENT_LOOPBACK);
    assert_ok(pair_handshake(p));
}

static char received[1 << 20];

/* Reads what the server has, up to ERR_AGAIN or the end. */
static err_t server_read(struct pair *p, size_t *at)
{
    for (;;) {
        size_t got = 0;
        err_t err = p->server->ops->read(p->server, received + *at, sizeof(received) - *at, &got);
        if (err != ERR_OK) {
            return err;
        }
        *at += got;
    }
}

static void bytes_arrive_and_the_end_is_in_order(void **state)
{
    static char sent[600000];
    struct span left = span_of(sent, sizeof(sent));
    struct pair p;
    size_t at = 0;
    bool waited = false;

    (void)state;
    for (size_t i = 0; i < sizeof(sent); i++) {
        sent[i] = (char)(i * 7 >> 3);
    }
    open_trusted(&p);
    while (left.len > 0) {
        size_t n = 0;
        err_t err = tls_client_write(p.client, left, &n);
        if (err == ERR_AGAIN) {
            waited = true;
            assert_int_equal(tls_client_events(p.client), POLLOUT);
            assert_err(server_read(&p, &at), ERR_AGAIN);
            continue;
        }
        assert_ok(err);
        assert_true(n > 0);
        left = span_skip(left, n);
    }
    assert_true(waited);
    assert_err(server_read(&p, &at), ERR_AGAIN);
    assert_ok(tls_client_finish(p.client));
    assert_err(tls_client_await_end(p.client), ERR_AGAIN);
    assert_err(server_read(&p, &at), ERR_EOF);
    assert_int_equal(shutdown(p.fds[1], SHUT_WR), 0);
    assert_ok(tls_client_await_end(p.client));
    assert_int_equal(at, sizeof(sent));
    assert_memory_equal(received, sent, sizeof(sent));
    pair_close(&p);
}

static void a_server_that_ends_its_side_still_takes_bytes(void **state)
{
    struct pair p;
    size_t at = 0;
    size_t n = 0;

    (void)state;
    open_trusted(&p);
    assert_err(tls_client_drain(p.client), ERR_AGAIN);
    assert_int_equal(shutdown(p.fds[1], SHUT_WR), 0);
    assert_err(tls_client_drain(p.client), ERR_EOF);
    assert_ok(tls_client_write(p.client, SPAN_LIT("the batch in hand"), &n));
    assert_int_equal(n, 17);
    assert_ok(tls_client_finish(p.client));
    assert_err(server_read(&p, &at), ERR_EOF);
    assert_int_equal(at, 17);
    pair_close(&p);
}

static void what_comes_after_our_end_and_is_no_end_is_an_error(void **state)
{
    struct pair p;

    (void)state;
    open_trusted(&p);
    assert_ok(tls_client_finish(p.client));
    assert_int_equal(write(p.fds[1], "garbage garbage garbage", 23), 23);
    assert_int_equal(shutdown(p.fds[1], SHUT_WR), 0);
    assert_err(tls_client_await_end(p.client), ERR_IO);
    assert_ptr_equal(strstr(tls_client_why(p.client), "TLS: "), tls_client_why(p.client));
    pair_close(&p);
}

static void a_closed_connection_is_eof_for_the_writer(void **state)
{
    struct pair p;
    size_t n = 0;

    (void)state;
    open_trusted(&p);
    assert_int_equal(shutdown(p.fds[1], SHUT_RDWR), 0);
    assert_err(tls_client_write(p.client, SPAN_LIT("x"), &n), ERR_EOF);
    assert_string_equal(tls_client_why(p.client), "Broken pipe");
    assert_err(tls_client_finish(p.client), ERR_IO);
    pair_close(&p);
}

static void garbage_from_the_server_is_an_error(void **state)
{
    struct pair p;

    (void)state;
    open_trusted(&p);
    assert_int_equal(write(p.fds[1], "garbage garbage garbage", 23), 23);
    assert_err(tls_client_drain(p.client), ERR_IO);
    assert_ptr_equal(strstr(tls_client_why(p.client), "TLS: "), tls_client_why(p.client));
    pair_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_files_it_cannot_use),
        cmocka_unit_test(trusts_whom_it_should),
        cmocka_unit_test(insecure_trusts_anyone),
        cmocka_unit_test(a_server_that_speaks_no_tls_is_refused),
        cmocka_unit_test(a_server_that_leaves_in_the_handshake_is_eof),
        cmocka_unit_test(bytes_arrive_and_the_end_is_in_order),
        cmocka_unit_test(a_server_that_ends_its_side_still_takes_bytes),
        cmocka_unit_test(what_comes_after_our_end_and_is_no_end_is_an_error),
        cmocka_unit_test(a_closed_connection_is_eof_for_the_writer),
        cmocka_unit_test(garbage_from_the_server_is_an_error),
    };

    return cmocka_run_group_tests(tests, make_files, remove_files);
}

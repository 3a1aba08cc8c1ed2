/* SPDX-License-Identifier: Apache-2.0
 *
 * The server side of TLS against the library's own client over a socket pair: that nothing is sent
 * which was not asked for, and how each kind of end and failure is told. */
#include "net/tls_devcert.h"
#include "net/transport_tls.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
    char dir[TEMP_DIR_BYTES];
    struct tls_server *server;
    SSL_CTX *client_ctx;
    int fds[2]; /* server, client */
    struct transport *t;
    SSL *client;
};

static int setup_group(void **state)
{
    static struct fixture f;
    char why[256];
    struct tls_server_config config = {
        .cert_file = "", .key_file = "", .client_ca_file = "", .state_dir = f.dir};

    assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    temp_dir_make(f.dir);
    assert_ok(tls_server_new(&config, why, sizeof(why), &f.server));
    assert_string_equal(why, "");
    *state = &f;
    return 0;
}

static int teardown_group(void **state)
{
    struct fixture *f = *state;

    tls_server_free(f->server);
    temp_dir_remove(f->dir);
    return 0;
}

static int setup(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, f->fds), 0);
    assert_ok(transport_tls_new(f->server, f->fds[0], &f->t));
    f->client_ctx = SSL_CTX_new(TLS_client_method());
    assert_non_null(f->client_ctx);
    f->client = SSL_new(f->client_ctx);
    assert_non_null(f->client);
    assert_int_equal(SSL_set_fd(f->client, f->fds[1]), 1);
    return 0;
}

static void free_transport(struct fixture *f)
{
    if (f->t != NULL) {
        f->t->ops->free(f->t);
    }
    f->t = NULL;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    free_transport(f);
    SSL_free(f->client);
    SSL_CTX_free(f->client_ctx);
    close(f->fds[0]);
    if (f->fds[1] >= 0) {
        close(f->fds[1]);
    }
    ERR_clear_error();
    return 0;
}

/* Steps both sides until the server is done or has failed. */
static err_t shake_hands(struct fixture *f)
{
    for (unsigned i = 0; i < 20; i++) {
        SSL_connect(f->client);
        ERR_clear_error();
        err_t err = f->t->ops->handshake(f->t);
        if (err != ERR_AGAIN) {
            return err;
        }
    }
    fail_msg("the handshake never ends");
    return ERR_AGAIN;
}

static err_t read_some(struct fixture *f, char *at, size_t room, size_t *ret_got)
{
    *ret_got = 0;
    return f->t->ops->read(f->t, at, room, ret_got);
}

static void assert_nothing_was_sent(struct fixture *f)
{
    char byte = 0;

    assert_int_equal(recv(f->fds[1], &byte, 1, MSG_PEEK | MSG_DONTWAIT), -1);
    assert_int_equal(errno, EAGAIN);
}

static void sends_nothing_after_the_handshake(void **state)
{
    struct fixture *f = *state;
    char text[64];
    size_t got = 0;

    assert_ok(shake_hands(f));
    assert_nothing_was_sent(f);
    assert_int_equal(SSL_write(f->client, "hello", 5), 5);
    assert_ok(read_some(f, text, sizeof(text), &got));
    test_assert_span(span_of(text, got), "hello");
    assert_err(read_some(f, text, sizeof(text), &got), ERR_AGAIN);
    assert_nothing_was_sent(f);
}

static void tells_a_close_notify(void **state)
{
    struct fixture *f = *state;
    char text[64];
    size_t got = 0;

    assert_ok(shake_hands(f));
    assert_int_equal(SSL_write(f->client, "last", 4), 4);
    assert_true(SSL_shutdown(f->client) >= 0);
    assert_ok(read_some(f, text, sizeof(text), &got));
    assert_int_equal(got, 4);
    assert_err(read_some(f, text, sizeof(text), &got), ERR_EOF);
    assert_nothing_was_sent(f); /* ours is sent when the connection is freed, not before */
    free_transport(f);
    assert_int_equal(SSL_read(f->client, text, sizeof(text)), 0);
    assert_int_equal(SSL_get_error(f->client, 0), SSL_ERROR_ZERO_RETURN);
}

static void takes_a_bare_fin_for_an_orderly_end(void **state)
{
    struct fixture *f = *state;
    char text[64];
    size_t got = 0;

    assert_ok(shake_hands(f));
    assert_int_equal(SSL_write(f->client, "last", 4), 4);
    assert_int_equal(shutdown(f->fds[1], SHUT_WR), 0);
    assert_ok(read_some(f, text, sizeof(text), &got));
    assert_err(read_some(f, text, sizeof(text), &got), ERR_EOF);
    free_transport(f); /* a peer that sent no close_notify gets none */
    assert_nothing_was_sent(f);
}

static void answers_a_close_notify(void **state)
{
    struct fixture *f = *state;
    char text[64];
    size_t got = 0;

    assert_ok(shake_hands(f));
    assert_true(SSL_shutdown(f->client) >= 0);
    assert_err(read_some(f, text, sizeof(text), &got), ERR_EOF);
    free_transport(f);
    assert_int_equal(SSL_shutdown(f->client), 1);
}

/* Inside its head, right behind it, and inside its body. */
static void takes_a_fin_inside_a_tls_record_for_a_cut(void **state)
{
    struct fixture *f = *state;
    static const char record[] = "\x17\x03\x03\x00\x40 the rest of it";
    static const size_t lens[] = {1, 4, 5, 6, 20};
    char text[64];
    size_t got = 0;

    for (size_t i = 0; i < TEST_COUNT(lens); i++) {
        assert_ok(shake_hands(f));
        assert_int_equal(SSL_write(f->client, "last", 4), 4);
        assert_int_equal(write(f->fds[1], record, lens[i]), lens[i]);
        assert_ok(read_some(f, text, sizeof(text), &got));
        assert_err(read_some(f, text, sizeof(text), &got), ERR_AGAIN);
        assert_int_equal(shutdown(f->fds[1], SHUT_WR), 0);
        assert_err(read_some(f, text, sizeof(text), &got), ERR_IO);
        assert_true(strlen(f->t->ops->why(f->t)) > 0);
        teardown(state);
        setup(state);
    }
}

static void refuses_bytes_that_are_no_tls(void **state)
{
    struct fixture *f = *state;
    char text[64];
    size_t got = 0;

    assert_ok(shake_hands(f));
    assert_int_equal(write(f->fds[1], "this is no TLS record at all", 28), 28);
    assert_err(read_some(f, text, sizeof(text), &got), ERR_SYNTAX);
    assert_true(strlen(f->t->ops->why(f->t)) > 0);
}

static void tells_that_the_peer_left_during_the_handshake(void **state)
{
    struct fixture *f = *state;

    SSL_connect(f->client);
    close(f->fds[1]);
    f->fds[1] = -1;
    err_t err = ERR_AGAIN;
    for (unsigned i = 0; i < 20 && err == ERR_AGAIN; i++) {
        err = f->t->ops->handshake(f->t);
    }
    assert_true(err == ERR_EOF || err == ERR_IO);
    assert_int_equal(f->t->ops->failure(f->t), TRANSPORT_PEER_CLOSED);
}

static void refuses_old_protocols(void **state)
{
    struct fixture *f = *state;

    SSL_set_security_level(f->client, 0);
    assert_int_equal(SSL_set_min_proto_version(f->client, TLS1_VERSION), 1);
    assert_int_equal(SSL_set_max_proto_version(f->client, TLS1_1_VERSION), 1);
    assert_err(shake_hands(f), ERR_SYNTAX);
    assert_int_equal(f->t->ops->failure(f->t), TRANSPORT_VERSION);
}

static void refuses_ciphers_that_nobody_should_use(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(SSL_set_max_proto_version(f->client, TLS1_2_VERSION), 1);
    assert_int_equal(SSL_set_cipher_list(f->client, "AES128-SHA"), 1);
    assert_err(shake_hands(f), ERR_SYNTAX);
    assert_int_equal(f->t->ops->failure(f->t), TRANSPORT_CIPHER);
}

static void speaks_tls_1_2(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(SSL_set_max_proto_version(f->client, TLS1_2_VERSION), 1);
    assert_ok(shake_hands(f));
    while (SSL_connect(f->client) != 1) { /* the server's last handshake bytes */
    }
    assert_nothing_was_sent(f);
    assert_int_equal(SSL_session_reused(f->client), 0);
}

static mode_t mode_of(const char *dir, const char *name)
{
    char path[512];
    struct stat st;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static void keeps_the_development_certificate_private_and_for_the_next_start(void **state)
{
    struct fixture *f = *state;
    char path[512];
    struct stat before;
    struct stat after;

    assert_true(tls_server_is_development(f->server));
    assert_int_equal(mode_of(f->dir, TLS_DEVCERT_KEY_FILE), 0600);
    snprintf(path, sizeof(path), "%s/" TLS_DEVCERT_FILE, f->dir);
    assert_int_equal(stat(path, &before), 0);
    assert_ok(tls_devcert_ensure(f->dir));
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(truncate(path, 10), 0); /* damaged: made anew */
    assert_ok(tls_devcert_ensure(f->dir));
    assert_int_equal(stat(path, &after), 0);
    assert_true(after.st_size > 100);
    assert_err(tls_devcert_ensure("/nonexistent/state"), ERR_IO);
}

static void explains_certificates_that_cannot_be_used(void **state)
{
    struct fixture *f = *state;
    struct tls_server *s = NULL;
    char why[256];
    struct tls_server_config config = {.cert_file = "/nonexistent/cert.pem",
                                       .key_file = "/nonexistent/key.pem",
                                       .client_ca_file = "",
                                       .state_dir = f->dir};

    assert_err(tls_server_new(&config, why, sizeof(why), &s), ERR_SYNTAX);
    assert_non_null(strstr(why, "/nonexistent/cert.pem"));
    config.cert_file = "";
    config.client_ca_file = "/nonexistent/ca.pem";
    assert_err(tls_server_new(&config, why, sizeof(why), &s), ERR_SYNTAX);
    assert_non_null(strstr(why, "/nonexistent/ca.pem"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sends_nothing_after_the_handshake, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_a_close_notify, setup, teardown),
        cmocka_unit_test_setup_teardown(takes_a_bare_fin_for_an_orderly_end, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_a_close_notify, setup, teardown),
        cmocka_unit_test_setup_teardown(takes_a_fin_inside_a_tls_record_for_a_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_bytes_that_are_no_tls, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_that_the_peer_left_during_the_handshake, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(refuses_old_protocols, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_ciphers_that_nobody_should_use, setup, teardown),
        cmocka_unit_test_setup_teardown(speaks_tls_1_2, setup, teardown),
        cmocka_unit_test(keeps_the_development_certificate_private_and_for_the_next_start),
        cmocka_unit_test(explains_certificates_that_cannot_be_used),
    };

    return cmocka_run_group_tests(tests, setup_group, teardown_group);
}

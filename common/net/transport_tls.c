/* SPDX-License-Identifier: Apache-2.0
 *
 * transport_tls: SSL_accept and SSL_read with their errors sorted into ours. */
#include "net/transport_tls.h"

#include "net/tls_cert_name.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHY_BYTES 160u

struct transport_tls {
    struct transport base;
    struct tls_server *server;
    SSL *ssl;
    bool wants_write;
    bool failed; /* nothing more may be asked of the library */
    enum transport_failure failure;
    char *cert_name; /* of the certificate that the peer showed; NULL: none, or not yet */
    char why[WHY_BYTES];
};

static struct transport_tls *tls_of(struct transport *t)
{
    return (struct transport_tls *)t;
}

static const struct transport_tls *tls_of_const(const struct transport *t)
{
    return (const struct transport_tls *)t;
}

/* The class of a failed handshake, by what the library left in its error queue. */
static enum transport_failure classify(unsigned long code)
{
    if (ERR_GET_LIB(code) != ERR_LIB_SSL) {
        return TRANSPORT_OTHER;
    }
    switch (ERR_GET_REASON(code)) {
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
        return TRANSPORT_NO_CERTIFICATE;
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
        return TRANSPORT_BAD_CERTIFICATE;
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_WRONG_VERSION_NUMBER:
        return TRANSPORT_VERSION;
    case SSL_R_NO_SHARED_CIPHER:
        return TRANSPORT_CIPHER;
    default:
        /* Alerts of the peer are numbered from SSL_AD_REASON_OFFSET on. */
        return ERR_GET_REASON(code) >= SSL_AD_REASON_OFFSET ? TRANSPORT_PEER_ALERT
                                                            : TRANSPORT_OTHER;
    }
}

static void note_failure(struct transport_tls *t)
{
    unsigned long code = ERR_peek_last_error();
    long verified = SSL_get_verify_result(t->ssl);
    const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);

    t->failed = true;
    t->failure = classify(code);
    if (t->failure == TRANSPORT_BAD_CERTIFICATE) {
        reason = X509_verify_cert_error_string(verified);
    }
    snprintf(t->why, sizeof(t->why), "%s", reason == NULL ? "connection failed" : reason);
    ERR_clear_error();
}

/* The peer sent FIN without a close_notify: an orderly end between two TLS records, a cut inside
 * one. The library has no call that tells which, but its state does: it waits for a record's body,
 * or has a part of a head. */
static err_t end_by_fin(struct transport_tls *t)
{
    bool inside = strcmp(SSL_rstate_string(t->ssl), "RB") == 0 || SSL_has_pending(t->ssl) == 1;

    t->failed = true;
    ERR_clear_error();
    snprintf(t->why, sizeof(t->why), "peer closed%s", inside ? " inside a TLS record" : "");
    return inside ? ERR_IO : ERR_EOF;
}

/* After a call of the library returned `rc` <= 0. */
static err_t sort_error(struct transport_tls *t, int rc)
{
    int saved_errno = errno;

    switch (SSL_get_error(t->ssl, rc)) {
    case SSL_ERROR_WANT_READ:
        t->wants_write = false;
        return ERR_AGAIN;
    case SSL_ERROR_WANT_WRITE:
        t->wants_write = true;
        return ERR_AGAIN;
    case SSL_ERROR_ZERO_RETURN: /* for a FIN too: SSL_OP_IGNORE_UNEXPECTED_EOF */
        return BIO_eof(SSL_get_rbio(t->ssl)) == 1 ? end_by_fin(t) : ERR_EOF;
    case SSL_ERROR_SYSCALL:
        t->failed = true;
        snprintf(t->why, sizeof(t->why), "%s",
                 saved_errno == 0 ? "peer closed" : strerror(saved_errno));
        ERR_clear_error();
        return ERR_IO;
    default:
        note_failure(t);
        return ERR_SYNTAX;
    }
}

/* A certificate that is refused is seen nowhere else. The verdict is the library's. */
static int on_verify(int verified, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct transport_tls *t = SSL_get_app_data(ssl);

    if (verified != 1 && t->cert_name == NULL) {
        t->cert_name = tls_cert_name_new(X509_STORE_CTX_get0_cert(store));
    }
    return verified;
}

/* The library verified the chain; the name is ours to judge. */
static err_t check_name(struct transport_tls *t)
{
    X509 *cert = SSL_get1_peer_certificate(t->ssl);
    bool allowed = cert == NULL || tls_server_allows(t->server, cert);

    if (cert != NULL && t->cert_name == NULL) {
        t->cert_name = tls_cert_name_new(cert);
    }
    X509_free(cert);
    if (!allowed) {
        t->failed = true;
        t->failure = TRANSPORT_WRONG_NAME;
        snprintf(t->why, sizeof(t->why), "no name in the client certificate is allowed");
        return ERR_SYNTAX;
    }
    return ERR_OK;
}

static err_t handshake(struct transport *base)
{
    struct transport_tls *t = tls_of(base);

    ERR_clear_error();
    errno = 0;
    int rc = SSL_accept(t->ssl);
    if (rc == 1) {
        return check_name(t);
    }
    err_t err = sort_error(t, rc);
    if (err == ERR_IO || err == ERR_EOF) {
        t->failure = TRANSPORT_PEER_CLOSED;
    }
    return err;
}

static bool wants_write(const struct transport *base)
{
    return tls_of_const(base)->wants_write;
}

static err_t read_bytes(struct transport *base, char *at, size_t room, size_t *ret_got)
{
    struct transport_tls *t = tls_of(base);

    assert(room > 0 && !t->failed);
    ERR_clear_error();
    errno = 0;
    int got = SSL_read(t->ssl, at, room < INT_MAX ? (int)room : INT_MAX);
    if (got > 0) {
        *ret_got = (size_t)got;
        return ERR_OK;
    }
    return sort_error(t, got);
}

static const char *why(const struct transport *base)
{
    return tls_of_const(base)->why;
}

static enum transport_failure failure(const struct transport *base)
{
    return tls_of_const(base)->failure;
}

static const char *cert_name(const struct transport *base)
{
    const struct transport_tls *t = tls_of_const(base);

    return t->cert_name == NULL ? "" : t->cert_name;
}

/* A close_notify of the peer is answered; where there was none, we send none: bytes that the peer
 * does not read would turn its close into a reset. */
static void free_tls(struct transport *base)
{
    struct transport_tls *t = tls_of(base);

    ERR_clear_error();
    if (!t->failed && (SSL_get_shutdown(t->ssl) & SSL_RECEIVED_SHUTDOWN) != 0 &&
        SSL_is_init_finished(t->ssl)) {
        IGNORE(SSL_shutdown(t->ssl) < 0, "the peer may be gone already");
        ERR_clear_error();
    }
    SSL_free(t->ssl);
    tls_server_free(t->server);
    free(t->cert_name);
    free(t);
}

static const struct transport_ops tls_ops = {
    .handshake = handshake,
    .wants_write = wants_write,
    .read = read_bytes,
    .why = why,
    .failure = failure,
    .cert_name = cert_name,
    .free = free_tls,
};

err_t transport_tls_new(struct tls_server *server, int fd, struct transport **ret)
{
    struct transport_tls *t = calloc(1, sizeof(*t));

    ENSURE(t != NULL, ERR_NOMEM);
    t->base.ops = &tls_ops;
    t->failure = TRANSPORT_OTHER;
    t->ssl = SSL_new(tls_server_ctx(server));
    if (t->ssl == NULL || SSL_set_fd(t->ssl, fd) != 1) {
        SSL_free(t->ssl);
        free(t);
        ERR_clear_error();
        return ERR_NOMEM;
    }
    SSL_set_app_data(t->ssl, t);
    SSL_set_verify(t->ssl, SSL_get_verify_mode(t->ssl), on_verify);
    t->server = tls_server_share(server);
    *ret = &t->base;
    return ERR_OK;
}

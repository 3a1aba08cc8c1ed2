/* SPDX-License-Identifier: Apache-2.0
 *
 * tls_client: OpenSSL behind a small face, with errors as words. */
#include "net/tls_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

struct tls_client_settings {
    SSL_CTX *ctx;
    const char *loopback_file;
    bool insecure;
};

struct tls_client {
    SSL *ssl;
    short events;
    char why[TLS_CLIENT_WHY_BYTES];
};

/* The oldest entry of OpenSSL's queue; empties it. */
static const char *queue_reason(void)
{
    unsigned long code = ERR_peek_error();
    const char *reason = ERR_reason_error_string(code);

    if (ERR_SYSTEM_ERROR(code)) {
        reason = strerror(ERR_GET_REASON(code));
    }
    ERR_clear_error();
    return reason == NULL ? "unknown error" : reason;
}

/* For a file that OpenSSL refused: whether it can be read at all tells which error that is. */
static err_t file_refused(const char *path, char *ret_why)
{
    FILE *file = fopen(path, "re");

    if (file == NULL) {
        snprintf(ret_why, TLS_CLIENT_WHY_BYTES, "%.150s: %s", path, strerror(errno));
        ERR_clear_error();
        return ERR_IO;
    }
    fclose(file);
    snprintf(ret_why, TLS_CLIENT_WHY_BYTES, "%.150s: %s", path, queue_reason());
    return ERR_SYNTAX;
}

static err_t load_files(SSL_CTX *ctx, const struct tls_client_config *config, char *ret_why)
{
    if (config->ca_file[0] != '\0') {
        if (SSL_CTX_load_verify_file(ctx, config->ca_file) != 1) {
            return file_refused(config->ca_file, ret_why);
        }
    } else {
        ENSURE(SSL_CTX_set_default_verify_paths(ctx) == 1, ERR_NOMEM);
    }
    if (config->cert_file[0] == '\0') {
        return ERR_OK;
    }
    if (SSL_CTX_use_certificate_chain_file(ctx, config->cert_file) != 1) {
        return file_refused(config->cert_file, ret_why);
    }
    if (SSL_CTX_use_PrivateKey_file(ctx, config->key_file, SSL_FILETYPE_PEM) != 1) {
        return file_refused(config->key_file, ret_why);
    }
    return ERR_OK;
}

static void ctx_set_up(SSL_CTX *ctx, bool insecure)
{
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    /* An ingestor that drains sends FIN without close_notify. */
    SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                 SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_TICKET);
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(ctx, insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx), X509_V_FLAG_PARTIAL_CHAIN);
}

err_t tls_client_settings_new(const struct tls_client_config *config,
                              char ret_why[TLS_CLIENT_WHY_BYTES], struct tls_client_settings **ret)
{
    struct tls_client_settings *settings = calloc(1, sizeof(*settings));

    snprintf(ret_why, TLS_CLIENT_WHY_BYTES, "out of memory");
    ENSURE(settings != NULL, ERR_NOMEM);
    settings->insecure = config->insecure;
    settings->loopback_file = config->ca_file[0] == '\0' ? config->loopback_file : "";
    settings->ctx = SSL_CTX_new(TLS_client_method());
    err_t err = settings->ctx == NULL ? ERR_NOMEM : load_files(settings->ctx, config, ret_why);
    if (err != ERR_OK) {
        tls_client_settings_free(settings);
        return err;
    }
    ctx_set_up(settings->ctx, config->insecure);
    ret_why[0] = '\0';
    *ret = settings;
    return ERR_OK;
}

void tls_client_settings_free(struct tls_client_settings *settings)
{
    if (settings != NULL) {
        SSL_CTX_free(settings->ctx);
        free(settings);
    }
}

/* Gives the stream a store of its own: the system's certificates and the one of the file. A file
 * that is absent or bad adds nothing; the handshake then says what is missing. */
static void trust_loopback(SSL *ssl, const char *path)
{
    FILE *file = fopen(path, "re");
    X509 *cert = file == NULL ? NULL : PEM_read_X509(file, NULL, NULL, NULL);
    X509_STORE *store = cert == NULL ? NULL : X509_STORE_new();

    if (store != NULL && X509_STORE_set_default_paths(store) == 1 &&
        X509_STORE_add_cert(store, cert) == 1) {
        SSL_set1_verify_cert_store(ssl, store);
    }
    X509_STORE_free(store);
    X509_free(cert);
    if (file != NULL) {
        fclose(file);
    }
    ERR_clear_error();
}

/* RFC 6066 section 3. The library copies the name, but asks for it without const. */
static bool indicate_name(SSL *ssl, const char *host)
{
    char *copy = strdup(host);
    bool done = copy != NULL && SSL_set_tlsext_host_name(ssl, copy) == 1;

    free(copy);
    return done;
}

/* Addresses are looked for in the certificate as addresses, and are no server names. */
static bool expect_host(SSL *ssl, const char *host)
{
    unsigned char address[16];
    X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

    if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1) {
        return X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1;
    }
    return SSL_set1_host(ssl, host) == 1 && indicate_name(ssl, host);
}

err_t tls_client_new(const struct tls_client_settings *settings, int fd, const char *host,
                     enum tls_client_peer peer, struct tls_client **ret)
{
    struct tls_client *t = calloc(1, sizeof(*t));

    ENSURE(t != NULL, ERR_NOMEM);
    t->ssl = SSL_new(settings->ctx);
    if (t->ssl == NULL || SSL_set_fd(t->ssl, fd) != 1 || !expect_host(t->ssl, host)) {
        ERR_clear_error();
        tls_client_free(t);
        return ERR_NOMEM;
    }
    if (peer == TLS_CLIENT_LOOPBACK && settings->loopback_file[0] != '\0') {
        trust_loopback(t->ssl, settings->loopback_file);
    }
    SSL_set_connect_state(t->ssl);
    *ret = t;
    return ERR_OK;
}

void tls_client_free(struct tls_client *t)
{
    if (t != NULL) {
        SSL_free(t->ssl);
        free(t);
    }
}

static err_t say(struct tls_client *t, err_t err, const char *why)
{
    snprintf(t->why, sizeof(t->why), "%s", why);
    return err;
}

/* A failure inside TLS: an untrusted certificate is told by its own reason. */
static err_t tls_failure(struct tls_client *t)
{
    long verify = SSL_get_verify_result(t->ssl);
    const char *reason = queue_reason();

    if (SSL_get_verify_mode(t->ssl) != SSL_VERIFY_NONE && verify != X509_V_OK) {
        snprintf(t->why, sizeof(t->why), "certificate not trusted: %s",
                 X509_verify_cert_error_string(verify));
        return ERR_SYNTAX;
    }
    snprintf(t->why, sizeof(t->why), "TLS: %s", reason);
    return ERR_SYNTAX;
}

/* What the result of an SSL_ function means; `result` is not success. */
static err_t outcome(struct tls_client *t, int result)
{
    int saved = errno;

    switch (SSL_get_error(t->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        t->events = POLLIN;
        return ERR_AGAIN;
    case SSL_ERROR_WANT_WRITE:
        t->events = POLLOUT;
        return ERR_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
        return say(t, ERR_EOF, "the server closed the connection");
    case SSL_ERROR_SYSCALL:
        ERR_clear_error();
        if (saved == 0 || saved == EPIPE || saved == ECONNRESET) {
            return say(t, ERR_EOF,
                       saved == 0 ? "the server closed the connection" : strerror(saved));
        }
        return say(t, ERR_IO, strerror(saved));
    default:
        return tls_failure(t);
    }
}

err_t tls_client_handshake(struct tls_client *t)
{
    errno = 0;
    int result = SSL_do_handshake(t->ssl);

    return result == 1 ? ERR_OK : outcome(t, result);
}

err_t tls_client_write(struct tls_client *t, struct span bytes, size_t *ret_sent)
{
    errno = 0;
    int result = SSL_write_ex(t->ssl, bytes.at, bytes.len, ret_sent);

    if (result == 1) {
        return ERR_OK;
    }
    err_t err = outcome(t, result);
    return err == ERR_SYNTAX ? ERR_IO : err;
}

err_t tls_client_drain(struct tls_client *t)
{
    char thrown_away[4096];
    size_t got = 0;
    int result = 0;

    do {
        errno = 0;
        result = SSL_read_ex(t->ssl, thrown_away, sizeof(thrown_away), &got);
    } while (result == 1);
    err_t err = outcome(t, result);
    return err == ERR_SYNTAX ? ERR_IO : err;
}

err_t tls_client_finish(struct tls_client *t)
{
    errno = 0;
    int result = SSL_shutdown(t->ssl);

    if (result >= 0) {
        return ERR_OK;
    }
    return outcome(t, result) == ERR_AGAIN ? ERR_AGAIN : ERR_IO;
}

short tls_client_events(const struct tls_client *t)
{
    return t->events;
}

err_t tls_client_await_end(struct tls_client *t)
{
    char thrown_away[4096];
    size_t got = 0;
    int result = 0;

    do {
        errno = 0;
        result = SSL_read_ex(t->ssl, thrown_away, sizeof(thrown_away), &got);
    } while (result == 1);
    if (SSL_get_error(t->ssl, result) == SSL_ERROR_ZERO_RETURN) {
        return ERR_OK;
    }
    return outcome(t, result) == ERR_AGAIN ? ERR_AGAIN : ERR_IO;
}

enum tls_client_distrust tls_client_distrust(const struct tls_client *t)
{
    if (SSL_get_verify_mode(t->ssl) == SSL_VERIFY_NONE) {
        return TLS_CLIENT_TRUSTED;
    }
    switch (SSL_get_verify_result(t->ssl)) {
    case X509_V_OK:
        return TLS_CLIENT_TRUSTED;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return TLS_CLIENT_UNKNOWN_ISSUER;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return TLS_CLIENT_OTHER_NAME;
    default:
        return TLS_CLIENT_OTHER_FAULT;
    }
}

const char *tls_client_why(const struct tls_client *t)
{
    return t->why;
}

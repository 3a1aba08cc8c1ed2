/* SPDX-License-Identifier: Apache-2.0
 *
 * tls: builds the library's context once and checks everything that can be checked before a
 * connection needs it. */
#include "net/tls.h"

#include "base/limits.h"
#include "base/span.h"
#include "net/tls_devcert.h"
#include "net/tls_name.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* One read() brings several TLS records; the library gives the buffer back when it is empty. */
#define READ_AHEAD_BYTES (64u * KIB)

/* AES-128-GCM first: it is the fastest on every CPU with AES instructions, and no weaker in
 * practice. */
#define CIPHERS_TLS13 "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
#define CIPHERS_TLS12                                            \
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:" \
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:" \
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"

struct tls_server {
    SSL_CTX *ctx;
    char **names;
    size_t name_count;
    uint64_t expires_s;
    bool development;
    _Atomic unsigned holders;
};

/* The failure as text: what was done with which file, and why it failed. The first error is the
 * cause; those behind it only say which of the library's functions met it. */
static err_t explain(char *why, size_t why_bytes, const char *what, const char *file)
{
    unsigned long code = ERR_peek_error();
    const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);

    if (ERR_SYSTEM_ERROR(code)) {
        reason = strerror((int)ERR_GET_REASON(code));
    } else if (ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE) {
        reason = "nothing of that kind in PEM form (-----BEGIN ...) is in it";
    }
    snprintf(why, why_bytes, "%s %s: %s", what, file, reason == NULL ? "unknown error" : reason);
    ERR_clear_error();
    return ERR_SYNTAX;
}

static void set_protocol(SSL_CTX *ctx)
{
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(ctx, 1);
    SSL_CTX_set_default_read_buffer_len(ctx, READ_AHEAD_BYTES);
    int set = SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
              SSL_CTX_set_num_tickets(ctx, 0) == 1 &&
              SSL_CTX_set_ciphersuites(ctx, CIPHERS_TLS13) == 1 &&
              SSL_CTX_set_cipher_list(ctx, CIPHERS_TLS12) == 1;
    assert(set == 1);
}

static err_t load_certificate(struct tls_server *s, const char *cert, const char *key, char *why,
                              size_t why_bytes)
{
    struct tm end = {0};

    if (SSL_CTX_use_certificate_chain_file(s->ctx, cert) != 1) {
        return explain(why, why_bytes, "cannot use certificate", cert);
    }
    if (SSL_CTX_use_PrivateKey_file(s->ctx, key, SSL_FILETYPE_PEM) != 1) {
        return explain(why, why_bytes, "cannot use private key", key);
    }
    if (SSL_CTX_check_private_key(s->ctx) != 1) {
        return explain(why, why_bytes, "certificate does not belong to private key", key);
    }
    if (ASN1_TIME_to_tm(X509_get0_notAfter(SSL_CTX_get0_certificate(s->ctx)), &end) != 1) {
        return explain(why, why_bytes, "cannot read the end of certificate", cert);
    }
    s->expires_s = (uint64_t)timegm(&end);
    return ERR_OK;
}

static err_t load_development(struct tls_server *s, const char *state_dir, char *why,
                              size_t why_bytes)
{
    char cert[PATH_MAX];
    char key[PATH_MAX];
    err_t err = tls_devcert_ensure(state_dir);

    if (err != ERR_OK) {
        snprintf(why, why_bytes, "cannot make a development certificate in %s: %s", state_dir,
                 err == ERR_IO ? strerror(errno) : "out of memory or path too long");
        return err;
    }
    snprintf(cert, sizeof(cert), "%s/" TLS_DEVCERT_FILE, state_dir);
    snprintf(key, sizeof(key), "%s/" TLS_DEVCERT_KEY_FILE, state_dir);
    s->development = true;
    return load_certificate(s, cert, key, why, why_bytes);
}

static err_t load_client_ca(struct tls_server *s, const char *file, char *why, size_t why_bytes)
{
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(file);

    if (names == NULL || SSL_CTX_load_verify_file(s->ctx, file) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return explain(why, why_bytes, "cannot use client CA", file);
    }
    SSL_CTX_set_client_CA_list(s->ctx, names);
    SSL_CTX_set_verify(s->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return ERR_OK;
}

static err_t copy_names(struct tls_server *s, const struct tls_server_config *config)
{
    s->names = calloc(config->client_name_count + 1, sizeof(*s->names));
    ENSURE(s->names != NULL, ERR_NOMEM);
    for (size_t i = 0; i < config->client_name_count; i++) {
        s->names[i] = strdup(config->client_names[i]);
        ENSURE(s->names[i] != NULL, ERR_NOMEM);
        s->name_count++;
    }
    return ERR_OK;
}

static err_t load(struct tls_server *s, const struct tls_server_config *config, char *why,
                  size_t why_bytes)
{
    s->ctx = SSL_CTX_new(TLS_server_method());
    ENSURE(s->ctx != NULL, ERR_NOMEM);
    set_protocol(s->ctx);
    TRY(copy_names(s, config));
    if (config->cert_file[0] == '\0') {
        TRY(load_development(s, config->state_dir, why, why_bytes));
    } else {
        TRY(load_certificate(s, config->cert_file, config->key_file, why, why_bytes));
    }
    if (config->client_ca_file[0] != '\0') {
        TRY(load_client_ca(s, config->client_ca_file, why, why_bytes));
    }
    return ERR_OK;
}

err_t tls_server_new(const struct tls_server_config *config, char *ret_why, size_t why_bytes,
                     struct tls_server **ret)
{
    struct tls_server *s = calloc(1, sizeof(*s));

    snprintf(ret_why, why_bytes, "out of memory");
    ENSURE(s != NULL, ERR_NOMEM);
    atomic_init(&s->holders, 1);
    ERR_clear_error();
    err_t err = load(s, config, ret_why, why_bytes);
    if (err != ERR_OK) {
        tls_server_free(s);
        return err;
    }
    ret_why[0] = '\0';
    *ret = s;
    return ERR_OK;
}

err_t tls_server_check_client_ca(const char *file, char *ret_why, size_t why_bytes)
{
    struct tls_server s = {.ctx = SSL_CTX_new(TLS_server_method())};

    snprintf(ret_why, why_bytes, "out of memory");
    ENSURE(s.ctx != NULL, ERR_NOMEM);
    ERR_clear_error();
    err_t err = load_client_ca(&s, file, ret_why, why_bytes);
    SSL_CTX_free(s.ctx);
    return err;
}

struct tls_server *tls_server_share(struct tls_server *s)
{
    atomic_fetch_add(&s->holders, 1);
    return s;
}

void tls_server_free(struct tls_server *s)
{
    if (s == NULL || atomic_fetch_sub(&s->holders, 1) > 1) {
        return;
    }
    for (size_t i = 0; i < s->name_count; i++) {
        free(s->names[i]);
    }
    free(s->names);
    SSL_CTX_free(s->ctx);
    free(s);
}

uint64_t tls_server_expires_s(const struct tls_server *s)
{
    return s->expires_s;
}

bool tls_server_is_development(const struct tls_server *s)
{
    return s->development;
}

struct ssl_ctx_st *tls_server_ctx(const struct tls_server *s)
{
    return s->ctx;
}

static bool any_pattern_matches(const struct tls_server *s, const ASN1_STRING *name)
{
    struct span text = {(const char *)ASN1_STRING_get0_data(name),
                        (size_t)ASN1_STRING_length(name)};

    for (size_t i = 0; i < s->name_count; i++) {
        if (tls_name_matches(span_of_str(s->names[i]), text)) {
            return true;
        }
    }
    return false;
}

static bool common_name_matches(const struct tls_server *s, const X509 *cert)
{
    const X509_NAME *subject = X509_get_subject_name(cert);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

    return at >= 0 &&
           any_pattern_matches(s, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

/* DNS names of the SAN; the common name only where there is no SAN at all (RFC 6125 section 6.4.4).
 */
bool tls_server_allows(const struct tls_server *s, struct x509_st *cert)
{
    GENERAL_NAMES *names = NULL;
    bool allowed = false;

    if (s->name_count == 0) {
        return true;
    }
    names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    if (names == NULL) {
        return common_name_matches(s, cert);
    }
    for (int i = 0; i < sk_GENERAL_NAME_num(names) && !allowed; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        allowed = name->type == GEN_DNS && any_pattern_matches(s, name->d.dNSName);
    }
    GENERAL_NAMES_free(names);
    return allowed;
}

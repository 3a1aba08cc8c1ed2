/* SPDX-License-Identifier: Apache-2.0
 *
 * tls: the server's TLS settings: certificate, key, client CA, allowed client names. TLS 1.2
 * and 1.3; no tickets, no session cache, no renegotiation, no compression (DESIGN: a sender that
 * did not ask gets no bytes). Loaded whole: a bad file changes nothing. Immutable and shared by all
 * threads once made; connections keep the settings they began with. */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tls_server;

struct tls_server_config {
    const char *cert_file; /* PEM, leaf first; "" uses the development certificate */
    const char *key_file;
    const char *client_ca_file;      /* "" asks no client certificate */
    const char *const *client_names; /* allowed names: exact, or *.example.org */
    size_t client_name_count;        /* 0: any name the CA signed */
    const char *state_dir;           /* where the development certificate lives */
};

/* `ret_why` (always written) says what is wrong with which file. ERR_IO, ERR_SYNTAX, ERR_NOMEM. */
MUST_CHECK err_t tls_server_new(const struct tls_server_config *config, char *ret_why,
                                size_t why_bytes, struct tls_server **ret);

/* Whether tls_server_new() could use the file of client authorities; reads it and nothing else.
 * ERR_SYNTAX and ERR_NOMEM with the reason in ret_why. */
MUST_CHECK err_t tls_server_check_client_ca(const char *file, char *ret_why, size_t why_bytes);

/* One more holder; tls_server_free() drops one. */
struct tls_server *tls_server_share(struct tls_server *s);
void tls_server_free(struct tls_server *s);

/* Seconds since 1970 at which the certificate ends. */
uint64_t tls_server_expires_s(const struct tls_server *s);
bool tls_server_is_development(const struct tls_server *s);

/* For transport_tls: the library's context, and whether the peer's certificate (DER-decoded by the
 * library, opaque here) bears an allowed name. */
struct ssl_ctx_st *tls_server_ctx(const struct tls_server *s);
struct x509_st;
bool tls_server_allows(const struct tls_server *s, struct x509_st *cert);

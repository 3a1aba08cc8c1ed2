/* SPDX-License-Identifier: Apache-2.0
 *
 * admin_guard: who may read the admin pages. With a token: whoever shows it. Without: whoever
 * reaches the port, but only under a name that is this machine's, so that no web page of a foreign
 * name can be pointed at it (DNS rebinding). Pure functions; after init any thread. */
#pragma once

#include "base/err.h"
#include "net/bearer.h"

#include <stdbool.h>

#define ADMIN_GUARD_COOKIE     "cordwood"
#define ADMIN_GUARD_NAME_BYTES 256u

struct admin_guard {
    bool has_token;
    bool any_address;                  /* bound to all addresses of the machine */
    char bind[ADMIN_GUARD_NAME_BYTES]; /* numeric */
    char host_name[ADMIN_GUARD_NAME_BYTES];
    struct bearer bearer; /* if has_token */
};

/* What a request shows; each may be NULL. */
struct admin_guard_proof {
    const char *authorization;
    const char *cookies;
    const char *query_token;
};

/* `token` NULL: none is asked for. ERR_SYNTAX: `bind` is no numeric address; ERR_LIMIT: the token
 * is empty or longer than BEARER_TOKEN_BYTES_MAX. */
MUST_CHECK err_t admin_guard_init(struct admin_guard *g, const char *bind, const char *token);

/* Whether a Host header names this machine: localhost and loopback addresses, the bind address (any
 * address if bound to all of them), the machine's name with or without its domain. True without a
 * header (HTTP/1.0: no browser), and always with a token. */
bool admin_guard_host_allowed(const struct admin_guard *g, const char *host);

/* Whether the token was shown in one of the three ways; true if none is asked for. */
bool admin_guard_token_shown(const struct admin_guard *g, const struct admin_guard_proof *proof);

/* Whether `bind` is a loopback address. False if it is no address. */
bool admin_guard_is_loopback(const char *bind);

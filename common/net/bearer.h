/* SPDX-License-Identifier: Apache-2.0
 *
 * bearer: a secret that a client of an HTTP server must show: as Authorization: Bearer (RFC 6750
 * section 2.1), as a value it is compared with, or, for browsers, as a cookie made from it. All
 * comparisons take a time that does not depend on the secret. Pure functions, any thread. */
#pragma once

#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>

#define BEARER_TOKEN_BYTES_MAX 512u
#define BEARER_DIGEST_BYTES    32u
#define BEARER_COOKIE_BYTES    (2u * BEARER_DIGEST_BYTES + 1u)

struct bearer {
    unsigned char digest[BEARER_DIGEST_BYTES]; /* SHA-256 of the token */
    /* What a browser keeps instead of the token, NUL-terminated hex: it is the same after a
     * restart, and does not give the token away to other services on the same host, which get it
     * too. */
    char cookie[BEARER_COOKIE_BYTES];
};

/* ERR_LIMIT: the token is empty or longer than BEARER_TOKEN_BYTES_MAX. */
MUST_CHECK err_t bearer_init(struct bearer *b, struct span token);

bool bearer_matches(const struct bearer *b, struct span token);

/* An Authorization header, NULL if there is none; the scheme's name in any case. */
bool bearer_in_authorization(const struct bearer *b, const char *authorization);

/* Whether a Cookie header (NULL: none) holds `name` with our value. */
bool bearer_in_cookies(const struct bearer *b, const char *cookies, const char *name);

/* SPDX-License-Identifier: Apache-2.0
 *
 * bearer: secrets are compared by their digests, which makes the time independent of content and
 * length. */
#include "net/bearer.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <strings.h>

_Static_assert(BEARER_DIGEST_BYTES == SHA256_DIGEST_LENGTH, "digests are SHA-256");

static void digest_of(struct span token, unsigned char out[BEARER_DIGEST_BYTES])
{
    SHA256((const unsigned char *)token.at, token.len, out);
}

err_t bearer_init(struct bearer *b, struct span token)
{
    static const unsigned char purpose[] = "cordwood cookie";
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned mac_len = 0;

    ENSURE(token.len > 0 && token.len <= BEARER_TOKEN_BYTES_MAX, ERR_LIMIT);
    digest_of(token, b->digest);
    HMAC(EVP_sha256(), token.at, (int)token.len, purpose, sizeof(purpose) - 1, mac, &mac_len);
    assert(mac_len == BEARER_DIGEST_BYTES);
    for (unsigned i = 0; i < mac_len; i++) {
        snprintf(&b->cookie[2 * i], 3, "%02x", (unsigned)mac[i]);
    }
    return ERR_OK;
}

bool bearer_matches(const struct bearer *b, struct span token)
{
    unsigned char digest[BEARER_DIGEST_BYTES];

    digest_of(token, digest);
    return CRYPTO_memcmp(digest, b->digest, sizeof(digest)) == 0;
}

bool bearer_in_authorization(const struct bearer *b, const char *authorization)
{
    static const char scheme[] = "Bearer ";

    if (authorization == NULL || strncasecmp(authorization, scheme, sizeof(scheme) - 1) != 0) {
        return false;
    }
    const char *token = authorization + sizeof(scheme) - 1;
    token += strspn(token, " ");
    struct span rest = span_of_str(token);
    while (rest.len > 0 && rest.at[rest.len - 1] == ' ') {
        rest.len--;
    }
    /* A token may hold blanks, and something may follow one. */
    return bearer_matches(b, span_of(token, strcspn(token, " "))) || bearer_matches(b, rest);
}

bool bearer_in_cookies(const struct bearer *b, const char *cookies, const char *name)
{
    size_t name_len = strlen(name);
    size_t value_len = BEARER_COOKIE_BYTES - 1;

    if (cookies == NULL) {
        return false;
    }
    /* "a=b; c=d": RFC 6265 section 5.4. */
    for (const char *at = cookies; *at != '\0';) {
        at += strspn(at, "; ");
        size_t len = strcspn(at, ";");
        if (len == name_len + 1 + value_len && strncmp(at, name, name_len) == 0 &&
            at[name_len] == '=' && CRYPTO_memcmp(at + name_len + 1, b->cookie, value_len) == 0) {
            return true;
        }
        at += len;
    }
    return false;
}

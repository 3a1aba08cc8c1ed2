/* SPDX-License-Identifier: Apache-2.0
 *
 * api_access: tokens, and what browsers say about where a request comes from. */
#include "registry/api_access.h"

#include "net/addr.h"

#include <stdio.h>
#include <strings.h>

err_t api_access_init(struct api_access *a, const char *bind, struct span token)
{
    struct addr addr;

    TRY(addr_parse(bind, 0, &addr));
    a->is_loopback = addr_is_loopback(&addr);
    a->has_token = token.at != NULL;
    return a->has_token ? bearer_init(&a->bearer, token) : ERR_OK;
}

/* "localhost:8000", "127.0.0.1", "[::1]:8000". */
static bool host_is_local(const char *host)
{
    char name[64];
    struct addr addr;
    size_t from = host[0] == '[' ? 1 : 0;
    size_t len = strcspn(host + from, from == 1 ? "]" : ":");

    if (len >= sizeof(name)) {
        return false;
    }
    snprintf(name, sizeof(name), "%.*s", (int)len, host + from);
    return strcasecmp(name, "localhost") == 0 ||
           (addr_parse(name, 0, &addr) == ERR_OK && addr_is_loopback(&addr));
}

static bool origin_is_local(const char *origin)
{
    const char *host = strstr(origin, "://");

    return host != NULL && host_is_local(host + 3);
}

err_t api_access_read(const struct api_access *a, const struct api_access_proof *proof,
                      struct api_fault *fault)
{
    if (a->has_token || !a->is_loopback || proof->host == NULL || host_is_local(proof->host)) {
        return ERR_OK;
    }
    return api_fault_set(fault, API_FORBIDDEN,
                         "not under this host name: use localhost, or start with "
                         "--write-token-file");
}

static err_t check_site(const struct api_access_proof *proof, struct api_fault *fault)
{
    if ((proof->host != NULL && !host_is_local(proof->host)) ||
        (proof->origin != NULL && !origin_is_local(proof->origin))) {
        return api_fault_set(fault, API_FORBIDDEN,
                             "pages of other sites may not write here; for other host names start "
                             "with --write-token-file");
    }
    return ERR_OK;
}

err_t api_access_compile(const struct api_access *a, const struct api_access_proof *proof,
                         struct api_fault *fault)
{
    if (a->is_loopback && a->has_token &&
        bearer_in_authorization(&a->bearer, proof->authorization)) {
        return ERR_OK;
    }
    return a->is_loopback ? check_site(proof, fault) : api_access_check(a, proof, fault);
}

err_t api_access_check(const struct api_access *a, const struct api_access_proof *proof,
                       struct api_fault *fault)
{
    if (a->has_token) {
        return bearer_in_authorization(&a->bearer, proof->authorization)
                   ? ERR_OK
                   : api_fault_set(fault, API_FORBIDDEN,
                                   "a token is needed: send Authorization: Bearer TOKEN");
    }
    if (!a->is_loopback) {
        return api_fault_set(fault, API_FORBIDDEN,
                             "this registry is read-only for the network: it was started without "
                             "--write-token-file");
    }
    return check_site(proof, fault);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * admin_guard: comparing names; addresses are compared as addresses, however they are written. */
#include "ingestor/admin_guard.h"

#include "base/span.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* A numeric address in its binary form, IPv4 as IPv6. */
struct ip {
    struct in6_addr addr;
};

static bool ip_parse(const char *text, struct ip *ret)
{
    struct in_addr v4;

    if (inet_pton(AF_INET, text, &v4) == 1) {
        *ret = (struct ip){0};
        ret->addr.s6_addr[10] = 0xFF;
        ret->addr.s6_addr[11] = 0xFF;
        memcpy(&ret->addr.s6_addr[12], &v4, sizeof(v4));
        return true;
    }
    return inet_pton(AF_INET6, text, &ret->addr) == 1;
}

static bool ip_is_loopback(const struct ip *ip)
{
    return IN6_IS_ADDR_LOOPBACK(&ip->addr) ||
           (IN6_IS_ADDR_V4MAPPED(&ip->addr) && ip->addr.s6_addr[12] == 127);
}

static bool ip_is_any(const struct ip *ip)
{
    static const unsigned char v4_any[4];

    return IN6_IS_ADDR_UNSPECIFIED(&ip->addr) ||
           (IN6_IS_ADDR_V4MAPPED(&ip->addr) &&
            memcmp(&ip->addr.s6_addr[12], v4_any, sizeof(v4_any)) == 0);
}

bool admin_guard_is_loopback(const char *bind)
{
    struct ip ip;

    return ip_parse(bind, &ip) && ip_is_loopback(&ip);
}

err_t admin_guard_init(struct admin_guard *g, const char *bind, const char *token)
{
    struct ip ip;

    ENSURE(ip_parse(bind, &ip), ERR_SYNTAX);

    *g = (struct admin_guard){.any_address = ip_is_any(&ip)};
    snprintf(g->bind, sizeof(g->bind), "%s", bind);
    if (gethostname(g->host_name, sizeof(g->host_name) - 1) != 0) {
        g->host_name[0] = '\0'; /* then only addresses and localhost are known */
    }
    if (token != NULL) {
        TRY(bearer_init(&g->bearer, span_of_str(token)));
        g->has_token = true;
    }
    return ERR_OK;
}

/* The host of "HOST[:PORT]" without brackets and a last dot. False if it cannot be one. */
static bool host_split(const char *header, char ret_host[ADMIN_GUARD_NAME_BYTES])
{
    const char *from = header;
    size_t len = strcspn(header, ":");

    if (header[0] == '[') {
        from = header + 1;
        len = strcspn(from, "]");
    } else if (len > 0 && header[len - 1] == '.') {
        len--;
    }
    if (len == 0 || len >= ADMIN_GUARD_NAME_BYTES) {
        return false;
    }
    memcpy(ret_host, from, len);
    ret_host[len] = '\0';
    return true;
}

static bool host_is_address(const struct admin_guard *g, const char *host)
{
    struct ip ip;
    struct ip bound;

    if (!ip_parse(host, &ip)) {
        return false;
    }
    return g->any_address || ip_is_loopback(&ip) ||
           (ip_parse(g->bind, &bound) && memcmp(&ip, &bound, sizeof(ip)) == 0);
}

/* The machine's name as it is, or the first label of it. */
static bool host_is_machine(const struct admin_guard *g, const char *host)
{
    size_t label = strcspn(g->host_name, ".");

    if (g->host_name[0] == '\0') {
        return false;
    }
    return strcasecmp(host, g->host_name) == 0 ||
           (strlen(host) == label && strncasecmp(host, g->host_name, label) == 0);
}

bool admin_guard_host_allowed(const struct admin_guard *g, const char *host)
{
    char name[ADMIN_GUARD_NAME_BYTES];

    if (g->has_token || host == NULL) {
        return true;
    }
    return host_split(host, name) && (strcasecmp(name, "localhost") == 0 ||
                                      host_is_address(g, name) || host_is_machine(g, name));
}

/* In a query a plus sign stands for a blank. Who pastes a token into an address does not think of
 * that, and tokens made of base64 have plus signs. */
static bool query_shows_token(const struct admin_guard *g, const char *shown)
{
    char pasted[BEARER_TOKEN_BYTES_MAX + 1];
    size_t len = strlen(shown);

    if (len >= sizeof(pasted)) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        pasted[i] = shown[i];
        if (pasted[i] == ' ') {
            pasted[i] = '+';
        }
    }
    return bearer_matches(&g->bearer, span_of(shown, len)) ||
           bearer_matches(&g->bearer, span_of(pasted, len));
}

bool admin_guard_token_shown(const struct admin_guard *g, const struct admin_guard_proof *proof)
{
    if (!g->has_token) {
        return true;
    }
    return bearer_in_authorization(&g->bearer, proof->authorization) ||
           (proof->query_token != NULL && query_shows_token(g, proof->query_token)) ||
           bearer_in_cookies(&g->bearer, proof->cookies, ADMIN_GUARD_COOKIE);
}

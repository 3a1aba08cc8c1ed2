/* SPDX-License-Identifier: Apache-2.0
 *
 * addr: text and keys of socket addresses. */
#include "net/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* The sockaddr as IPv6, IPv4 mapped. Copied, so that no pointer of the wrong type is followed. */
static struct sockaddr_in6 as_in6(const struct addr *a)
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    struct sockaddr_in in4;

    if (a->storage.ss_family == AF_INET6) {
        memcpy(&in6, &a->storage, sizeof(in6));
        return in6;
    }
    memcpy(&in4, &a->storage, sizeof(in4));
    in6.sin6_port = in4.sin_port;
    in6.sin6_addr.s6_addr[10] = 0xff;
    in6.sin6_addr.s6_addr[11] = 0xff;
    memcpy(&in6.sin6_addr.s6_addr[12], &in4.sin_addr, 4);
    return in6;
}

void addr_format_host(const struct addr *a, char out[ADDR_TEXT_BYTES])
{
    struct sockaddr_in6 in6 = as_in6(a);

    snprintf(out, ADDR_TEXT_BYTES, "?");
    if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
        inet_ntop(AF_INET, &in6.sin6_addr.s6_addr[12], out, ADDR_TEXT_BYTES);
    } else {
        inet_ntop(AF_INET6, &in6.sin6_addr, out, ADDR_TEXT_BYTES);
    }
}

void addr_format(const struct addr *a, char out[ADDR_TEXT_BYTES])
{
    char host[ADDR_TEXT_BYTES];

    addr_format_host(a, host);
    bool bare = strchr(host, ':') == NULL;
    snprintf(out, ADDR_TEXT_BYTES, bare ? "%.46s:%u" : "[%.46s]:%u", host, addr_port(a));
}

void addr_host_key(const struct addr *a, uint8_t out[16])
{
    struct sockaddr_in6 in6 = as_in6(a);

    memcpy(out, &in6.sin6_addr, 16);
}

err_t addr_parse(const char *host, uint16_t port, struct addr *ret)
{
    struct sockaddr_in in4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

    if (inet_pton(AF_INET, host, &in4.sin_addr) == 1) {
        *ret = (struct addr){.len = sizeof(in4)};
        memcpy(&ret->storage, &in4, sizeof(in4));
        return ERR_OK;
    }
    ENSURE(inet_pton(AF_INET6, host, &in6.sin6_addr) == 1, ERR_SYNTAX);
    *ret = (struct addr){.len = sizeof(in6)};
    memcpy(&ret->storage, &in6, sizeof(in6));
    return ERR_OK;
}

uint16_t addr_port(const struct addr *a)
{
    struct sockaddr_in6 in6 = as_in6(a);

    return ntohs(in6.sin6_port);
}

bool addr_is_loopback(const struct addr *a)
{
    struct sockaddr_in6 in6 = as_in6(a);

    if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
        return in6.sin6_addr.s6_addr[12] == 127;
    }
    return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr);
}

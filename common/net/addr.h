/* SPDX-License-Identifier: Apache-2.0
 *
 * addr: socket addresses as text. An IPv4 address that came in on an IPv6 socket is shown as IPv4.
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535" and NUL */
#define ADDR_TEXT_BYTES 56u

struct addr {
    struct sockaddr_storage storage;
    socklen_t len;
};

/* "127.0.0.1:3001" or "[::1]:3001". Always NUL-terminated. */
void addr_format(const struct addr *a, char out[ADDR_TEXT_BYTES]);

/* The same without the port and its brackets: "127.0.0.1", "::1". */
void addr_format_host(const struct addr *a, char out[ADDR_TEXT_BYTES]);

/* The address without its port, for tables of peers: 16 bytes, IPv4 mapped into IPv6. */
void addr_host_key(const struct addr *a, uint8_t out[16]);

/* A numeric IPv4 or IPv6 address with a port. ERR_SYNTAX if `host` is neither. */
MUST_CHECK err_t addr_parse(const char *host, uint16_t port, struct addr *ret);

uint16_t addr_port(const struct addr *a);
bool addr_is_loopback(const struct addr *a);

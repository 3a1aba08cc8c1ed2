/* SPDX-License-Identifier: Apache-2.0
 *
 * listener: listening and bound sockets, all of them non-blocking and close-on-exec. "::" listens
 * on IPv4 too; where the system has no IPv6 it becomes 0.0.0.0. */
#pragma once

#include "net/addr.h"

/* A listening TCP socket; `port` 0 takes any. ERR_IO with errno; ERR_SYNTAX: `host` is no address.
 */
MUST_CHECK err_t listener_tcp(const char *host, uint16_t port, int *ret_fd, struct addr *ret_bound);

/* ERR_OK if nobody is bound to the UDP port; ERR_IO with errno (EADDRINUSE …); ERR_SYNTAX. */
MUST_CHECK err_t listener_udp_is_free(const char *host, uint16_t port);

struct listener_udp {
    int fd;
    struct addr bound;
    int receive_bytes; /* what the system granted as receive buffer */
};

/* A bound UDP socket with SO_REUSEPORT and as large a receive buffer as the system allows, up to
 * `receive_bytes`. Errors as above. */
MUST_CHECK err_t listener_udp_open(const char *host, uint16_t port, int receive_bytes,
                                   struct listener_udp *ret);

/* Makes the receive buffer of a UDP socket as large as the system allows, up to `bytes`; returns
 * what was granted. */
int listener_udp_grow(int fd, int bytes);

/* One connection. ERR_AGAIN: none is waiting; ERR_IO with errno (EMFILE …). */
MUST_CHECK err_t listener_accept(int listen_fd, int *ret_fd, struct addr *ret_peer);

/* Datagrams dropped because this socket's buffer was full, since it was made, modulo 2^32. Linux
 * SO_MEMINFO; 0 where it is not known. Any thread. */
uint32_t listener_udp_drops(int fd);

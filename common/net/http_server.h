/* SPDX-License-Identifier: Apache-2.0
 *
 * http_server: HTTP/1.1 for a program's admin side. It is a wrapper around libmicrohttpd, which
 * nobody else needs to know. One thread of the server's own does everything: requests, ticks,
 * streams; so all callbacks of one server run one after the other, and what only they touch needs
 * no lock. Not for bulk data: a slow handler delays every other reader.
 *
 * Limits: connections_max (when three of four are in use, a new one ends the one that has waited
 * longest; streams stay), 32 KiB of request line and headers (431 beyond), bodies of body_bytes_max
 * (413 beyond), 30 s without a byte in either direction, 40 s for a whole request.
 */
#pragma once

#include "base/err.h"
#include "net/http_reply.h"
#include "net/http_request.h"

#include <stdint.h>

struct http_server;

typedef void (*http_server_handle_fn)(void *arg, const struct http_request *request,
                                      struct http_reply *reply);

/* A listening socket that was there before the server and stays when it ends: other processes may
 * have it too. Its descriptor is the server's, if that starts. */
struct http_server_socket {
    int fd;
    uint16_t port;
};

struct http_server_config {
    const char *bind;                        /* numeric address; "::" also takes IPv4 */
    uint16_t port;                           /* 0: any free one */
    const struct http_server_socket *socket; /* NULL: `bind` and `port` say where to listen */
    unsigned connections_max;
    size_t body_bytes_max; /* 0: bodies are not read; such a request is answered, then closed */
    http_server_handle_fn handle;
    void (*tick)(void *arg); /* before the first request and every tick_ms; NULL for none */
    uint32_t tick_ms;        /* 0: 1000 */
    uint32_t request_ms;     /* for a whole request, from connecting or the last one; 0: 40000 */
    void *arg;               /* of handle and tick */
};

/* Listens and starts the thread. ERR_SYNTAX: `bind` is no address; ERR_IO with errno (address in
 * use …); ERR_NOMEM. */
MUST_CHECK err_t http_server_start(const struct http_server_config *config,
                                   struct http_server **ret);

/* The port it listens on. */
uint16_t http_server_port(const struct http_server *s);

/* Any thread: a number that changes with every turn of the server's thread, each tick at the least.
 */
uint64_t http_server_beats(const struct http_server *s);

/* Ends all streams, closes all connections, ends the thread; frees. NULL is fine. */
void http_server_stop(struct http_server *s);

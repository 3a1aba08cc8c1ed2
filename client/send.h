/* SPDX-License-Identifier: Apache-2.0
 *
 * send: the way of batches to the ingestor: TLS (send_tls) or UDP (send_udp), chosen once. Belongs
 * to one thread; calls wait, and the wish to stop shortens them. */
#pragma once

#include "base/span.h"
#include "client/dial.h"
#include "net/tls_client.h"

#define SEND_WHY_BYTES 320u

struct send;

struct send_ops {
    /* Opens a connection. ERR_AGAIN the wish to stop; any other error: `why` says it. */
    err_t (*open)(struct send *s);
    /* Sends all of it. ERR_AGAIN the wish to stop came and the grace ran out; others: `why`. How
     * much of a batch that failed arrived is not known. */
    err_t (*batch)(struct send *s, struct span bytes);
    /* Looks, without waiting, whether the server wants no more. ERR_OK: it takes more. ERR_EOF: it
     * ended its side in order; ERR_IO: the connection is broken; `why`. */
    err_t (*check)(struct send *s);
    /* Ends in order: all that was sent is taken by the server before this returns, or the grace has
     * run out. ERR_OK; ERR_IO the server did not end its side in time, or broke the connection. */
    err_t (*finish)(struct send *s);
};

struct send {
    const struct send_ops *ops;
    const struct tls_client_settings *settings; /* NULL for UDP */
    struct dial dial;
    struct stop *stop;
    int fd; /* -1: not open */
    struct tls_client *tls;
    uint64_t oversized; /* UDP: records above the size of a datagram */
    char why[SEND_WHY_BYTES];
};

static inline bool send_is_open(const struct send *s)
{
    return s->fd >= 0;
}

/* Opens, or says why not. The `send_` calls below need an open one. */
MUST_CHECK err_t send_open(struct send *s);
MUST_CHECK err_t send_batch(struct send *s, struct span bytes);
MUST_CHECK err_t send_check(struct send *s);

/* Ends in order and closes. */
MUST_CHECK err_t send_finish(struct send *s);

/* Closes at once; nothing happens if it is not open. */
void send_abandon(struct send *s);

/* Waits until the moment, or until the server has sent or ended something (then send_check() knows
 * what). ERR_OK; ERR_AGAIN the wish to stop. */
MUST_CHECK err_t send_wait(struct send *s, uint64_t until_mono_ns);

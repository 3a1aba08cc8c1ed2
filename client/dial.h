/* SPDX-License-Identifier: Apache-2.0
 *
 * dial: a connected socket for a host and a port; every address of the name is tried in turn. */
#pragma once

#include "base/err.h"
#include "client/stop.h"

#define DIAL_TIMEOUT_NS 10000000000ull /* for one address */
#define DIAL_WHY_BYTES  128u

enum dial_kind { DIAL_TCP, DIAL_UDP };

struct dial {
    enum dial_kind kind;
    const char *host;
    uint16_t port;
};

struct dial_result {
    int fd;                   /* non-blocking, the caller's */
    bool loopback;            /* the peer has a loopback address */
    char why[DIAL_WHY_BYTES]; /* on failure, for people */
};

/* Fills `ret`, on failure only its `why`.
 * Errors: ERR_UNKNOWN no such host; ERR_IO no address answers; ERR_AGAIN the wish to stop. */
MUST_CHECK err_t dial_open(const struct dial *dial, struct stop *stop, struct dial_result *ret);

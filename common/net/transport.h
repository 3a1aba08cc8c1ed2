/* SPDX-License-Identifier: Apache-2.0
 *
 * transport: where a connection's bytes come from: TLS (transport_tls.h), or a script in tests. The
 * owner calls it from one thread at a time; nothing blocks. */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct transport;

/* Why a handshake failed, as a class. */
enum transport_failure {
    TRANSPORT_PEER_CLOSED,
    TRANSPORT_NO_CERTIFICATE,
    TRANSPORT_BAD_CERTIFICATE,
    TRANSPORT_WRONG_NAME,
    TRANSPORT_VERSION,
    TRANSPORT_CIPHER,
    TRANSPORT_PEER_ALERT,
    TRANSPORT_OTHER
};

struct transport_ops {
    /* One step of the handshake. ERR_OK: done; ERR_AGAIN: waiting for the peer; ERR_EOF: the peer
     * left; ERR_SYNTAX: refused, see why(); ERR_IO. */
    err_t (*handshake)(struct transport *t);
    /* Whether the handshake waits to write rather than to read. */
    bool (*wants_write)(const struct transport *t);
    /* Up to `room` bytes to `at`. ERR_OK: `*ret_got` > 0 bytes; ERR_AGAIN: none now
     * and none inside the transport either, so polling the socket will tell; ERR_EOF: the
     * peer ended in order (close_notify, or FIN between records of the transport); ERR_SYNTAX: not
     * the protocol; ERR_IO: reset, or FIN inside such a record. */
    err_t (*read)(struct transport *t, char *at, size_t room, size_t *ret_got);
    /* Why it failed: text for a log line ("" if it did not; valid until the next call), and, after
     * a failed handshake, the class. */
    const char *(*why)(const struct transport *t);
    enum transport_failure (*failure)(const struct transport *t);
    /* The name in the certificate that the peer showed (net/tls_cert_name.h), also one that was
     * refused; "" if it showed none. Valid as long as the transport. */
    const char *(*cert_name)(const struct transport *t);
    void (*free)(struct transport *t);
};

struct transport {
    const struct transport_ops *ops;
};

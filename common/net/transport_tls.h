/* SPDX-License-Identifier: Apache-2.0
 *
 * transport_tls: the server side of one TLS connection over a socket. Sends nothing but what the
 * handshake and alerts need: senders that only write and then close must never find bytes of ours
 * in their receive buffer, or their close becomes a reset that destroys records in flight. A
 * close_notify is answered, never begun. */
#pragma once

#include "net/tls.h"
#include "net/transport.h"

/* A transport over `fd`, which stays the caller's. ERR_NOMEM. */
MUST_CHECK err_t transport_tls_new(struct tls_server *server, int fd, struct transport **ret);

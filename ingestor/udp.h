/* SPDX-License-Identifier: Apache-2.0
 *
 * udp: one shard's UDP socket. A datagram holds JSON records separated by LF, or, if it begins with
 * '<', one syslog message (RFC 5426). Shard thread only, but for udp_fd(). */
#pragma once

#include "ingestor/intake.h"

struct udp;

/* Takes the bound socket over. ERR_NOMEM: it stays the caller's. */
MUST_CHECK err_t udp_new(int fd, struct udp **ret);
void udp_free(struct udp *u);

/* The socket, for polling and for reading its drops. */
int udp_fd(const struct udp *u);

/* Whether a turn left datagrams, in the socket or in hand. */
enum udp_verdict { UDP_DRAINED, UDP_MORE };

/* Reads and archives what waits, within a turn's share, as long as the archive has room: it is
 * asked before every batch but the first, before which the caller has. */
enum udp_verdict udp_serve(struct udp *u, struct intake *in);

/* Whether datagrams that were read are not taken yet; takes them, as udp_serve() does, without
 * reading more. */
bool udp_has_rest(const struct udp *u);
void udp_take_rest(struct udp *u, struct intake *in);

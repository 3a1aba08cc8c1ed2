/* SPDX-License-Identifier: Apache-2.0
 *
 * acceptor: the one place where TCP connections come in. Each goes to the shard with the fewest.
 * Main thread only, but for acceptor_conn_closed(), acceptor_conn_proxied() and the counters. */
#pragma once

#include "base/option.h"
#include "ingestor/server.h"
#include "ingestor/shard.h"
#include "net/tls.h"

struct acceptor;

struct acceptor_config {
    struct shard **shards;
    unsigned shard_count;
    uint32_t connections_max;          /* fixed: sizes the table of peers */
    uint32_t connections_per_peer_max; /* 0: no limit */
};

/* ERR_NOMEM. */
MUST_CHECK err_t acceptor_new(const struct acceptor_config *config, struct acceptor **ret);
void acceptor_free(struct acceptor *a);

/* The settings of connections to come; the acceptor holds on to `tls`. */
void acceptor_set_tls(struct acceptor *a, struct tls_server *tls);
void acceptor_set_limits(struct acceptor *a, uint32_t connections_max,
                         uint32_t connections_per_peer_max);

/* Whose connections must begin with a PROXY header: blocks of addresses (net/addr_block.h), checked
 * before. For connections to come. */
void acceptor_set_proxies(struct acceptor *a, const struct option_strings *blocks);

/* Accepts what waits at the listening socket, which is for `port`, up to a number. ERR_AGAIN: that
 * number is reached, or the shards are behind; ERR_IO with errno: the process is out of descriptors
 * or memory. After both the rest waits in the kernel. */
MUST_CHECK err_t acceptor_accept(struct acceptor *a, int listen_fd, enum sniff_port port);

/* Main thread, every second or so: tells of refusals that were held back. */
void acceptor_report_refusals(struct acceptor *a, uint64_t mono_ns);

/* Any thread: a connection of that peer has been closed. */
void acceptor_conn_closed(struct acceptor *a, const struct addr *peer);

/* Any thread: what a proxy's connection was counted for is the client's from here on. A proxy may
 * have any number; ERR_LIMIT: the client has too many, and all is as before. */
MUST_CHECK err_t acceptor_conn_proxied(struct acceptor *a, const struct addr *proxy,
                                       const struct addr *client);

/* Any thread. */
void acceptor_read_stats(const struct acceptor *a, struct server_accept_stats *ret);

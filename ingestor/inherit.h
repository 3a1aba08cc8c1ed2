/* SPDX-License-Identifier: Apache-2.0
 *
 * inherit: which of the sockets that a service manager passed (net/sd_listen.h) is for what. */
#pragma once

#include "ingestor/ingestor_cfg.h"
#include "net/sd_listen.h"

struct inherit {
    unsigned tls_count;
    int tls_fds[SD_LISTEN_MAX];
    struct addr tls_addrs[SD_LISTEN_MAX];

    unsigned udp_count; /* one a shard, from the first; of one port */
    int udp_fds[SD_LISTEN_MAX];
    struct addr udp_addr;

    int http_fd; /* -1: none */
    struct addr http_addr;
};

/* Sorts the sockets, which become the receiver's. A TCP socket named "tls" or "http", or a UDP
 * socket named "udp", is for that; one of another name is for what the settings give its port to.
 * A kind of which there is a socket binds none itself: the ports of its setting only tell what a
 * socket is for. On failure nothing is taken and `ret_why` tells the user what is wrong:
 * ERR_UNKNOWN a socket is for nothing; ERR_EXISTS two are for HTTP; ERR_SYNTAX UDP sockets of
 * several ports. */
MUST_CHECK err_t inherit_sort(struct sd_listen *sockets, const struct ingestor_cfg *cfg,
                              struct inherit *ret, char *ret_why, size_t why_bytes);

/* Each UDP socket belongs to a shard of its own. ERR_LIMIT: there are more of them than shards. */
MUST_CHECK err_t inherit_check_shards(const struct inherit *in, unsigned shards, char *ret_why,
                                      size_t why_bytes);

/* No sockets at all. */
void inherit_init(struct inherit *ret);

/* A port of the setting that no socket has, though there are TLS sockets; 0 if there is none. */
int32_t inherit_missing_tls_port(const struct inherit *in, const struct ingestor_cfg *cfg);

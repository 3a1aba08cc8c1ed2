/* SPDX-License-Identifier: Apache-2.0
 *
 * sockets: where the ingestor listens for records: TLS and UDP sockets, bound by itself or
 * inherited (ingestor/inherit.h). Main thread only. */
#pragma once

#include "ingestor/inherit.h"

struct sockets {
    unsigned tls_count;
    int tls_fds[OPTION_LIST_MAX];
    struct addr tls_addrs[OPTION_LIST_MAX];
    bool tls_inherited; /* others have them too */

    int udp_fds[SHARDS_MAX];        /* one a shard; -1: none, or taken over by the shard */
    uint32_t udp_drops[SHARDS_MAX]; /* what the kernel had dropped there before, modulo 2^32 */
    bool udp_inherited;
    bool udp_bound; /* there is one at least */
    struct addr udp_addr;
};

/* No sockets. */
void sockets_init(struct sockets *ret);

/* Takes over what is inherited and binds what is not; UDP one a shard. On failure `ret_why` says
 * what is wrong, and what was taken or bound is the sockets' to close. ERR_LIMIT: more inherited
 * UDP sockets than shards; ERR_IO, ERR_SYNTAX. */
struct sockets_config {
    const struct ingestor_cfg *cfg;
    const struct inherit *inherit;
    unsigned shards;
};
MUST_CHECK err_t sockets_open(struct sockets *s, const struct sockets_config *config, char *ret_why,
                              size_t why_bytes);

void sockets_close_tls(struct sockets *s);
void sockets_close(struct sockets *s);

/* Writes a line "listening tls ADDR:PORT" or "listening udp ADDR:PORT" for every address. */
MUST_CHECK err_t sockets_describe(const struct sockets *s, struct buf *out);

/* SPDX-License-Identifier: Apache-2.0
 *
 * shard_conns: the connections a shard owns. Shard thread only. */
#pragma once

#include "ingestor/shard_state.h"

/* Takes a connection into the shard's list and counts it. */
void shard_conns_link(struct shard *s, struct conn *c);

/* Polls it for what its stage needs; `op` is EPOLL_CTL_ADD or EPOLL_CTL_MOD. */
void shard_conns_poll(struct shard *s, struct conn *c, int op);

/* Stops polling a connection that waits for memory: not even its end wakes the loop. The sweep
 * takes it up again. */
void shard_conns_pause(struct shard *s, struct conn *c);

/* Closes and frees a connection that is in no queue, and counts how it ended. */
void shard_conns_close(struct shard *s, struct conn *c, enum shard_conn_result result);

/* Once a second, whenever called: handshakes and idle connections that took too long, and those
 * that wait for memory. */
void shard_conns_sweep(struct shard *s, uint64_t mono_ns);

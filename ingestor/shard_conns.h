/* SPDX-License-Identifier: Apache-2.0
 *
 * shard_conns: the connections a shard owns. Shard thread only. */
#pragma once

#include "ingestor/shard_state.h"

/* Takes a connection into the shard's list and counts it. */
void shard_conns_link(struct shard *s, struct conn *c);

/* Polls it for what its stage needs; `op` is EPOLL_CTL_ADD or EPOLL_CTL_MOD. A connection that the
 * system has no memory to poll goes to the run queue to end there. */
void shard_conns_poll(struct shard *s, struct conn *c, int op);

/* The handshake is done: polls it for its stream, and no longer while the archive has no room. */
void shard_conns_shake_hands(struct shard *s, struct conn *c);

/* Stops polling a connection that waits for memory: not even its end wakes the loop. */
void shard_conns_pause(struct shard *s, struct conn *c);

/* Every turn: one of those goes on, the one that has waited longest, if there is memory again or
 * no other is favoured. One a turn, so that they do not use it all up together. */
void shard_conns_resume(struct shard *s, uint64_t mono_ns);

/* Stops polling a connection that waits for a schema; shard_conns_unpark() takes it up again. */
void shard_conns_park(struct shard *s, struct conn *c);

/* Every turn: those that wait for a schema are served when there are new ones, or when they have
 * waited long enough. */
void shard_conns_unpark(struct shard *s);

/* Closes and frees a connection that is in no queue, and counts how it ended. */
void shard_conns_close(struct shard *s, struct conn *c, enum shard_conn_result result);

/* Once a second, whenever called: handshakes and idle connections that took too long; memory that
 * quiet connections do not need, or keep from others. */
void shard_conns_sweep(struct shard *s, uint64_t mono_ns);

/* SPDX-License-Identifier: Apache-2.0
 *
 * shard: one thread a core that owns connections, a UDP socket, memory and counters, and everything
 * that happens to a record up to the finished compressed frame. Nothing on it locks, syncs, or
 * waits for anything but its own sockets. */
#pragma once

#include "ingestor/conn.h"
#include "ingestor/shard_stats.h"
#include "ingestor/udp.h"

struct shard;

struct shard_config {
    unsigned index;
    int cpu; /* to pin the thread to; -1: none */
    struct archive *archive;
    const struct render *render;
    struct schema_cache *schemas;
    struct tail *tail; /* NULL: none */
    struct stamp_config stamp;
    uint32_t record_bytes_max;
    uint32_t message_bytes_max;
    bool ndjson_strict;
    const struct zone_map *zones;
    uint64_t held_bytes_max; /* this shard's part of --max-inflight-bytes */
    int udp_fd;              /* taken over; -1: none */
    bool udp_inherited;      /* somebody else has that socket too, and reads what is left in it */
    /* Called on the shard's thread when a connection has been closed. */
    void (*conn_closed)(void *arg, const struct addr *peer);
    void *conn_closed_arg;
};

/* What SIGHUP may change. */
struct shard_policy {
    uint64_t flush_interval_ns;
    uint64_t handshake_timeout_ns;
    uint64_t idle_timeout_ns; /* 0: none */
};

/* Makes the shard and starts its thread. ERR_NOMEM, ERR_IO with errno. */
MUST_CHECK err_t shard_start(const struct shard_config *config, const struct shard_policy *policy,
                             struct shard **ret);

/* Main thread: whether shard_give() will succeed. */
bool shard_has_room(const struct shard *s);

/* Main thread: gives the shard a connection to own. ERR_AGAIN: its queue is full; the connection is
 * still the caller's. */
MUST_CHECK err_t shard_give(struct shard *s, struct conn *c);

/* Any thread: connections given and not yet closed. */
uint32_t shard_load(const struct shard *s);

/* Any thread. */
void shard_set_policy(struct shard *s, const struct shard_policy *policy);

/* Any thread: a copy of the newest counters. */
void shard_read_stats(struct shard *s, struct shard_stats *ret);

/* Another thread, one at a time: the records that `judge` let pass last on this shard (recent.h).
 * ERR_AGAIN: the shard has not answered yet, call again; ERR_NOMEM. The answer is valid until the
 * next call, `fresh` says that it shall be asked for anew. */
MUST_CHECK err_t shard_read_recent(struct shard *s, enum recent_judge judge, bool *fresh,
                                   const struct schema_cache_recent **ret);

/* Any thread: a number that changes with each turn of the shard's loop: after a wake-up at once,
 * else once a second at the least. */
uint64_t shard_beats(const struct shard *s);

/* Any thread: ends the shard's wait for events. */
void shard_wake(struct shard *s);

/* Any thread: datagrams the kernel dropped at this shard's socket since the start, modulo 2^32. */
uint32_t shard_udp_drops(const struct shard *s);

/* Main thread: sends FIN to every sender and reads until all have ended, at the latest at
 * `drain_mono_ns`; then hands everything to the archive. Returns at once. */
void shard_drain(struct shard *s, uint64_t drain_mono_ns, uint64_t stop_mono_ns);

/* Main thread: waits for a drained shard's thread to end: its input has ended and its frames are
 * with the archive, or `stop_mono_ns` has passed and the rest is counted as dropped. */
void shard_join(struct shard *s);

/* Main thread, after shard_join() and archive_stop(): counts the last outcomes and publishes
 * them. */
void shard_settle(struct shard *s);

void shard_free(struct shard *s);

/* SPDX-License-Identifier: Apache-2.0
 *
 * shard_state: what a shard is made of, for the files that make it up: shard (start, end,
 * hand-over), shard_conns (its connections), shard_loop (its turns). Nobody else includes this. */
#pragma once

#include "base/ring.h"
#include "ingestor/conn_queue.h"
#include "ingestor/shard.h"
#include "ingestor/snapshot.h"

#include <pthread.h>
#include <stdatomic.h>

struct shard {
    /* fixed after start */
    struct shard_config config;
    int control_fd; /* polls wake_fd, the archive's wake-up, and connections in the handshake:
                       what goes on while the archive has no room */
    int loop_fd;    /* polls control_fd, the UDP socket and all other connections */
    int wake_fd;
    pthread_t thread;

    /* shard thread only */
    struct intake intake;
    struct buf scratch;
    struct refusal_table refusals;
    struct conn_env env;
    struct udp *udp;
    struct conn *conns; /* the newest first … */
    struct conn *oldest;
    uint64_t conn_count;
    struct conn_queue run;
    struct conn_queue handshakes;
    struct conn_queue paused; /* wait for memory: not polled */
    struct conn_queue parked; /* wait for a schema: not polled */
    bool udp_ready;
    bool control_ready;
    bool blocked;
    uint64_t blocked_mono_ns;    /* since when */
    uint64_t read_again_mono_ns; /* when a long block was over */
    bool draining;
    bool dirty; /* counters changed since they were published */
    uint64_t published_mono_ns;
    uint64_t swept_mono_ns;

    /* atomic */
    struct ring arrivals;
    _Atomic uint32_t load;
    _Atomic uint64_t beats; /* turns of the loop */
    _Atomic bool drain_asked;
    _Atomic uint64_t drain_mono_ns;
    _Atomic uint64_t stop_mono_ns;
    _Atomic uint64_t flush_interval_ns;
    _Atomic uint64_t handshake_timeout_ns;
    _Atomic uint64_t idle_timeout_ns;
    struct snapshot snapshot;
};

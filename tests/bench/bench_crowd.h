/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_crowd: connections beside the busy ones. Idle ones only are there; quiet ones send one
 * record a second each, evenly spread over the second, whose message ends " t=NANOSECONDS": the
 * wall time just before it was written. */
#pragma once

#include "tests/bench/bench_flow.h"

#include <stdint.h>

/* The service that records of quiet connections name. */
#define BENCH_CROWD_SERVICE "quiet-service"

struct bench_crowd {
    struct bench_flow *flows;
    uint64_t count;
};

/* ERR_IO as bench_flow_open(), ERR_NOMEM. On failure those that were opened stay in `crowd`. */
MUST_CHECK err_t bench_crowd_open(struct bench_crowd *crowd, SSL_CTX *ctx, const struct addr *to,
                                  uint64_t count);

struct bench_crowd_sent {
    uint64_t records;
    uint64_t bytes;
};

/* Sends (go-client frames) for that long, then ends all connections in order. ERR_IO. */
MUST_CHECK err_t bench_crowd_talk(struct bench_crowd *crowd, uint64_t duration_ns,
                                  struct bench_crowd_sent *ret);

void bench_crowd_close(struct bench_crowd *crowd);

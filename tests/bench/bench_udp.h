/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_udp: a corpus as datagrams. Its records end in LF; a datagram holds one or several of them,
 * without the last LF. */
#pragma once

#include "net/addr.h"
#include "tests/bench/bench_corpus.h"
#include "tests/bench/bench_pace.h"

struct bench_udp_sent {
    uint64_t records;
    uint64_t bytes;
    uint64_t datagrams;
};

/* A connected socket, so that all datagrams of one sender come from one port. ERR_IO with errno. */
MUST_CHECK err_t bench_udp_open(const struct addr *to, int *ret_fd);

/* Sends the corpus in datagrams of at most `datagram_bytes`, but at least one record; 0: one record
 * each. `ret` counts what was sent, also on failure. ERR_IO with errno. */
MUST_CHECK err_t bench_udp_send(int fd, const struct bench_corpus *c, uint64_t datagram_bytes,
                                const struct bench_pace *pace, struct bench_udp_sent *ret);

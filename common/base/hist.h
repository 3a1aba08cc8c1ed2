/* SPDX-License-Identifier: Apache-2.0
 *
 * hist: a histogram with power-of-two buckets, for latencies and the like. The owner adds, anyone
 * sums copies. Bucket i counts values in (2^(i-1), 2^i]; bucket 0 counts 0 and 1. */
#pragma once

#include <stdint.h>

#define HIST_BUCKETS 48u

struct hist {
    uint64_t bucket[HIST_BUCKETS];
    uint64_t count;
    uint64_t sum;
};

/* Adds `n` times the value. */
static inline void hist_add(struct hist *h, uint64_t value, uint64_t n)
{
    unsigned i = value <= 1 ? 0 : 64u - (unsigned)__builtin_clzll(value - 1);

    h->bucket[i < HIST_BUCKETS ? i : HIST_BUCKETS - 1] += n;
    h->count += n;
    h->sum += value * n;
}

void hist_merge(struct hist *into, const struct hist *from);

/* The upper edge of the bucket in which the `q`-quantile (0..1) lies; 0 for an empty histogram. */
uint64_t hist_quantile(const struct hist *h, double q);

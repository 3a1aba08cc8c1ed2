/* SPDX-License-Identifier: Apache-2.0
 *
 * hist: merging and quantiles of power-of-two histograms. */
#include "base/hist.h"

void hist_merge(struct hist *into, const struct hist *from)
{
    for (unsigned i = 0; i < HIST_BUCKETS; i++) {
        into->bucket[i] += from->bucket[i];
    }
    into->count += from->count;
    into->sum += from->sum;
}

uint64_t hist_quantile(const struct hist *h, double q)
{
    uint64_t rank = (uint64_t)(q * (double)h->count);
    uint64_t seen = 0;

    for (unsigned i = 0; i < HIST_BUCKETS; i++) {
        seen += h->bucket[i];
        if (h->bucket[i] > 0 && seen > rank) {
            return 1ull << i;
        }
    }
    return h->count == 0 ? 0 : 1ull << (HIST_BUCKETS - 1);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * pace: a schedule of due times; being late shortens the following waits. */
#include "client/pace.h"

#include "base/limits.h"

#define BATCHES_PER_S 10u
#define LATE_NS_MAX   NS_PER_S

static uint64_t limit(uint64_t n, uint64_t low, uint64_t high)
{
    uint64_t capped = n < high ? n : high;

    return capped > low ? capped : low;
}

void pace_init(struct pace *p, const struct args *args, uint64_t now_ns)
{
    *p = (struct pace){
        .start_ns = now_ns, .due_ns = now_ns, .batch = args->batch, .burst = args->burst};
    if (!args->paced) {
        return;
    }
    if (!args->paced_by_rate) {
        p->gap_ns = args->interval_ns;
        return;
    }
    p->batch = limit(args->rate / (args->connections * BATCHES_PER_S), 1, args->batch);
    p->gap_ns = p->batch * args->connections * NS_PER_S / args->rate;
}

/* The gap at a moment: bursts begin with the start and then with every period. */
static uint64_t gap_at(const struct pace *p, uint64_t ns)
{
    bool burst =
        p->burst.factor > 0 && (ns - p->start_ns) % p->burst.period_ns < p->burst.length_ns;

    return burst ? p->gap_ns / p->burst.factor : p->gap_ns;
}

void pace_step(struct pace *p, uint64_t now_ns)
{
    if (now_ns > p->due_ns + LATE_NS_MAX) {
        p->due_ns = now_ns - LATE_NS_MAX;
    }
    p->due_ns += gap_at(p, p->due_ns);
}

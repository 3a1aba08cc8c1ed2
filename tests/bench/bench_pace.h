/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_pace: holds a sender back to so many records a second. One thread each. */
#pragma once

#include "base/clock.h"

struct bench_pace {
    uint64_t start_ns; /* monotonic */
    double records_per_second;
};

/* Sleeps until it is time for the record after `records`. A rate of 0 is no limit. */
static inline void bench_pace_wait(const struct bench_pace *p, uint64_t records)
{
    if (p->records_per_second <= 0) {
        return;
    }
    uint64_t due_ns = p->start_ns + (uint64_t)((double)records / p->records_per_second * 1e9);
    struct timespec due = {.tv_sec = (time_t)(due_ns / NS_PER_S),
                           .tv_nsec = (long)(due_ns % NS_PER_S)};
    while (clock_mono_ns() < due_ns) {
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
    }
}

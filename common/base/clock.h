/* SPDX-License-Identifier: Apache-2.0
 *
 * clock: the two clocks, in nanoseconds. Wall time is for what people and files see, monotonic time
 * for every interval and deadline. */
#pragma once

#include "base/limits.h"

#include <stdint.h>
#include <time.h>

/* Nanoseconds since 1970-01-01T00:00:00Z. */
static inline uint64_t clock_wall_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* Nanoseconds since an arbitrary start; never goes back. */
static inline uint64_t clock_mono_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

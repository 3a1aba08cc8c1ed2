/* SPDX-License-Identifier: Apache-2.0
 *
 * gen_random: splitmix64: every seed is as good as any other, and a step is three
 * multiplications. */
#pragma once

#include <stdint.h>

static inline uint64_t gen_random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* 0 to `n - 1`; `n` is not 0. */
static inline uint32_t gen_random_below(uint64_t *state, uint32_t n)
{
    return (uint32_t)((gen_random_next(state) >> 32) * n >> 32);
}

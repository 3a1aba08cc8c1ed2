/* SPDX-License-Identifier: Apache-2.0
 *
 * fail_alloc: memory that runs out at a chosen allocation. The program is linked with
 * cordwood_fail_alloc, which puts itself in front of malloc, calloc, realloc and aligned_alloc as
 * our code calls them; calls of libraries and of other threads are not touched. */
#pragma once

#include "base/err.h"

#include <stddef.h>

/* The allocation number `n` from now (0: the next) and all after it fail. */
void fail_alloc_from(size_t n);

/* All succeed again. Returns whether one has failed since fail_alloc_from(). */
int fail_alloc_end(void);

/* Calls try(arg) with memory running out at its first allocation, its second … until it succeeds;
 * each time it must return ERR_NOMEM. Fails the test if it never needs memory. */
void fail_alloc_walk(err_t (*try)(void *arg), void *arg);

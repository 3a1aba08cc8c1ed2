/* SPDX-License-Identifier: Apache-2.0
 *
 * fd_budget: how the process shares out its file descriptors: senders get what the archive, HTTP
 * and the process itself can do without, so that no crowd of connections keeps a file from being
 * made. */
#pragma once

#include <stdint.h>

/* Raises the soft limit to the hard one, as far as it may. Returns the limit that holds now. */
uint64_t fd_budget_raise(void);

/* The limit that holds now. */
uint64_t fd_budget_limit(void);

/* How many of `wanted` connections fit into a limit of `fd_limit` descriptors beside what `shards`
 * shards and the rest of the process need; at least 1, and at least half of a limit that is
 * smaller than that need. Pure. */
uint32_t fd_budget_connections(uint64_t fd_limit, unsigned shards, uint64_t wanted);

/* The same by the limit that holds now; it is in the log if that is fewer than wanted. */
uint32_t fd_budget_grant(uint64_t wanted, unsigned shards);

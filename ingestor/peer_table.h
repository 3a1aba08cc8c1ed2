/* SPDX-License-Identifier: Apache-2.0
 *
 * peer_table: how many connections each address has, for --max-connections-per-peer. Asked when a
 * connection comes and goes, never for its data; any thread. */
#pragma once

#include "base/err.h"
#include "net/addr.h"

struct peer_table;

/* Counts up to `connections_max` connections. ERR_NOMEM. */
MUST_CHECK err_t peer_table_new(uint32_t connections_max, struct peer_table **ret);
void peer_table_free(struct peer_table *t);

/* Counts one more connection of the address; ERR_LIMIT (and no count) if it has `per_peer_max`
 * already, unless that is 0. */
MUST_CHECK err_t peer_table_enter(struct peer_table *t, const struct addr *peer,
                                  uint32_t per_peer_max);
void peer_table_leave(struct peer_table *t, const struct addr *peer);

/* SPDX-License-Identifier: Apache-2.0
 *
 * foreign_board: who spoke a protocol that is known but not spoken here. A fixed number of places:
 * the one met longest ago makes room. The shard owns it; others have copies. */
#pragma once

#include <stdint.h>

#define FOREIGN_BOARD_PLACES     20u
#define FOREIGN_BOARD_PEER_BYTES 56u

struct foreign_board_entry {
    char peer[FOREIGN_BOARD_PEER_BYTES]; /* without port; "": free */
    const char *protocol;                /* static */
    const char *instead;                 /* static: what to use instead */
    uint64_t count;
    uint64_t last_ns; /* wall time */
};

struct foreign_board {
    struct foreign_board_entry at[FOREIGN_BOARD_PLACES];
};

/* Counts `seen` (its peer, protocol, instead, last_ns; `count` times). */
void foreign_board_add(struct foreign_board *b, const struct foreign_board_entry *seen);

void foreign_board_merge(struct foreign_board *into, const struct foreign_board *from);

/* Pointers to all entries, the latest first. Returns how many. */
uint32_t foreign_board_latest(const struct foreign_board *b,
                              const struct foreign_board_entry *ret[FOREIGN_BOARD_PLACES]);

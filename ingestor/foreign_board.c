/* SPDX-License-Identifier: Apache-2.0
 *
 * foreign_board: a short list, and each entry is the end of a connection: it is looked through. */
#include "ingestor/foreign_board.h"

#include <stddef.h>
#include <string.h>

void foreign_board_add(struct foreign_board *b, const struct foreign_board_entry *seen)
{
    struct foreign_board_entry *place = &b->at[0];

    for (size_t i = 0; i < FOREIGN_BOARD_PLACES; i++) {
        struct foreign_board_entry *e = &b->at[i];
        if (e->count > 0 && strcmp(e->peer, seen->peer) == 0 &&
            strcmp(e->protocol, seen->protocol) == 0) {
            e->count += seen->count;
            e->last_ns = seen->last_ns > e->last_ns ? seen->last_ns : e->last_ns;
            return;
        }
        if (e->last_ns < place->last_ns) {
            place = e;
        }
    }
    *place = *seen;
}

void foreign_board_merge(struct foreign_board *into, const struct foreign_board *from)
{
    for (size_t i = 0; i < FOREIGN_BOARD_PLACES; i++) {
        if (from->at[i].count > 0) {
            foreign_board_add(into, &from->at[i]);
        }
    }
}

uint32_t foreign_board_latest(const struct foreign_board *b,
                              const struct foreign_board_entry *ret[FOREIGN_BOARD_PLACES])
{
    uint32_t count = 0;

    for (size_t i = 0; i < FOREIGN_BOARD_PLACES; i++) {
        const struct foreign_board_entry *e = &b->at[i];
        uint32_t at = count;
        if (e->count == 0) {
            continue;
        }
        while (at > 0 && ret[at - 1]->last_ns < e->last_ns) {
            ret[at] = ret[at - 1];
            at--;
        }
        ret[at] = e;
        count++;
    }
    return count;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * tally: peers are looked up from the newest on: a batch is of one peer, and frames see few. */
#include "ingestor/tally.h"

#include <stdio.h>
#include <string.h>

void tally_add_peer(struct tally *t, const char *peer, uint32_t records)
{
    for (uint32_t i = t->peer_count; i > 0; i--) {
        if (strcmp(t->peers[i - 1].name, peer) == 0) {
            t->peers[i - 1].records += records;
            return;
        }
    }
    if (t->peer_count == TALLY_PEERS_MAX) {
        t->other += records;
        return;
    }
    struct tally_peer *entry = &t->peers[t->peer_count++];
    snprintf(entry->name, sizeof(entry->name), "%s", peer);
    entry->records = records;
}

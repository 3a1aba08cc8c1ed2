/* SPDX-License-Identifier: Apache-2.0
 *
 * tally: what is counted for the records of one frame. It travels with the frame as its tag
 * (archive_pack.h), so that "archived" and "rejected" are counted when the frame is in a file, and
 * by the same thread that counted "received". Shard thread only. */
#pragma once

#include "archive/archive.h"
#include "wire/format.h"
#include "wire/reason.h"
#include "wire/severity.h"

#include <stdint.h>

#define TALLY_PEERS_MAX  16u
#define TALLY_PEER_BYTES 56u /* "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535" */

/* Whose records the frame holds, so that a loss at shutdown can be logged per peer. Peers beyond
 * the table are summed in `other`. */
struct tally_peer {
    char name[TALLY_PEER_BYTES];
    uint32_t records;
};

struct tally {
    uint32_t archived[FORMAT_COUNT];
    uint32_t severity[SEVERITY_COUNT];
    uint32_t rejected[FORMAT_COUNT][REASON_COUNT];
    uint32_t peer_count;
    uint32_t other;
    struct tally_peer peers[TALLY_PEERS_MAX];
};

_Static_assert(sizeof(struct tally) <= ARCHIVE_TAG_BYTES, "a tally fits into a frame's tag");

/* Adds records of a peer. */
void tally_add_peer(struct tally *t, const char *peer, uint32_t records);

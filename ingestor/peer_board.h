/* SPDX-License-Identifier: Apache-2.0
 *
 * peer_board: who sends: per address and name in the certificate what came from there. A fixed
 * number of places. A new sender takes the place of the one with the least weight, and takes over
 * that weight (the "space saving" way to find heavy hitters): a sender of more than a 64th of what
 * came lately keeps its place, however many there are. Weight is bytes that fade: half is gone
 * after 44 s. What is shown counts from when the sender got its place. Touched once a read or
 * batch, never per record. The shard owns it; others have copies. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PEER_BOARD_PLACES     64u
#define PEER_BOARD_HOST_BYTES 46u /* an IPv6 address in text, and NUL */
#define PEER_BOARD_NAME_BYTES 64u

/* What was seen of a sender, as bits. */
#define PEER_BOARD_UDP (1u << 31)

struct peer_board_entry {
    char host[PEER_BOARD_HOST_BYTES]; /* without port; "": free */
    char name[PEER_BOARD_NAME_BYTES]; /* in its certificate, cut to fit; "": none */
    uint32_t streams;                 /* bit per enum sniff_kind, and PEER_BOARD_UDP */
    uint32_t connections;             /* open, as counted last */
    uint64_t weight;
    uint64_t bytes;
    uint64_t records;  /* all, of which … */
    uint64_t rejected; /* … these were rejected */
    uint64_t last_ns;  /* wall time */
    int64_t skew_s;    /* its clock against ours, by its last record with a time */
    bool skew_known;
};

#define PEER_BOARD_HINTS 256u
struct peer_board {
    uint8_t hint[PEER_BOARD_HINTS];   /* by hash: the place where it may be */
    uint32_t hash[PEER_BOARD_PLACES]; /* of hosts and names */
    struct peer_board_entry at[PEER_BOARD_PLACES];
};

/* Who it is. */
struct peer_board_key {
    const char *peer; /* text with a port, which does not count: "127.0.0.1:4242", "[::1]:4242" */
    const char *cert; /* the name in the certificate, UTF-8; "": none */
};

/* The sender's place; a new one if it has none. Never NULL; valid until the next call. */
struct peer_board_entry *peer_board_find(struct peer_board *b, struct peer_board_key key,
                                         uint64_t wall_ns);

/* The same, for bytes that came from it. */
void peer_board_add_bytes(struct peer_board *b, struct peer_board_key key, uint64_t wall_ns,
                          uint64_t bytes);

/* Once a second: the weights fade, and all connections are counted anew … */
void peer_board_begin_count(struct peer_board *b);
/* … each by this. Makes no place. */
void peer_board_count(struct peer_board *b, struct peer_board_key key);

/* Adds the entries of another board: those of one sender become one. Of too many those with most
 * bytes stay. */
void peer_board_merge(struct peer_board *into, const struct peer_board *from);

/* Pointers to the entries with most bytes, the largest first; at most `max`. Returns how many. */
uint32_t peer_board_top(const struct peer_board *b, const struct peer_board_entry **ret,
                        uint32_t max);

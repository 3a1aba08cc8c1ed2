/* SPDX-License-Identifier: Apache-2.0
 *
 * refusal: refused senders in the log. A sender that is wrong is wrong again every second; each
 * address gets one line a minute for the same refusal (event and reason), which says how many it
 * stands for; those that were held back are told when the minute is over, also if no more come.
 * One thread a table. */
#pragma once

#include "net/addr.h"

#include <stdint.h>

#define REFUSAL_SLOTS 256u

struct refusal_slot {
    uint64_t key;      /* of address, event and reason; 0: free */
    const char *event; /* what was held back is of … */
    char host[ADDR_TEXT_BYTES];
    uint64_t logged_mono_ns;
    uint32_t held_back;
};

struct refusal_table {
    struct refusal_slot slots[REFUSAL_SLOTS];
};

/* What is told apart. */
struct refusal {
    const char *event;  /* static */
    const char *reason; /* one of few: that of a peer's own text would let it fill the log */
};

/* Logs "event=EVENT peer=… DETAIL action=close", unless the same refusal of the same address was
 * logged within a minute. `detail` is key=value text, escaped by the caller. */
void refusal_log_kind(struct refusal_table *t, struct refusal refusal, const struct addr *peer,
                      const char *detail);

/* The same for an event without reasons. */
void refusal_log(struct refusal_table *t, const char *event, const struct addr *peer,
                 const char *detail);

/* To be called every second or so: logs "event=EVENT peer=HOST repeated=N action=close" for what
 * was held back of refusals whose minute is over at `mono_ns`; UINT64_MAX: for all. */
void refusal_report(struct refusal_table *t, uint64_t mono_ns);

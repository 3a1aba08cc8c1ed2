/* SPDX-License-Identifier: Apache-2.0
 *
 * refusal: refused senders in the log. A sender that is wrong is wrong again every second; each
 * address gets one line a minute for the same refusal (event and reason), which says how many it
 * stands for.
 * Shard thread only. */
#pragma once

#include "net/addr.h"

#include <stdint.h>

#define REFUSAL_SLOTS 256u

struct refusal_slot {
    uint64_t key; /* of address, event and reason; 0: free */
    uint64_t logged_mono_ns;
    uint32_t held_back;
};

struct refusal_table {
    struct refusal_slot slots[REFUSAL_SLOTS];
};

/* What is told apart. */
struct refusal {
    const char *event;
    const char *reason; /* one of few: that of a peer's own text would let it fill the log */
};

/* Logs "event=EVENT peer=… DETAIL action=close", unless the same refusal of the same address was
 * logged within a minute. `detail` is key=value text, escaped by the caller. */
void refusal_log_kind(struct refusal_table *t, struct refusal refusal, const struct addr *peer,
                      const char *detail);

/* The same for an event without reasons. */
void refusal_log(struct refusal_table *t, const char *event, const struct addr *peer,
                 const char *detail);

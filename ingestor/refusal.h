/* SPDX-License-Identifier: Apache-2.0
 *
 * refusal: refused senders in the log. A sender that is wrong is wrong again every second; each
 * address gets one line a minute for the same kind of refusal, which says how many it stands for.
 * Shard thread only. */
#pragma once

#include "net/addr.h"

#include <stdint.h>

#define REFUSAL_SLOTS 256u

struct refusal_slot {
    uint8_t host[16];
    const char *event; /* static text; NULL: free */
    uint64_t logged_mono_ns;
    uint32_t held_back;
};

struct refusal_table {
    struct refusal_slot slots[REFUSAL_SLOTS];
};

/* Logs "event=EVENT peer=… DETAIL action=close", unless the same event of the same address was
 * logged within a minute. `event` is static text; `detail` is key=value text, escaped by the
 * caller. */
void refusal_log(struct refusal_table *t, const char *event, const struct addr *peer,
                 const char *detail);

/* SPDX-License-Identifier: Apache-2.0
 *
 * refusal: a small direct-mapped table: two addresses in one slot only log more often. */
#include "ingestor/refusal.h"

#include "base/clock.h"
#include "base/log.h"

#include <string.h>

#define QUIET_NS (60u * NS_PER_S)

static struct refusal_slot *slot_of(struct refusal_table *t, const uint8_t host[16],
                                    const char *event)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (size_t i = 0; i < 16; i++) {
        hash = (hash ^ host[i]) * 16777619u;
    }
    for (const char *p = event; *p != '\0'; p++) {
        hash = (hash ^ (uint8_t)*p) * 16777619u;
    }
    return &t->slots[(hash ^ hash >> 16) % REFUSAL_SLOTS];
}

void refusal_log(struct refusal_table *t, const char *event, const struct addr *peer,
                 const char *detail)
{
    char name[ADDR_TEXT_BYTES];
    uint8_t host[16];
    uint64_t now = clock_mono_ns();

    addr_host_key(peer, host);
    struct refusal_slot *slot = slot_of(t, host, event);
    bool same = slot->event != NULL && strcmp(slot->event, event) == 0 &&
                memcmp(slot->host, host, sizeof(host)) == 0;
    if (same && now - slot->logged_mono_ns < QUIET_NS) {
        slot->held_back++;
        return;
    }
    addr_format(peer, name);
    LOG(LOG_WARN, "conn", "event=%s peer=%s %s repeated=%u action=close", event, name, detail,
        same ? slot->held_back : 0);
    slot->event = event;
    memcpy(slot->host, host, sizeof(host));
    slot->logged_mono_ns = now;
    slot->held_back = 0;
}

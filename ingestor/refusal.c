/* SPDX-License-Identifier: Apache-2.0
 *
 * refusal: a small direct-mapped table: two addresses in one slot only log more often. */
#include "ingestor/refusal.h"

#include "base/clock.h"
#include "base/log.h"

#include <string.h>

#define QUIET_NS (60u * NS_PER_S)

static uint64_t add_bytes(uint64_t hash, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;

    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ p[i]) * 1099511628211ull; /* FNV-1a */
    }
    return hash;
}

static uint64_t key_of(const struct addr *peer, struct refusal refusal)
{
    uint64_t hash = 14695981039346656037ull;
    uint8_t host[16];

    addr_host_key(peer, host);
    hash = add_bytes(hash, host, sizeof(host));
    hash = add_bytes(hash, refusal.event, strlen(refusal.event) + 1);
    hash = add_bytes(hash, refusal.reason, strlen(refusal.reason));
    return hash == 0 ? 1 : hash;
}

static void report_slot(struct refusal_slot *slot)
{
    LOG(LOG_WARN, "conn", "event=%s peer=%s repeated=%u action=close", slot->event, slot->host,
        slot->held_back);
    slot->held_back = 0;
}

void refusal_report(struct refusal_table *t, uint64_t mono_ns)
{
    for (size_t i = 0; i < REFUSAL_SLOTS; i++) {
        struct refusal_slot *slot = &t->slots[i];
        if (slot->held_back > 0 && mono_ns - slot->logged_mono_ns >= QUIET_NS) {
            report_slot(slot);
        }
    }
}

void refusal_log_kind(struct refusal_table *t, struct refusal refusal, const struct addr *peer,
                      const char *detail)
{
    char name[ADDR_TEXT_BYTES];
    uint64_t now = clock_mono_ns();
    uint64_t key = key_of(peer, refusal);
    struct refusal_slot *slot = &t->slots[(key ^ key >> 32) % REFUSAL_SLOTS];
    bool same = slot->key == key;

    if (same && now - slot->logged_mono_ns < QUIET_NS) {
        slot->held_back++;
        return;
    }
    if (!same && slot->held_back > 0) {
        report_slot(slot); /* another one takes its place */
    }
    addr_format(peer, name);
    LOG(LOG_WARN, "conn", "event=%s peer=%s %s repeated=%u action=close", refusal.event, name,
        detail, same ? slot->held_back : 0);
    slot->key = key;
    slot->event = refusal.event;
    addr_format_host(peer, slot->host);
    slot->logged_mono_ns = now;
    slot->held_back = 0;
}

void refusal_log(struct refusal_table *t, const char *event, const struct addr *peer,
                 const char *detail)
{
    refusal_log_kind(t, (struct refusal){event, ""}, peer, detail);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * peer_table: open addressing with linear probing; entries that fall to zero close the gap behind
 * them, so that no probe sequence is broken. */
#include "ingestor/peer_table.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    uint8_t host[16];
    uint32_t count; /* 0: free */
};

struct peer_table {
    pthread_mutex_t lock;
    uint32_t mask;
    struct entry *entries;
};

err_t peer_table_new(uint32_t connections_max, struct peer_table **ret)
{
    struct peer_table *t = calloc(1, sizeof(*t));
    uint32_t slots = 64;

    ENSURE(t != NULL, ERR_NOMEM);
    while (slots < connections_max * 2ull) {
        slots *= 2;
    }
    t->entries = calloc(slots, sizeof(*t->entries));
    if (t->entries == NULL) {
        free(t);
        return ERR_NOMEM;
    }
    t->mask = slots - 1;
    pthread_mutex_init(&t->lock, NULL);
    *ret = t;
    return ERR_OK;
}

void peer_table_free(struct peer_table *t)
{
    if (t != NULL) {
        pthread_mutex_destroy(&t->lock);
        free(t->entries);
        free(t);
    }
}

static uint32_t home_of(const struct peer_table *t, const uint8_t host[16])
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (size_t i = 0; i < 16; i++) {
        hash = (hash ^ host[i]) * 16777619u;
    }
    return (hash ^ hash >> 15) & t->mask;
}

/* The entry of the host, or the free one where it belongs. */
static uint32_t find(const struct peer_table *t, const uint8_t host[16])
{
    uint32_t i = home_of(t, host);

    while (t->entries[i].count > 0 && memcmp(t->entries[i].host, host, 16) != 0) {
        i = (i + 1) & t->mask;
    }
    return i;
}

err_t peer_table_enter(struct peer_table *t, const struct addr *peer, uint32_t per_peer_max)
{
    uint8_t host[16];
    err_t err = ERR_OK;

    addr_host_key(peer, host);
    pthread_mutex_lock(&t->lock);
    struct entry *e = &t->entries[find(t, host)];
    if (per_peer_max > 0 && e->count >= per_peer_max) {
        err = ERR_LIMIT;
    } else {
        memcpy(e->host, host, sizeof(e->host));
        e->count++;
    }
    pthread_mutex_unlock(&t->lock);
    return err;
}

/* Moves later entries of the same run into the gap where that keeps them reachable. */
static void close_gap(struct peer_table *t, uint32_t gap)
{
    for (uint32_t i = (gap + 1) & t->mask; t->entries[i].count > 0; i = (i + 1) & t->mask) {
        uint32_t home = home_of(t, t->entries[i].host);
        if (((i - home) & t->mask) >= ((i - gap) & t->mask)) {
            t->entries[gap] = t->entries[i];
            t->entries[i].count = 0;
            gap = i;
        }
    }
}

void peer_table_leave(struct peer_table *t, const struct addr *peer)
{
    uint8_t host[16];

    addr_host_key(peer, host);
    pthread_mutex_lock(&t->lock);
    uint32_t i = find(t, host);
    assert(t->entries[i].count > 0);
    t->entries[i].count--;
    if (t->entries[i].count == 0) {
        close_gap(t, i);
    }
    pthread_mutex_unlock(&t->lock);
}

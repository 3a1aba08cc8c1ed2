/* SPDX-License-Identifier: Apache-2.0
 *
 * peer_board: a look over the hashes, which lie side by side, and then one comparison of text. */
#include "ingestor/peer_board.h"

#include "base/span.h"
#include "wire/utf8.h"

#include <stddef.h>
#include <string.h>

#define FADE_SHIFT 6 /* a 64th a second */

/* Without the port and the brackets. */
static struct span host_of(const char *peer)
{
    struct span host = span_of_str(peer);
    const char *colon = strrchr(peer, ':');

    if (colon != NULL) {
        host.len = (size_t)(colon - peer);
    }
    if (host.len >= 2 && host.at[0] == '[') {
        host = span_of(host.at + 1, host.len - 2);
    }
    return span_head(host, PEER_BOARD_HOST_BYTES - 1);
}

static uint32_t hash_of(struct span host)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (size_t i = 0; i < host.len; i++) {
        hash = (hash ^ (uint8_t)host.at[i]) * 16777619u;
    }
    return hash;
}

static struct peer_board_entry *entry_of(struct peer_board *b, struct span host, uint32_t hash)
{
    for (size_t i = 0; i < PEER_BOARD_PLACES; i++) {
        if (b->hash[i] == hash && span_equal(span_of_str(b->at[i].host), host)) {
            return &b->at[i];
        }
    }
    return NULL;
}

/* Whether `a` has to go before `b`. A free place was never used. */
static bool goes_first(const struct peer_board_entry *a, const struct peer_board_entry *b)
{
    if (a->weight != b->weight) {
        return a->weight < b->weight;
    }
    if ((a->connections == 0) != (b->connections == 0)) {
        return a->connections == 0;
    }
    return a->last_ns < b->last_ns;
}

static struct peer_board_entry *make_entry(struct peer_board *b, struct span host, uint32_t hash)
{
    size_t place = 0;

    for (size_t i = 1; i < PEER_BOARD_PLACES; i++) {
        if (goes_first(&b->at[i], &b->at[place])) {
            place = i;
        }
    }
    b->hash[place] = hash;
    b->at[place] = (struct peer_board_entry){.weight = b->at[place].weight};
    memcpy(b->at[place].host, host.at, host.len);
    return &b->at[place];
}

struct peer_board_entry *peer_board_find(struct peer_board *b, const char *peer, uint64_t wall_ns)
{
    struct span host = host_of(peer);
    uint32_t hash = hash_of(host);
    struct peer_board_entry *e = entry_of(b, host, hash);

    e = e != NULL ? e : make_entry(b, host, hash);
    e->last_ns = wall_ns > e->last_ns ? wall_ns : e->last_ns;
    return e;
}

void peer_board_add_bytes(struct peer_board *b, const char *peer, uint64_t wall_ns, uint64_t bytes)
{
    struct peer_board_entry *e = peer_board_find(b, peer, wall_ns);

    e->bytes += bytes;
    e->weight += bytes;
}

void peer_board_set_name(struct peer_board_entry *e, const char *name)
{
    size_t len = utf8_cut(span_of_str(name), sizeof(e->name) - 1);

    memcpy(e->name, name, len);
    e->name[len] = '\0';
}

void peer_board_begin_count(struct peer_board *b)
{
    for (size_t i = 0; i < PEER_BOARD_PLACES; i++) {
        b->at[i].weight -= b->at[i].weight >> FADE_SHIFT;
        b->at[i].connections = 0;
    }
}

void peer_board_count(struct peer_board *b, const char *peer)
{
    struct span host = host_of(peer);
    struct peer_board_entry *e = entry_of(b, host, hash_of(host));

    if (e != NULL) {
        e->connections++;
    }
}

static void add(struct peer_board_entry *to, const struct peer_board_entry *from)
{
    to->streams |= from->streams;
    to->weight += from->weight;
    to->connections += from->connections;
    to->bytes += from->bytes;
    to->records += from->records;
    to->rejected += from->rejected;
    if (from->last_ns >= to->last_ns) {
        to->last_ns = from->last_ns;
        if (from->name[0] != '\0') {
            memcpy(to->name, from->name, sizeof(to->name));
        }
        if (from->skew_known) {
            to->skew_known = true;
            to->skew_s = from->skew_s;
        }
    }
}

/* A place for an entry of so many bytes; NULL: all have more. */
static struct peer_board_entry *place_for(struct peer_board *b, struct span host, uint64_t bytes)
{
    uint32_t hash = hash_of(host);
    struct peer_board_entry *e = entry_of(b, host, hash);
    size_t least = 0;

    if (e != NULL) {
        return e;
    }
    for (size_t i = 0; i < PEER_BOARD_PLACES; i++) {
        if (b->at[i].host[0] == '\0') {
            least = i;
            break;
        }
        if (b->at[i].bytes < b->at[least].bytes) {
            least = i;
        }
    }
    e = &b->at[least];
    if (e->host[0] != '\0' && e->bytes >= bytes) {
        return NULL;
    }
    b->hash[least] = hash;
    *e = (struct peer_board_entry){.last_ns = 0};
    memcpy(e->host, host.at, host.len);
    return e;
}

void peer_board_merge(struct peer_board *into, const struct peer_board *from)
{
    for (size_t i = 0; i < PEER_BOARD_PLACES; i++) {
        const struct peer_board_entry *e = &from->at[i];
        if (e->host[0] == '\0') {
            continue;
        }
        struct peer_board_entry *to = place_for(into, span_of_str(e->host), e->bytes);
        if (to != NULL) {
            add(to, e);
        }
    }
}

uint32_t peer_board_top(const struct peer_board *b, const struct peer_board_entry **ret,
                        uint32_t max)
{
    uint32_t count = 0;

    for (size_t i = 0; i < PEER_BOARD_PLACES; i++) {
        const struct peer_board_entry *e = &b->at[i];
        uint32_t at = count;
        if (e->host[0] == '\0') {
            continue;
        }
        while (at > 0 && ret[at - 1]->bytes < e->bytes) {
            at--;
        }
        if (at == max) {
            continue;
        }
        count += count < max ? 1 : 0;
        memmove(&ret[at + 1], &ret[at], (count - at - 1) * sizeof(*ret));
        ret[at] = e;
    }
    return count;
}

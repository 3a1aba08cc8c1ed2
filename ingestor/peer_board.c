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

/* Whose place is looked for. */
struct sender {
    struct span host;
    struct span name;
    uint32_t hash;
};

static uint32_t hash_on(uint32_t hash, struct span bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        hash = (hash ^ (uint8_t)bytes.at[i]) * 16777619u; /* FNV-1a */
    }
    return hash;
}

static struct sender sender_of(struct span host, const char *cert)
{
    size_t len = strnlen(cert, PEER_BOARD_NAME_BYTES);
    struct span name = span_of(cert, len);

    if (len == PEER_BOARD_NAME_BYTES) {
        name.len = utf8_cut(name, PEER_BOARD_NAME_BYTES - 1);
    }
    return (struct sender){host, name, hash_on(hash_on(2166136261u, host), name)};
}

static struct sender sender_of_key(struct peer_board_key key)
{
    return sender_of(host_of(key.peer), key.cert);
}

static struct sender sender_of_entry(const struct peer_board_entry *e)
{
    return sender_of(span_of_str(e->host), e->name);
}

static bool is_at(const struct peer_board *b, uint8_t place, const struct sender *who)
{
    const struct peer_board_entry *e = &b->at[place];

    return b->hash[place] == who->hash && span_equal(span_of_str(e->host), who->host) &&
           span_equal(span_of_str(e->name), who->name);
}

static struct peer_board_entry *entry_of(struct peer_board *b, const struct sender *who)
{
    uint8_t *hint = &b->hint[(who->hash ^ who->hash >> 16) % PEER_BOARD_HINTS];

    for (uint8_t i = 0; !is_at(b, *hint, who); i++) {
        if (i == PEER_BOARD_PLACES) {
            return NULL;
        }
        *hint = is_at(b, i, who) ? i : *hint;
    }
    return &b->at[*hint];
}

static struct peer_board_entry *settle(struct peer_board *b, size_t place, const struct sender *who,
                                       uint64_t weight)
{
    struct peer_board_entry *e = &b->at[place];

    b->hash[place] = who->hash;
    *e = (struct peer_board_entry){.weight = weight};
    memcpy(e->host, who->host.at, who->host.len);
    memcpy(e->name, who->name.at, who->name.len);
    return e;
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

static struct peer_board_entry *make_entry(struct peer_board *b, const struct sender *who)
{
    size_t place = 0;

    for (size_t i = 1; i < PEER_BOARD_PLACES; i++) {
        if (goes_first(&b->at[i], &b->at[place])) {
            place = i;
        }
    }
    return settle(b, place, who, b->at[place].weight);
}

struct peer_board_entry *peer_board_find(struct peer_board *b, struct peer_board_key key,
                                         uint64_t wall_ns)
{
    struct sender who = sender_of_key(key);
    struct peer_board_entry *e = entry_of(b, &who);

    e = e != NULL ? e : make_entry(b, &who);
    e->last_ns = wall_ns > e->last_ns ? wall_ns : e->last_ns;
    return e;
}

void peer_board_add_bytes(struct peer_board *b, struct peer_board_key key, uint64_t wall_ns,
                          uint64_t bytes)
{
    struct peer_board_entry *e = peer_board_find(b, key, wall_ns);

    e->bytes += bytes;
    e->weight += bytes;
}

void peer_board_begin_count(struct peer_board *b)
{
    for (size_t i = 0; i < PEER_BOARD_PLACES; i++) {
        b->at[i].weight -= b->at[i].weight >> FADE_SHIFT;
        b->at[i].connections = 0;
    }
}

void peer_board_count(struct peer_board *b, struct peer_board_key key)
{
    struct sender who = sender_of_key(key);
    struct peer_board_entry *e = entry_of(b, &who);

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
        if (from->skew_known) {
            to->skew_known = true;
            to->skew_s = from->skew_s;
        }
    }
}

/* A place for an entry of so many bytes; NULL: all have more. */
static struct peer_board_entry *place_for(struct peer_board *b, const struct sender *who,
                                          uint64_t bytes)
{
    struct peer_board_entry *e = entry_of(b, who);
    size_t least = 0;

    if (e != NULL) {
        return e;
    }
    for (size_t i = 0; i < PEER_BOARD_PLACES; i++) {
        if (b->at[i].host[0] == '\0') {
            return settle(b, i, who, 0);
        }
        if (b->at[i].bytes < b->at[least].bytes) {
            least = i;
        }
    }
    return b->at[least].bytes < bytes ? settle(b, least, who, 0) : NULL;
}

void peer_board_merge(struct peer_board *into, const struct peer_board *from)
{
    for (size_t i = 0; i < PEER_BOARD_PLACES; i++) {
        const struct peer_board_entry *e = &from->at[i];
        if (e->host[0] == '\0') {
            continue;
        }
        struct sender who = sender_of_entry(e);
        struct peer_board_entry *to = place_for(into, &who, e->bytes);
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

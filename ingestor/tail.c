/* SPDX-License-Identifier: Apache-2.0
 *
 * tail: a ring of copies per shard, which one thread fills and one empties, and counts of lines
 * that may still come in this second, which all shards share. A reader's events are collected in
 * one buffer while the other one is sent; a reader that does not keep up misses lines. */
#include "ingestor/tail.h"

#include "base/limits.h"
#include "base/rfc3339.h"
#include "ingestor/json_put.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SLOTS            256u /* a power of two, more than may come in a second */
#define PEER_BYTES       56u  /* as net/addr.h */
#define READER_BYTES_MAX (512u * KIB)

_Static_assert(SLOTS >= TAIL_LINES_PER_S, "a second's lines have room");

/* Groups of severities that have a share of their own. */
enum share { SHARE_ERROR, SHARE_WARNING, SHARE_INFO, SHARE_DEBUG, SHARE_COUNT };

#define SHARE_LINES  10
#define COMMON_LINES ((int)TAIL_LINES_PER_S - SHARE_COUNT * SHARE_LINES)

struct slot {
    uint64_t wall_ns;
    enum format format;
    enum severity severity;
    uint32_t len;
    char peer[PEER_BYTES];
    char line[TAIL_LINE_BYTES + 1]; /* ends with NUL */
};

struct lane {
    struct slot slots[SLOTS];
    _Atomic uint32_t filled;  /* by the shard */
    _Atomic uint32_t emptied; /* by the HTTP thread */
};

struct reader {
    struct reader *prev;
    struct reader *next;
    struct tail *tail;
    struct tail_filter filter;
    struct buf collecting;
    struct buf sending;
    unsigned sent; /* lines, since the last tick */
};

struct tail {
    unsigned shard_count;
    struct lane *lanes;

    /* atomic */
    _Atomic int reader_count;
    _Atomic int common;
    _Atomic int own[SHARE_COUNT];
    _Atomic bool skipped; /* a line, since the last tick */

    /* HTTP thread only */
    struct reader *readers;
    uint64_t archived; /* at the last tick; 0: none yet */
};

err_t tail_new(unsigned shards, struct tail **ret)
{
    struct tail *t = calloc(1, sizeof(*t));

    ENSURE(t != NULL, ERR_NOMEM);
    t->lanes = calloc(shards, sizeof(*t->lanes));
    if (t->lanes == NULL) {
        free(t);
        return ERR_NOMEM;
    }
    t->shard_count = shards;
    *ret = t;
    return ERR_OK;
}

void tail_free(struct tail *t)
{
    if (t == NULL) {
        return;
    }
    assert(t->readers == NULL);
    free(t->lanes);
    free(t);
}

/* ---- a shard's thread ---- */

bool tail_is_read(const struct tail *t)
{
    return t != NULL && atomic_load_explicit(&t->reader_count, memory_order_relaxed) > 0;
}

static enum share share_of(enum severity severity)
{
    if (severity <= SEVERITY_ERR) {
        return SHARE_ERROR;
    }
    if (severity == SEVERITY_WARNING) {
        return SHARE_WARNING;
    }
    return severity <= SEVERITY_INFO ? SHARE_INFO : SHARE_DEBUG;
}

/* Looks before it takes: when nothing is left, as is usual, nobody writes. */
static bool take_one(_Atomic int *left)
{
    return atomic_load_explicit(left, memory_order_relaxed) > 0 &&
           atomic_fetch_sub_explicit(left, 1, memory_order_relaxed) > 0;
}

/* Cuts between characters. */
static uint32_t shown_bytes(struct span line)
{
    size_t len = line.len;

    if (len > TAIL_LINE_BYTES) {
        len = TAIL_LINE_BYTES;
        while (len > 0 && ((unsigned char)line.at[len] & 0xC0U) == 0x80U) {
            len--;
        }
    }
    return (uint32_t)len;
}

void tail_offer(struct tail *t, unsigned shard, const struct tail_line *line)
{
    struct lane *lane = &t->lanes[shard];
    uint32_t filled = atomic_load_explicit(&lane->filled, memory_order_relaxed);

    assert(shard < t->shard_count);
    if (filled - atomic_load_explicit(&lane->emptied, memory_order_acquire) == SLOTS ||
        (!take_one(&t->own[share_of(line->severity)]) && !take_one(&t->common))) {
        if (!atomic_load_explicit(&t->skipped, memory_order_relaxed)) {
            atomic_store_explicit(&t->skipped, true, memory_order_relaxed);
        }
        return;
    }
    struct slot *slot = &lane->slots[filled % SLOTS];
    slot->wall_ns = line->wall_ns;
    slot->format = line->format;
    slot->severity = line->severity;
    slot->len = shown_bytes(line->line);
    memcpy(slot->line, line->line.at, slot->len);
    slot->line[slot->len] = '\0';
    strncpy(slot->peer, line->peer, sizeof(slot->peer) - 1);
    atomic_store_explicit(&lane->filled, filled + 1, memory_order_release);
}

/* ---- the HTTP server's thread ---- */

err_t tail_level(const char *name, enum severity *ret)
{
    static const struct {
        const char *name;
        enum severity severity;
    } levels[] = {
        {"", SEVERITY_OTHER},          {"trace", SEVERITY_TRACE},   {"debug", SEVERITY_DEBUG},
        {"info", SEVERITY_INFO},       {"notice", SEVERITY_NOTICE}, {"warn", SEVERITY_WARNING},
        {"warning", SEVERITY_WARNING}, {"err", SEVERITY_ERR},       {"error", SEVERITY_ERR},
        {"crit", SEVERITY_CRIT},       {"alert", SEVERITY_ALERT},   {"emerg", SEVERITY_EMERG},
    };

    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        if (strcasecmp(name, levels[i].name) == 0) {
            *ret = levels[i].severity;
            return ERR_OK;
        }
    }
    return ERR_UNKNOWN;
}

static bool reader_wants(const struct reader *r, const struct slot *slot)
{
    return slot->severity <= r->filter.least && strcasestr(slot->line, r->filter.text) != NULL;
}

/* An event that has no room is left out: all of it. */
static void reader_end_event(struct reader *r, const struct json_put *j, size_t before)
{
    if (j->err != ERR_OK || buf_append(&r->collecting, SPAN_LIT("\n\n")) != ERR_OK) {
        r->collecting.len = before;
    }
}

static void reader_add_line(struct reader *r, const struct slot *slot)
{
    struct json_put j = {.out = &r->collecting, .err = ERR_OK};
    size_t before = r->collecting.len;
    char at[RFC3339_BYTES_MAX];

    if (before > READER_BYTES_MAX || !reader_wants(r, slot)) {
        return;
    }
    j.err = buf_append(&r->collecting, SPAN_LIT("event: line\ndata: "));
    json_put_object(&j, NULL);
    json_put_text(&j, "at", span_of(at, rfc3339_format(slot->wall_ns, 3, at)));
    json_put_text(&j, "peer", span_of_str(slot->peer));
    json_put_text(&j, "format", span_of_str(format_name(slot->format)));
    json_put_text(&j, "severity", span_of_str(severity_label(slot->severity)));
    json_put_text(&j, "line", span_of(slot->line, slot->len));
    json_put_object_end(&j);
    reader_end_event(r, &j, before);
    r->sent++;
}

static void reader_add_counts(struct reader *r, uint64_t per_s, unsigned looked_at, bool sampled)
{
    struct json_put j = {.out = &r->collecting, .err = ERR_OK};
    size_t before = r->collecting.len;

    if (before <= READER_BYTES_MAX) {
        j.err = buf_append(&r->collecting, SPAN_LIT("event: tail\ndata: "));
        json_put_object(&j, NULL);
        json_put_count(&j, "per_s", per_s);
        json_put_count(&j, "looked_at", looked_at);
        json_put_count(&j, "sent", r->sent);
        json_put_bool(&j, "sampled", sampled);
        json_put_object_end(&j);
        reader_end_event(r, &j, before);
    }
    r->sent = 0;
}

static int slot_compare(const void *a, const void *b)
{
    const struct slot *const *left = a;
    const struct slot *const *right = b;

    return ((*left)->wall_ns > (*right)->wall_ns) - ((*left)->wall_ns < (*right)->wall_ns);
}

/* The lines of all shards, by time. Returns how many there are. */
static unsigned collect(struct tail *t, const struct slot *slots[static SLOTS],
                        uint32_t ends[static SHARDS_MAX])
{
    unsigned count = 0;

    for (unsigned i = 0; i < t->shard_count; i++) {
        struct lane *lane = &t->lanes[i];
        uint32_t filled = atomic_load_explicit(&lane->filled, memory_order_acquire);
        uint32_t at = atomic_load_explicit(&lane->emptied, memory_order_relaxed);

        for (; at != filled && count < SLOTS; at++) {
            slots[count++] = &lane->slots[at % SLOTS];
        }
        ends[i] = at;
    }
    qsort(slots, count, sizeof(slots[0]), slot_compare);
    return count;
}

static void refill(struct tail *t)
{
    for (unsigned i = 0; i < SHARE_COUNT; i++) {
        atomic_store_explicit(&t->own[i], SHARE_LINES, memory_order_relaxed);
    }
    atomic_store_explicit(&t->common, COMMON_LINES, memory_order_relaxed);
}

void tail_tick(struct tail *t, uint64_t archived)
{
    const struct slot *slots[SLOTS];
    uint32_t ends[SHARDS_MAX];
    unsigned count = collect(t, slots, ends);
    bool sampled = atomic_exchange_explicit(&t->skipped, false, memory_order_relaxed);
    uint64_t per_s = t->archived > 0 && archived > t->archived ? archived - t->archived : 0;

    for (struct reader *r = t->readers; r != NULL; r = r->next) {
        for (unsigned i = 0; i < count; i++) {
            reader_add_line(r, slots[i]);
        }
        reader_add_counts(r, per_s, count, sampled);
    }
    for (unsigned i = 0; i < t->shard_count; i++) {
        atomic_store_explicit(&t->lanes[i].emptied, ends[i], memory_order_release);
    }
    t->archived = archived;
    refill(t);
}

static struct span reader_next(void *arg)
{
    struct reader *r = arg;
    struct buf sent = r->sending;

    r->sending = r->collecting;
    r->collecting = sent;
    r->collecting.len = 0;
    return buf_span(&r->sending);
}

static void reader_end(void *arg)
{
    struct reader *r = arg;

    if (r->prev != NULL) {
        r->prev->next = r->next;
    } else {
        r->tail->readers = r->next;
    }
    if (r->next != NULL) {
        r->next->prev = r->prev;
    }
    atomic_fetch_sub(&r->tail->reader_count, 1);
    buf_done(&r->collecting);
    buf_done(&r->sending);
    free(r);
}

err_t tail_subscribe(struct tail *t, const struct tail_filter *filter,
                     struct http_reply_stream *ret)
{
    ENSURE(atomic_load(&t->reader_count) < (int)TAIL_READERS_MAX, ERR_LIMIT);

    struct reader *r = calloc(1, sizeof(*r));
    ENSURE(r != NULL, ERR_NOMEM);
    *r = (struct reader){.tail = t, .filter = *filter, .next = t->readers};
    if (t->readers != NULL) {
        t->readers->prev = r;
    }
    t->readers = r;
    atomic_fetch_add(&t->reader_count, 1);
    *ret = (struct http_reply_stream){.next = reader_next, .end = reader_end, .arg = r};
    return ERR_OK;
}

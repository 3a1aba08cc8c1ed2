/* SPDX-License-Identifier: Apache-2.0
 *
 * recent: rings of copies, and one question at a time. */
#include "ingestor/recent.h"

#include "render/render_json.h"

#include <assert.h>

#define SLOT_BYTES       (RECENT_RECORD_BYTES + SPAN_SLACK_BYTES)
#define ANSWER_BYTES_MAX ((size_t)SCHEMA_CACHE_RECENT_MAX * SLOT_BYTES)

enum recent_state { RECENT_IDLE, RECENT_ASKED, RECENT_ANSWERED };

err_t recent_init(struct recent *r)
{
    *r = (struct recent){0};
    TRY(arena_init(&r->memory, RECENT_JUDGES * ANSWER_BYTES_MAX));
    for (unsigned i = 0; i < RECENT_JUDGES; i++) {
        r->rings[i].slots = r->memory.at + i * ANSWER_BYTES_MAX;
    }
    return ERR_OK;
}

void recent_done(struct recent *r)
{
    arena_done(&r->memory);
    buf_done(&r->answer.bytes);
    *r = (struct recent){0};
}

static char *next_slot(struct recent_ring *ring)
{
    return ring->slots + (size_t)ring->next * SLOT_BYTES;
}

static void commit(struct recent_ring *ring, size_t len)
{
    ring->len[ring->next] = (uint32_t)len;
    ring->next = (ring->next + 1) % SCHEMA_CACHE_RECENT_MAX;
}

static void keep_bytes(struct recent_ring *ring, struct span bytes)
{
    if (bytes.len > 0 && bytes.len <= RECENT_RECORD_BYTES) {
        memcpy(next_slot(ring), bytes.at, bytes.len);
        commit(ring, bytes.len);
    }
}

/* The object that LogEntry's JSON Schema saw: the record without what we added. */
static void keep_entry(struct recent_ring *ring, const struct record *rec)
{
    struct record as_judged = *rec;

    as_judged.time_source = TIME_AS_SENT;
    as_judged.truncated_bytes = 0;
    as_judged.message_missing = false;
    as_judged.invalid_utf8 = false;
    as_judged.stamp = NULL;
    if (render_json_bound(&as_judged) <= RECENT_RECORD_BYTES) {
        char *end = render_json_line(&as_judged, next_slot(ring));
        commit(ring, (size_t)(end - next_slot(ring)) - 1);
    }
}

static void keep_record(struct recent *r, const struct schema_set *schemas,
                        const struct record *rec)
{
    const struct schema_type *type = rec->schema;

    if (type == NULL || type == schemas->entry) {
        keep_entry(&r->rings[RECENT_ENTRY], rec);
    } else if (type == schemas->defaults[SCHEMA_KIND_JSON]) {
        keep_bytes(&r->rings[RECENT_JSON], rec->source);
    } else if (type == schemas->defaults[SCHEMA_KIND_AVRO]) {
        keep_bytes(&r->rings[RECENT_AVRO], rec->source);
    } else if (type == schemas->defaults[SCHEMA_KIND_PROTOBUF]) {
        keep_bytes(&r->rings[RECENT_PROTOBUF], rec->source);
    }
}

void recent_keep(struct recent *r, const struct schema_set *schemas, const struct batch *b)
{
    uint32_t first = b->record_count > RECENT_PER_BATCH ? b->record_count - RECENT_PER_BATCH : 0;

    for (uint32_t i = first; i < b->record_count; i++) {
        keep_record(r, schemas, &b->records[i]);
    }
}

static void copy_slot(const struct recent_ring *ring, uint32_t slot,
                      struct schema_cache_recent *ret)
{
    size_t bytes = ring->len[slot] + SPAN_SLACK_BYTES;

    assert(ret->bytes.len + bytes <= ret->bytes.cap);
    memcpy(ret->bytes.at + ret->bytes.len, ring->slots + (size_t)slot * SLOT_BYTES, bytes);
    ret->of[ret->count].at = ret->bytes.len;
    ret->of[ret->count++].len = ring->len[slot];
    ret->bytes.len += bytes;
}

/* The oldest first: it is where the next one goes. */
static void copy_ring(const struct recent_ring *ring, struct schema_cache_recent *ret)
{
    ret->bytes.len = 0;
    ret->count = 0;
    for (uint32_t i = 0; i < SCHEMA_CACHE_RECENT_MAX; i++) {
        uint32_t slot = (ring->next + i) % SCHEMA_CACHE_RECENT_MAX;
        if (ring->len[slot] != 0) {
            copy_slot(ring, slot, ret);
        }
    }
}

void recent_answer(struct recent *r)
{
    if (atomic_load_explicit(&r->state, memory_order_acquire) == RECENT_ASKED) {
        copy_ring(&r->rings[r->asked], &r->answer);
        atomic_store_explicit(&r->state, RECENT_ANSWERED, memory_order_release);
    }
}

err_t recent_ask(struct recent *r, enum recent_judge judge)
{
    ENSURE(atomic_load_explicit(&r->state, memory_order_acquire) != RECENT_ASKED, ERR_AGAIN);
    r->answer.bytes.len = 0;
    TRY(buf_reserve(&r->answer.bytes, ANSWER_BYTES_MAX)); /* so that the shard need not */
    r->asked = judge;
    atomic_store_explicit(&r->state, RECENT_ASKED, memory_order_release);
    return ERR_OK;
}

bool recent_is_answered(const struct recent *r)
{
    return atomic_load_explicit(&r->state, memory_order_acquire) == RECENT_ANSWERED;
}

void recent_share(const uint32_t *counts, unsigned shards, uint32_t *ret_take)
{
    uint32_t left = SCHEMA_CACHE_RECENT_MAX;
    bool gave = true;

    memset(ret_take, 0, shards * sizeof(*ret_take));
    while (gave) {
        gave = false;
        for (unsigned i = 0; i < shards && left > 0; i++) {
            if (ret_take[i] < counts[i]) {
                ret_take[i]++;
                left--;
                gave = true;
            }
        }
    }
}

err_t recent_add(const struct schema_cache_recent *from, uint32_t most,
                 struct schema_cache_recent *to)
{
    uint32_t first = from->count > most ? from->count - most : 0;

    for (uint32_t i = first; i < from->count && to->count < SCHEMA_CACHE_RECENT_MAX; i++) {
        size_t at = to->bytes.len;
        struct span kept =
            span_of(from->bytes.at + from->of[i].at, from->of[i].len + SPAN_SLACK_BYTES);
        TRY(buf_append(&to->bytes, kept));
        to->of[to->count].at = at;
        to->of[to->count++].len = from->of[i].len;
    }
    return ERR_OK;
}

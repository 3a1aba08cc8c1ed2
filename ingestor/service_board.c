/* SPDX-License-Identifier: Apache-2.0
 *
 * service_board: a look at the place where the name was last, or else over all of them. */
#include "ingestor/service_board.h"

#include "wire/json_text.h"
#include "wire/utf8.h"

#include <string.h>

#define STEP          0x9E3779B97F4A7C15ull /* odd, and far from regular */
#define DECODED_BYTES 2048u                 /* longer escaped names are rejected or cut before */

static bool is_of(const struct service_board_entry *e, struct span name)
{
    return e->records > 0 && span_equal(span_of(e->name, e->len), name);
}

/* Where the name was found last, or one with the same hash. */
static uint8_t *hint_for(struct service_board *b, struct span name)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < name.len; i++) {
        hash = (hash ^ (uint8_t)name.at[i]) * 16777619u; /* FNV-1a */
    }
    return &b->hint[(hash ^ hash >> 16) % SERVICE_BOARD_HINTS];
}

static struct service_board_entry *find(struct service_board *b, struct span name,
                                        struct service_board_entry **ret_least)
{
    struct service_board_entry *least = &b->at[0];
    uint8_t *hint = hint_for(b, name);

    if (is_of(&b->at[*hint], name)) {
        return &b->at[*hint];
    }
    for (uint8_t i = 0; i < SERVICE_BOARD_PLACES; i++) {
        struct service_board_entry *e = &b->at[i];
        if (is_of(e, name)) {
            *hint = i;
            return e;
        }
        if (e->records < least->records) {
            least = e;
        }
    }
    *ret_least = least;
    return NULL;
}

static void set_name(struct service_board_entry *e, struct span name)
{
    memcpy(e->name, name.at, name.len);
    e->len = (uint32_t)name.len;
}

static void add(struct service_board *b, struct span name, uint64_t records)
{
    struct service_board_entry *least = NULL;

    name.len = utf8_cut(name, SERVICE_BOARD_NAME_BYTES);
    if (name.len == 0) {
        return;
    }
    struct service_board_entry *e = find(b, name, &least);
    if (e == NULL) {
        e = least;
        set_name(e, name);
    }
    e->records += records;
}

void service_board_add(struct service_board *b, struct text service, uint32_t records)
{
    char decoded[DECODED_BYTES];
    struct span name = text_span(service);

    b->seen += records;
    b->sampled = b->sampled || records > 1;
    if (service.form == TEXT_JSON) {
        name = service.len <= sizeof(decoded) ? span_of(decoded, json_text_decode(service, decoded))
                                              : span_of(NULL, 0);
    }
    add(b, name, records);
}

void service_board_add_batch(struct service_board *b, const struct batch *batch)
{
    uint32_t count = batch->record_count;
    uint32_t samples = count < SERVICE_BOARD_SAMPLES ? count : SERVICE_BOARD_SAMPLES;
    uint32_t from = 0;

    for (uint32_t i = 1; i <= samples; i++) {
        uint32_t to = count * i / samples;
        /* Not always the first of its part: senders have a rhythm, too. */
        uint32_t at = from + (uint32_t)(b->seen * STEP >> 32) % (to - from);
        service_board_add(b, batch->records[at].service, to - from);
        from = to;
    }
}

/* The counts of two boards hold what others left behind: nobody inherits them here. */
static void merge_entry(struct service_board *into, const struct service_board_entry *from)
{
    struct service_board_entry *least = NULL;
    struct service_board_entry *e = find(into, span_of(from->name, from->len), &least);

    if (e != NULL) {
        e->records += from->records;
    } else if (least->records < from->records) {
        *least = *from;
    }
}

void service_board_merge(struct service_board *into, const struct service_board *from)
{
    into->seen += from->seen;
    into->sampled = into->sampled || from->sampled;
    for (size_t i = 0; i < SERVICE_BOARD_PLACES; i++) {
        if (from->at[i].records > 0) {
            merge_entry(into, &from->at[i]);
        }
    }
}

uint32_t service_board_top(const struct service_board *b, const struct service_board_entry **ret,
                           uint32_t max)
{
    uint32_t count = 0;

    for (size_t i = 0; i < SERVICE_BOARD_PLACES; i++) {
        const struct service_board_entry *e = &b->at[i];
        uint32_t at = count;
        if (e->records == 0) {
            continue;
        }
        while (at > 0 && ret[at - 1]->records < e->records) {
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

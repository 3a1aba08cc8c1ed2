/* SPDX-License-Identifier: Apache-2.0
 *
 * batch: the records and rejects of one decode call on their way through check and render, and the
 * arena that holds what they point to. All of it dies together with batch_reset(). Shard thread
 * only. */
#pragma once

#include "base/arena.h"
#include "base/limits.h"
#include "base/rfc3339.h"
#include "wire/record.h"

enum entry_field { FIELD_TIMESTAMP, FIELD_LEVEL, FIELD_MESSAGE, FIELD_SERVICE, FIELD_COUNT };

struct batch {
    struct arena arena;
    uint64_t received_ns;      /* wall time of the read; the default timestamp */
    struct text received_text; /* the same as RFC 3339 UTC with microseconds, in received_chars */
    char received_chars[RFC3339_BYTES_MAX];

    uint32_t items_max; /* BATCH_ITEMS_MAX, or fewer for who wants to see them one by one */
    uint32_t record_count;
    uint32_t reject_count;
    uint16_t next_order;
    uint32_t blank_count;            /* blank lines: framing, not records */
    uint32_t defaulted[FIELD_COUNT]; /* values filled in, by field */
    struct record records[BATCH_ITEMS_MAX];
    struct reject rejects[BATCH_ITEMS_MAX];
};

/* Arena bytes that decoding one record of `record_bytes` can need: unescaped copies, extras, names
 * of large objects. */
#define BATCH_ARENA_PER_BYTE 16u

/* The same for judging one record (check/check_json.h), which gives it back, and for what is put
 * into its own place before (check/check_typed.h). */
#define BATCH_ARENA_JUDGE_PER_BYTE 24u

/* Beyond that: what a small record needs (a binary one has names and a table of fields that its
 * schema gives it), and short copies that the check makes for all of a batch. */
#define BATCH_ARENA_SPARE (128u * KIB)

/* An empty batch whose arena serves records of up to `record_bytes_max`. ERR_NOMEM. */
MUST_CHECK err_t batch_init(struct batch *b, size_t record_bytes_max);
void batch_done(struct batch *b);

/* Empties the batch and stamps it with the time of the read. */
void batch_reset(struct batch *b, uint64_t received_ns);

/* Whether one more record of up to `record_bytes_max` can be decoded into the batch, and each be
 * judged when all are decoded. */
static inline bool batch_has_room(const struct batch *b, size_t record_bytes_max)
{
    return b->record_count + b->reject_count < b->items_max &&
           arena_left(&b->arena) >=
               record_bytes_max * (BATCH_ARENA_PER_BYTE + BATCH_ARENA_JUDGE_PER_BYTE) +
                   3 * BATCH_ARENA_SPARE;
}

/* Takes the record that was decoded into records[record_count]. The batch has room. */
static inline void batch_accept(struct batch *b)
{
    b->records[b->record_count++].order = b->next_order++;
}

/* Adds a reject. The batch has room. */
void batch_reject(struct batch *b, struct reject reject);

/* Adds a reject for a record that had been accepted (and that the caller removes from the records);
 * it keeps the record's place. */
void batch_reject_record(struct batch *b, const struct record *rec, enum reason reason,
                         const char *detail);

/* Puts the rejects in the order in which they came: those of the check after those of the decoders
 * otherwise. */
void batch_sort_rejects(struct batch *b);

/* SPDX-License-Identifier: Apache-2.0
 *
 * batch: start, end and rewinding of a batch. */
#include "wire/batch.h"

#include <assert.h>

/* A batch decodes until less than one largest record's worth is left, so it needs room for two,
 * and for judging one. */
#define BATCH_ARENA_RECORDS 2u

err_t batch_init(struct batch *b, size_t record_bytes_max)
{
    size_t per_byte = BATCH_ARENA_PER_BYTE * BATCH_ARENA_RECORDS + BATCH_ARENA_JUDGE_PER_BYTE;
    size_t arena_bytes = record_bytes_max * per_byte + MIB;

    *b = (struct batch){.items_max = BATCH_ITEMS_MAX};
    TRY(arena_init(&b->arena, arena_bytes));
    batch_reset(b, 0);
    return ERR_OK;
}

void batch_done(struct batch *b)
{
    arena_done(&b->arena);
}

void batch_reset(struct batch *b, uint64_t received_ns)
{
    arena_reset(&b->arena);
    b->record_count = 0;
    b->reject_count = 0;
    b->next_order = 0;
    b->blank_count = 0;
    memset(b->defaulted, 0, sizeof(b->defaulted));
    if (b->received_ns != received_ns || b->received_text.at == NULL) {
        size_t len = rfc3339_format(received_ns, 6, b->received_chars);
        b->received_ns = received_ns;
        b->received_text = text_of(span_of(b->received_chars, len), TEXT_CLEAN);
    }
}

static void add_reject(struct batch *b, struct reject reject)
{
    assert(b->record_count + b->reject_count < BATCH_ITEMS_MAX);
    assert(reject.reason != REASON_NONE && reject.detail != NULL);
    if (reject.payload.at == NULL) {
        reject.payload = SPAN_LIT(""); /* nothing of it arrived: empty, but not absent */
    }
    b->rejects[b->reject_count++] = reject;
}

void batch_reject(struct batch *b, struct reject reject)
{
    reject.order = b->next_order++;
    add_reject(b, reject);
}

void batch_reject_record(struct batch *b, const struct record *rec, enum reason reason,
                         const char *detail)
{
    add_reject(b, (struct reject){.payload = rec->source,
                                  .length = rec->source.len,
                                  .detail = detail,
                                  .format = rec->format,
                                  .reason = (uint8_t)reason,
                                  .order = rec->order});
}

/* By insertion: two ascending runs at most, and few. */
void batch_sort_rejects(struct batch *b)
{
    for (uint32_t i = 1; i < b->reject_count; i++) {
        struct reject moving = b->rejects[i];
        uint32_t at = i;
        for (; at > 0 && b->rejects[at - 1].order > moving.order; at--) {
            b->rejects[at] = b->rejects[at - 1];
        }
        b->rejects[at] = moving;
    }
}

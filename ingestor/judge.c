/* SPDX-License-Identifier: Apache-2.0
 *
 * judge: two passes over a batch, so that each runs its own code in a row. */
#include "ingestor/judge.h"

/* Whether the record's JSON Schema allows it. */
static bool schema_allows(struct judge *j, const struct schema_set *schemas, struct record *rec,
                          struct arena *arena, const char **ret_detail)
{
    const struct schema_type *type = rec->schema != NULL ? rec->schema : schemas->entry;

    if (type->kind != SCHEMA_KIND_JSON) {
        return true;
    }
    if (!check_json_record(&j->json, type->json, rec, arena, ret_detail)) {
        j->failed[type->slot]++;
        return false;
    }
    j->passed[type->slot]++;
    return true;
}

void judge_batch(struct judge *j, const struct schema_set *schemas, struct batch *b)
{
    check_entry_batch(&j->limits, b);
    uint32_t count = b->record_count;

    b->record_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct record *rec = &b->records[i];
        const char *detail = "";
        if (!schema_allows(j, schemas, rec, &b->arena, &detail)) {
            batch_reject_record(b, rec, REASON_SCHEMA, detail);
            continue;
        }
        if (rec->origin == ORIGIN_TYPED) {
            check_typed_fill(rec, b);
        }
        if (b->record_count != i) {
            b->records[b->record_count] = *rec;
        }
        b->record_count++;
    }
}

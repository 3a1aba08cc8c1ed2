/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_set: the schemas in force: which type judges what. Immutable; a shard takes one at the
 * beginning of a turn and uses it for whole batches, so that no record is judged by half of two. */
#pragma once

#include "schema/schema_type.h"

/* What is known about a global id. */
struct schema_set_id {
    uint32_t id;
    const struct schema_type *type; /* NULL: the registry had none … */
    uint64_t until_mono_ns;         /* … and is not asked again before this */
};

struct schema_set {
    uint64_t generation; /* rises with each set */

    /* The JSON Schema of LogEntry: judges what was normalised. */
    const struct schema_type *entry;

    /* What --type stands for in each language: decodes and judges payloads that bear no id. NULL:
     * the registry has none (and it is not LogEntry). */
    const struct schema_type *defaults[SCHEMA_KIND_COUNT];

    bool avro_prefix; /* an Avro payload that begins with 00 bears an id */

    const struct schema_set_id *ids; /* ordered by id */
    uint32_t id_count;
};

/* What is known about the id; NULL: nothing yet, or no longer. */
const struct schema_set_id *schema_set_find(const struct schema_set *set, uint32_t id,
                                            uint64_t mono_ns);

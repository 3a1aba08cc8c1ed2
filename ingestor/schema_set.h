/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_set: the schemas in force: which type judges what. Immutable; a shard takes one at the
 * beginning of a turn and uses it for whole batches, so that no record is judged by half of two. */
#pragma once

#include "base/err.h"
#include "schema/schema_type.h"

/* Why an id has no type. */
enum schema_set_cause {
    SCHEMA_SET_NONE,    /* the registry says that there is none */
    SCHEMA_SET_AWAY,    /* the registry did not say */
    SCHEMA_SET_BAD,     /* its schema does not compile */
    SCHEMA_SET_NO_ROOM, /* as many types are known as there may be */
};

/* What is known about a global id. */
struct schema_set_id {
    uint32_t id;
    enum schema_set_cause cause;    /* without a type: why … */
    const struct schema_type *type; /* NULL: there is none … */
    uint64_t until_mono_ns;         /* … and nobody is asked again before this */
};

struct schema_set {
    uint64_t generation; /* rises with each set */

    /* The JSON Schema of LogEntry: judges what was normalised. */
    const struct schema_type *entry;

    /* What --type stands for in each language: decodes and judges payloads that bear no id. NULL:
     * the registry has none (and it is not LogEntry). */
    const struct schema_type *defaults[SCHEMA_KIND_COUNT];

    /* An Avro payload that begins with 00 bears an id: by --avro-prefix, or because no datum of
     * --type begins so (or, with a registry, none that LogEntry's rules let through). */
    bool avro_prefix;

    const struct schema_set_id *ids; /* ordered by id */
    uint32_t id_count;
    bool ids_are_all; /* there is no registry to ask: every other id is none */
};

/* What is known about the id; NULL: nothing yet, or no longer. */
const struct schema_set_id *schema_set_find(const struct schema_set *set, uint32_t id,
                                            uint64_t mono_ns);

/* A copy of its own, ids included; of types it has only the addresses. ERR_NOMEM. */
MUST_CHECK err_t schema_set_copy(const struct schema_set *set, struct schema_set **ret);

/* NULL is fine. */
void schema_set_free(struct schema_set *set);

/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_set: one piece of memory, ids behind the rest. */
#include "ingestor/schema_set.h"

#include <stdlib.h>

const struct schema_set_id *schema_set_find(const struct schema_set *set, uint32_t id,
                                            uint64_t mono_ns)
{
    static const struct schema_set_id none = {.until_mono_ns = UINT64_MAX};
    uint32_t first = 0;
    uint32_t behind = set->id_count;

    while (first < behind) {
        uint32_t middle = first + (behind - first) / 2;
        const struct schema_set_id *at = &set->ids[middle];
        if (at->id == id) {
            return at->type != NULL || mono_ns < at->until_mono_ns ? at : NULL;
        }
        first = at->id < id ? middle + 1 : first;
        behind = at->id < id ? behind : middle;
    }
    return set->ids_are_all ? &none : NULL;
}

err_t schema_set_copy(const struct schema_set *set, struct schema_set **ret)
{
    size_t bytes = set->id_count * sizeof(set->ids[0]);
    struct schema_set *copy = malloc(sizeof(*copy) + bytes);

    ENSURE(copy != NULL, ERR_NOMEM);
    struct schema_set_id *ids = (struct schema_set_id *)(copy + 1);
    *copy = *set;
    copy->ids = ids;
    if (bytes > 0) {
        memcpy(ids, set->ids, bytes);
    }
    *ret = copy;
    return ERR_OK;
}

void schema_set_free(struct schema_set *set)
{
    free(set);
}

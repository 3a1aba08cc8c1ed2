/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_compat_json_rule: whether what is known of written values implies one operation of the
 * reader that judges a value by itself, or that can only be compared as a whole. */
#pragma once

#include "schema/schema_compat_json_set.h"

struct schema_compat_json_sides {
    const struct schema_json *reader;
    const struct schema_json *writer;
    uint64_t *work;        /* steps that are left; without any nothing is shown any more */
    bool same_dialect;     /* equal keywords mean the same */
    bool same_definitions; /* so that equal references into them mean equal schemas */
};

/* Takes `cost` off the work. False: there is no more. */
static inline bool schema_compat_json_rule_spend(const struct schema_compat_json_sides *sides,
                                                 uint64_t cost)
{
    *sides->work -= cost < *sides->work ? cost : *sides->work;
    return *sides->work > 0;
}

/* Takes its steps from `*work`, which outlives it. */
struct schema_compat_json_sides schema_compat_json_rule_sides(const struct schema_json *reader,
                                                              const struct schema_json *writer,
                                                              uint64_t *work);

/* For every kind but $ref, allOf, anyOf, oneOf, properties and items, whose parts the caller
 * compares. `node` is the reader's node that has the operation. */
bool schema_compat_json_rule_holds(const struct schema_compat_json_sides *sides, uint32_t node,
                                   const struct schema_json_op *op,
                                   const struct schema_compat_json_set *set);

/* Whether a keyword's value is the same in a node of the reader and one of the set, and holds no
 * references or, of another draft, keywords that may mean something else; both absent is not the
 * same. */
bool schema_compat_json_rule_same(const struct schema_compat_json_sides *sides, uint32_t node,
                                  const struct schema_compat_json_set *set, const char *keyword);

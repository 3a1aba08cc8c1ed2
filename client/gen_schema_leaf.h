/* SPDX-License-Identifier: Apache-2.0
 *
 * gen_schema_leaf: what a JSON Schema says about one value: its type, and a value if it holds no
 * others. The schema has no reference to follow; a boolean or NULL allows anything. */
#pragma once

#include "client/gen_value.h"

enum gen_schema_leaf_type {
    GEN_SCHEMA_LEAF_FIXED, /* const, enum, examples: the schema has whole values */
    GEN_SCHEMA_LEAF_NULL,
    GEN_SCHEMA_LEAF_BOOLEAN,
    GEN_SCHEMA_LEAF_INTEGER,
    GEN_SCHEMA_LEAF_NUMBER,
    GEN_SCHEMA_LEAF_STRING,
    GEN_SCHEMA_LEAF_ARRAY,
    GEN_SCHEMA_LEAF_OBJECT,
    GEN_SCHEMA_LEAF_TYPES
};

/* Of several types one by chance, null rarely. */
enum gen_schema_leaf_type gen_schema_leaf_type_of(struct gen_value *v, const json_t *schema);

/* Any type but array and object. NULL: memory is short. */
json_t *gen_schema_leaf_value(struct gen_value *v, const json_t *schema,
                              enum gen_schema_leaf_type type, struct span name);

/* How many items an array gets; `few`: as few as may be. */
uint32_t gen_schema_leaf_count(struct gen_value *v, const json_t *schema, bool few);

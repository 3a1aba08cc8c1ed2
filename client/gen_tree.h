/* SPDX-License-Identifier: Apache-2.0
 *
 * gen_tree: containers that are made but not filled yet: what generators of nested values have
 * instead of recursion. */
#pragma once

#include "base/span.h"
#include "client/gen_value.h"

#include <jansson.h>
#include <stdint.h>

#define GEN_TREE_TASKS_MAX  256u
#define GEN_TREE_VALUES_MAX 4096u

/* From here on everything counts as deep, so that wide types end too. */
#define GEN_TREE_VALUES_ENOUGH 200u

struct gen_tree_task {
    json_t *into; /* borrowed: it hangs in the value already */
    union {
        uint32_t node;        /* of a plan */
        const json_t *schema; /* of a JSON Schema */
    };
    struct span name; /* of the field that it is */
    uint32_t depth;
};

struct gen_tree {
    struct gen_tree_task tasks[GEN_TREE_TASKS_MAX];
    uint32_t count;
    uint32_t values; /* made for this record */
    bool failed;     /* memory is short, or a bound was exceeded */
};

/* Notes a container. When there is no room the tree has failed. */
static inline void gen_tree_push(struct gen_tree *t, struct gen_tree_task task)
{
    if (t->count == GEN_TREE_TASKS_MAX || task.into == NULL) {
        t->failed = true;
        return;
    }
    t->tasks[t->count++] = task;
}

/* The next one to fill. False: all are, or the tree has failed. */
static inline bool gen_tree_pop(struct gen_tree *t, struct gen_tree_task *ret)
{
    if (t->failed || t->count == 0) {
        return false;
    }
    *ret = t->tasks[--t->count];
    if (t->values > GEN_TREE_VALUES_ENOUGH && ret->depth < GEN_VALUE_DEPTH_MAX) {
        ret->depth = GEN_VALUE_DEPTH_MAX;
    }
    return true;
}

/* Puts a value into an object or, for a name that is absent, at the end of an array. Takes the
 * value; NULL marks the tree as failed. */
static inline void gen_tree_put(struct gen_tree *t, json_t *into, struct span name, json_t *value)
{
    int bad = name.at == NULL ? json_array_append_new(into, value)
                              : json_object_setn_new(into, name.at, name.len, value);

    t->failed = t->failed || bad != 0 || ++t->values > GEN_TREE_VALUES_MAX;
}

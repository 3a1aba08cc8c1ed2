/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_compat_json_set: what is known of the values that a writer may have written: a set of
 * schemas of its document, all of which hold. The empty set knows nothing. What a set does not know
 * only makes compatibility harder to show. */
#pragma once

#include "schema/schema_json_program.h"

#define SCHEMA_COMPAT_JSON_SET_MAX 32u

struct schema_compat_json_set {
    uint32_t count;
    uint32_t nodes[SCHEMA_COMPAT_JSON_SET_MAX];
    uint32_t types; /* schema_compat_json_set_types() of a claim that is being shown */
};

/* All types, as bits of enum schema_json_type; a number is an integer, too. */
#define SCHEMA_COMPAT_JSON_TYPES 127u

/* The first operation of that kind of a node; NULL: it has none. */
const struct schema_json_op *schema_compat_json_set_op(const struct schema_json *s, uint32_t node,
                                                       enum schema_json_op_kind kind);

/* The schema of a named property of a run, or none. */
uint32_t schema_compat_json_set_named(const struct schema_json *s, struct schema_json_run named,
                                      struct span name);

/* Operations of all members, and values that their enums list: what looking at them costs. */
uint64_t schema_compat_json_set_size(const struct schema_json *s,
                                     const struct schema_compat_json_set *set);

/* Adds a node, if it is none of them. False: too many. */
bool schema_compat_json_set_add(struct schema_compat_json_set *set, uint32_t node);

/* Adds what its members refer to, and the schemas of their allOf. False: too many. */
bool schema_compat_json_set_close(const struct schema_json *s, struct schema_compat_json_set *set);

/* The types that a value can have by `type`, `const` and `enum`. */
uint32_t schema_compat_json_set_types(const struct schema_json *s,
                                      const struct schema_compat_json_set *set);

/* A choice (anyOf, oneOf) of which no branch is in the set yet; NULL: there is none. */
const struct schema_json_op *schema_compat_json_set_choice(
    const struct schema_json *s, const struct schema_compat_json_set *set);

/* What is known of the member `name`. False: it cannot be there. */
bool schema_compat_json_set_member(const struct schema_json *s,
                                   const struct schema_compat_json_set *set, struct span name,
                                   struct schema_compat_json_set *ret);

/* What is known of members that no member of the set names. False: there are none. */
bool schema_compat_json_set_others(const struct schema_json *s,
                                   const struct schema_compat_json_set *set,
                                   struct schema_compat_json_set *ret);

/* What is known of the element at `index`. False: there is none. */
bool schema_compat_json_set_element(const struct schema_json *s,
                                    const struct schema_compat_json_set *set, uint32_t index,
                                    struct schema_compat_json_set *ret);

/* The longest list of schemas for single elements. */
uint32_t schema_compat_json_set_prefix(const struct schema_json *s,
                                       const struct schema_compat_json_set *set);

/* The types that one node allows by itself. */
uint32_t schema_compat_json_set_node_types(const struct schema_json *s, uint32_t node);

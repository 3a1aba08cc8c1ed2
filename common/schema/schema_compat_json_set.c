/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_compat_json_set: looks through the operations of each member. Where a member's patterns
 * might decide, it is taken to say nothing. */
#include "schema/schema_compat_json_set.h"

const struct schema_json_op *schema_compat_json_set_op(const struct schema_json *s, uint32_t node,
                                                       enum schema_json_op_kind kind)
{
    struct schema_json_run ops = s->nodes[node].ops;
    uint32_t low = ops.first;
    uint32_t high = ops.first + ops.count;

    while (low < high) { /* they are ordered by kind */
        uint32_t middle = low + (high - low) / 2;
        if (s->ops[middle].kind < kind) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < ops.first + ops.count && s->ops[low].kind == kind ? &s->ops[low] : NULL;
}

static int compare_name(const struct schema_json_property *p, struct span name)
{
    if (p->name.len != name.len) {
        return p->name.len < name.len ? -1 : 1;
    }
    return name.len == 0 ? 0 : memcmp(p->name.at, name.at, name.len);
}

uint32_t schema_compat_json_set_named(const struct schema_json *s, struct schema_json_run named,
                                      struct span name)
{
    uint32_t low = named.first;
    uint32_t high = named.first + named.count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = compare_name(&s->properties[middle], name);
        if (order == 0) {
            return s->properties[middle].node;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return SCHEMA_JSON_NONE;
}

uint64_t schema_compat_json_set_size(const struct schema_json *s,
                                     const struct schema_compat_json_set *set)
{
    uint64_t size = 0;

    for (uint32_t i = 0; i < set->count; i++) {
        const struct schema_json_op *values =
            schema_compat_json_set_op(s, set->nodes[i], JSON_OP_ENUM);
        size += 1 + s->nodes[set->nodes[i]].ops.count;
        size += values == NULL ? 0 : s->tape[values->constant].len;
    }
    return size;
}

static bool contains(const struct schema_compat_json_set *set, uint32_t node)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->nodes[i] == node) {
            return true;
        }
    }
    return false;
}

bool schema_compat_json_set_add(struct schema_compat_json_set *set, uint32_t node)
{
    if (contains(set, node)) {
        return true;
    }
    if (set->count == SCHEMA_COMPAT_JSON_SET_MAX) {
        return false;
    }
    set->nodes[set->count++] = node;
    return true;
}

/* What always holds where the operation does. */
static bool add_implied(const struct schema_json *s, struct schema_compat_json_set *set,
                        const struct schema_json_op *op)
{
    bool room = true;

    if (op->kind == JSON_OP_REF) {
        return schema_compat_json_set_add(set, op->node);
    }
    if (op->kind == JSON_OP_ALL_OF) {
        for (uint32_t i = 0; room && i < op->nodes.count; i++) {
            room = schema_compat_json_set_add(set, s->lists[op->nodes.first + i]);
        }
    }
    return room;
}

bool schema_compat_json_set_close(const struct schema_json *s, struct schema_compat_json_set *set)
{
    for (uint32_t i = 0; i < set->count; i++) { /* which grows */
        struct schema_json_run ops = s->nodes[set->nodes[i]].ops;
        for (uint32_t k = ops.first; k < ops.first + ops.count; k++) {
            if (!add_implied(s, set, &s->ops[k])) {
                return false;
            }
        }
    }
    return true;
}

static uint32_t value_types(const struct json_tape_node *v)
{
    struct json_number n;

    switch (v->kind) {
    case TAPE_NULL:
        return JSON_TYPE_NULL;
    case TAPE_FALSE:
    case TAPE_TRUE:
        return JSON_TYPE_BOOLEAN;
    case TAPE_NUMBER:
        n = json_number_parse(json_tape_span(v));
        return json_number_is_integer(&n) ? JSON_TYPE_INTEGER : JSON_TYPE_NUMBER;
    case TAPE_STRING:
        return JSON_TYPE_STRING;
    case TAPE_ARRAY:
        return JSON_TYPE_ARRAY;
    default:
        return JSON_TYPE_OBJECT;
    }
}

static uint32_t op_types(const struct schema_json *s, const struct schema_json_op *op)
{
    uint32_t types = 0;

    switch (op->kind) {
    case JSON_OP_NEVER:
        return 0;
    case JSON_OP_TYPE:
        return op->types | ((op->types & JSON_TYPE_NUMBER) != 0 ? JSON_TYPE_INTEGER : 0u);
    case JSON_OP_CONST:
        return value_types(&s->tape[op->constant]);
    case JSON_OP_ENUM:
        for (uint32_t at = op->constant + 1; at < s->tape[op->constant].next;
             at = s->tape[at].next) {
            types |= value_types(&s->tape[at]);
        }
        return types;
    default:
        return SCHEMA_COMPAT_JSON_TYPES;
    }
}

uint32_t schema_compat_json_set_node_types(const struct schema_json *s, uint32_t node)
{
    struct schema_json_run ops = s->nodes[node].ops;
    uint32_t types = SCHEMA_COMPAT_JSON_TYPES;

    for (uint32_t i = ops.first; i < ops.first + ops.count; i++) {
        types &= op_types(s, &s->ops[i]);
    }
    return types;
}

uint32_t schema_compat_json_set_types(const struct schema_json *s,
                                      const struct schema_compat_json_set *set)
{
    uint32_t types = SCHEMA_COMPAT_JSON_TYPES;

    for (uint32_t i = 0; i < set->count; i++) {
        types &= schema_compat_json_set_node_types(s, set->nodes[i]);
    }
    return types;
}

static bool is_made(const struct schema_json *s, const struct schema_compat_json_set *set,
                    const struct schema_json_op *op)
{
    for (uint32_t i = 0; i < op->nodes.count; i++) {
        if (contains(set, s->lists[op->nodes.first + i])) {
            return true;
        }
    }
    return false;
}

const struct schema_json_op *schema_compat_json_set_choice(const struct schema_json *s,
                                                           const struct schema_compat_json_set *set)
{
    for (uint32_t i = 0; i < set->count; i++) {
        struct schema_json_run ops = s->nodes[set->nodes[i]].ops;
        for (uint32_t k = ops.first; k < ops.first + ops.count; k++) {
            const struct schema_json_op *op = &s->ops[k];
            if ((op->kind == JSON_OP_ANY_OF || op->kind == JSON_OP_ONE_OF) &&
                !is_made(s, set, op)) {
                return op;
            }
        }
    }
    return NULL;
}

static bool is_never(const struct schema_json *s, uint32_t node)
{
    return schema_compat_json_set_op(s, node, JSON_OP_NEVER) != NULL;
}

/* Adds what a schema says of a part of the value. False: that part cannot be there. */
static bool add_part(const struct schema_json *s, uint32_t node, struct schema_compat_json_set *ret)
{
    if (node == SCHEMA_JSON_NONE) {
        return true;
    }
    /* One that finds no room is only not known. */
    IGNORE(!schema_compat_json_set_add(ret, node), "knowing less is safe");
    return !is_never(s, node);
}

static uint32_t find_property(const struct schema_json *s, const struct schema_json_op *op,
                              struct span name)
{
    uint32_t node = schema_compat_json_set_named(s, op->properties.named, name);

    if (node != SCHEMA_JSON_NONE) {
        return node;
    }
    return op->properties.patterns.count == 0 ? op->properties.additional : SCHEMA_JSON_NONE;
}

bool schema_compat_json_set_member(const struct schema_json *s,
                                   const struct schema_compat_json_set *set, struct span name,
                                   struct schema_compat_json_set *ret)
{
    bool possible = true;

    ret->count = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        const struct schema_json_op *op =
            schema_compat_json_set_op(s, set->nodes[i], JSON_OP_PROPERTIES);
        if (op != NULL) {
            possible &= add_part(s, find_property(s, op, name), ret);
        }
    }
    return possible;
}

bool schema_compat_json_set_others(const struct schema_json *s,
                                   const struct schema_compat_json_set *set,
                                   struct schema_compat_json_set *ret)
{
    bool possible = true;

    ret->count = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        const struct schema_json_op *op =
            schema_compat_json_set_op(s, set->nodes[i], JSON_OP_PROPERTIES);
        if (op != NULL && op->properties.patterns.count == 0) {
            possible &= add_part(s, op->properties.additional, ret);
        }
    }
    return possible;
}

bool schema_compat_json_set_element(const struct schema_json *s,
                                    const struct schema_compat_json_set *set, uint32_t index,
                                    struct schema_compat_json_set *ret)
{
    bool possible = true;

    ret->count = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        const struct schema_json_op *op =
            schema_compat_json_set_op(s, set->nodes[i], JSON_OP_ITEMS);
        const struct schema_json_op *max =
            schema_compat_json_set_op(s, set->nodes[i], JSON_OP_MAX_ITEMS);
        if (op != NULL) {
            uint32_t node = index < op->items.prefix.count
                                ? s->lists[op->items.prefix.first + index]
                                : op->items.rest;
            possible &= add_part(s, node, ret);
        }
        possible &= max == NULL || index < max->limit;
    }
    return possible;
}

uint32_t schema_compat_json_set_prefix(const struct schema_json *s,
                                       const struct schema_compat_json_set *set)
{
    uint32_t longest = 0;

    for (uint32_t i = 0; i < set->count; i++) {
        const struct schema_json_op *op =
            schema_compat_json_set_op(s, set->nodes[i], JSON_OP_ITEMS);
        if (op != NULL && op->items.prefix.count > longest) {
            longest = op->items.prefix.count;
        }
    }
    return longest;
}

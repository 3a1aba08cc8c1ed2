/* SPDX-License-Identifier: Apache-2.0
 *
 * gen_avro: containers are made empty and filled later (gen_tree.h); a union takes a branch when it
 * is met. From GEN_VALUE_DEPTH_MAX on arrays and maps stay empty and unions take what is shortest,
 * so that a type that contains itself ends. */
#include "client/gen_avro.h"

#include "client/gen_tree.h"

#define NULL_ONE_IN 8u /* how often a union that could be null is */

struct build {
    struct gen_value *v;
    const struct schema_avro *plan;
    struct gen_tree tree;
};

static uint32_t shortest_branch(const struct build *b, const struct schema_avro_node *node)
{
    const uint32_t *branches = b->plan->branches + node->first;
    uint32_t best = branches[0];

    for (uint32_t i = 1; i < node->count; i++) {
        if (b->plan->nodes[branches[i]].bytes_min < b->plan->nodes[best].bytes_min) {
            best = branches[i];
        }
    }
    return best;
}

/* The node that a value of this one has: of a union one of its branches. */
static uint32_t branch_of(struct build *b, uint32_t at, uint32_t depth)
{
    const struct schema_avro_node *node = &b->plan->nodes[at];

    if (node->kind != AVRO_UNION || node->count == 0) {
        return at;
    }
    if (depth >= GEN_VALUE_DEPTH_MAX) {
        return shortest_branch(b, node);
    }
    const uint32_t *branches = b->plan->branches + node->first;
    uint32_t chosen = branches[gen_value_below(b->v, node->count)];
    if (b->plan->nodes[chosen].kind == AVRO_NULL && gen_value_below(b->v, NULL_ONE_IN) != 0) {
        chosen = branches[gen_value_below(b->v, node->count)];
    }
    return chosen;
}

static json_t *integer_of(struct gen_value *v, const struct schema_avro_node *node,
                          struct span name)
{
    switch ((enum schema_avro_logical)node->logical) {
    case AVRO_DATE:
        return gen_value_date(v);
    case AVRO_TIME_MILLIS:
        return gen_value_time(v, 3);
    case AVRO_TIME_MICROS:
        return gen_value_time(v, 6);
    case AVRO_TIMESTAMP_MILLIS:
        return gen_value_stamp(v, 3);
    case AVRO_TIMESTAMP_MICROS:
        return gen_value_stamp(v, 6);
    case AVRO_LOCAL_TIMESTAMP_MILLIS:
        return gen_value_local(v, 3);
    case AVRO_LOCAL_TIMESTAMP_MICROS:
        return gen_value_local(v, 6);
    case AVRO_PLAIN:
    case AVRO_DECIMAL:
    case AVRO_UUID:
    case AVRO_DURATION:
        break;
    }
    return node->kind == AVRO_INT ? gen_value_integer(v, name, INT32_MIN, INT32_MAX)
                                  : gen_value_integer(v, name, INT64_MIN, INT64_MAX);
}

static json_t *duration_of(struct gen_value *v)
{
    return json_pack("{s:i,s:i,s:i}", "months", (int)gen_value_below(v, 12), "days",
                     (int)gen_value_below(v, 30), "milliseconds",
                     (int)gen_value_below(v, 86400000));
}

/* Base64 of a fixed of any size the generator makes: larger ones are refused by the encoder. */
static json_t *bytes_of(struct gen_value *v, const struct schema_avro_node *node)
{
    if (node->logical == AVRO_DECIMAL) {
        return gen_value_decimal(v, node->precision, node->scale);
    }
    if (node->logical == AVRO_DURATION) {
        return duration_of(v);
    }
    return gen_value_base64(v, node->kind == AVRO_FIXED ? (node->size < 64 ? node->size : 64)
                                                        : gen_value_below(v, 17));
}

static json_t *scalar_of(struct build *b, const struct schema_avro_node *node, struct span name)
{
    switch ((enum schema_avro_kind)node->kind) {
    case AVRO_BOOLEAN:
        return json_boolean(gen_value_below(b->v, 2) == 1);
    case AVRO_INT:
    case AVRO_LONG:
        return integer_of(b->v, node, name);
    case AVRO_FLOAT:
    case AVRO_DOUBLE:
        return gen_value_real(b->v, name);
    case AVRO_BYTES:
    case AVRO_FIXED:
        return bytes_of(b->v, node);
    case AVRO_STRING:
        return node->logical == AVRO_UUID ? gen_value_uuid(b->v) : gen_value_text(b->v, name);
    case AVRO_ENUM: {
        struct text symbol = b->plan->symbols[node->first + gen_value_below(b->v, node->count)];
        return json_stringn(symbol.at, symbol.len);
    }
    case AVRO_NULL:
    case AVRO_ARRAY:
    case AVRO_MAP:
    case AVRO_UNION:
    case AVRO_RECORD:
        break;
    }
    return json_null();
}

/* A whole scalar, or a container that is noted for later. */
static json_t *make(struct build *b, uint32_t at, struct span name, uint32_t depth)
{
    uint32_t chosen = branch_of(b, at, depth);
    const struct schema_avro_node *node = &b->plan->nodes[chosen];
    json_t *value = NULL;

    if (node->kind == AVRO_ARRAY) {
        value = json_array();
    } else if (node->kind == AVRO_MAP || node->kind == AVRO_RECORD) {
        value = json_object();
    } else {
        return scalar_of(b, node, name);
    }
    gen_tree_push(&b->tree, (struct gen_tree_task){
                                .into = value, .node = chosen, .name = name, .depth = depth});
    return value;
}

static void fill_record(struct build *b, const struct gen_tree_task *task)
{
    const struct schema_avro_node *node = &b->plan->nodes[task->node];

    for (uint32_t i = 0; i < node->count && !b->tree.failed; i++) {
        const struct schema_avro_field *field = &b->plan->fields[node->first + i];
        gen_tree_put(&b->tree, task->into, field->name,
                     make(b, field->node, field->name, task->depth + 1));
    }
}

static void fill_items(struct build *b, const struct gen_tree_task *task)
{
    const struct schema_avro_node *node = &b->plan->nodes[task->node];
    static const char *const keys[GEN_VALUE_ITEMS_MAX] = {"alpha", "beta", "gamma"};
    uint32_t count =
        task->depth >= GEN_VALUE_DEPTH_MAX ? 0 : gen_value_below(b->v, GEN_VALUE_ITEMS_MAX + 1);

    for (uint32_t i = 0; i < count && !b->tree.failed; i++) {
        struct span key = span_of_str(node->kind == AVRO_MAP ? keys[i] : NULL);
        gen_tree_put(&b->tree, task->into, key, make(b, node->first, task->name, task->depth + 1));
    }
}

json_t *gen_avro_value(struct gen_value *v, const struct schema_avro *plan)
{
    struct build b = {.v = v, .plan = plan};
    struct gen_tree_task task;

    json_t *value = make(&b, 0, span_of_str("value"), 0);
    while (gen_tree_pop(&b.tree, &task)) {
        if (plan->nodes[task.node].kind == AVRO_RECORD) {
            fill_record(&b, &task);
        } else {
            fill_items(&b, &task);
        }
    }
    if (b.tree.failed) {
        json_decref(value);
        return NULL;
    }
    return value;
}

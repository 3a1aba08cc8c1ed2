/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_json_detail: schemas are visited breadth first, so that each is named by the shortest way
 * to it. Texts are collected as offsets first: the buffer moves as it grows. */
#include "schema/schema_json_detail.h"

#include "base/buf.h"
#include "wire/utf8.h"

#include <stdlib.h>

/* Longer names and values are cut; of a longer way only the end is shown. */
#define NAME_BYTES_MAX  48u
#define VALUE_BYTES_MAX 48u
#define STEPS_MAX       12u

/* How a schema was first met. */
struct way {
    uint32_t from;    /* node; SCHEMA_JSON_NONE: not met, or the root */
    struct span name; /* the step to another value; absent: it judges the same one */
    bool met;
};

struct writer {
    struct schema_json *s;
    const struct schema_json_build *build;
    struct way *ways; /* by node */
    uint32_t *queue;  /* of nodes */
    uint32_t queued;
    struct buf out;
};

static void meet(struct writer *w, uint32_t from, uint32_t node, struct span name)
{
    if (node != SCHEMA_JSON_NONE && !w->ways[node].met) {
        w->ways[node] = (struct way){from, name, true};
        w->queue[w->queued++] = node;
    }
}

static void meet_list(struct writer *w, uint32_t from, struct schema_json_run run, struct span name)
{
    for (uint32_t i = 0; i < run.count; i++) {
        meet(w, from, w->s->lists[run.first + i], name);
    }
}

static void meet_properties(struct writer *w, uint32_t from, const struct schema_json_op *op)
{
    struct schema_json_run named = op->properties.named;
    struct schema_json_run patterns = op->properties.patterns;

    for (uint32_t i = 0; i < named.count; i++) {
        const struct schema_json_property *p = &w->s->properties[named.first + i];
        meet(w, from, p->node, p->name.len == 0 ? SPAN_LIT("") : p->name);
    }
    for (uint32_t i = 1; i < patterns.count; i += 2) {
        meet(w, from, w->s->lists[patterns.first + i], SPAN_LIT("*"));
    }
    meet(w, from, op->properties.additional, SPAN_LIT("*"));
}

static void meet_targets(struct writer *w, uint32_t from, const struct schema_json_op *op)
{
    const struct span same = {NULL, 0};

    switch (op->kind) {
    case JSON_OP_REF:
    case JSON_OP_NOT:
        meet(w, from, op->node, same);
        return;
    case JSON_OP_DYNAMIC_REF:
        meet(w, from, op->dynamic.node, same);
        return;
    case JSON_OP_PROPERTY_NAMES:
    case JSON_OP_UNEVALUATED_ITEMS:
    case JSON_OP_UNEVALUATED_PROPERTIES:
        meet(w, from, op->node, SPAN_LIT("*"));
        return;
    case JSON_OP_PROPERTIES:
        meet_properties(w, from, op);
        return;
    case JSON_OP_DEPENDENT_SCHEMA:
        meet(w, from, op->dependent.target, same);
        return;
    case JSON_OP_ITEMS:
        meet_list(w, from, op->items.prefix, SPAN_LIT("*"));
        meet(w, from, op->items.rest, SPAN_LIT("*"));
        return;
    case JSON_OP_CONTAINS:
        meet(w, from, op->contains.node, SPAN_LIT("*"));
        return;
    case JSON_OP_ALL_OF:
    case JSON_OP_ANY_OF:
    case JSON_OP_ONE_OF:
        meet_list(w, from, op->nodes, same);
        return;
    case JSON_OP_IF:
        meet(w, from, op->branch.condition, same);
        meet(w, from, op->branch.then_node, same);
        meet(w, from, op->branch.else_node, same);
        return;
    default:
        return;
    }
}

static void find_ways(struct writer *w)
{
    meet(w, SCHEMA_JSON_NONE, 0, span_of(NULL, 0));
    for (uint32_t i = 0; i < w->queued; i++) {
        uint32_t node = w->queue[i];
        struct schema_json_run ops = w->s->nodes[node].ops;
        for (uint32_t k = 0; k < ops.count; k++) {
            meet_targets(w, node, &w->s->ops[ops.first + k]);
        }
    }
}

/* Bytes for people: cut at a character, without control characters. */
static err_t put_text(struct writer *w, struct span s, size_t at_most)
{
    struct span head = span_head(s, utf8_cut(s, at_most));
    size_t start = w->out.len;

    TRY(buf_append(&w->out, head));
    for (size_t i = start; i < w->out.len; i++) {
        char c = w->out.at[i];
        w->out.at[i] = (unsigned char)c < 0x20 || c == 0x7f ? ' ' : c;
    }
    return head.len < s.len ? buf_append(&w->out, SPAN_LIT("…")) : ERR_OK;
}

static err_t put_way(struct writer *w, uint32_t node)
{
    struct span steps[STEPS_MAX];
    uint32_t count = 0;

    for (uint32_t at = node; at != SCHEMA_JSON_NONE && w->ways[at].met && count < STEPS_MAX;
         at = w->ways[at].from) {
        if (w->ways[at].name.at != NULL) {
            steps[count++] = w->ways[at].name;
        }
    }
    for (uint32_t i = count; i > 0; i--) {
        TRY(buf_append(&w->out, SPAN_LIT("/")));
        TRY(put_text(w, steps[i - 1], NAME_BYTES_MAX));
    }
    return count > 0 ? buf_append(&w->out, SPAN_LIT(": ")) : ERR_OK;
}

static err_t put_value(struct writer *w, const struct json_tape_node *value)
{
    if (value->kind == TAPE_NUMBER) {
        TRY(buf_append(&w->out, SPAN_LIT(" ")));
        return put_text(w, json_tape_span(value), VALUE_BYTES_MAX);
    }
    if (value->kind == TAPE_STRING) {
        TRY(buf_append(&w->out, SPAN_LIT(" \"")));
        TRY(put_text(w, json_tape_span(value), VALUE_BYTES_MAX));
        return buf_append(&w->out, SPAN_LIT("\""));
    }
    return ERR_OK;
}

static err_t put_op(struct writer *w, uint32_t node, const struct schema_json_op *op)
{
    const struct schema_json_origin *origin = &w->build->origins[op->order];

    TRY(put_way(w, node));
    TRY(buf_append(&w->out, span_of_str(origin->keyword)));
    TRY(put_value(w, &w->s->tape[origin->value]));
    return buf_append(&w->out, span_of("", 1));
}

/* Writes all texts, then points to them. */
static err_t write_texts(struct writer *w, size_t *offsets)
{
    struct schema_json *s = w->s;

    for (uint32_t node = 0; node < s->node_count; node++) {
        struct schema_json_run ops = s->nodes[node].ops;
        for (uint32_t i = ops.first; i < ops.first + ops.count; i++) {
            offsets[i] = w->out.len;
            TRY(put_op(w, node, &s->ops[i]));
        }
    }
    s->details = w->out.at;
    w->out = (struct buf){0};
    for (uint32_t i = 0; i < s->op_count; i++) {
        s->ops[i].detail = s->details + offsets[i];
    }
    return ERR_OK;
}

err_t schema_json_detail_write(struct schema_json_build *b)
{
    struct writer w = {.s = b->s, .build = b};
    size_t *offsets = calloc(b->s->op_count + 1u, sizeof(*offsets));
    err_t err = ERR_NOMEM;

    w.ways = calloc(b->s->node_count, sizeof(*w.ways));
    w.queue = calloc(b->s->node_count, sizeof(*w.queue));
    if (offsets != NULL && w.ways != NULL && w.queue != NULL) {
        find_ways(&w);
        err = write_texts(&w, offsets);
    }
    free(offsets);
    free(w.ways);
    free(w.queue);
    buf_done(&w.out);
    return err;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_json_build: arrays double as they grow; each has a limit of its own besides what the
 * length of a text allows. */
#include "schema/schema_json_build.h"

#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define GROW_MIN 16u

err_t schema_json_build_grow(void **array, uint32_t *max, uint32_t count, size_t size)
{
    uint32_t wanted = *max == 0 ? GROW_MIN : *max * 2;

    if (count < *max) {
        return ERR_OK;
    }
    void *bigger = realloc(*array, (size_t)wanted * size);
    ENSURE(bigger != NULL, ERR_NOMEM);
    *array = bigger;
    *max = wanted;
    return ERR_OK;
}

/* The child of a container that holds `target`; of an object the value. `*ret_index` counts. */
static uint32_t child_towards(const struct json_tape_node *nodes, uint32_t at, uint32_t target,
                              uint32_t *ret_index)
{
    bool object = nodes[at].kind == TAPE_OBJECT;
    uint32_t index = 0;
    uint32_t child = object ? at + 2 : at + 1;

    while (nodes[child].next <= target) {
        child = object ? nodes[child].next + 1 : nodes[child].next;
        index++;
    }
    *ret_index = index;
    return child;
}

/* The JSON pointer of a tape node, by walking down from the root. */
static err_t print_pointer(const struct json_tape_node *nodes, uint32_t target, struct buf *out)
{
    uint32_t at = 0;

    while (at != target && nodes[at].kind >= TAPE_ARRAY) {
        uint32_t index = 0;
        uint32_t child = child_towards(nodes, at, target, &index);
        if (nodes[at].kind == TAPE_ARRAY) {
            TRY(buf_printf(out, "/%u", index));
        } else {
            const struct json_tape_node *name = &nodes[child - 1];
            TRY(buf_printf(out, "/%.*s", (int)name->len, name->at));
        }
        at = child > target ? target : child; /* a name stands before its value */
    }
    return ERR_OK;
}

err_t schema_json_build_fail(struct schema_json_build *b, err_t err, uint32_t tape,
                             const char *format, ...)
{
    struct buf place = {0};
    char text[SCHEMA_WHY_BYTES];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    IGNORE(print_pointer(b->s->tape, tape, &place), "without memory the place stays shorter");
    if (place.len > SCHEMA_WHY_BYTES / 2) {
        place.len = SCHEMA_WHY_BYTES / 2;
    }
    schema_why_set(b->why, "%.*s: %s", (int)place.len, place.len == 0 ? "" : place.at, text);
    buf_done(&place);
    return err;
}

err_t schema_json_build_node(struct schema_json_build *b, uint32_t tape, uint32_t resource,
                             uint32_t *ret_node)
{
    struct schema_json *s = b->s;
    unsigned kind = s->tape[tape].kind;

    if (b->node_of[tape] != SCHEMA_JSON_NONE) {
        *ret_node = b->node_of[tape];
        return ERR_OK;
    }
    if (kind != TAPE_OBJECT && kind != TAPE_TRUE && kind != TAPE_FALSE) {
        return schema_json_build_fail(b, ERR_SYNTAX, tape, "a schema is an object or a boolean");
    }
    if (s->node_count == SCHEMA_JSON_NODES_MAX) {
        return schema_json_build_fail(b, ERR_LIMIT, tape, "more than %u schemas in one document",
                                      SCHEMA_JSON_NODES_MAX);
    }
    TRY(schema_json_build_grow((void **)&s->nodes, &b->node_max, s->node_count, sizeof(*s->nodes)));
    s->nodes[s->node_count] = (struct schema_json_node){.resource = resource, .tape = tape};
    b->node_of[tape] = s->node_count;
    *ret_node = s->node_count++;
    return ERR_OK;
}

err_t schema_json_build_op(struct schema_json_build *b, const struct schema_json_site *site,
                           struct schema_json_op op, struct schema_json_origin origin)
{
    struct schema_json *s = b->s;

    if (s->op_count == SCHEMA_JSON_OPS_MAX) {
        return schema_json_build_fail(b, ERR_LIMIT, site->tape, "more than %u rules in one schema",
                                      SCHEMA_JSON_OPS_MAX);
    }
    TRY(schema_json_build_grow((void **)&s->ops, &b->op_max, s->op_count, sizeof(*s->ops)));
    TRY(schema_json_build_grow((void **)&b->origins, &b->origin_max, s->op_count,
                               sizeof(*b->origins)));
    op.order = s->op_count;
    op.detail = "";
    s->ops[s->op_count] = op;
    b->origins[s->op_count] = origin;
    s->op_count++;
    s->nodes[site->node].ops.count++;
    return ERR_OK;
}

err_t schema_json_build_list(struct schema_json_build *b, uint32_t item)
{
    struct schema_json *s = b->s;

    TRY(schema_json_build_grow((void **)&s->lists, &b->list_max, s->list_count, sizeof(*s->lists)));
    s->lists[s->list_count++] = item;
    return ERR_OK;
}

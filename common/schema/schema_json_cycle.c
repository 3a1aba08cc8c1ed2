/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_json_cycle: depth first over the edges that keep the value. A schema is new, on the path,
 * or done; an edge to one on the path closes a cycle. Each is on the path at most once, which
 * bounds it. */
#include "schema/schema_json_cycle.h"

#include <stdlib.h>

enum colour { IS_NEW, ON_PATH, IS_DONE };

struct step {
    uint32_t node;
    uint32_t op;   /* index of the operation at hand */
    uint32_t edge; /* of the operation: the next */
};

struct walk {
    struct schema_json_build *b;
    uint8_t *colours; /* by node: enum colour */
    struct step *path;
    uint32_t depth;
};

/* The schema at the end of an operation's edge; false: it has no more. None: an edge to nothing. */
static bool edge_of(const struct schema_json *s, const struct schema_json_op *op, uint32_t edge,
                    uint32_t *ret_node)
{
    switch (op->kind) {
    case JSON_OP_REF:
    case JSON_OP_NOT:
        *ret_node = op->node;
        return edge == 0;
    case JSON_OP_DEPENDENT_SCHEMA:
        *ret_node = op->dependent.target;
        return edge == 0;
    case JSON_OP_ALL_OF:
    case JSON_OP_ANY_OF:
    case JSON_OP_ONE_OF:
        *ret_node = edge < op->nodes.count ? s->lists[op->nodes.first + edge] : SCHEMA_JSON_NONE;
        return edge < op->nodes.count;
    case JSON_OP_IF:
        *ret_node = edge == 0   ? op->branch.condition
                    : edge == 1 ? op->branch.then_node
                                : op->branch.else_node;
        return edge < 3;
    default:
        return false;
    }
}

static void enter(struct walk *w, uint32_t node)
{
    w->colours[node] = ON_PATH;
    w->path[w->depth++] = (struct step){.node = node, .op = w->b->s->nodes[node].ops.first};
}

/* One edge of the last schema of the path, or the end of an operation or of the schema. */
static err_t advance(struct walk *w)
{
    const struct schema_json *s = w->b->s;
    struct step *at = &w->path[w->depth - 1];
    struct schema_json_run ops = s->nodes[at->node].ops;
    uint32_t node = SCHEMA_JSON_NONE;

    if (at->op == ops.first + ops.count) {
        w->colours[at->node] = IS_DONE;
        w->depth--;
        return ERR_OK;
    }
    const struct schema_json_op *op = &s->ops[at->op];
    if (!edge_of(s, op, at->edge++, &node)) {
        at->op++;
        at->edge = 0;
        return ERR_OK;
    }
    if (node == SCHEMA_JSON_NONE || w->colours[node] == IS_DONE) {
        return ERR_OK;
    }
    if (w->colours[node] == ON_PATH) {
        return schema_json_build_fail(w->b, ERR_SYNTAX, w->b->origins[op->order].value,
                                      "comes back to a schema around it for the same value");
    }
    enter(w, node);
    return ERR_OK;
}

static err_t walk_all(struct walk *w)
{
    for (uint32_t i = 0; i < w->b->s->node_count; i++) {
        if (w->colours[i] == IS_NEW) {
            enter(w, i);
        }
        while (w->depth > 0) {
            TRY(advance(w));
        }
    }
    return ERR_OK;
}

err_t schema_json_cycle_check(struct schema_json_build *b)
{
    uint32_t count = b->s->node_count;
    struct walk w = {
        .b = b,
        .colours = calloc(count, sizeof(*w.colours)),
        .path = malloc(count * sizeof(*w.path)),
    };
    err_t err = w.colours != NULL && w.path != NULL ? walk_all(&w) : ERR_NOMEM;

    free(w.colours);
    free(w.path);
    return err;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * check_json_combine: an operation is entered again for each result of a schema that it called;
 * `index` counts them. Where a failure is the called schema's own (allOf, $ref), its text stays. */
#include "check/check_json_combine.h"

#include "check/check_json_mark.h"

static enum check_json_step fail(struct check_json_machine *m, const struct schema_json_op *op)
{
    if (!m->aborted) {
        m->detail = op->detail;
    }
    return CHECK_JSON_FAIL;
}

static enum check_json_step result(const struct check_json_frame *f)
{
    return f->passed ? CHECK_JSON_PASS : CHECK_JSON_FAIL;
}

/* One schema, whose result is ours. */
static enum check_json_step apply(struct check_json_machine *m, struct check_json_frame *f,
                                  uint32_t node)
{
    return f->resumed ? result(f) : check_json_machine_call(m, f, node, f->value);
}

/* The anchor in the outermost resource that has one of the name. */
static uint32_t find_dynamic(struct check_json_machine *m, const struct schema_json_op *op)
{
    const struct schema_json *s = m->schema;
    struct schema_json_run run = op->dynamic.anchors;

    for (uint32_t i = 0; i < m->depth; i++) {
        uint32_t resource = s->nodes[m->frames[i].node].resource;
        for (uint32_t k = run.first; k < run.first + run.count; k++) {
            if (s->anchors[k].resource == resource && s->anchors[k].dynamic) {
                return s->anchors[k].node;
            }
        }
        if (!check_json_machine_spend(m, run.count)) {
            break;
        }
    }
    return op->dynamic.node;
}

static enum check_json_step dynamic_ref(struct check_json_machine *m, struct check_json_frame *f,
                                        const struct schema_json_op *op)
{
    return f->resumed ? result(f) : check_json_machine_call(m, f, find_dynamic(m, op), f->value);
}

static enum check_json_step all_of(struct check_json_machine *m, struct check_json_frame *f,
                                   const struct schema_json_op *op)
{
    if (f->resumed && !f->passed) {
        return CHECK_JSON_FAIL;
    }
    if (f->index == op->nodes.count) {
        return CHECK_JSON_PASS;
    }
    uint32_t node = m->schema->lists[op->nodes.first + f->index++];
    return check_json_machine_call(m, f, node, f->value);
}

/* Marks are wanted of every branch that holds, so with them all are tried. */
static enum check_json_step any_of(struct check_json_machine *m, struct check_json_frame *f,
                                   const struct schema_json_op *op)
{
    f->matches += f->resumed && f->passed;
    if (f->index == op->nodes.count || (f->matches > 0 && !m->schema->marks)) {
        return f->matches > 0 ? CHECK_JSON_PASS : fail(m, op);
    }
    uint32_t node = m->schema->lists[op->nodes.first + f->index++];
    return check_json_machine_call(m, f, node, f->value);
}

static enum check_json_step one_of(struct check_json_machine *m, struct check_json_frame *f,
                                   const struct schema_json_op *op)
{
    f->matches += f->resumed && f->passed;
    if (f->index == op->nodes.count || f->matches > 1) {
        return f->matches == 1 ? CHECK_JSON_PASS : fail(m, op);
    }
    uint32_t node = m->schema->lists[op->nodes.first + f->index++];
    return check_json_machine_call(m, f, node, f->value);
}

/* What a negated schema evaluated does not count. */
static enum check_json_step negate(struct check_json_machine *m, struct check_json_frame *f,
                                   const struct schema_json_op *op)
{
    if (!f->resumed) {
        f->at = m->trail_count;
        return check_json_machine_call(m, f, op->node, f->value);
    }
    if (m->aborted || f->passed) {
        return fail(m, op);
    }
    check_json_mark_rewind(m, f->at);
    return CHECK_JSON_PASS;
}

static enum check_json_step branch(struct check_json_machine *m, struct check_json_frame *f,
                                   const struct schema_json_op *op)
{
    if (!f->resumed) {
        return check_json_machine_call(m, f, op->branch.condition, f->value);
    }
    if (f->index == 1) {
        return result(f);
    }
    uint32_t node = f->passed ? op->branch.then_node : op->branch.else_node;
    if (node == SCHEMA_JSON_NONE) {
        return CHECK_JSON_PASS;
    }
    f->index = 1;
    return check_json_machine_call(m, f, node, f->value);
}

static enum check_json_step dependent(struct check_json_machine *m, struct check_json_frame *f,
                                      const struct schema_json_op *op)
{
    const struct json_tape_node *v = check_json_machine_value(m, f);
    struct span trigger = json_tape_span(&m->schema->tape[op->dependent.trigger]);

    if (f->resumed) {
        return result(f);
    }
    if (v->kind != TAPE_OBJECT) {
        return CHECK_JSON_PASS;
    }
    uint32_t member = check_json_machine_find(m, f->value, trigger);
    if (m->aborted) {
        return CHECK_JSON_FAIL;
    }
    return member == 0 ? CHECK_JSON_PASS
                       : check_json_machine_call(m, f, op->dependent.target, f->value);
}

enum check_json_step check_json_combine_op(struct check_json_machine *m, struct check_json_frame *f,
                                           const struct schema_json_op *op)
{
    switch (op->kind) {
    case JSON_OP_DYNAMIC_REF:
        return dynamic_ref(m, f, op);
    case JSON_OP_ALL_OF:
        return all_of(m, f, op);
    case JSON_OP_ANY_OF:
        return any_of(m, f, op);
    case JSON_OP_ONE_OF:
        return one_of(m, f, op);
    case JSON_OP_NOT:
        return negate(m, f, op);
    case JSON_OP_IF:
        return branch(m, f, op);
    case JSON_OP_DEPENDENT_SCHEMA:
        return dependent(m, f, op);
    case JSON_OP_REF:
    default:
        return apply(m, f, op->node);
    }
}

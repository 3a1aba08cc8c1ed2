/* SPDX-License-Identifier: Apache-2.0
 *
 * check_json_machine: the loop. When a frame fails, what was marked as evaluated since it began is
 * unmarked; so it is when it has judged another value than its caller's, since marks concern the
 * caller's children only. */
#include "check/check_json_machine.h"

#include "check/check_json_apply.h"
#include "check/check_json_assert.h"
#include "check/check_json_combine.h"
#include "check/check_json_mark.h"

enum check_json_step check_json_machine_abort(struct check_json_machine *m, const char *detail)
{
    if (!m->aborted) {
        m->aborted = true;
        m->detail = detail;
    }
    return CHECK_JSON_FAIL;
}

bool check_json_machine_spend(struct check_json_machine *m, uint64_t cost)
{
    if (m->work > cost) {
        m->work -= cost;
        return true;
    }
    m->work = 0;
    IGNORE(check_json_machine_abort(m, "judging it by this schema takes too long"), "the end");
    return false;
}

uint32_t check_json_machine_find(struct check_json_machine *m, uint32_t object, struct span name)
{
    uint64_t each = 1 + name.len / 16; /* quarters of a step */

    return check_json_machine_spend(m, 1 + m->tape[object].len * each / 4)
               ? json_tape_find(m->tape, object, name)
               : 0;
}

static void push(struct check_json_machine *m, uint32_t node, uint32_t value, bool child)
{
    m->frames[m->depth++] = (struct check_json_frame){
        .node = node,
        .value = value,
        .op = m->schema->nodes[node].ops.first,
        .trail = m->trail_count,
        .child = child,
    };
}

enum check_json_step check_json_machine_call(struct check_json_machine *m,
                                             struct check_json_frame *f, uint32_t node,
                                             uint32_t value)
{
    if (m->depth == CHECK_JSON_FRAMES_MAX) {
        return check_json_machine_abort(m, "schemas refer to each other too deeply");
    }
    push(m, node, value, value != f->value);
    return CHECK_JSON_CALL;
}

static enum check_json_step run_op(struct check_json_machine *m, struct check_json_frame *f,
                                   const struct schema_json_op *op)
{
    if (op->kind < JSON_OP_REF) {
        return check_json_assert_op(m, f, op);
    }
    switch (op->kind) {
    case JSON_OP_PROPERTIES:
    case JSON_OP_PROPERTY_NAMES:
    case JSON_OP_ITEMS:
    case JSON_OP_CONTAINS:
    case JSON_OP_UNEVALUATED_ITEMS:
    case JSON_OP_UNEVALUATED_PROPERTIES:
        return check_json_apply_op(m, f, op);
    default:
        return check_json_combine_op(m, f, op);
    }
}

/* The frame on top is done: its caller learns the result. */
static void pop(struct check_json_machine *m, bool passed)
{
    struct check_json_frame *f = &m->frames[--m->depth];

    if (!passed || f->child) {
        check_json_mark_rewind(m, f->trail);
    }
    if (m->depth > 0) {
        struct check_json_frame *caller = f - 1;
        caller->resumed = true;
        caller->passed = passed;
    }
}

static void next_op(struct check_json_frame *f)
{
    f->op++;
    f->at = 0;
    f->index = 0;
    f->matches = 0;
    f->begun = false;
    f->resumed = false;
}

/* One operation of the frame on top. Returns whether the frame that ended, if one did, passed. */
static bool step(struct check_json_machine *m)
{
    struct check_json_frame *f = &m->frames[m->depth - 1];
    struct schema_json_run ops = m->schema->nodes[f->node].ops;

    if (f->op == ops.first + ops.count) {
        pop(m, true);
        return true;
    }
    switch (run_op(m, f, &m->schema->ops[f->op])) {
    case CHECK_JSON_PASS:
        next_op(f);
        return true;
    case CHECK_JSON_CALL:
        return true;
    case CHECK_JSON_FAIL:
    default:
        pop(m, false);
        return false;
    }
}

bool check_json_machine_run(struct check_json_machine *m)
{
    bool passed = true;

    m->depth = 0;
    push(m, 0, 0, true);
    while (m->depth > 0 && !m->aborted) {
        passed = step(m);
        if (!check_json_machine_spend(m, 1)) {
            return false;
        }
    }
    return passed && !m->aborted;
}

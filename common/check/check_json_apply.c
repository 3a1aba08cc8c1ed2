/* SPDX-License-Identifier: Apache-2.0
 *
 * check_json_apply: an operation walks the children of the value: `at` is the child at hand (of an
 * object its name), `index` what has been done with it. */
#include "check/check_json_apply.h"

#include "check/check_json_mark.h"
#include "check/check_json_string.h"

static enum check_json_step fail(struct check_json_machine *m, const struct schema_json_op *op)
{
    if (!m->aborted) {
        m->detail = op->detail;
    }
    return CHECK_JSON_FAIL;
}

/* The first child on the first entry; PASS for what is no such container, or empty. */
static bool begin(const struct check_json_machine *m, struct check_json_frame *f,
                  enum json_tape_kind kind)
{
    const struct json_tape_node *v = check_json_machine_value(m, f);

    if (!f->begun) {
        f->begun = true;
        f->at = f->value + 1;
    }
    return v->kind == kind && f->at < v->next;
}

static int compare_name(const struct schema_json_property *p, struct span name)
{
    if (p->name.len != name.len) {
        return p->name.len < name.len ? -1 : 1;
    }
    return name.len == 0 ? 0 : memcmp(p->name.at, name.at, name.len);
}

/* The schema of a named property, or none. */
static uint32_t find_named(const struct schema_json *s, struct schema_json_run run,
                           struct span name)
{
    uint32_t low = run.first;
    uint32_t high = run.first + run.count;

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

/* The next schema for the member at hand: index 0 is the named one, odd and even from 1 on the
 * patterns (2k+1 …), the last the additional one, which applies if nothing else did. None: the
 * member is done. */
static uint32_t next_schema(struct check_json_machine *m, struct check_json_frame *f,
                            const struct schema_json_op *op, struct span name)
{
    const struct schema_json *s = m->schema;
    struct schema_json_run patterns = op->properties.patterns;

    if (f->index == 0) {
        f->index = 1;
        uint32_t node = find_named(s, op->properties.named, name);
        if (node != SCHEMA_JSON_NONE) {
            f->matches = 1;
            return node;
        }
    }
    while (f->index <= patterns.count) {
        const uint32_t *entry = &s->lists[patterns.first + f->index - 1];
        f->index += 2;
        if (check_json_string_matches(m, entry[0], name)) {
            f->matches = 1;
            return entry[1];
        }
    }
    uint32_t rest = f->matches == 0 ? op->properties.additional : SCHEMA_JSON_NONE;
    f->matches = 2; /* once */
    return rest;
}

/* The member at hand is done, or one of its schemas has passed. */
static void pass_member(struct check_json_machine *m, struct check_json_frame *f)
{
    f->at = m->tape[f->at + 1].next;
    f->index = 0;
    f->matches = 0;
}

static enum check_json_step properties(struct check_json_machine *m, struct check_json_frame *f,
                                       const struct schema_json_op *op)
{
    if (f->resumed) {
        if (!f->passed) {
            return CHECK_JSON_FAIL;
        }
        check_json_mark_set(m, f, f->at + 1);
        if (op->properties.patterns.count == 0) {
            pass_member(m, f);
        }
    }
    while (begin(m, f, TAPE_OBJECT) && !m->aborted) {
        size_t before = m->arena->used;
        struct span name = check_json_string_decode(m, json_tape_text(&m->tape[f->at]));
        uint32_t node = next_schema(m, f, op, name);
        arena_rewind(m->arena, before);
        if (node != SCHEMA_JSON_NONE) {
            return check_json_machine_call(m, f, node, f->at + 1);
        }
        pass_member(m, f);
        if (!check_json_machine_spend(m, 1 + op->properties.patterns.count)) {
            return CHECK_JSON_FAIL;
        }
    }
    return m->aborted ? CHECK_JSON_FAIL : CHECK_JSON_PASS;
}

/* A name is a value on the tape, too. */
static enum check_json_step property_names(struct check_json_machine *m, struct check_json_frame *f,
                                           const struct schema_json_op *op)
{
    if (f->resumed) {
        if (!f->passed) {
            return CHECK_JSON_FAIL;
        }
        f->at = m->tape[f->at + 1].next;
    }
    return begin(m, f, TAPE_OBJECT) ? check_json_machine_call(m, f, op->node, f->at)
                                    : CHECK_JSON_PASS;
}

static enum check_json_step items(struct check_json_machine *m, struct check_json_frame *f,
                                  const struct schema_json_op *op)
{
    if (f->resumed) {
        if (!f->passed) {
            return CHECK_JSON_FAIL;
        }
        check_json_mark_set(m, f, f->at);
        f->at = m->tape[f->at].next;
        f->index++;
    }
    if (!begin(m, f, TAPE_ARRAY)) {
        return CHECK_JSON_PASS;
    }
    uint32_t node = f->index < op->items.prefix.count
                        ? m->schema->lists[op->items.prefix.first + f->index]
                        : op->items.rest;
    return node == SCHEMA_JSON_NONE ? CHECK_JSON_PASS : check_json_machine_call(m, f, node, f->at);
}

/* With marks every match counts; without, enough of them end it. */
static enum check_json_step contains(struct check_json_machine *m, struct check_json_frame *f,
                                     const struct schema_json_op *op)
{
    if (check_json_machine_value(m, f)->kind != TAPE_ARRAY) {
        return CHECK_JSON_PASS;
    }
    if (f->resumed) {
        f->matches += f->passed;
        if (f->passed && op->contains.annotates) {
            check_json_mark_set(m, f, f->at);
        }
        f->at = m->tape[f->at].next;
    }
    bool enough =
        f->matches >= op->contains.min && op->contains.max == UINT32_MAX && !m->schema->marks;
    if (enough || !begin(m, f, TAPE_ARRAY) || f->matches > op->contains.max) {
        bool holds = f->matches >= op->contains.min && f->matches <= op->contains.max;
        return holds ? CHECK_JSON_PASS : fail(m, op);
    }
    return check_json_machine_call(m, f, op->contains.node, f->at);
}

/* Children that nothing has marked since the frame began; `step` is 1 where values have names. */
static enum check_json_step unevaluated(struct check_json_machine *m, struct check_json_frame *f,
                                        const struct schema_json_op *op)
{
    bool object = op->kind == JSON_OP_UNEVALUATED_PROPERTIES;
    uint32_t step = object ? 1 : 0;

    if (f->resumed) {
        if (!f->passed) {
            return CHECK_JSON_FAIL;
        }
        check_json_mark_set(m, f, f->at + step);
    }
    while (begin(m, f, object ? TAPE_OBJECT : TAPE_ARRAY) && !m->aborted) {
        if (!check_json_mark_seen(m, f, f->at + step)) {
            return check_json_machine_call(m, f, op->node, f->at + step);
        }
        f->at = m->tape[f->at + step].next;
        if (!check_json_machine_spend(m, 1)) {
            break;
        }
    }
    return m->aborted ? CHECK_JSON_FAIL : CHECK_JSON_PASS;
}

enum check_json_step check_json_apply_op(struct check_json_machine *m, struct check_json_frame *f,
                                         const struct schema_json_op *op)
{
    switch (op->kind) {
    case JSON_OP_PROPERTIES:
        return properties(m, f, op);
    case JSON_OP_PROPERTY_NAMES:
        return property_names(m, f, op);
    case JSON_OP_ITEMS:
        return items(m, f, op);
    case JSON_OP_CONTAINS:
        return contains(m, f, op);
    default:
        return unevaluated(m, f, op);
    }
}

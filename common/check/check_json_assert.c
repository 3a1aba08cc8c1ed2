/* SPDX-License-Identifier: Apache-2.0
 *
 * check_json_assert: one predicate an operation. */
#include "check/check_json_assert.h"

#include "check/check_json_format.h"
#include "check/check_json_string.h"
#include "check/check_json_unique.h"

static uint32_t type_of(const struct json_tape_node *v)
{
    static const uint8_t types[] = {
        [TAPE_NULL] = JSON_TYPE_NULL,     [TAPE_FALSE] = JSON_TYPE_BOOLEAN,
        [TAPE_TRUE] = JSON_TYPE_BOOLEAN,  [TAPE_NUMBER] = JSON_TYPE_NUMBER,
        [TAPE_STRING] = JSON_TYPE_STRING, [TAPE_ARRAY] = JSON_TYPE_ARRAY,
        [TAPE_OBJECT] = JSON_TYPE_OBJECT,
    };

    return types[v->kind];
}

static struct json_number number_of(const struct json_tape_node *v)
{
    return json_number_parse(json_tape_span(v));
}

/* Whether a number is an integer is seen at its last digit. */
static bool has_type(struct check_json_machine *m, const struct json_tape_node *v, uint32_t types)
{
    if ((types & type_of(v)) != 0) {
        return true;
    }
    if (v->kind != TAPE_NUMBER || (types & JSON_TYPE_INTEGER) == 0) {
        return false;
    }
    struct json_number n = number_of(v);
    return check_json_machine_spend(m, 1 + v->len / 64) && json_number_is_integer(&n);
}

/* Equality with a value of the schema. */
static bool equals(struct check_json_machine *m, uint32_t value, uint32_t constant)
{
    struct json_tape_pair pair = {m->tape, value, m->schema->tape, constant};
    uint64_t work = m->work;
    bool equal = json_tape_equal(pair, &work);

    return check_json_machine_spend(m, m->work - work + 1) && equal;
}

static bool in_enum(struct check_json_machine *m, uint32_t value, uint32_t array)
{
    const struct json_tape_node *constants = m->schema->tape;

    for (uint32_t at = array + 1; at < constants[array].next; at = constants[at].next) {
        if (equals(m, value, at)) {
            return true;
        }
        if (m->aborted) {
            return false;
        }
    }
    return false;
}

static bool holds_length(struct check_json_machine *m, const struct json_tape_node *v,
                         const struct schema_json_op *op)
{
    if (v->kind != TAPE_STRING) {
        return true;
    }
    uint32_t length = check_json_string_length(json_tape_text(v));
    if (!check_json_machine_spend(m, 1 + v->len / 64)) {
        return false;
    }
    return op->kind == JSON_OP_MIN_LENGTH ? length >= op->limit : length <= op->limit;
}

static bool holds_bound(struct check_json_machine *m, const struct json_tape_node *v,
                        const struct schema_json_op *op)
{
    if (v->kind != TAPE_NUMBER) {
        return true;
    }
    struct json_number n = number_of(v);
    struct json_number bound = json_number_parse(op->number);
    int order = json_number_compare(&n, &bound);
    if (!check_json_machine_spend(m, 1 + (v->len + op->number.len) / 64)) {
        return false;
    }
    switch (op->kind) {
    case JSON_OP_MINIMUM:
        return order >= 0;
    case JSON_OP_MAXIMUM:
        return order <= 0;
    case JSON_OP_EXCLUSIVE_MINIMUM:
        return order > 0;
    default:
        return order < 0;
    }
}

static bool holds_multiple(struct check_json_machine *m, const struct json_tape_node *v,
                           const struct schema_json_op *op)
{
    if (v->kind != TAPE_NUMBER) {
        return true;
    }
    struct json_number n = number_of(v);
    return check_json_machine_spend(m, 1 + v->len / 4) && json_number_is_multiple(&n, &op->divisor);
}

static bool holds_size(const struct json_tape_node *v, const struct schema_json_op *op)
{
    switch (op->kind) {
    case JSON_OP_MIN_ITEMS:
        return v->kind != TAPE_ARRAY || v->len >= op->limit;
    case JSON_OP_MAX_ITEMS:
        return v->kind != TAPE_ARRAY || v->len <= op->limit;
    case JSON_OP_MIN_PROPERTIES:
        return v->kind != TAPE_OBJECT || v->len >= op->limit;
    default:
        return v->kind != TAPE_OBJECT || v->len <= op->limit;
    }
}

static bool has_member(struct check_json_machine *m, uint32_t object, uint32_t name)
{
    return check_json_machine_find(m, object, json_tape_span(&m->schema->tape[name])) != 0;
}

static bool holds_required(struct check_json_machine *m, const struct check_json_frame *f,
                           const struct schema_json_op *op)
{
    if (check_json_machine_value(m, f)->kind != TAPE_OBJECT) {
        return true;
    }
    if (op->kind == JSON_OP_REQUIRED) {
        return has_member(m, f->value, op->name);
    }
    return !has_member(m, f->value, op->dependent.trigger) ||
           has_member(m, f->value, op->dependent.target);
}

static bool holds_text(struct check_json_machine *m, const struct json_tape_node *v,
                       const struct schema_json_op *op)
{
    size_t before = m->arena->used;

    if (v->kind != TAPE_STRING) {
        return true;
    }
    struct span text = check_json_string_decode(m, json_tape_text(v));
    bool holds = op->kind == JSON_OP_PATTERN
                     ? check_json_string_matches(m, op->pattern, text)
                     : check_json_format_holds((enum schema_json_format)op->format, text) &&
                           check_json_machine_spend(m, 1 + text.len / 64);
    arena_rewind(m->arena, before);
    return holds;
}

static bool holds(struct check_json_machine *m, const struct check_json_frame *f,
                  const struct schema_json_op *op)
{
    const struct json_tape_node *v = check_json_machine_value(m, f);

    switch (op->kind) {
    case JSON_OP_NEVER:
        return false;
    case JSON_OP_TYPE:
        return has_type(m, v, op->types);
    case JSON_OP_CONST:
        return equals(m, f->value, op->constant);
    case JSON_OP_ENUM:
        return in_enum(m, f->value, op->constant);
    case JSON_OP_MIN_LENGTH:
    case JSON_OP_MAX_LENGTH:
        return holds_length(m, v, op);
    case JSON_OP_MINIMUM:
    case JSON_OP_MAXIMUM:
    case JSON_OP_EXCLUSIVE_MINIMUM:
    case JSON_OP_EXCLUSIVE_MAXIMUM:
        return holds_bound(m, v, op);
    case JSON_OP_MULTIPLE_OF:
        return holds_multiple(m, v, op);
    case JSON_OP_REQUIRED:
    case JSON_OP_DEPENDENT_REQUIRED:
        return holds_required(m, f, op);
    case JSON_OP_FORMAT:
    case JSON_OP_PATTERN:
        return holds_text(m, v, op);
    case JSON_OP_UNIQUE_ITEMS:
        return v->kind != TAPE_ARRAY || check_json_unique_holds(m, f->value);
    default:
        return holds_size(v, op);
    }
}

enum check_json_step check_json_assert_op(struct check_json_machine *m,
                                          const struct check_json_frame *f,
                                          const struct schema_json_op *op)
{
    if (holds(m, f, op)) {
        return m->aborted ? CHECK_JSON_FAIL : CHECK_JSON_PASS;
    }
    if (!m->aborted) {
        m->detail = op->detail;
    }
    return CHECK_JSON_FAIL;
}

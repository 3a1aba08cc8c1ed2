/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_json_flat: anything it does not know makes the short way unusable, never wrong. */
#include "schema/schema_json_flat.h"

static const struct span names[FLAT_COUNT] = {
    [FLAT_TIMESTAMP] = {"timestamp", 9},
    [FLAT_LEVEL] = {"level", 5},
    [FLAT_MESSAGE] = {"message", 7},
    [FLAT_SERVICE] = {"service", 7},
};

static uint32_t find_name(struct span name)
{
    uint32_t i = 0;

    while (i < FLAT_COUNT && !span_equal(names[i], name)) {
        i++;
    }
    return i;
}

/* Adds a rule of a field's schema. False: not one for the short way. */
static bool add_rule(struct schema_json_flat_field *f, const struct schema_json_op *op)
{
    switch (op->kind) {
    case JSON_OP_TYPE:
        if ((op->types & JSON_TYPE_STRING) == 0) {
            f->never = true;
            f->never_detail = op->detail;
        }
        return true;
    case JSON_OP_MIN_LENGTH:
        f->min_length = op->limit;
        f->min_detail = op->detail;
        return true;
    case JSON_OP_MAX_LENGTH:
        f->max_length = op->limit;
        f->max_detail = op->detail;
        return true;
    case JSON_OP_FORMAT:
        f->format = (uint8_t)op->format;
        f->format_detail = op->detail;
        return true;
    default:
        return false;
    }
}

static bool add_field(const struct schema_json *s, struct schema_json_flat_field *f, uint32_t node)
{
    struct schema_json_run ops = s->nodes[node].ops;

    for (uint32_t i = ops.first; i < ops.first + ops.count; i++) {
        if (!add_rule(f, &s->ops[i])) {
            return false;
        }
    }
    return true;
}

/* Members that records do not have among the four are extras, which must be free. */
static bool add_properties(const struct schema_json *s, struct schema_json_flat *flat,
                           const struct schema_json_op *op)
{
    struct schema_json_run named = op->properties.named;

    for (uint32_t i = named.first; i < named.first + named.count; i++) {
        uint32_t field = find_name(s->properties[i].name);
        if (field == FLAT_COUNT) {
            flat->extras_free &= s->nodes[s->properties[i].node].ops.count == 0;
        } else if (!add_field(s, &flat->fields[field], s->properties[i].node)) {
            return false;
        }
    }
    return op->properties.patterns.count == 0 &&
           (op->properties.additional == SCHEMA_JSON_NONE ||
            s->nodes[op->properties.additional].ops.count == 0);
}

static bool add_op(const struct schema_json *s, struct schema_json_flat *flat,
                   const struct schema_json_op *op)
{
    uint32_t field = FLAT_COUNT;

    switch (op->kind) {
    case JSON_OP_TYPE:
        return (op->types & JSON_TYPE_OBJECT) != 0;
    case JSON_OP_PROPERTIES:
        return add_properties(s, flat, op);
    case JSON_OP_REQUIRED:
        field = find_name(json_tape_span(&s->tape[op->name]));
        if (field < FLAT_COUNT) {
            flat->fields[field].required = true;
            flat->fields[field].required_detail = op->detail;
        }
        return field < FLAT_COUNT;
    default:
        return false;
    }
}

/* Lengths that are good whatever the text says; none if more than its length matters. */
static void set_good_bytes(struct schema_json_flat_field *f)
{
    uint64_t min = f->min_length == 0 ? 0 : (f->min_length - 1ull) * SCHEMA_JSON_CHAR_BYTES + 1;

    f->good_bytes_min = min < UINT32_MAX ? (uint32_t)min : UINT32_MAX;
    f->good_bytes_max = f->max_length;
    if (f->never || f->format != JSON_FORMAT_NONE) {
        f->good_bytes_min = 1;
        f->good_bytes_max = 0;
    }
}

struct schema_json_flat schema_json_flat_of(const struct schema_json *s)
{
    struct schema_json_flat flat = {.usable = true, .extras_free = true};
    struct schema_json_run ops = s->nodes[0].ops;

    for (uint32_t i = 0; i < FLAT_COUNT; i++) {
        flat.fields[i].max_length = UINT32_MAX;
    }
    for (uint32_t i = ops.first; flat.usable && i < ops.first + ops.count; i++) {
        flat.usable = add_op(s, &flat, &s->ops[i]);
    }
    for (uint32_t i = 0; i < FLAT_COUNT; i++) {
        set_good_bytes(&flat.fields[i]);
    }
    return flat;
}

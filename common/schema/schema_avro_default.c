/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_avro_default: a default can be any JSON, so it is walked with a stack of its own. A record
 * within one may leave out the fields that have defaults themselves; so a short text can make much
 * to look at, which is bounded. */
#include "schema/schema_avro_default.h"

#define STEPS_MAX 4000000u

/* Symbols that are compared with a value in one step. */
#define SYMBOLS_PER_STEP 8u

struct frame {
    const json_t *value; /* an array or object */
    void *member;        /* of an object for a map: the next */
    uint32_t node;
    uint32_t next;
};

struct check {
    struct schema_avro_build *b;
    struct frame stack[SCHEMA_AVRO_DEPTH_MAX];
    uint32_t depth;
    uint32_t steps;
};

int64_t schema_avro_default_bytes(struct span string, char *out)
{
    int64_t count = 0;

    for (size_t i = 0; i < string.len; i++, count++) {
        unsigned c = (unsigned char)string.at[i];
        if (c >= 0x80) {
            if (c > 0xc3 || i + 1 == string.len) {
                return -1;
            }
            c = (c & 3u) << 6 | ((unsigned char)string.at[++i] & 0x3fu);
        }
        if (out != NULL) {
            out[count] = (char)c;
        }
    }
    return count;
}

static bool is_symbol(const struct schema_avro_build *b, const struct schema_avro_node *n,
                      const json_t *value)
{
    struct span name = schema_avro_build_string(value);

    for (uint32_t i = 0; name.at != NULL && i < n->count; i++) {
        if (span_equal(text_span(b->symbols[n->first + i]), name)) {
            return true;
        }
    }
    return false;
}

bool schema_avro_default_fits(const struct schema_avro_build *b, uint32_t node, const json_t *value)
{
    const struct schema_avro_node *n = &b->nodes[node];

    switch ((enum schema_avro_kind)n->kind) {
    case AVRO_NULL:
        return json_is_null(value);
    case AVRO_BOOLEAN:
        return json_is_boolean(value);
    case AVRO_INT:
        return json_is_integer(value) && json_integer_value(value) >= INT32_MIN &&
               json_integer_value(value) <= INT32_MAX;
    case AVRO_LONG:
        return json_is_integer(value);
    case AVRO_FLOAT:
    case AVRO_DOUBLE:
        return json_is_number(value);
    case AVRO_STRING:
        return json_is_string(value);
    case AVRO_BYTES:
        return json_is_string(value) &&
               schema_avro_default_bytes(schema_avro_build_string(value), NULL) >= 0;
    case AVRO_FIXED:
        return json_is_string(value) &&
               schema_avro_default_bytes(schema_avro_build_string(value), NULL) == n->size;
    case AVRO_ENUM:
        return is_symbol(b, n, value);
    case AVRO_ARRAY:
    case AVRO_MAP:
    case AVRO_UNION:
    case AVRO_RECORD:
        break;
    }
    return false;
}

/* Judges a value, or leaves a frame for what is in it. */
static err_t begin(struct check *c, uint32_t node, const json_t *value)
{
    const struct schema_avro_node *n = &c->b->nodes[node];

    if (n->kind == AVRO_UNION) {
        node = c->b->branches[n->first];
        n = &c->b->nodes[node];
    }
    if (n->kind == AVRO_ENUM) {
        c->steps += n->count / SYMBOLS_PER_STEP;
    }
    bool is_array = n->kind == AVRO_ARRAY;
    if (!is_array && n->kind != AVRO_MAP && n->kind != AVRO_RECORD) {
        return schema_avro_default_fits(c->b, node, value) ? ERR_OK : ERR_SYNTAX;
    }
    ENSURE(is_array ? json_is_array(value) : json_is_object(value), ERR_SYNTAX);
    ENSURE(c->depth < SCHEMA_AVRO_DEPTH_MAX, ERR_LIMIT);
    c->stack[c->depth++] = (struct frame){
        .value = value, .member = json_object_iter((json_t *)(uintptr_t)value), .node = node};
    return ERR_OK;
}

static err_t next_field(struct check *c, struct frame *f, const struct schema_avro_node *n)
{
    const struct schema_avro_field *field = &c->b->fields[n->first + f->next];
    const json_t *value = json_object_getn(f->value, field->name.at, field->name.len);

    f->next++;
    if (value == NULL) {
        return field->has_default ? ERR_OK : ERR_SYNTAX;
    }
    return begin(c, field->node, value);
}

static err_t next_member(struct check *c, struct frame *f, const struct schema_avro_node *n)
{
    const json_t *value = json_object_iter_value(f->member);

    f->member = json_object_iter_next((json_t *)(uintptr_t)f->value, f->member);
    return begin(c, n->first, value);
}

static err_t step(struct check *c)
{
    struct frame *f = &c->stack[c->depth - 1];
    const struct schema_avro_node *n = &c->b->nodes[f->node];

    ENSURE(c->steps < STEPS_MAX, ERR_LIMIT);
    c->steps++;
    if (n->kind == AVRO_RECORD && f->next < n->count) {
        return next_field(c, f, n);
    }
    if (n->kind == AVRO_MAP && f->member != NULL) {
        return next_member(c, f, n);
    }
    if (n->kind == AVRO_ARRAY && f->next < json_array_size(f->value)) {
        return begin(c, n->first, json_array_get(f->value, f->next++));
    }
    c->depth--;
    return ERR_OK;
}

static err_t check_field(struct check *c, const struct schema_avro_field *field,
                         const json_t *value)
{
    c->depth = 0;
    err_t err = begin(c, field->node, value);
    while (err == ERR_OK && c->depth > 0) {
        err = step(c);
    }
    if (err != ERR_OK) {
        schema_why_set(c->b->why, "the default of the field \"%.*s\" %s", (int)field->name.len,
                       field->name.at,
                       err == ERR_LIMIT ? "is too large to be checked" : "does not fit its type");
    }
    return err;
}

err_t schema_avro_default_check(struct schema_avro_build *b)
{
    struct check c;

    c.b = b;
    c.steps = 0;
    for (uint32_t i = 0; i < b->field_count; i++) {
        const json_t *value = schema_avro_build_default(b, i);
        if (value != NULL) {
            TRY(check_field(&c, &b->fields[i], value));
        }
    }
    return ERR_OK;
}

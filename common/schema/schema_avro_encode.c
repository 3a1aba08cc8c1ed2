/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_avro_encode: a walk over value and plan with a stack of its own. A union is a frame that
 * remembers where it began: if something inside does not fit, the walk goes back to the innermost
 * union that has a branch left. Trying can take very long for a schema made for it, and defaults
 * can be very large, so steps and bytes are bounded. */
#include "schema/schema_avro_encode.h"

#include "schema/schema_avro_default.h"
#include "schema/schema_avro_encode_value.h"

#include <stdio.h>

#define DEPTH_MAX  (2 * SCHEMA_AVRO_DEPTH_MAX)
#define STEPS_MAX  4000000u
#define BYTES_MAX  (16u << 20)
#define PATH_BYTES 256u

struct frame {
    const json_t *value;
    void *member;    /* MAP: the next of the value */
    const char *key; /* MAP: the one in hand */
    size_t out_len;  /* UNION: where it began */
    uint32_t node;
    uint32_t next; /* field, item or branch to come */
    enum schema_avro_encode_form form;
};

struct encode {
    const struct schema_avro_build *b;
    struct buf *out;
    size_t out_start;
    uint32_t steps;
    uint32_t depth;
    uint32_t why_depth; /* where the failure was that `why` tells: the deepest is told */
    struct schema_why why;
    struct frame stack[DEPTH_MAX];
};

static const struct schema_avro_node *node_of(const struct encode *e, const struct frame *f)
{
    return &e->b->nodes[f->node];
}

static int put_part(const struct encode *e, const struct frame *f, char *out, size_t room)
{
    const struct schema_avro_node *n = node_of(e, f);

    if (n->kind == AVRO_RECORD && f->next > 0) {
        struct span name = e->b->fields[n->first + f->next - 1].name;
        return snprintf(out, room, "/%.*s", (int)name.len, name.at);
    }
    if (n->kind == AVRO_ARRAY && f->next > 0) {
        return snprintf(out, room, "/%u", f->next - 1);
    }
    if (n->kind == AVRO_MAP && f->key != NULL) {
        return snprintf(out, room, "/%s", f->key);
    }
    return 0;
}

/* Says where the walk is and what would be allowed there. ERR_SYNTAX. */
static err_t mismatch(struct encode *e, const char *allowed)
{
    char path[PATH_BYTES] = "";
    size_t at = 0;

    if (e->depth < e->why_depth) {
        return ERR_SYNTAX;
    }
    for (uint32_t i = 0; i < e->depth && at < sizeof(path); i++) {
        at += (size_t)put_part(e, &e->stack[i], path + at, sizeof(path) - at);
    }
    e->why_depth = e->depth;
    e->why.text[0] = '\0';
    schema_why_set(&e->why, "at \"%s\": allowed is %s", path, allowed);
    return ERR_SYNTAX;
}

static err_t push(struct encode *e, uint32_t node, const json_t *value,
                  enum schema_avro_encode_form form)
{
    ENSURE(e->depth < DEPTH_MAX, ERR_LIMIT);
    e->stack[e->depth++] =
        (struct frame){.value = value, .out_len = e->out->len, .node = node, .form = form};
    return ERR_OK;
}

/* An array or map begins: all items in one block. */
static err_t begin_items(struct encode *e, uint32_t node, const json_t *value,
                         enum schema_avro_encode_form form)
{
    bool is_array = e->b->nodes[node].kind == AVRO_ARRAY;
    size_t count = is_array ? json_array_size(value) : json_object_size(value);

    if (is_array ? !json_is_array(value) : !json_is_object(value)) {
        return mismatch(e, is_array ? "an array" : "an object");
    }
    if (count > 0) {
        TRY(schema_avro_encode_value_long(e->out, (int64_t)count));
    }
    TRY(push(e, node, value, form));
    if (!is_array) {
        e->stack[e->depth - 1].member = json_object_iter((json_t *)(uintptr_t)value);
    }
    return ERR_OK;
}

/* Before anything is written for a record: every member is a field, every field is there or has a
 * default. That settles most choices between records of a union. */
static err_t begin_record(struct encode *e, uint32_t node, const json_t *value,
                          enum schema_avro_encode_form form)
{
    const struct schema_avro_node *n = &e->b->nodes[node];
    size_t present = 0;

    if (!json_is_object(value)) {
        return mismatch(e, "an object");
    }
    for (uint32_t i = 0; i < n->count; i++) {
        const struct schema_avro_field *field = &e->b->fields[n->first + i];
        bool has = json_object_getn(value, field->name.at, field->name.len) != NULL;
        present += has ? 1 : 0;
        if (!has && !field->has_default) {
            char what[PATH_BYTES];
            snprintf(what, sizeof(what), "an object with a member \"%.*s\"", (int)field->name.len,
                     field->name.at);
            return mismatch(e, what);
        }
    }
    e->steps += n->count;
    if (form == SCHEMA_AVRO_ENCODE_JSON && present < json_object_size(value)) {
        return mismatch(e, "an object with no other members than the record has fields");
    }
    return push(e, node, value, form);
}

static err_t begin(struct encode *e, uint32_t node, const json_t *value,
                   enum schema_avro_encode_form form)
{
    const struct schema_avro_node *n = &e->b->nodes[node];
    const char *allowed = "what its type allows";

    if (n->kind == AVRO_UNION) {
        return push(e, node, value, form);
    }
    if (n->kind == AVRO_ARRAY || n->kind == AVRO_MAP) {
        return begin_items(e, node, value, form);
    }
    if (n->kind == AVRO_RECORD) {
        return begin_record(e, node, value, form);
    }
    err_t err = form == SCHEMA_AVRO_ENCODE_DEFAULT
                    ? schema_avro_encode_value_default(e->b, node, value, e->out)
                    : schema_avro_encode_value(e->b, node, value, e->out, &allowed);
    return err == ERR_SYNTAX ? mismatch(e, allowed) : err;
}

static err_t next_field(struct encode *e, struct frame *f, const struct schema_avro_node *n)
{
    uint32_t index = n->first + f->next++;
    const struct schema_avro_field *field = &e->b->fields[index];
    const json_t *value = json_object_getn(f->value, field->name.at, field->name.len);

    if (value == NULL) {
        return begin(e, field->node, schema_avro_build_default(e->b, index),
                     SCHEMA_AVRO_ENCODE_DEFAULT);
    }
    return begin(e, field->node, value, f->form);
}

static err_t next_member(struct encode *e, struct frame *f, const struct schema_avro_node *n)
{
    const json_t *value = json_object_iter_value(f->member);

    f->key = json_object_iter_key(f->member);
    f->member = json_object_iter_next((json_t *)(uintptr_t)f->value, f->member);
    TRY(schema_avro_encode_value_bytes(e->out, span_of_str(f->key)));
    return begin(e, n->first, value, f->form);
}

/* The first branch that has not been tried; the frame of a default has only one. */
static err_t next_branch(struct encode *e, struct frame *f, const struct schema_avro_node *n)
{
    uint32_t branch = f->next++;

    e->out->len = f->out_len;
    TRY(schema_avro_encode_value_long(e->out, branch));
    return begin(e, e->b->branches[n->first + branch], f->value, f->form);
}

static err_t step(struct encode *e)
{
    struct frame *f = &e->stack[e->depth - 1];
    const struct schema_avro_node *n = node_of(e, f);

    if (n->kind == AVRO_RECORD && f->next < n->count) {
        return next_field(e, f, n);
    }
    if (n->kind == AVRO_MAP && f->member != NULL) {
        return next_member(e, f, n);
    }
    if (n->kind == AVRO_ARRAY && f->next < json_array_size(f->value)) {
        return begin(e, n->first, json_array_get(f->value, f->next++), f->form);
    }
    if (n->kind == AVRO_UNION && f->next == 0) {
        return next_branch(e, f, n);
    }
    e->depth--; /* complete */
    if (n->kind == AVRO_UNION) {
        e->why_depth = 0; /* what other branches lacked does not matter any more */
    }
    return n->kind == AVRO_ARRAY || n->kind == AVRO_MAP ? schema_avro_encode_value_long(e->out, 0)
                                                        : ERR_OK;
}

/* Something did not fit: takes the next branch of the innermost union that has one. */
static err_t retry(struct encode *e)
{
    err_t err = ERR_SYNTAX;

    while (e->depth > 0 && err == ERR_SYNTAX) {
        struct frame *f = &e->stack[e->depth - 1];
        const struct schema_avro_node *n = node_of(e, f);
        bool left =
            n->kind == AVRO_UNION && f->form == SCHEMA_AVRO_ENCODE_JSON && f->next < n->count;
        if (!left) {
            e->depth--;
            continue;
        }
        e->steps++;
        err = next_branch(e, f, n);
    }
    return err;
}

static err_t run(struct encode *e, const json_t *value)
{
    err_t err = begin(e, 0, value, SCHEMA_AVRO_ENCODE_JSON);

    while (err == ERR_OK && e->depth > 0) {
        e->steps++;
        ENSURE(e->steps <= STEPS_MAX && e->out->len - e->out_start <= BYTES_MAX, ERR_LIMIT);
        err = step(e);
        if (err == ERR_SYNTAX) {
            err = retry(e);
        }
    }
    return err;
}

err_t schema_avro_encode(const struct schema_avro *s, const json_t *value,
                         struct schema_why *ret_why, struct buf *out)
{
    struct encode e;
    size_t out_len = out->len;

    e.b = schema_avro_build_of(s);
    e.out = out;
    e.out_start = out->len;
    e.steps = 0;
    e.depth = 0;
    e.why_depth = 0;
    e.why.text[0] = '\0';
    err_t err = run(&e, value);
    if (err == ERR_OK) {
        return ERR_OK;
    }
    out->len = out_len;
    if (err == ERR_LIMIT) {
        e.why.text[0] = '\0';
        schema_why_set(&e.why, "it is nested too deep, takes too long, or becomes too large");
    }
    schema_why_set(ret_why, "%s", e.why.text);
    return err;
}

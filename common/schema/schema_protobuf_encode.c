/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_protobuf_encode: what is open stands on a stack of levels. A message is written first and
 * then moved to make room for its length. */
#include "schema/schema_protobuf_encode.h"

#include "schema/schema_protobuf_encode_known.h"
#include "schema/schema_protobuf_encode_value.h"
#include "schema/schema_protobuf_wire.h"

#include <stdio.h>

#define DEPTH_MAX     100u /* messages in messages, as codec/codec_protobuf.h reads them */
#define LEVELS_MAX    (3 * DEPTH_MAX)
#define POINTER_BYTES 256u
#define SEEN_WORDS    (SCHEMA_PROTOBUF_ONEOFS_MAX / 64)

/* Of google.protobuf.Value, by place. */
enum { VALUE_NULL, VALUE_NUMBER, VALUE_STRING, VALUE_BOOL, VALUE_STRUCT, VALUE_LIST };

enum kind {
    KIND_MEMBERS,  /* an object: the fields of a message */
    KIND_ELEMENTS, /* an array: a repeated field */
    KIND_ENTRIES,  /* an object: a map field */
    KIND_ENTRY,    /* one member of it */
    KIND_WRAPPED   /* nothing more to write, only to close */
};

struct level {
    enum kind kind;
    bool has_length; /* it is a message inside another: `begin` is where it stands */
    size_t begin;
    const struct schema_protobuf_message *message; /* MEMBERS */
    const struct schema_protobuf_field *field;     /* ELEMENTS, ENTRIES, ENTRY */
    json_t *json;
    void *iter;                /* the next member of an object */
    size_t index;              /* the next element of an array */
    const char *key;           /* the member at hand */
    uint64_t seen[SEEN_WORDS]; /* MEMBERS: oneofs that have a value */
};

struct encode {
    const struct schema_protobuf *plan;
    struct schema_why *why;
    struct buf *out;
    struct level levels[LEVELS_MAX];
    uint32_t count;
    uint32_t depth; /* levels with a length */
};

/* jansson's iterators change nothing, but do not say so. */
static json_t *loose(const json_t *value)
{
    return (json_t *)(uintptr_t)value;
}

/* The JSON pointer of what is at hand. */
static void point(const struct encode *e, char *out)
{
    size_t len = 0;

    out[0] = '\0';
    for (uint32_t i = 0; i < e->count && len < POINTER_BYTES - 1; i++) {
        const struct level *l = &e->levels[i];
        int more = 0;
        if (l->kind == KIND_ELEMENTS) {
            more = snprintf(out + len, POINTER_BYTES - len, "/%zu", l->index - 1);
        } else if (l->key != NULL && l->kind != KIND_ENTRY) {
            more = snprintf(out + len, POINTER_BYTES - len, "/%s", l->key);
        }
        len += (size_t)more;
    }
}

static err_t refuse(const struct encode *e, const char *allowed)
{
    char pointer[POINTER_BYTES];

    point(e, pointer);
    schema_why_set(e->why, "%s: %s", pointer[0] == '\0' ? "/" : pointer, allowed);
    return ERR_SYNTAX;
}

/* The error of a writer of single values. */
static err_t judge(const struct encode *e, err_t err, const char *const *allowed)
{
    return err == ERR_SYNTAX ? refuse(e, *allowed) : err;
}

static err_t push(struct encode *e, enum kind kind, const json_t *json, struct level **ret)
{
    if (e->count == LEVELS_MAX) {
        schema_why_set(e->why, "nested more than %u deep", DEPTH_MAX);
        return ERR_LIMIT;
    }
    struct level *l = &e->levels[e->count++];
    *l = (struct level){.kind = kind, .json = loose(json)};
    l->iter = json_is_object(json) ? json_object_iter(l->json) : NULL;
    *ret = l;
    return ERR_OK;
}

/* The same for a message inside another. */
static err_t push_message(struct encode *e, enum kind kind, const json_t *json, struct level **ret)
{
    if (e->depth == DEPTH_MAX) {
        schema_why_set(e->why, "nested more than %u deep", DEPTH_MAX);
        return ERR_LIMIT;
    }
    TRY(push(e, kind, json, ret));
    (*ret)->has_length = true;
    (*ret)->begin = e->out->len;
    e->depth++;
    return ERR_OK;
}

static err_t pop(struct encode *e)
{
    const struct level *l = &e->levels[--e->count];

    if (!l->has_length) {
        return ERR_OK;
    }
    e->depth--;
    return schema_protobuf_encode_value_close(e->out, l->begin);
}

static err_t put_scalar(struct encode *e, const struct schema_protobuf_field *f, const json_t *json)
{
    const char *allowed = "";

    TRY(schema_protobuf_encode_value_tag(e->out, f->number,
                                         schema_protobuf_encode_value_wire(f->type)));
    return judge(e, schema_protobuf_encode_value(e->plan, f, json, e->out, &allowed), &allowed);
}

static const struct schema_protobuf_field *field_of(const struct encode *e, uint32_t message,
                                                    uint32_t place)
{
    return &e->plan->fields[e->plan->messages[message].first + place];
}

/* A Struct or a ListValue, whose only field `json` is. */
static err_t open_collection(struct encode *e, uint32_t message, const json_t *json)
{
    bool is_struct = e->plan->messages[message].known == PROTOBUF_STRUCT;
    struct level *l = NULL;

    if (is_struct ? !json_is_object(json) : !json_is_array(json)) {
        return refuse(e, is_struct ? "an object" : "an array");
    }
    TRY(push_message(e, is_struct ? KIND_ENTRIES : KIND_ELEMENTS, json, &l));
    l->field = field_of(e, message, 0);
    return ERR_OK;
}

static uint32_t value_place(const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return VALUE_STRUCT;
    case JSON_ARRAY:
        return VALUE_LIST;
    case JSON_STRING:
        return VALUE_STRING;
    case JSON_INTEGER:
    case JSON_REAL:
        return VALUE_NUMBER;
    case JSON_TRUE:
    case JSON_FALSE:
        return VALUE_BOOL;
    case JSON_NULL:
        break;
    }
    return VALUE_NULL;
}

/* Any JSON. */
static err_t open_any_value(struct encode *e, uint32_t message, const json_t *json)
{
    const struct schema_protobuf_field *f = field_of(e, message, value_place(json));
    struct level *l = NULL;

    TRY(push_message(e, KIND_WRAPPED, NULL, &l));
    if (f->type != PROTOBUF_MESSAGE) {
        return put_scalar(e, f, json);
    }
    TRY(schema_protobuf_encode_value_tag(e->out, f->number, PROTOBUF_WIRE_LEN));
    return open_collection(e, f->target, json);
}

static err_t open_members(struct encode *e, const struct schema_protobuf_message *m,
                          const json_t *json)
{
    struct level *l = NULL;

    if (!json_is_object(json)) {
        return refuse(e, "an object");
    }
    TRY(push_message(e, KIND_MEMBERS, json, &l));
    l->message = m;
    return ERR_OK;
}

/* A message whose tag has been written. */
static err_t open_message(struct encode *e, uint32_t target, const json_t *json)
{
    const struct schema_protobuf_message *m = &e->plan->messages[target];
    enum schema_protobuf_known known = (enum schema_protobuf_known)m->known;
    const char *allowed = "";
    struct level *l = NULL;

    if (schema_protobuf_encode_known_is(known)) {
        size_t begin = e->out->len;
        TRY(judge(e, schema_protobuf_encode_known(known, json, e->out, &allowed), &allowed));
        return schema_protobuf_encode_value_close(e->out, begin);
    }
    if (known == PROTOBUF_VALUE) {
        return open_any_value(e, target, json);
    }
    if (known == PROTOBUF_STRUCT || known == PROTOBUF_LIST_VALUE) {
        return open_collection(e, target, json);
    }
    if (known == PROTOBUF_WRAPPER) {
        TRY(push_message(e, KIND_WRAPPED, NULL, &l));
        return put_scalar(e, field_of(e, target, 0), json);
    }
    return open_members(e, m, json);
}

/* One value of a field, or one of its elements. */
static err_t open_value(struct encode *e, const struct schema_protobuf_field *f, const json_t *json)
{
    if (f->type != PROTOBUF_MESSAGE) {
        return put_scalar(e, f, json);
    }
    TRY(schema_protobuf_encode_value_tag(e->out, f->number, PROTOBUF_WIRE_LEN));
    return open_message(e, f->target, json);
}

static const struct schema_protobuf_field *find_field(const struct schema_protobuf_message *m,
                                                      const char *name)
{
    const struct schema_protobuf_field *fields = m->plan->fields + m->first;
    struct span wanted = span_of_str(name);

    for (uint32_t i = 0; i < m->count; i++) {
        if (span_equal(text_span(fields[i].json_name), wanted)) {
            return &fields[i];
        }
    }
    for (uint32_t i = 0; i < m->count; i++) {
        if (span_equal(fields[i].name, wanted)) {
            return &fields[i];
        }
    }
    return NULL;
}

static err_t open_repeated(struct encode *e, const struct schema_protobuf_field *f,
                           const json_t *json)
{
    bool is_map =
        f->type == PROTOBUF_MESSAGE && e->plan->messages[f->target].known == PROTOBUF_MAP_ENTRY;
    struct level *l = NULL;

    if (is_map ? !json_is_object(json) : !json_is_array(json)) {
        return refuse(e, is_map ? "an object" : "an array");
    }
    TRY(push(e, is_map ? KIND_ENTRIES : KIND_ELEMENTS, json, &l));
    l->field = f;
    return ERR_OK;
}

/* Whether null is a value of the field; else it means that the field is absent. */
static bool takes_null(const struct encode *e, const struct schema_protobuf_field *f)
{
    if (f->repeated) {
        return false;
    }
    return f->type == PROTOBUF_MESSAGE
               ? e->plan->messages[f->target].known == PROTOBUF_VALUE
               : f->type == PROTOBUF_ENUM && e->plan->enums[f->target].is_null;
}

static err_t step_members(struct encode *e, struct level *l)
{
    l->key = json_object_iter_key(l->iter);
    const json_t *json = json_object_iter_value(l->iter);
    l->iter = json_object_iter_next(l->json, l->iter);
    const struct schema_protobuf_field *f = find_field(l->message, l->key);
    if (f == NULL) {
        return refuse(e, "no field of the message");
    }
    if (json_is_null(json) && !takes_null(e, f)) {
        return ERR_OK;
    }
    if (f->oneof >= 0) {
        uint64_t *seen = &l->seen[f->oneof / 64];
        uint64_t bit = 1ull << (f->oneof % 64);
        if ((*seen & bit) != 0) {
            return refuse(e, "only one member of a oneof");
        }
        *seen |= bit;
    }
    return f->repeated ? open_repeated(e, f, json) : open_value(e, f, json);
}

static err_t step_entries(struct encode *e, struct level *l)
{
    const struct schema_protobuf_field *f = l->field;
    const struct schema_protobuf_field *key = field_of(e, f->target, 0);
    const char *allowed = "";
    struct level *entry = NULL;

    l->key = json_object_iter_key(l->iter);
    const json_t *json = json_object_iter_value(l->iter);
    l->iter = json_object_iter_next(l->json, l->iter);
    TRY(schema_protobuf_encode_value_tag(e->out, f->number, PROTOBUF_WIRE_LEN));
    TRY(push_message(e, KIND_ENTRY, NULL, &entry));
    entry->key = l->key;
    TRY(schema_protobuf_encode_value_tag(e->out, key->number,
                                         schema_protobuf_encode_value_wire(key->type)));
    TRY(judge(e, schema_protobuf_encode_value_key(key, entry->key, e->out, &allowed), &allowed));
    return open_value(e, field_of(e, f->target, 1), json);
}

static err_t step(struct encode *e)
{
    struct level *l = &e->levels[e->count - 1];

    switch (l->kind) {
    case KIND_MEMBERS:
        return l->iter == NULL ? pop(e) : step_members(e, l);
    case KIND_ENTRIES:
        return l->iter == NULL ? pop(e) : step_entries(e, l);
    case KIND_ELEMENTS:
        if (l->index == json_array_size(l->json)) {
            return pop(e);
        }
        l->index++;
        return open_value(e, l->field, json_array_get(l->json, l->index - 1));
    case KIND_ENTRY:
    case KIND_WRAPPED:
        break;
    }
    return pop(e);
}

err_t schema_protobuf_encode(const struct schema_protobuf_message *message, const json_t *value,
                             struct schema_why *ret_why, struct buf *out)
{
    struct encode e = {.plan = message->plan, .why = ret_why, .out = out};
    size_t begin = out->len;
    struct level *root = NULL;

    if (!json_is_object(value)) {
        return refuse(&e, "an object");
    }
    err_t err = push(&e, KIND_MEMBERS, value, &root);
    root->message = message;
    while (err == ERR_OK && e.count > 0) {
        err = step(&e);
    }
    if (err != ERR_OK) {
        out->len = begin;
    }
    return err;
}

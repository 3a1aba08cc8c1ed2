/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_inline: two walks with a stack of places where a type stands, depth first and from left
 * to right, which is the order in which names become known. The first goes through the references
 * and collects what they define, the second through the schema and puts definitions in. */
#include "registry/registry_inline.h"

#include "schema/schema_avro_name.h"

#include <stdlib.h>

#define NAME_BYTES SCHEMA_AVRO_NAME_BYTES_MAX

/* A type within an object or array. */
struct place {
    json_t *parent;
    const char *key; /* NULL: by index */
    size_t index;
    struct span space; /* what names in it belong to; lives in the documents */
    uint32_t depth;
    bool put_in; /* it came with a definition */
};

struct walk {
    struct place *at;
    size_t count;
    size_t cap;
    bool collecting;
    json_t *definitions; /* full name: definition with its namespace */
    json_t *known;       /* full names that the text defines so far */
    struct schema_why *why;
};

/* ---- names ---- */

static struct span string_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return span_of(json_string_value(value), json_string_length(value));
}

/* NUL-terminated; false: it is none, which the compiler will say. */
static bool full_name(struct span space, struct span name, char ret[NAME_BYTES])
{
    char out[NAME_BYTES];
    struct span full;

    if (!schema_avro_name_valid_full(name) ||
        schema_avro_name_qualify(space, name, out, &full) != ERR_OK || full.len >= NAME_BYTES) {
        return false;
    }
    memcpy(ret, full.at, full.len);
    ret[full.len] = '\0';
    return true;
}

static bool is_named(struct span type)
{
    return span_equal(type, SPAN_LIT("record")) || span_equal(type, SPAN_LIT("error")) ||
           span_equal(type, SPAN_LIT("enum")) || span_equal(type, SPAN_LIT("fixed"));
}

/* ---- places ---- */

static json_t *value_at(const struct place *p)
{
    return p->key != NULL ? json_object_get(p->parent, p->key)
                          : json_array_get(p->parent, p->index);
}

/* Takes `value`. */
static err_t replace(const struct place *p, json_t *value)
{
    ENSURE(value != NULL, ERR_NOMEM);
    int failed = p->key != NULL ? json_object_set_new(p->parent, p->key, value)
                                : json_array_set_new(p->parent, p->index, value);
    return failed == 0 ? ERR_OK : ERR_NOMEM;
}

static err_t push(struct walk *w, const struct place *p)
{
    if (p->depth > SCHEMA_AVRO_DEPTH_MAX) {
        schema_why_set(w->why, "the schema and its references are nested too deeply");
        return ERR_LIMIT;
    }
    if (w->count == w->cap) {
        size_t cap = w->cap == 0 ? 64 : w->cap * 2;
        struct place *at = realloc(w->at, cap * sizeof(*at));
        ENSURE(at != NULL, ERR_NOMEM);
        w->at = at;
        w->cap = cap;
    }
    w->at[w->count++] = *p;
    return ERR_OK;
}

/* A type that is a member of the object at `from`. */
static err_t push_member(struct walk *w, const struct place *from, json_t *object, const char *key)
{
    struct place p = *from;

    p.parent = object;
    p.key = key;
    p.depth++;
    return push(w, &p);
}

/* The last one first: the stack turns them round. */
static err_t push_elements(struct walk *w, const struct place *from, json_t *array)
{
    struct place p = *from;

    p.parent = array;
    p.key = NULL;
    p.depth++;
    for (size_t i = json_array_size(array); i > 0; i--) {
        p.index = i - 1;
        TRY(push(w, &p));
    }
    return ERR_OK;
}

static err_t push_fields(struct walk *w, const struct place *from, json_t *record)
{
    const json_t *fields = json_object_get(record, "fields");

    for (size_t i = json_array_size(fields); i > 0; i--) {
        json_t *field = json_array_get(fields, i - 1);
        if (json_is_object(field)) {
            TRY(push_member(w, from, field, "type"));
        }
    }
    return ERR_OK;
}

/* ---- types ---- */

/* States the namespace where only the place would tell it, so that the definition means the same
 * wherever it stands. What is there is not replaced: places further in borrow it. */
static err_t collect(struct walk *w, const struct place *p, const char *full, json_t *definition)
{
    struct span name = string_of(definition, "name");
    bool states = json_is_string(json_object_get(definition, "namespace")) ||
                  memchr(name.at, '.', name.len) != NULL;

    if (!states) {
        json_t *space = json_stringn(p->space.len == 0 ? "" : p->space.at, p->space.len);
        ENSURE(json_object_set_new(definition, "namespace", space) == 0, ERR_NOMEM);
    }
    return json_object_set(w->definitions, full, definition) == 0 ? ERR_OK : ERR_NOMEM;
}

/* A name that is not known yet becomes its definition, which is the next to be walked through. */
static err_t visit_name(struct walk *w, const struct place *p, const json_t *name)
{
    char full[NAME_BYTES];
    enum schema_avro_kind primitive = AVRO_NULL;
    struct span text = span_of(json_string_value(name), json_string_length(name));

    if (w->collecting || schema_avro_name_primitive(text, &primitive) ||
        !full_name(p->space, text, full) || json_object_get(w->known, full) != NULL) {
        return ERR_OK;
    }
    const json_t *definition = json_object_get(w->definitions, full);
    if (definition == NULL) {
        return ERR_OK;
    }
    struct place next = *p;
    next.put_in = true;
    TRY(replace(p, json_deep_copy(definition)));
    return push(w, &next);
}

static err_t visit_definition(struct walk *w, const struct place *p, json_t *definition)
{
    char full[NAME_BYTES];
    const json_t *own = json_object_get(definition, "namespace");
    struct span space = json_is_string(own) ? string_of(definition, "namespace") : p->space;
    struct span name = string_of(definition, "name");
    struct place inside = *p;

    if (name.at == NULL || !full_name(space, name, full)) {
        return ERR_OK;
    }
    if (w->collecting && json_object_get(w->definitions, full) == NULL) {
        TRY(collect(w, p, full, definition));
    }
    if (!w->collecting && p->put_in && json_object_get(w->known, full) != NULL) {
        return replace(p, json_string(full)); /* it stands further left already */
    }
    ENSURE(json_object_set_new(w->known, full, json_true()) == 0, ERR_NOMEM);
    inside.space = memchr(name.at, '.', name.len) != NULL ? schema_avro_name_space(name) : space;
    return push_fields(w, &inside, definition);
}

static err_t visit(struct walk *w, const struct place *p)
{
    json_t *value = value_at(p);
    struct span type = string_of(value, "type"); /* absent for what is no object */

    if (json_is_string(value)) {
        return visit_name(w, p, value);
    }
    if (json_is_array(value)) {
        return push_elements(w, p, value);
    }
    if (!json_is_object(value)) {
        return ERR_OK;
    }
    if (type.at != NULL && is_named(type)) {
        return visit_definition(w, p, value);
    }
    if (type.at != NULL && span_equal(type, SPAN_LIT("array"))) {
        return push_member(w, p, value, "items");
    }
    if (type.at != NULL && span_equal(type, SPAN_LIT("map"))) {
        return push_member(w, p, value, "values");
    }
    return push_member(w, p, value, "type");
}

/* Through all that the array holds. */
static err_t walk(struct walk *w, json_t *documents)
{
    const struct place outside = {.space = span_of("", 0)};

    w->count = 0;
    TRY(push_elements(w, &outside, documents));
    while (w->count > 0) {
        struct place p = w->at[--w->count];
        TRY(visit(w, &p));
    }
    return ERR_OK;
}

/* ---- all of it ---- */

static err_t load(struct span text, json_t *documents)
{
    json_t *value = json_loadb(text.at, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

    ENSURE(value != NULL, ERR_SYNTAX);
    return json_array_append_new(documents, value) == 0 ? ERR_OK : ERR_NOMEM;
}

static err_t collect_all(struct walk *w, const struct registry_refs *refs)
{
    json_t *documents = json_array();
    err_t err = ERR_OK;

    w->collecting = true;
    for (uint32_t i = 0; err == ERR_OK && i < refs->count; i++) {
        err = load(buf_span(&refs->at[i].schema.text), documents);
    }
    err = err == ERR_OK ? walk(w, documents) : err;
    json_decref(documents);
    IGNORE(json_object_clear(w->known) != 0, "an object can be cleared");
    w->collecting = false;
    return err;
}

static err_t put_in(struct walk *w, struct span text, struct buf *out)
{
    json_t *documents = json_array();
    err_t err = load(text, documents);

    err = err == ERR_OK ? walk(w, documents) : err;
    if (err == ERR_OK) {
        char *whole = json_dumps(json_array_get(documents, 0), JSON_COMPACT | JSON_ENCODE_ANY);
        err = whole == NULL ? ERR_NOMEM : buf_append(out, span_of_str(whole));
        free(whole);
    }
    json_decref(documents);
    return err;
}

err_t registry_inline_avro(struct span text, const struct registry_refs *refs,
                           struct schema_why *ret_why, struct buf *out)
{
    struct walk w = {.definitions = json_object(), .known = json_object(), .why = ret_why};
    err_t err = w.definitions == NULL || w.known == NULL ? ERR_NOMEM : collect_all(&w, refs);

    if (err == ERR_OK) {
        err = put_in(&w, text, out);
    }
    free(w.at);
    json_decref(w.definitions);
    json_decref(w.known);
    return err;
}

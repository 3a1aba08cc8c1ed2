/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_avro_parse: a walk with its own stack, depth first and from left to right, which is the
 * order in which names become known. A frame is a type that is being defined; each step defines its
 * next part. */
#include "schema/schema_avro_parse.h"

#include "schema/schema_avro_logical.h"
#include "schema/schema_avro_name.h"

#include <stdio.h>

#define PATH_BYTES 256u

struct frame {
    const json_t *json; /* of a union the array, else the object */
    struct span space;  /* what names inside belong to */
    uint32_t node;
    uint32_t next; /* the part to define next */
};

struct parse {
    struct schema_avro_build *b;
    struct frame stack[SCHEMA_AVRO_DEPTH_MAX];
    uint32_t depth;
};

static enum schema_avro_kind kind_of(const struct parse *p, uint32_t node)
{
    return (enum schema_avro_kind)p->b->nodes[node].kind;
}

static int put_part(char *out, size_t room, enum schema_avro_kind kind, uint32_t part)
{
    if (kind == AVRO_RECORD) {
        return snprintf(out, room, "/fields/%u", part);
    }
    if (kind == AVRO_UNION) {
        return snprintf(out, room, "/%u", part);
    }
    return snprintf(out, room, kind == AVRO_ARRAY ? "/items" : "/values");
}

/* Where the walk is, as a JSON pointer, cut if it is long. */
static void put_path(const struct parse *p, char out[PATH_BYTES])
{
    size_t at = 0;

    out[0] = '\0';
    for (uint32_t i = 0; i < p->depth && at < PATH_BYTES && p->stack[i].next > 0; i++) {
        const struct frame *f = &p->stack[i];
        at += (size_t)put_part(out + at, PATH_BYTES - at, kind_of(p, f->node), f->next - 1);
    }
}

static err_t fail(const struct parse *p, err_t err, const char *what, struct span name)
{
    char path[PATH_BYTES];

    put_path(p, path);
    schema_why_set(p->b->why, "at \"%s\": %s%s%.*s%s", path, what, name.len > 0 ? ": \"" : "",
                   (int)name.len, name.len > 0 ? name.at : "", name.len > 0 ? "\"" : "");
    return err;
}

static err_t syntax(const struct parse *p, const char *what)
{
    return fail(p, ERR_SYNTAX, what, span_of("", 0));
}

static err_t push(struct parse *p, const json_t *json, struct span space, uint32_t node)
{
    if (p->depth == SCHEMA_AVRO_DEPTH_MAX) {
        return fail(p, ERR_LIMIT, "types are nested too deep", span_of("", 0));
    }
    p->stack[p->depth++] = (struct frame){.json = json, .space = space, .node = node};
    return ERR_OK;
}

/* The namespace that a definition's simple name belongs to. */
static err_t own_space(const struct parse *p, const json_t *json, struct span enclosing,
                       struct span *ret_space)
{
    const json_t *space = json_object_get(json, "namespace");

    if (space == NULL || json_is_null(space)) {
        *ret_space = enclosing;
        return ERR_OK;
    }
    struct span text = schema_avro_build_string(space);
    if (!json_is_string(space) || (text.len > 0 && !schema_avro_name_valid_full(text))) {
        return fail(p, ERR_SYNTAX, "a namespace must be names separated by dots", text);
    }
    *ret_space = text;
    return ERR_OK;
}

/* "aliases": valid names, if there are any. */
static err_t check_aliases(const struct parse *p, const json_t *json,
                           bool (*valid)(struct span name))
{
    const json_t *aliases = json_object_get(json, "aliases");
    const json_t *alias = NULL;
    size_t i = 0;

    if (aliases == NULL) {
        return ERR_OK;
    }
    if (!json_is_array(aliases)) {
        return syntax(p, "aliases must be an array of names");
    }
    json_array_foreach(aliases, i, alias)
    {
        if (!json_is_string(alias) || !valid(schema_avro_build_string(alias))) {
            return fail(p, ERR_SYNTAX, "an alias is no name", schema_avro_build_string(alias));
        }
    }
    return ERR_OK;
}

/* Gives a node the name that its definition states, and makes that known. */
static err_t define(struct parse *p, const json_t *json, struct span enclosing, uint32_t node)
{
    char out[SCHEMA_AVRO_NAME_BYTES_MAX];
    struct span name = schema_avro_build_string(json_object_get(json, "name"));
    struct span space = span_of("", 0);
    struct span fullname;
    enum schema_avro_kind primitive = AVRO_NULL;

    if (name.at == NULL || !schema_avro_name_valid_full(name)) {
        return fail(p, ERR_SYNTAX, "a record, enum or fixed needs a valid name", name);
    }
    if (schema_avro_name_primitive(schema_avro_name_simple(name), &primitive)) {
        return fail(p, ERR_SYNTAX, "a type has the name of a primitive one", name);
    }
    TRY(own_space(p, json, enclosing, &space));
    TRY(check_aliases(p, json, schema_avro_name_valid_full));
    if (schema_avro_name_qualify(space, name, out, &fullname) != ERR_OK) {
        return fail(p, ERR_LIMIT, "a name is too long", name);
    }
    if (fullname.at == out) {
        TRY(schema_avro_name_keep(p->b, fullname, &fullname));
    }
    p->b->nodes[node].fullname = fullname;
    err_t err = schema_avro_name_add(p->b, fullname, node);
    return err == ERR_EXISTS ? fail(p, ERR_SYNTAX, "a name is defined twice", fullname) : err;
}

static err_t begin_record(struct parse *p, const json_t *json, struct span enclosing,
                          uint32_t *ret_node)
{
    const json_t *fields = json_object_get(json, "fields");
    uint32_t first = 0;

    if (!json_is_array(fields)) {
        return syntax(p, "a record needs an array of fields");
    }
    TRY(schema_avro_build_node(p->b, json, AVRO_RECORD, ret_node));
    TRY(define(p, json, enclosing, *ret_node));
    uint32_t count = (uint32_t)json_array_size(fields);
    TRY(schema_avro_build_fields(p->b, count, &first));
    struct schema_avro_node *node = &p->b->nodes[*ret_node];
    node->first = first;
    node->count = count;
    return push(p, json, schema_avro_name_space(node->fullname), *ret_node);
}

/* Whether a string stands in `set` already; puts it there. */
static err_t add_once(const struct parse *p, json_t *set, struct span name, const char *what)
{
    if (json_object_getn(set, name.at, name.len) != NULL) {
        return fail(p, ERR_SYNTAX, what, name);
    }
    return json_object_setn_new(set, name.at, name.len, json_true()) == 0 ? ERR_OK : ERR_NOMEM;
}

static err_t take_symbols(struct parse *p, const json_t *symbols, json_t *set, uint32_t first)
{
    const json_t *symbol = NULL;
    size_t i = 0;

    json_array_foreach(symbols, i, symbol)
    {
        struct span name = schema_avro_build_string(symbol);
        if (name.at == NULL || !schema_avro_name_valid(name)) {
            return fail(p, ERR_SYNTAX, "a symbol is no name", name);
        }
        TRY(add_once(p, set, name, "a symbol stands there twice"));
        p->b->symbols[first + i] = text_of(name, TEXT_CLEAN);
    }
    return ERR_OK;
}

static err_t begin_enum(struct parse *p, const json_t *json, struct span enclosing,
                        uint32_t *ret_node)
{
    const json_t *symbols = json_object_get(json, "symbols");
    const json_t *fallback = json_object_get(json, "default");
    struct span name = schema_avro_build_string(fallback);
    uint32_t first = 0;

    if (!json_is_array(symbols)) {
        return syntax(p, "an enum needs an array of symbols");
    }
    TRY(schema_avro_build_node(p->b, json, AVRO_ENUM, ret_node));
    TRY(define(p, json, enclosing, *ret_node));
    uint32_t count = (uint32_t)json_array_size(symbols);
    TRY(schema_avro_build_symbols(p->b, count, &first));
    p->b->nodes[*ret_node].first = first;
    p->b->nodes[*ret_node].count = count;
    json_t *set = json_object();
    ENSURE(set != NULL, ERR_NOMEM);
    err_t err = take_symbols(p, symbols, set, first);
    if (err == ERR_OK && fallback != NULL &&
        (name.at == NULL || json_object_getn(set, name.at, name.len) == NULL)) {
        err = fail(p, ERR_SYNTAX, "the default of an enum is none of its symbols", name);
    }
    json_decref(set);
    return err;
}

static err_t begin_fixed(struct parse *p, const json_t *json, struct span enclosing,
                         uint32_t *ret_node)
{
    const json_t *size = json_object_get(json, "size");

    if (!json_is_integer(size) || json_integer_value(size) < 0 ||
        json_integer_value(size) > INT32_MAX) {
        return syntax(p, "a fixed needs a size of 0 to 2147483647");
    }
    TRY(schema_avro_build_node(p->b, json, AVRO_FIXED, ret_node));
    TRY(define(p, json, enclosing, *ret_node));
    struct schema_avro_node *node = &p->b->nodes[*ret_node];
    node->size = (uint32_t)json_integer_value(size);
    schema_avro_logical_set(node, json);
    return ERR_OK;
}

static err_t begin_items(struct parse *p, const json_t *json, struct span space,
                         enum schema_avro_kind kind, uint32_t *ret_node)
{
    TRY(schema_avro_build_node(p->b, json, kind, ret_node));
    return push(p, json, space, *ret_node);
}

static err_t begin_union(struct parse *p, const json_t *json, struct span space, uint32_t *ret_node)
{
    uint32_t first = 0;

    if (json_array_size(json) == 0) {
        return syntax(p, "a union needs a branch");
    }
    if (json_array_size(json) > SCHEMA_AVRO_BRANCHES_MAX) {
        return fail(p, ERR_LIMIT, "a union has too many branches", span_of("", 0));
    }
    uint32_t count = (uint32_t)json_array_size(json);
    TRY(schema_avro_build_node(p->b, NULL, AVRO_UNION, ret_node));
    TRY(schema_avro_build_branches(p->b, count, &first));
    p->b->nodes[*ret_node].first = first;
    p->b->nodes[*ret_node].count = count;
    return push(p, json, space, *ret_node);
}

/* A name: of a primitive type, or of one that has been defined. `json` is the object around it, or
 * NULL. */
static err_t begin_named(struct parse *p, struct span name, const json_t *json, struct span space,
                         uint32_t *ret_node)
{
    char out[SCHEMA_AVRO_NAME_BYTES_MAX];
    enum schema_avro_kind kind = AVRO_NULL;
    struct span fullname;

    if (schema_avro_name_primitive(name, &kind)) {
        TRY(schema_avro_build_node(p->b, json, kind, ret_node));
        schema_avro_logical_set(&p->b->nodes[*ret_node], json);
        return ERR_OK;
    }
    uint32_t node = SCHEMA_AVRO_NONE;
    if (schema_avro_name_qualify(space, name, out, &fullname) == ERR_OK) {
        node = schema_avro_name_find(p->b, fullname);
    }
    if (node == SCHEMA_AVRO_NONE) {
        return fail(p, ERR_UNKNOWN, "no type of that name is defined", name);
    }
    *ret_node = node;
    return ERR_OK;
}

/* Defines the type that `json` stands for, or finds it. What it contains is defined later, by the
 * frame that this leaves on the stack. */
static err_t begin(struct parse *p, const json_t *json, struct span space, uint32_t *ret_node)
{
    if (json_is_array(json)) {
        return begin_union(p, json, space, ret_node);
    }
    if (json_is_string(json)) {
        return begin_named(p, schema_avro_build_string(json), NULL, space, ret_node);
    }
    struct span type = schema_avro_build_string(json_object_get(json, "type"));
    if (type.at == NULL) {
        return syntax(p, "a type is a name, an array, or an object whose \"type\" is a name");
    }
    if (span_equal(type, SPAN_LIT("record"))) {
        return begin_record(p, json, space, ret_node);
    }
    if (span_equal(type, SPAN_LIT("enum"))) {
        return begin_enum(p, json, space, ret_node);
    }
    if (span_equal(type, SPAN_LIT("fixed"))) {
        return begin_fixed(p, json, space, ret_node);
    }
    if (span_equal(type, SPAN_LIT("array"))) {
        return begin_items(p, json, space, AVRO_ARRAY, ret_node);
    }
    if (span_equal(type, SPAN_LIT("map"))) {
        return begin_items(p, json, space, AVRO_MAP, ret_node);
    }
    return begin_named(p, type, json, space, ret_node);
}

static enum entry_field entry_of(struct span name)
{
    static const struct span names[FIELD_COUNT] = {
        [FIELD_TIMESTAMP] = {"timestamp", 9},
        [FIELD_LEVEL] = {"level", 5},
        [FIELD_MESSAGE] = {"message", 7},
        [FIELD_SERVICE] = {"service", 7},
    };

    for (enum entry_field f = 0; f < FIELD_COUNT; f++) {
        if (span_equal(name, names[f])) {
            return f;
        }
    }
    return FIELD_COUNT;
}

static bool order_valid(const json_t *order)
{
    struct span name = schema_avro_build_string(order);

    return order == NULL || span_equal(name, SPAN_LIT("ascending")) ||
           span_equal(name, SPAN_LIT("descending")) || span_equal(name, SPAN_LIT("ignore"));
}

static err_t next_field(struct parse *p, struct frame *f)
{
    const json_t *json = json_array_get(json_object_get(f->json, "fields"), f->next);
    struct span name = schema_avro_build_string(json_object_get(json, "name"));
    uint32_t index = p->b->nodes[f->node].first + f->next;
    uint32_t node = 0;

    f->next++;
    if (name.at == NULL || !schema_avro_name_valid(name)) {
        return fail(p, ERR_SYNTAX, "a field needs a valid name", name);
    }
    TRY(check_aliases(p, json, schema_avro_name_valid));
    if (!order_valid(json_object_get(json, "order"))) {
        return fail(p, ERR_SYNTAX, "order is ascending, descending or ignore", name);
    }
    if (json_object_get(json, "type") == NULL) {
        return fail(p, ERR_SYNTAX, "a field needs a type", name);
    }
    p->b->field_json[index] = json;
    TRY(begin(p, json_object_get(json, "type"), f->space, &node));
    p->b->fields[index] = (struct schema_avro_field){
        .name = name,
        .text = text_of(name, TEXT_CLEAN),
        .node = node,
        .has_default = json_object_get(json, "default") != NULL,
        .kind = p->b->nodes[node].kind,
        .entry = (uint8_t)entry_of(name),
    };
    return ERR_OK;
}

/* Whether a union may not have both. */
static bool is_same_branch(const struct schema_avro_node *a, const struct schema_avro_node *b)
{
    return a->kind == b->kind && span_equal(a->fullname, b->fullname);
}

static err_t next_branch(struct parse *p, struct frame *f)
{
    uint32_t first = p->b->nodes[f->node].first;
    uint32_t index = f->next++;
    uint32_t node = 0;

    TRY(begin(p, json_array_get(f->json, index), f->space, &node));
    if (kind_of(p, node) == AVRO_UNION) {
        return syntax(p, "a union stands directly in a union");
    }
    for (uint32_t i = 0; i < index; i++) {
        if (is_same_branch(&p->b->nodes[p->b->branches[first + i]], &p->b->nodes[node])) {
            return syntax(p, "a union has two branches of one type");
        }
    }
    p->b->branches[first + index] = node;
    return ERR_OK;
}

static err_t next_items(struct parse *p, struct frame *f, const char *key)
{
    const json_t *items = json_object_get(f->json, key);
    uint32_t parent = f->node;
    uint32_t node = 0;

    f->next++;
    if (items == NULL) {
        return syntax(p, "an array needs items, a map needs values");
    }
    TRY(begin(p, items, f->space, &node));
    p->b->nodes[parent].first = node;
    return ERR_OK;
}

/* No two fields of a complete record have one name. */
static err_t check_field_names(struct parse *p, const struct schema_avro_node *record)
{
    json_t *set = json_object();
    err_t err = set == NULL ? ERR_NOMEM : ERR_OK;

    for (uint32_t i = 0; err == ERR_OK && i < record->count; i++) {
        err = add_once(p, set, p->b->fields[record->first + i].name, "two fields have one name");
    }
    json_decref(set);
    return err;
}

static err_t step(struct parse *p)
{
    struct frame *f = &p->stack[p->depth - 1];
    const struct schema_avro_node *node = &p->b->nodes[f->node];

    if (node->kind == AVRO_RECORD && f->next < node->count) {
        return next_field(p, f);
    }
    if (node->kind == AVRO_UNION && f->next < node->count) {
        return next_branch(p, f);
    }
    if (node->kind == AVRO_ARRAY && f->next == 0) {
        return next_items(p, f, "items");
    }
    if (node->kind == AVRO_MAP && f->next == 0) {
        return next_items(p, f, "values");
    }
    if (node->kind == AVRO_RECORD) {
        TRY(check_field_names(p, node));
    }
    p->depth--;
    return ERR_OK;
}

err_t schema_avro_parse(struct schema_avro_build *b)
{
    struct parse p;
    uint32_t root = 0;

    p.b = b;
    p.depth = 0;
    TRY(begin(&p, b->text, span_of("", 0), &root));
    while (p.depth > 0) {
        TRY(step(&p));
    }
    return ERR_OK;
}

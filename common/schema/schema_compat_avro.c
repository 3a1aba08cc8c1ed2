/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_compat_avro: pairs of a reader's and a writer's type that must match. Each is looked at
 * once, adds the pairs that it depends on, and is taken for good when it comes up again: so
 * recursive types end. Which branch of a reader's union reads a type follows from kinds and names
 * alone (the first that matches, an exact match before others), so nothing has to be taken back. */
#include "schema/schema_compat_avro.h"

#include "schema/schema_avro_build.h"
#include "schema/schema_avro_name.h"

#include <stdio.h>
#include <stdlib.h>

#define PAIRS_MAX      (1u << 20)
#define STEPS_MAX      200000000u /* comparisons of names */
#define PATH_PARTS_MAX 16u
#define PATH_BYTES     256u

struct pair {
    uint32_t reader;
    uint32_t writer;
    uint32_t parent;  /* the pair that depends on it; its own index: none */
    struct span part; /* where it stands within that; empty: at the same place */
};

struct compat {
    const struct schema_avro_build *reader;
    const struct schema_avro_build *writer;
    struct schema_why *why;
    struct pair *pairs; /* in the order in which they came up */
    uint32_t count;
    uint32_t capacity; /* a power of two */
    uint32_t *table;   /* index + 1 of a pair, by hash; twice the capacity; 0: free */
    uint32_t at;       /* the pair in hand */
    uint64_t steps;
};

static const struct schema_avro_node *reader_node(const struct compat *c, uint32_t node)
{
    return &c->reader->nodes[node];
}

static const struct schema_avro_node *writer_node(const struct compat *c, uint32_t node)
{
    return &c->writer->nodes[node];
}

/* The slot of a pair in the table: its own, or the free one where it belongs. */
static uint32_t slot_of(const struct compat *c, uint32_t reader, uint32_t writer)
{
    uint64_t hash = ((uint64_t)reader << 32 | writer) * 0x9e3779b97f4a7c15ull;
    uint32_t mask = c->capacity * 2 - 1;
    uint32_t slot = (uint32_t)(hash >> 32) & mask;

    while (c->table[slot] != 0 && (c->pairs[c->table[slot] - 1].reader != reader ||
                                   c->pairs[c->table[slot] - 1].writer != writer)) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

static err_t grow(struct compat *c)
{
    uint32_t capacity = c->capacity == 0 ? 64 : c->capacity * 2;

    ENSURE(capacity <= PAIRS_MAX, ERR_LIMIT);
    struct pair *pairs = realloc(c->pairs, capacity * sizeof(*pairs));
    ENSURE(pairs != NULL, ERR_NOMEM);
    c->pairs = pairs;
    uint32_t *table = calloc((size_t)capacity * 2, sizeof(*table));
    ENSURE(table != NULL, ERR_NOMEM);
    free(c->table);
    c->table = table;
    c->capacity = capacity;
    for (uint32_t i = 0; i < c->count; i++) {
        c->table[slot_of(c, pairs[i].reader, pairs[i].writer)] = i + 1;
    }
    return ERR_OK;
}

/* Two types that must match as well, unless that has come up before. */
static err_t depend(struct compat *c, uint32_t reader, uint32_t writer, struct span part)
{
    if (c->count == c->capacity) {
        TRY(grow(c));
    }
    uint32_t slot = slot_of(c, reader, writer);
    if (c->table[slot] == 0) {
        c->pairs[c->count] = (struct pair){reader, writer, c->at, part};
        c->table[slot] = ++c->count;
    }
    return ERR_OK;
}

/* Where the pair in hand stands: names of fields, "items", "values"; the innermost, if there are
 * many. */
static void put_path(const struct compat *c, char out[PATH_BYTES])
{
    struct span parts[PATH_PARTS_MAX];
    size_t count = 0;
    size_t at = 0;

    for (uint32_t i = c->at; count < PATH_PARTS_MAX; i = c->pairs[i].parent) {
        if (c->pairs[i].part.len > 0) {
            parts[count++] = c->pairs[i].part;
        }
        if (c->pairs[i].parent == i) {
            break;
        }
    }
    out[0] = '\0';
    for (; count > 0 && at < PATH_BYTES; count--) {
        at += (size_t)snprintf(out + at, PATH_BYTES - at, "/%.*s", (int)parts[count - 1].len,
                               parts[count - 1].at);
    }
}

/* ERR_EXISTS, and why the pair in hand does not match. */
static err_t differ(const struct compat *c, const char *what, struct span name)
{
    char path[PATH_BYTES];

    put_path(c, path);
    schema_why_set(c->why, "at \"%s\": %s%s%.*s%s", path, what, name.len > 0 ? " \"" : "",
                   (int)name.len, name.len > 0 ? name.at : "", name.len > 0 ? "\"" : "");
    return ERR_EXISTS;
}

static const char *kind_name(const struct schema_avro_node *n)
{
    static const char *const names[] = {
        [AVRO_NULL] = "null",     [AVRO_BOOLEAN] = "boolean", [AVRO_INT] = "int",
        [AVRO_LONG] = "long",     [AVRO_FLOAT] = "float",     [AVRO_DOUBLE] = "double",
        [AVRO_BYTES] = "bytes",   [AVRO_STRING] = "string",   [AVRO_FIXED] = "fixed",
        [AVRO_ENUM] = "enum",     [AVRO_ARRAY] = "array",     [AVRO_MAP] = "map",
        [AVRO_UNION] = "a union", [AVRO_RECORD] = "record",
    };

    return names[n->kind];
}

/* Apache Avro 1.11, "Schema Resolution": what the writer wrote may be read as this. */
static bool is_promotion(enum schema_avro_kind reader, enum schema_avro_kind writer)
{
    switch (writer) {
    case AVRO_INT:
        return reader == AVRO_LONG || reader == AVRO_FLOAT || reader == AVRO_DOUBLE;
    case AVRO_LONG:
        return reader == AVRO_FLOAT || reader == AVRO_DOUBLE;
    case AVRO_FLOAT:
        return reader == AVRO_DOUBLE;
    case AVRO_STRING:
        return reader == AVRO_BYTES;
    case AVRO_BYTES:
        return reader == AVRO_STRING;
    case AVRO_NULL:
    case AVRO_BOOLEAN:
    case AVRO_DOUBLE:
    case AVRO_FIXED:
    case AVRO_ENUM:
    case AVRO_ARRAY:
    case AVRO_MAP:
    case AVRO_UNION:
    case AVRO_RECORD:
        break;
    }
    return false;
}

/* Whether the reader's type has the writer's name: its own without namespace, or an alias. */
static bool names_match(const struct compat *c, uint32_t reader, const struct schema_avro_node *w)
{
    const struct schema_avro_node *r = reader_node(c, reader);
    const json_t *aliases = json_object_get(c->reader->node_json[reader], "aliases");
    const json_t *alias = NULL;
    size_t i = 0;

    if (span_equal(schema_avro_name_simple(r->fullname), schema_avro_name_simple(w->fullname))) {
        return true;
    }
    json_array_foreach(aliases, i, alias)
    {
        if (schema_avro_name_is(w->fullname, schema_avro_name_space(r->fullname),
                                schema_avro_build_string(alias))) {
            return true;
        }
    }
    return false;
}

static bool has_name(const struct schema_avro_node *n)
{
    return n->kind == AVRO_RECORD || n->kind == AVRO_ENUM || n->kind == AVRO_FIXED;
}

enum match { MATCH_NONE, MATCH_LOOSE, MATCH_EXACT };

/* How a branch of the reader's union suits a type of the writer, by kind and name. */
static enum match match_branch(const struct compat *c, uint32_t reader,
                               const struct schema_avro_node *w)
{
    const struct schema_avro_node *r = reader_node(c, reader);

    if (r->kind != w->kind) {
        bool promoted =
            is_promotion((enum schema_avro_kind)r->kind, (enum schema_avro_kind)w->kind);
        return promoted ? MATCH_LOOSE : MATCH_NONE;
    }
    if (!has_name(r) || span_equal(r->fullname, w->fullname)) {
        return MATCH_EXACT;
    }
    return names_match(c, reader, w) ? MATCH_LOOSE : MATCH_NONE;
}

static err_t check_reader_union(struct compat *c, const struct schema_avro_node *r, uint32_t writer)
{
    const struct schema_avro_node *w = writer_node(c, writer);
    enum match best = MATCH_NONE;
    uint32_t branch = 0;

    for (uint32_t i = 0; i < r->count; i++) {
        uint32_t reader = c->reader->branches[r->first + i];
        enum match match = match_branch(c, reader, w);
        if (match > best) {
            best = match;
            branch = reader;
        }
    }
    c->steps += r->count;
    if (best == MATCH_NONE) {
        struct span name = w->fullname.len > 0 ? w->fullname : span_of_str(kind_name(w));
        return differ(c, "no branch of the reader's union reads the writer's", name);
    }
    return depend(c, branch, writer, span_of("", 0));
}

static err_t check_writer_union(struct compat *c, uint32_t reader, const struct schema_avro_node *w)
{
    for (uint32_t i = 0; i < w->count; i++) {
        TRY(depend(c, reader, c->writer->branches[w->first + i], span_of("", 0)));
    }
    return ERR_OK;
}

/* The writer's field of that name, or SCHEMA_AVRO_NONE. */
static uint32_t find_field(struct compat *c, const struct schema_avro_node *w, struct span name)
{
    c->steps += w->count;
    for (uint32_t i = 0; i < w->count; i++) {
        if (span_equal(c->writer->fields[w->first + i].name, name)) {
            return w->first + i;
        }
    }
    return SCHEMA_AVRO_NONE;
}

/* The writer's field that the reader's reads: of its name, or of one of its aliases. */
static uint32_t find_field_for(struct compat *c, const struct schema_avro_node *w, uint32_t field)
{
    const json_t *aliases = json_object_get(c->reader->field_json[field], "aliases");
    const json_t *alias = NULL;
    uint32_t found = find_field(c, w, c->reader->fields[field].name);
    size_t i = 0;

    json_array_foreach(aliases, i, alias)
    {
        if (found != SCHEMA_AVRO_NONE) {
            break;
        }
        found = find_field(c, w, schema_avro_build_string(alias));
    }
    return found;
}

static err_t check_record(struct compat *c, const struct schema_avro_node *r,
                          const struct schema_avro_node *w)
{
    for (uint32_t i = r->first; i < r->first + r->count; i++) {
        const struct schema_avro_field *field = &c->reader->fields[i];
        uint32_t found = find_field_for(c, w, i);
        ENSURE(c->steps <= STEPS_MAX, ERR_LIMIT);
        if (found != SCHEMA_AVRO_NONE) {
            TRY(depend(c, field->node, c->writer->fields[found].node, field->name));
        } else if (!field->has_default) {
            return differ(
                c, "the writer has no field for the reader's, which has no default:", field->name);
        }
    }
    return ERR_OK;
}

static bool has_symbol(struct compat *c, const struct schema_avro_node *r, struct text symbol)
{
    c->steps += r->count;
    for (uint32_t i = 0; i < r->count; i++) {
        if (span_equal(text_span(c->reader->symbols[r->first + i]), text_span(symbol))) {
            return true;
        }
    }
    return false;
}

/* A symbol that the reader does not know is read as its default. */
static err_t check_enum(struct compat *c, uint32_t reader, const struct schema_avro_node *w)
{
    const struct schema_avro_node *r = reader_node(c, reader);

    if (json_object_get(c->reader->node_json[reader], "default") != NULL) {
        return ERR_OK;
    }
    for (uint32_t i = 0; i < w->count; i++) {
        struct text symbol = c->writer->symbols[w->first + i];
        ENSURE(c->steps <= STEPS_MAX, ERR_LIMIT);
        if (!has_symbol(c, r, symbol)) {
            return differ(c, "the reader's enum has no default and no symbol", text_span(symbol));
        }
    }
    return ERR_OK;
}

/* Both are decimals, or it does not matter. */
static bool decimals_match(const struct schema_avro_node *r, const struct schema_avro_node *w)
{
    return r->logical != AVRO_DECIMAL || w->logical != AVRO_DECIMAL ||
           (r->precision == w->precision && r->scale == w->scale);
}

/* Two types of one kind, neither of them a union. */
static err_t check_kind(struct compat *c, uint32_t reader, uint32_t writer)
{
    const struct schema_avro_node *r = reader_node(c, reader);
    const struct schema_avro_node *w = writer_node(c, writer);

    if (has_name(r) && !names_match(c, reader, w)) {
        return differ(c, "the reader's type has neither the name nor an alias", w->fullname);
    }
    if (!decimals_match(r, w)) {
        return differ(c, "precision or scale of a decimal differ", span_of("", 0));
    }
    if (r->kind == AVRO_FIXED && r->size != w->size) {
        return differ(c, "the size differs of the fixed type", w->fullname);
    }
    if (r->kind == AVRO_ENUM) {
        return check_enum(c, reader, w);
    }
    if (r->kind == AVRO_RECORD) {
        return check_record(c, r, w);
    }
    if (r->kind == AVRO_ARRAY) {
        return depend(c, r->first, w->first, SPAN_LIT("items"));
    }
    if (r->kind == AVRO_MAP) {
        return depend(c, r->first, w->first, SPAN_LIT("values"));
    }
    return ERR_OK;
}

static err_t check_pair(struct compat *c, uint32_t reader, uint32_t writer)
{
    const struct schema_avro_node *r = reader_node(c, reader);
    const struct schema_avro_node *w = writer_node(c, writer);

    if (w->kind == AVRO_UNION) {
        return check_writer_union(c, reader, w);
    }
    if (r->kind == AVRO_UNION) {
        return check_reader_union(c, r, writer);
    }
    if (r->kind == w->kind) {
        return check_kind(c, reader, writer);
    }
    if (is_promotion((enum schema_avro_kind)r->kind, (enum schema_avro_kind)w->kind)) {
        return ERR_OK;
    }
    char what[64];
    snprintf(what, sizeof(what), "the writer's %s cannot be read as", kind_name(w));
    return differ(c, what, span_of_str(kind_name(r)));
}

static err_t check_all(struct compat *c)
{
    TRY(depend(c, 0, 0, span_of("", 0)));
    for (c->at = 0; c->at < c->count; c->at++) {
        ENSURE(c->steps <= STEPS_MAX, ERR_LIMIT);
        TRY(check_pair(c, c->pairs[c->at].reader, c->pairs[c->at].writer));
    }
    return ERR_OK;
}

static err_t check_plans(const struct schema_avro *reader, const struct schema_avro *writer,
                         struct schema_why *why)
{
    struct compat c = {
        .reader = schema_avro_build_of(reader), .writer = schema_avro_build_of(writer), .why = why};
    err_t err = check_all(&c);

    if (err == ERR_LIMIT) {
        schema_why_set(why, "the schemas are too large to be compared");
    }
    free(c.pairs);
    free(c.table);
    return err;
}

err_t schema_compat_avro(struct span reader, struct span writer, struct schema_why *ret_why)
{
    struct schema_avro *r = NULL;
    struct schema_avro *w = NULL;
    err_t err = schema_avro_compile(reader, ret_why, &r);

    if (err == ERR_OK) {
        err = schema_avro_compile(writer, ret_why, &w);
    }
    if (err == ERR_OK) {
        err = check_plans(r, w, ret_why);
    }
    schema_avro_free(w);
    schema_avro_free(r);
    return err;
}

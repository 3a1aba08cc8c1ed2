/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_json_apply: keywords that share a set of members or elements (properties,
 * patternProperties, additionalProperties; prefixItems, items) become one operation. */
#include "schema/schema_json_apply.h"

#include "schema/schema_json_assert.h"
#include "schema/schema_json_pattern.h"

#include <stdlib.h>

static const struct json_tape_node *node_at(const struct schema_json_build *b, uint32_t tape)
{
    return &b->s->tape[tape];
}

static err_t require(struct schema_json_build *b, uint32_t value, enum json_tape_kind kind,
                     const char *what)
{
    return node_at(b, value)->kind == kind
               ? ERR_OK
               : schema_json_build_fail(b, ERR_SYNTAX, value, "must be %s", what);
}

/* The schema that a keyword holds, or none. */
static err_t read_node(struct schema_json_build *b, const struct schema_json_site *site,
                       const char *keyword, uint32_t *ret_node)
{
    uint32_t value = schema_json_build_find(b, site, keyword);

    *ret_node = SCHEMA_JSON_NONE;
    return value == 0 ? ERR_OK : schema_json_build_node(b, value, site->resource, ret_node);
}

/* An operation around one schema. */
static err_t read_single(struct schema_json_build *b, const struct schema_json_site *site,
                         const char *keyword, enum schema_json_op_kind kind)
{
    struct schema_json_op op = {.kind = (uint8_t)kind};

    TRY(read_node(b, site, keyword, &op.node));
    if (op.node == SCHEMA_JSON_NONE) {
        return ERR_OK;
    }
    uint32_t value = schema_json_build_find(b, site, keyword);
    return schema_json_build_op(b, site, op, (struct schema_json_origin){keyword, value});
}

/* The schemas of an array. */
static err_t read_list(struct schema_json_build *b, const struct schema_json_site *site,
                       uint32_t value, struct schema_json_run *ret)
{
    struct schema_json_run run = {b->s->list_count, 0};

    TRY(require(b, value, TAPE_ARRAY, "an array of schemas"));
    for (uint32_t at = value + 1; at < node_at(b, value)->next; at = node_at(b, at)->next) {
        uint32_t node = 0;
        TRY(schema_json_build_node(b, at, site->resource, &node));
        TRY(schema_json_build_list(b, node));
        run.count++;
    }
    *ret = run;
    return ERR_OK;
}

static err_t read_combination(struct schema_json_build *b, const struct schema_json_site *site,
                              const char *keyword, enum schema_json_op_kind kind)
{
    uint32_t value = schema_json_build_find(b, site, keyword);
    struct schema_json_op op = {.kind = (uint8_t)kind};

    if (value == 0) {
        return ERR_OK;
    }
    TRY(read_list(b, site, value, &op.nodes));
    if (op.nodes.count == 0) {
        return schema_json_build_fail(b, ERR_SYNTAX, value, "must hold at least one schema");
    }
    return schema_json_build_op(b, site, op, (struct schema_json_origin){keyword, value});
}

/* Schemas that are only referred to. */
static err_t read_definitions(struct schema_json_build *b, const struct schema_json_site *site,
                              const char *keyword)
{
    uint32_t value = schema_json_build_find(b, site, keyword);
    uint32_t node = 0;

    if (value == 0) {
        return ERR_OK;
    }
    TRY(require(b, value, TAPE_OBJECT, "an object of schemas"));
    for (uint32_t at = value + 1; at < node_at(b, value)->next; at = node_at(b, at + 1)->next) {
        TRY(schema_json_build_node(b, at + 1, site->resource, &node));
    }
    return ERR_OK;
}

static int compare_properties(const void *left, const void *right)
{
    const struct schema_json_property *a = left;
    const struct schema_json_property *b = right;

    if (a->name.len != b->name.len) {
        return a->name.len < b->name.len ? -1 : 1;
    }
    return a->name.len == 0 ? 0 : memcmp(a->name.at, b->name.at, a->name.len);
}

static err_t read_named(struct schema_json_build *b, const struct schema_json_site *site,
                        uint32_t value, struct schema_json_run *ret)
{
    struct schema_json *s = b->s;
    struct schema_json_run run = {s->property_count, 0};

    TRY(require(b, value, TAPE_OBJECT, "an object of schemas"));
    for (uint32_t at = value + 1; at < node_at(b, value)->next; at = node_at(b, at + 1)->next) {
        struct schema_json_property p = {json_tape_span(node_at(b, at)), 0};
        TRY(schema_json_build_node(b, at + 1, site->resource, &p.node));
        TRY(schema_json_build_grow((void **)&s->properties, &b->property_max, s->property_count,
                                   sizeof(*s->properties)));
        s->properties[s->property_count++] = p;
        run.count++;
    }
    if (run.count > 1) {
        qsort(s->properties + run.first, run.count, sizeof(*s->properties), compare_properties);
    }
    *ret = run;
    return ERR_OK;
}

static err_t read_patterns(struct schema_json_build *b, const struct schema_json_site *site,
                           uint32_t value, struct schema_json_run *ret)
{
    struct schema_json_run run = {b->s->list_count, 0};

    TRY(require(b, value, TAPE_OBJECT, "an object of schemas"));
    for (uint32_t at = value + 1; at < node_at(b, value)->next; at = node_at(b, at + 1)->next) {
        uint32_t node = 0;
        uint32_t pattern = 0;
        TRY(schema_json_build_node(b, at + 1, site->resource, &node));
        TRY(schema_json_pattern_add(b, at, &pattern));
        TRY(schema_json_build_list(b, pattern));
        TRY(schema_json_build_list(b, node));
        run.count += 2;
    }
    *ret = run;
    return ERR_OK;
}

static err_t read_properties(struct schema_json_build *b, const struct schema_json_site *site)
{
    uint32_t named = schema_json_build_find(b, site, "properties");
    uint32_t patterns = schema_json_build_find(b, site, "patternProperties");
    uint32_t additional = schema_json_build_find(b, site, "additionalProperties");
    struct schema_json_op op = {.kind = JSON_OP_PROPERTIES};

    if (named == 0 && patterns == 0 && additional == 0) {
        return ERR_OK;
    }
    if (named != 0) {
        TRY(read_named(b, site, named, &op.properties.named));
    }
    if (patterns != 0) {
        TRY(read_patterns(b, site, patterns, &op.properties.patterns));
    }
    TRY(read_node(b, site, "additionalProperties", &op.properties.additional));
    uint32_t value = additional != 0 ? additional : named != 0 ? named : patterns;
    return schema_json_build_op(b, site, op, (struct schema_json_origin){"properties", value});
}

/* dependentSchemas, and those dependencies of draft-07 that are schemas. */
static err_t read_dependent(struct schema_json_build *b, const struct schema_json_site *site)
{
    const char *keyword = b->draft7 ? "dependencies" : "dependentSchemas";
    uint32_t value = schema_json_build_find(b, site, keyword);

    if (value == 0) {
        return ERR_OK;
    }
    TRY(require(b, value, TAPE_OBJECT, "an object of schemas"));
    for (uint32_t at = value + 1; at < node_at(b, value)->next; at = node_at(b, at + 1)->next) {
        struct schema_json_op op = {.kind = JSON_OP_DEPENDENT_SCHEMA, .dependent.trigger = at};
        if (b->draft7 && node_at(b, at + 1)->kind == TAPE_ARRAY) {
            continue; /* names */
        }
        TRY(schema_json_build_node(b, at + 1, site->resource, &op.dependent.target));
        TRY(schema_json_build_op(b, site, op, (struct schema_json_origin){keyword, at}));
    }
    return ERR_OK;
}

static err_t read_items(struct schema_json_build *b, const struct schema_json_site *site)
{
    uint32_t items = schema_json_build_find(b, site, "items");
    uint32_t prefix = schema_json_build_find(b, site, "prefixItems");
    const char *rest = "items";
    struct schema_json_op op = {.kind = JSON_OP_ITEMS};

    if (b->draft7) { /* an array there is what became prefixItems */
        bool list = items != 0 && node_at(b, items)->kind == TAPE_ARRAY;
        prefix = list ? items : 0;
        rest = list ? "additionalItems" : "items";
    }
    if (prefix != 0) {
        TRY(read_list(b, site, prefix, &op.items.prefix));
    }
    TRY(read_node(b, site, rest, &op.items.rest));
    if (prefix == 0 && op.items.rest == SCHEMA_JSON_NONE) {
        return ERR_OK;
    }
    uint32_t value = prefix != 0 ? prefix : items;
    return schema_json_build_op(b, site, op, (struct schema_json_origin){rest, value});
}

static err_t read_contains(struct schema_json_build *b, const struct schema_json_site *site)
{
    uint32_t value = schema_json_build_find(b, site, "contains");
    uint32_t min = b->draft7 ? 0 : schema_json_build_find(b, site, "minContains");
    uint32_t max = b->draft7 ? 0 : schema_json_build_find(b, site, "maxContains");
    struct schema_json_op op = {.kind = JSON_OP_CONTAINS};

    op.contains.min = 1;
    op.contains.max = UINT32_MAX;
    op.contains.annotates = !b->draft7;
    if (min != 0) {
        TRY(schema_json_assert_count(b, min, &op.contains.min));
    }
    if (max != 0) {
        TRY(schema_json_assert_count(b, max, &op.contains.max));
    }
    if (value == 0) {
        return ERR_OK;
    }
    TRY(schema_json_build_node(b, value, site->resource, &op.contains.node));
    return schema_json_build_op(b, site, op, (struct schema_json_origin){"contains", value});
}

/* Without `then` and `else` it still says what it has evaluated. */
static err_t read_branch(struct schema_json_build *b, const struct schema_json_site *site)
{
    struct schema_json_op op = {.kind = JSON_OP_IF};

    TRY(read_node(b, site, "if", &op.branch.condition));
    TRY(read_node(b, site, "then", &op.branch.then_node));
    TRY(read_node(b, site, "else", &op.branch.else_node));
    if (op.branch.condition == SCHEMA_JSON_NONE) {
        return ERR_OK;
    }
    uint32_t value = schema_json_build_find(b, site, "if");
    return schema_json_build_op(b, site, op, (struct schema_json_origin){"if", value});
}

static err_t read_unevaluated(struct schema_json_build *b, const struct schema_json_site *site)
{
    uint32_t before = b->s->op_count;

    if (b->draft7) {
        return ERR_OK;
    }
    TRY(read_single(b, site, "unevaluatedItems", JSON_OP_UNEVALUATED_ITEMS));
    TRY(read_single(b, site, "unevaluatedProperties", JSON_OP_UNEVALUATED_PROPERTIES));
    b->s->marks |= b->s->op_count > before;
    return ERR_OK;
}

err_t schema_json_apply_read(struct schema_json_build *b, const struct schema_json_site *site)
{
    TRY(read_definitions(b, site, "$defs"));
    TRY(read_definitions(b, site, "definitions"));
    TRY(read_properties(b, site));
    TRY(read_single(b, site, "propertyNames", JSON_OP_PROPERTY_NAMES));
    TRY(read_dependent(b, site));
    TRY(read_items(b, site));
    TRY(read_contains(b, site));
    TRY(read_combination(b, site, "allOf", JSON_OP_ALL_OF));
    TRY(read_combination(b, site, "anyOf", JSON_OP_ANY_OF));
    TRY(read_combination(b, site, "oneOf", JSON_OP_ONE_OF));
    TRY(read_single(b, site, "not", JSON_OP_NOT));
    TRY(read_branch(b, site));
    return read_unevaluated(b, site);
}

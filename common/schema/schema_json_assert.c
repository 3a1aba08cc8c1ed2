/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_json_assert: one small reader a kind of value, and a table that says which keyword has
 * which. */
#include "schema/schema_json_assert.h"

#include "schema/schema_json_pattern.h"

typedef err_t (*read_fn)(struct schema_json_build *b, uint32_t value, struct schema_json_op *op);

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

err_t schema_json_assert_count(struct schema_json_build *b, uint32_t value, uint32_t *ret)
{
    const struct json_tape_node *n = node_at(b, value);

    if (n->kind == TAPE_NUMBER) {
        struct json_number number = json_number_parse(json_tape_span(n));
        if (json_number_to_count(&number, UINT32_MAX, ret)) {
            return ERR_OK;
        }
    }
    return schema_json_build_fail(b, ERR_SYNTAX, value, "must be a whole number, 0 or more");
}

static err_t read_count(struct schema_json_build *b, uint32_t value, struct schema_json_op *op)
{
    return schema_json_assert_count(b, value, &op->limit);
}

static err_t read_number(struct schema_json_build *b, uint32_t value, struct schema_json_op *op)
{
    TRY(require(b, value, TAPE_NUMBER, "a number"));
    op->number = json_tape_span(node_at(b, value));
    return ERR_OK;
}

static err_t read_divisor(struct schema_json_build *b, uint32_t value, struct schema_json_op *op)
{
    TRY(require(b, value, TAPE_NUMBER, "a number"));
    struct json_number n = json_number_parse(json_tape_span(node_at(b, value)));
    if (n.count == 0 || n.negative) {
        return schema_json_build_fail(b, ERR_SYNTAX, value, "must be above 0");
    }
    if (!json_number_to_divisor(&n, &op->divisor)) {
        return schema_json_build_fail(b, ERR_LIMIT, value, "has more than %u digits",
                                      JSON_NUMBER_DIVISOR_DIGITS);
    }
    return ERR_OK;
}

static err_t read_constant(struct schema_json_build *b, uint32_t value, struct schema_json_op *op)
{
    (void)b;
    op->constant = value;
    return ERR_OK;
}

static err_t read_enum(struct schema_json_build *b, uint32_t value, struct schema_json_op *op)
{
    op->constant = value;
    return require(b, value, TAPE_ARRAY, "an array");
}

static err_t read_pattern(struct schema_json_build *b, uint32_t value, struct schema_json_op *op)
{
    TRY(require(b, value, TAPE_STRING, "a string"));
    return schema_json_pattern_add(b, value, &op->pattern);
}

static const struct {
    const char *keyword;
    enum schema_json_op_kind kind;
    read_fn read;
} simple[] = {
    {"const", JSON_OP_CONST, read_constant},
    {"enum", JSON_OP_ENUM, read_enum},
    {"minLength", JSON_OP_MIN_LENGTH, read_count},
    {"maxLength", JSON_OP_MAX_LENGTH, read_count},
    {"minimum", JSON_OP_MINIMUM, read_number},
    {"maximum", JSON_OP_MAXIMUM, read_number},
    {"exclusiveMinimum", JSON_OP_EXCLUSIVE_MINIMUM, read_number},
    {"exclusiveMaximum", JSON_OP_EXCLUSIVE_MAXIMUM, read_number},
    {"multipleOf", JSON_OP_MULTIPLE_OF, read_divisor},
    {"minItems", JSON_OP_MIN_ITEMS, read_count},
    {"maxItems", JSON_OP_MAX_ITEMS, read_count},
    {"minProperties", JSON_OP_MIN_PROPERTIES, read_count},
    {"maxProperties", JSON_OP_MAX_PROPERTIES, read_count},
    {"pattern", JSON_OP_PATTERN, read_pattern},
};

static err_t read_simple(struct schema_json_build *b, const struct schema_json_site *site)
{
    for (size_t i = 0; i < sizeof(simple) / sizeof(simple[0]); i++) {
        struct schema_json_op op = {.kind = (uint8_t)simple[i].kind};
        uint32_t value = schema_json_build_find(b, site, simple[i].keyword);
        if (value != 0) {
            TRY(simple[i].read(b, value, &op));
            TRY(schema_json_build_op(b, site, op,
                                     (struct schema_json_origin){simple[i].keyword, value}));
        }
    }
    return ERR_OK;
}

static const struct {
    struct span name;
    enum schema_json_type type;
} types[] = {
    {{"null", 4}, JSON_TYPE_NULL},       {{"boolean", 7}, JSON_TYPE_BOOLEAN},
    {{"integer", 7}, JSON_TYPE_INTEGER}, {{"number", 6}, JSON_TYPE_NUMBER},
    {{"string", 6}, JSON_TYPE_STRING},   {{"array", 5}, JSON_TYPE_ARRAY},
    {{"object", 6}, JSON_TYPE_OBJECT},
};

static err_t add_type(struct schema_json_build *b, uint32_t value, uint32_t *types_of)
{
    const struct json_tape_node *n = node_at(b, value);

    for (size_t i = 0; n->kind == TAPE_STRING && i < sizeof(types) / sizeof(types[0]); i++) {
        if (span_equal(json_tape_span(n), types[i].name)) {
            *types_of |= types[i].type;
            return ERR_OK;
        }
    }
    return schema_json_build_fail(b, ERR_SYNTAX, value, "no type that JSON has");
}

static err_t read_type(struct schema_json_build *b, const struct schema_json_site *site)
{
    uint32_t value = schema_json_build_find(b, site, "type");
    struct schema_json_op op = {.kind = JSON_OP_TYPE};

    if (value == 0) {
        return ERR_OK;
    }
    if (node_at(b, value)->kind == TAPE_ARRAY) {
        if (node_at(b, value)->len == 0) {
            return schema_json_build_fail(b, ERR_SYNTAX, value, "must name at least one type");
        }
        for (uint32_t at = value + 1; at < node_at(b, value)->next; at = node_at(b, at)->next) {
            TRY(add_type(b, at, &op.types));
        }
    } else {
        TRY(add_type(b, value, &op.types));
    }
    return schema_json_build_op(b, site, op, (struct schema_json_origin){"type", value});
}

static err_t read_unique(struct schema_json_build *b, const struct schema_json_site *site)
{
    uint32_t value = schema_json_build_find(b, site, "uniqueItems");
    struct schema_json_op op = {.kind = JSON_OP_UNIQUE_ITEMS};

    if (value == 0 || node_at(b, value)->kind == TAPE_FALSE) {
        return ERR_OK;
    }
    TRY(require(b, value, TAPE_TRUE, "true or false"));
    return schema_json_build_op(b, site, op, (struct schema_json_origin){"uniqueItems", value});
}

/* One operation a name. `op` is all but that. */
static err_t read_names(struct schema_json_build *b, const struct schema_json_site *site,
                        uint32_t array, struct schema_json_op op)
{
    const char *keyword = op.kind == JSON_OP_REQUIRED ? "required" : "dependentRequired";

    TRY(require(b, array, TAPE_ARRAY, "an array of strings"));
    for (uint32_t at = array + 1; at < node_at(b, array)->next; at = node_at(b, at)->next) {
        TRY(require(b, at, TAPE_STRING, "a string"));
        if (op.kind == JSON_OP_REQUIRED) {
            op.name = at;
        } else {
            op.dependent.target = at;
        }
        TRY(schema_json_build_op(b, site, op, (struct schema_json_origin){keyword, at}));
    }
    return ERR_OK;
}

static err_t read_required(struct schema_json_build *b, const struct schema_json_site *site)
{
    uint32_t value = schema_json_build_find(b, site, "required");

    return value == 0
               ? ERR_OK
               : read_names(b, site, value, (struct schema_json_op){.kind = JSON_OP_REQUIRED});
}

/* dependentRequired, and those dependencies of draft-07 that are arrays. */
static err_t read_dependent(struct schema_json_build *b, const struct schema_json_site *site)
{
    const char *keyword = b->draft7 ? "dependencies" : "dependentRequired";
    uint32_t value = schema_json_build_find(b, site, keyword);

    if (value == 0) {
        return ERR_OK;
    }
    TRY(require(b, value, TAPE_OBJECT, "an object"));
    for (uint32_t at = value + 1; at < node_at(b, value)->next; at = node_at(b, at + 1)->next) {
        struct schema_json_op op = {.kind = JSON_OP_DEPENDENT_REQUIRED, .dependent.trigger = at};
        if (b->draft7 && node_at(b, at + 1)->kind != TAPE_ARRAY) {
            continue; /* a schema */
        }
        TRY(read_names(b, site, at + 1, op));
    }
    return ERR_OK;
}

static const struct {
    struct span name;
    enum schema_json_format format;
} formats[] = {
    {{"date-time", 9}, JSON_FORMAT_DATE_TIME}, {{"date", 4}, JSON_FORMAT_DATE},
    {{"time", 4}, JSON_FORMAT_TIME},           {{"ipv4", 4}, JSON_FORMAT_IPV4},
    {{"ipv6", 4}, JSON_FORMAT_IPV6},           {{"uuid", 4}, JSON_FORMAT_UUID},
    {{"email", 5}, JSON_FORMAT_EMAIL},         {{"uri", 3}, JSON_FORMAT_URI},
};

/* Formats that are not known are allowed to be anything. */
static err_t read_format(struct schema_json_build *b, const struct schema_json_site *site)
{
    uint32_t value = schema_json_build_find(b, site, "format");

    if (value == 0) {
        return ERR_OK;
    }
    TRY(require(b, value, TAPE_STRING, "a string"));
    for (size_t i = 0; b->asserts_formats && i < sizeof(formats) / sizeof(formats[0]); i++) {
        struct schema_json_op op = {.kind = JSON_OP_FORMAT, .format = formats[i].format};
        if (span_equal(json_tape_span(node_at(b, value)), formats[i].name)) {
            TRY(schema_json_build_op(b, site, op, (struct schema_json_origin){"format", value}));
        }
    }
    return ERR_OK;
}

err_t schema_json_assert_read(struct schema_json_build *b, const struct schema_json_site *site)
{
    TRY(read_type(b, site));
    TRY(read_simple(b, site));
    TRY(read_required(b, site));
    TRY(read_dependent(b, site));
    TRY(read_unique(b, site));
    return read_format(b, site);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * gen_schema_leaf: bounds of the schema win over what a name suggests. */
#include "client/gen_schema_leaf.h"

#include <math.h>

#define NUMBER_MAX  9007199254740991.0 /* 2^53 - 1: exact in every reader of JSON */
#define LENGTH_MAX  65536u
#define COUNT_MAX   1000u
#define FORMAT_ROWS (sizeof(formats) / sizeof(formats[0]))

static const char *const type_names[GEN_SCHEMA_LEAF_TYPES] = {
    "", "null", "boolean", "integer", "number", "string", "array", "object"};

static enum gen_schema_leaf_type type_named(const char *name)
{
    for (int i = GEN_SCHEMA_LEAF_NULL; name != NULL && i < GEN_SCHEMA_LEAF_TYPES; i++) {
        if (strcmp(name, type_names[i]) == 0) {
            return (enum gen_schema_leaf_type)i;
        }
    }
    return GEN_SCHEMA_LEAF_STRING;
}

/* Without "type": what the other keywords are about. */
static enum gen_schema_leaf_type type_guessed(const json_t *schema)
{
    static const struct {
        const char *keyword;
        enum gen_schema_leaf_type type;
    } rows[] = {
        {"properties", GEN_SCHEMA_LEAF_OBJECT},
        {"required", GEN_SCHEMA_LEAF_OBJECT},
        {"additionalProperties", GEN_SCHEMA_LEAF_OBJECT},
        {"allOf", GEN_SCHEMA_LEAF_OBJECT},
        {"items", GEN_SCHEMA_LEAF_ARRAY},
        {"prefixItems", GEN_SCHEMA_LEAF_ARRAY},
        {"minItems", GEN_SCHEMA_LEAF_ARRAY},
        {"minimum", GEN_SCHEMA_LEAF_NUMBER},
        {"maximum", GEN_SCHEMA_LEAF_NUMBER},
        {"multipleOf", GEN_SCHEMA_LEAF_NUMBER},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (json_object_get(schema, rows[i].keyword) != NULL) {
            return rows[i].type;
        }
    }
    return GEN_SCHEMA_LEAF_STRING;
}

static bool has_values(const json_t *schema)
{
    return json_object_get(schema, "const") != NULL ||
           json_array_size(json_object_get(schema, "enum")) > 0 ||
           json_array_size(json_object_get(schema, "examples")) > 0;
}

enum gen_schema_leaf_type gen_schema_leaf_type_of(struct gen_value *v, const json_t *schema)
{
    const json_t *type = json_object_get(schema, "type");
    uint32_t count = (uint32_t)json_array_size(type);

    if (has_values(schema)) {
        return GEN_SCHEMA_LEAF_FIXED;
    }
    if (count == 0) {
        return type == NULL ? type_guessed(schema) : type_named(json_string_value(type));
    }
    enum gen_schema_leaf_type chosen = GEN_SCHEMA_LEAF_NULL;
    for (uint32_t tries = 0; tries < 2 && chosen == GEN_SCHEMA_LEAF_NULL; tries++) {
        chosen = type_named(json_string_value(json_array_get(type, gen_value_below(v, count))));
    }
    return chosen;
}

/* The number at `keyword`, or `otherwise`. */
static double number_at(const json_t *schema, const char *keyword, double otherwise)
{
    const json_t *value = json_object_get(schema, keyword);

    return json_is_number(value) ? json_number_value(value) : otherwise;
}

static uint32_t count_at(const json_t *schema, const char *keyword, uint32_t otherwise,
                         uint32_t max)
{
    double n = number_at(schema, keyword, otherwise);

    return n < 0 ? 0 : n > max ? max : (uint32_t)n;
}

uint32_t gen_schema_leaf_count(struct gen_value *v, const json_t *schema, bool few)
{
    uint32_t min = count_at(schema, "minItems", 0, COUNT_MAX);
    uint32_t max = count_at(schema, "maxItems", min + GEN_VALUE_ITEMS_MAX, COUNT_MAX);

    if (few || max <= min) {
        return min;
    }
    max = max < min + GEN_VALUE_ITEMS_MAX ? max : min + GEN_VALUE_ITEMS_MAX;
    return min + gen_value_below(v, max - min + 1);
}

static json_t *fixed_value(struct gen_value *v, const json_t *schema)
{
    const json_t *one = json_object_get(schema, "const");
    const json_t *all = json_object_get(schema, "enum");

    if (one != NULL) {
        return json_deep_copy(one);
    }
    if (json_array_size(all) == 0) {
        all = json_object_get(schema, "examples");
    }
    return json_deep_copy(json_array_get(all, gen_value_below(v, (uint32_t)json_array_size(all))));
}

static json_t *stamp_3(struct gen_value *v)
{
    return gen_value_stamp(v, 3);
}

/* RFC 3339 full-time. */
static json_t *full_time(struct gen_value *v)
{
    json_t *time = gen_value_time(v, 0);
    json_t *value = json_sprintf("%sZ", json_string_value(time));

    json_decref(time);
    return value;
}

/* What a format needs is what gen_value_text() makes for a name, or has its own maker. */
static const struct {
    const char *format;
    const char *name;
    json_t *(*make)(struct gen_value *v);
} formats[] = {
    {"date-time", NULL, stamp_3},    {"date", NULL, gen_value_date}, {"time", NULL, full_time},
    {"uuid", NULL, gen_value_uuid},  {"email", "email", NULL},       {"uri", "url", NULL},
    {"uri-reference", "path", NULL}, {"ipv4", "ip", NULL},           {"ipv6", "ipv6", NULL},
    {"hostname", "host", NULL},
};

static json_t *formatted_text(struct gen_value *v, const char *format, struct span name)
{
    for (size_t i = 0; format != NULL && i < FORMAT_ROWS; i++) {
        if (strcmp(format, formats[i].format) == 0) {
            return formats[i].make != NULL ? formats[i].make(v)
                                           : gen_value_text(v, span_of_str(formats[i].name));
        }
    }
    return gen_value_text(v, name);
}

/* Cut, or made longer. */
static json_t *fit_length(json_t *text, uint32_t min, uint32_t max)
{
    size_t len = json_string_length(text);
    struct buf longer = {0};

    if (text == NULL || (len >= min && len <= max)) {
        return text;
    }
    size_t wanted = len < min ? min : max;
    err_t err = buf_append(&longer, span_of(json_string_value(text), len < wanted ? len : wanted));
    while (err == ERR_OK && longer.len < wanted) {
        err = buf_append(&longer, SPAN_LIT("x"));
    }
    json_decref(text);
    text = err == ERR_OK ? json_stringn(longer.len > 0 ? longer.at : "", longer.len) : NULL;
    buf_done(&longer);
    return text;
}

static json_t *text_value(struct gen_value *v, const json_t *schema, struct span name)
{
    const char *format = json_string_value(json_object_get(schema, "format"));

    return fit_length(formatted_text(v, format, name), count_at(schema, "minLength", 0, LENGTH_MAX),
                      count_at(schema, "maxLength", LENGTH_MAX, LENGTH_MAX));
}

static double bound(double n)
{
    return n > NUMBER_MAX ? NUMBER_MAX : n < -NUMBER_MAX ? -NUMBER_MAX : n;
}

/* The whole numbers between the bounds, as far as there are any. */
static json_t *integer_value(struct gen_value *v, const json_t *schema, struct span name)
{
    double low = ceil(number_at(schema, "minimum", 0));
    double above = floor(number_at(schema, "exclusiveMinimum", low - 1)) + 1;
    double high = floor(number_at(schema, "maximum", NUMBER_MAX));
    double below = ceil(number_at(schema, "exclusiveMaximum", high + 1)) - 1;
    double step = number_at(schema, "multipleOf", 1);

    low = bound(above > low ? above : low);
    high = bound(below < high ? below : high);
    if (low > high) { /* only negative ones are left, or none: then the check says so */
        low = high;
    }
    json_t *value = gen_value_integer(v, name, (int64_t)low, (int64_t)high);
    if (value != NULL && step > 1 && step < NUMBER_MAX) {
        double n = floor((double)json_integer_value(value) / step) * step;
        json_integer_set(value, (json_int_t)(n < low ? n + step : n));
    }
    return value;
}

static json_t *number_value(struct gen_value *v, const json_t *schema, struct span name)
{
    double low = bound(number_at(schema, "minimum", number_at(schema, "exclusiveMinimum", -1e9)));
    double high = bound(number_at(schema, "maximum", number_at(schema, "exclusiveMaximum", 1e9)));

    if (json_object_get(schema, "multipleOf") != NULL) {
        return integer_value(v, schema, name);
    }
    json_t *value = gen_value_real(v, name);
    double n = json_real_value(value);
    if (value != NULL && (n <= low || n >= high)) {
        json_real_set(value, low + (high - low) * (1 + gen_value_below(v, 7)) / 8);
    }
    return value;
}

json_t *gen_schema_leaf_value(struct gen_value *v, const json_t *schema,
                              enum gen_schema_leaf_type type, struct span name)
{
    switch (type) {
    case GEN_SCHEMA_LEAF_FIXED:
        return fixed_value(v, schema);
    case GEN_SCHEMA_LEAF_BOOLEAN:
        return json_boolean(gen_value_below(v, 2) == 1);
    case GEN_SCHEMA_LEAF_INTEGER:
        return integer_value(v, schema, name);
    case GEN_SCHEMA_LEAF_NUMBER:
        return number_value(v, schema, name);
    case GEN_SCHEMA_LEAF_STRING:
        return text_value(v, schema, name);
    case GEN_SCHEMA_LEAF_NULL:
    case GEN_SCHEMA_LEAF_ARRAY:
    case GEN_SCHEMA_LEAF_OBJECT:
    case GEN_SCHEMA_LEAF_TYPES:
        break;
    }
    return json_null();
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_avro_name: the table of names is a JSON object: hashed, and its memory goes with it. */
#include "schema/schema_avro_name.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool schema_avro_name_valid(struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        bool digit = name.at[i] >= '0' && name.at[i] <= '9';
        if (!is_letter(name.at[i]) && !(digit && i > 0)) {
            return false;
        }
    }
    return name.len > 0;
}

bool schema_avro_name_valid_full(struct span name)
{
    for (;;) {
        size_t dot = span_find(name, '.');
        if (!schema_avro_name_valid(span_head(name, dot))) {
            return false;
        }
        if (dot == name.len) {
            return true;
        }
        name = span_skip(name, dot + 1);
    }
}

bool schema_avro_name_primitive(struct span name, enum schema_avro_kind *ret_kind)
{
    static const struct {
        struct span name;
        enum schema_avro_kind kind;
    } rows[] = {
        {{"null", 4}, AVRO_NULL},   {{"boolean", 7}, AVRO_BOOLEAN}, {{"int", 3}, AVRO_INT},
        {{"long", 4}, AVRO_LONG},   {{"float", 5}, AVRO_FLOAT},     {{"double", 6}, AVRO_DOUBLE},
        {{"bytes", 5}, AVRO_BYTES}, {{"string", 6}, AVRO_STRING},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (span_equal(name, rows[i].name)) {
            *ret_kind = rows[i].kind;
            return true;
        }
    }
    return false;
}

static size_t simple_at(struct span fullname)
{
    size_t at = fullname.len;

    while (at > 0 && fullname.at[at - 1] != '.') {
        at--;
    }
    return at;
}

struct span schema_avro_name_space(struct span fullname)
{
    size_t at = simple_at(fullname);

    return span_head(fullname, at > 0 ? at - 1 : 0);
}

struct span schema_avro_name_simple(struct span fullname)
{
    return span_skip(fullname, simple_at(fullname));
}

err_t schema_avro_name_qualify(struct span space, struct span name,
                               char out[SCHEMA_AVRO_NAME_BYTES_MAX], struct span *ret_fullname)
{
    bool whole = space.len == 0 || span_find(name, '.') < name.len;

    ENSURE(space.len + name.len < SCHEMA_AVRO_NAME_BYTES_MAX, ERR_LIMIT);
    if (whole) {
        *ret_fullname = name;
        return ERR_OK;
    }
    memcpy(out, space.at, space.len);
    out[space.len] = '.';
    memcpy(out + space.len + 1, name.at, name.len);
    *ret_fullname = span_of(out, space.len + 1 + name.len);
    return ERR_OK;
}

err_t schema_avro_name_keep(struct schema_avro_build *b, struct span name, struct span *ret_kept)
{
    json_t *made = json_stringn(name.at, name.len);

    ENSURE(made != NULL && json_array_append_new(b->made, made) == 0, ERR_NOMEM);
    *ret_kept = schema_avro_build_string(made);
    return ERR_OK;
}

bool schema_avro_name_is(struct span fullname, struct span space, struct span name)
{
    if (space.len == 0 || span_find(name, '.') < name.len) {
        return span_equal(fullname, name);
    }
    return span_equal(schema_avro_name_space(fullname), space) &&
           span_equal(schema_avro_name_simple(fullname), name);
}

err_t schema_avro_name_add(struct schema_avro_build *b, struct span fullname, uint32_t node)
{
    ENSURE(schema_avro_name_find(b, fullname) == SCHEMA_AVRO_NONE, ERR_EXISTS);
    int rc = json_object_setn_new(b->names, fullname.at, fullname.len, json_integer(node));
    return rc == 0 ? ERR_OK : ERR_NOMEM;
}

uint32_t schema_avro_name_find(const struct schema_avro_build *b, struct span fullname)
{
    const json_t *node = json_object_getn(b->names, fullname.at, fullname.len);

    return node == NULL ? SCHEMA_AVRO_NONE : (uint32_t)json_integer_value(node);
}

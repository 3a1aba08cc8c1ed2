/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_avro_build: a decode plan while it is made, and beside it the JSON that each node and
 * field came from: resolution and encoding need aliases and defaults, which decoding does not. Only
 * for the schema_avro_*.c files and what reads schemas as they do. */
#pragma once

#include "schema/schema_avro.h"

#include <jansson.h>

#define SCHEMA_AVRO_NONE UINT32_MAX

struct schema_avro_build {
    struct schema_avro plan; /* first: a pointer to it is one to the whole; set at the end */

    /* Growing arrays; `node_json` and `field_json` go with `nodes` and `fields`. */
    struct schema_avro_node *nodes;
    const json_t **node_json; /* the object that defines it; NULL: a bare name or a union */
    struct schema_avro_field *fields;
    const json_t **field_json;
    struct text *symbols;
    uint32_t *branches;
    uint32_t node_count;
    uint32_t field_count;
    uint32_t symbol_count;
    uint32_t branch_count;

    json_t *text;  /* the schema; owns the strings that spans point to */
    json_t *made;  /* an array of strings that had to be made: full names */
    json_t *names; /* full name -> node */
    struct schema_why *why;
};

/* The whole that a plan is part of. */
static inline const struct schema_avro_build *schema_avro_build_of(const struct schema_avro *plan)
{
    return (const struct schema_avro_build *)(const void *)plan;
}

/* ERR_NOMEM. */
MUST_CHECK err_t schema_avro_build_new(struct schema_why *why, struct schema_avro_build **ret);
void schema_avro_build_free(struct schema_avro_build *b);

/* A zeroed node, or `count` zeroed entries in a row; `*ret_first` is the index. ERR_NOMEM. */
MUST_CHECK err_t schema_avro_build_node(struct schema_avro_build *b, const json_t *json,
                                        enum schema_avro_kind kind, uint32_t *ret_node);
MUST_CHECK err_t schema_avro_build_fields(struct schema_avro_build *b, uint32_t count,
                                          uint32_t *ret_first);
MUST_CHECK err_t schema_avro_build_symbols(struct schema_avro_build *b, uint32_t count,
                                           uint32_t *ret_first);
MUST_CHECK err_t schema_avro_build_branches(struct schema_avro_build *b, uint32_t count,
                                            uint32_t *ret_first);

/* The arrays become the plan. */
void schema_avro_build_seal(struct schema_avro_build *b);

/* The default of a field, or NULL. */
static inline const json_t *schema_avro_build_default(const struct schema_avro_build *b,
                                                      uint32_t field)
{
    return json_object_get(b->field_json[field], "default");
}

static inline struct span schema_avro_build_string(const json_t *string)
{
    return span_of(json_string_value(string), json_string_length(string));
}

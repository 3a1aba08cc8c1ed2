/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_avro: from text to plan: JSON, nodes, lengths, defaults; each step has its file. Names in
 * the plan are the strings of the JSON, which the plan keeps. */
#include "schema/schema_avro.h"

#include "schema/schema_avro_build.h"
#include "schema/schema_avro_default.h"
#include "schema/schema_avro_measure.h"
#include "schema/schema_avro_parse.h"

static err_t load(struct schema_avro_build *b, struct span text)
{
    const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL;
    json_error_t error;

    if (text.len > SCHEMA_AVRO_TEXT_BYTES_MAX) {
        schema_why_set(b->why, "the schema is longer than %u bytes", SCHEMA_AVRO_TEXT_BYTES_MAX);
        return ERR_LIMIT;
    }
    b->text = json_loadb(text.len == 0 ? "" : text.at, text.len, flags, &error);
    if (b->text != NULL) {
        return ERR_OK;
    }
    ENSURE(json_error_code(&error) != json_error_out_of_memory, ERR_NOMEM);
    schema_why_set(b->why, "no JSON: line %d, column %d: %s", error.line, error.column, error.text);
    return json_error_code(&error) == json_error_stack_overflow ? ERR_LIMIT : ERR_SYNTAX;
}

static err_t compile(struct schema_avro_build *b, struct span text)
{
    TRY(load(b, text));
    TRY(schema_avro_parse(b));
    TRY(schema_avro_measure(b));
    TRY(schema_avro_default_check(b));
    schema_avro_build_seal(b);
    b->plan.never_begins_with_zero = b->nodes[0].bytes_min == 0;
    return ERR_OK;
}

err_t schema_avro_compile(struct span text, struct schema_why *ret_why, struct schema_avro **ret)
{
    struct schema_avro_build *b = NULL;

    TRY(schema_avro_build_new(ret_why, &b));
    err_t err = compile(b, text);
    if (err != ERR_OK) {
        schema_avro_build_free(b);
        return err;
    }
    *ret = &b->plan;
    return ERR_OK;
}

void schema_avro_free(struct schema_avro *s)
{
    schema_avro_build_free((struct schema_avro_build *)(void *)s);
}

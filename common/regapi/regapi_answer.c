/* SPDX-License-Identifier: Apache-2.0
 *
 * regapi_answer: jansson builds a tree of whatever a text holds, and an empty array of two bytes
 * costs it a hundred times as much: so the parts of a text are counted first. */
#include "regapi/regapi_answer.h"

#include "base/base64.h"

#include <jansson.h>
#include <stdlib.h>

#define PARTS_MAX 100000u /* values and members of one answer */

void regapi_answer_done(struct regapi_answer *a)
{
    buf_done(&a->text);
    free(a->references);
    *a = (struct regapi_answer){0};
}

/* What a JSON text has at least as many of as values: openings, commas and colons outside of
 * strings. Of a text that is no JSON it is some number. */
static size_t count_parts(struct span body)
{
    size_t parts = 1;
    bool in_string = false;

    for (size_t i = 0; i < body.len; i++) {
        char c = body.at[i];
        if (in_string && c == '\\') {
            i++;
        } else if (c == '"') {
            in_string = !in_string;
        } else if (!in_string) {
            parts += c == '{' || c == '[' || c == ',' || c == ':';
        }
    }
    return parts;
}

/* NULL with the error in `ret_err`. */
static json_t *load(struct span body, struct schema_why *why, err_t *ret_err)
{
    json_error_t error;

    if (count_parts(body) > PARTS_MAX) {
        schema_why_set(why, "the answer has too many parts");
        *ret_err = ERR_LIMIT;
        return NULL;
    }
    json_t *json =
        json_loadb(body.at == NULL ? "" : body.at, body.len, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL) {
        bool memory = json_error_code(&error) == json_error_out_of_memory;
        schema_why_set(why, "the answer is no JSON: %s", error.text);
        *ret_err = memory ? ERR_NOMEM : ERR_SYNTAX;
    }
    return json;
}

/* A member that is a number from 1 up. 0 if it is absent, ERR_SYNTAX if it is anything else. */
static err_t read_number(const json_t *object, const char *name, struct schema_why *why,
                         uint32_t *ret)
{
    const json_t *value = json_object_get(object, name);

    if (value == NULL) {
        *ret = 0;
        return ERR_OK;
    }
    json_int_t number = json_integer_value(value); /* 0 for what is none */
    if (number < 1 || number > (json_int_t)UINT32_MAX) {
        schema_why_set(why, "the answer's \"%s\" is no number from 1 up", name);
        return ERR_SYNTAX;
    }
    *ret = (uint32_t)number;
    return ERR_OK;
}

/* A member that is a string of 1 to REGAPI_SUBJECT_BYTES - 1 bytes without control characters. */
static err_t read_name(const json_t *object, const char *name, struct schema_why *why, char *ret)
{
    const json_t *value = json_object_get(object, name);
    const char *text = json_string_value(value);
    size_t len = json_string_length(value);

    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
            len = 0;
        }
    }
    if (len == 0 || len >= REGAPI_SUBJECT_BYTES) {
        schema_why_set(why, "the answer's \"%s\" is no name of at most %u bytes", name,
                       REGAPI_SUBJECT_BYTES - 1);
        return ERR_SYNTAX;
    }
    memcpy(ret, text, len + 1);
    return ERR_OK;
}

static err_t read_kind(const json_t *answer, struct schema_why *why, enum schema_kind *ret)
{
    const json_t *type = json_object_get(answer, "schemaType");
    struct span name = span_of(json_string_value(type), json_string_length(type));

    if (type == NULL) {
        *ret = SCHEMA_KIND_AVRO;
        return ERR_OK;
    }
    if (!schema_kind_find(name, ret)) {
        schema_why_set(why, "the answer's \"schemaType\" is none that is known");
        return ERR_SYNTAX;
    }
    return ERR_OK;
}

static err_t read_references(const json_t *answer, struct schema_why *why,
                             struct regapi_answer *ret)
{
    const json_t *list = json_object_get(answer, "references");
    size_t count = json_array_size(list);

    if (list == NULL || json_is_null(list) || (json_is_array(list) && count == 0)) {
        return ERR_OK;
    }
    if (count == 0 || count > REGAPI_FILES_MAX) {
        schema_why_set(why, count == 0 ? "the answer's \"references\" is no list"
                                       : "the schema has too many references");
        return count == 0 ? ERR_SYNTAX : ERR_LIMIT;
    }
    ret->references = calloc(count, sizeof(ret->references[0]));
    ENSURE(ret->references != NULL, ERR_NOMEM);
    for (size_t i = 0; i < count; i++) {
        struct regapi_answer_reference *reference = &ret->references[i];
        const json_t *item = json_array_get(list, i);
        TRY(read_name(item, "name", why, reference->name));
        TRY(read_name(item, "subject", why, reference->subject));
        TRY(read_number(item, "version", why, &reference->version));
        ret->reference_count++;
    }
    return ERR_OK;
}

static err_t read_schema(const json_t *answer, struct schema_why *why, struct regapi_answer *ret)
{
    const json_t *schema = json_object_get(answer, "schema");

    if (!json_is_string(schema)) {
        schema_why_set(why, "the answer has no \"schema\" that is a text");
        return ERR_SYNTAX;
    }
    TRY(read_kind(answer, why, &ret->kind));
    TRY(read_number(answer, "id", why, &ret->id));
    TRY(read_number(answer, "version", why, &ret->version));
    TRY(read_references(answer, why, ret));
    return buf_append(&ret->text, span_of(json_string_value(schema), json_string_length(schema)));
}

err_t regapi_answer_read(struct span body, struct schema_why *why, struct regapi_answer *ret)
{
    struct regapi_answer answer = {0};
    err_t err = ERR_OK;
    json_t *json = load(body, why, &err);

    ENSURE(json != NULL, err);
    err = read_schema(json, why, &answer);
    json_decref(json);
    if (err != ERR_OK) {
        regapi_answer_done(&answer);
        return err;
    }
    *ret = answer;
    return ERR_OK;
}

err_t regapi_answer_read_serialized(struct span body, struct schema_why *why, struct buf *ret)
{
    err_t err = ERR_OK;
    json_t *json = load(body, why, &err);

    ENSURE(json != NULL, err);
    const json_t *schema = json_object_get(json, "schema");
    struct span text = span_of(json_string_value(schema), json_string_length(schema));
    err = text.len == 0 ? ERR_SYNTAX : base64_decode(text, BASE64_STRICT, ret);
    if (err == ERR_SYNTAX) {
        schema_why_set(why, "the answer has no \"schema\" that is base64");
    }
    json_decref(json);
    return err;
}

err_t regapi_answer_read_versions(struct span body, struct schema_why *why, char *ret_subject,
                                  uint32_t *ret_version)
{
    err_t err = ERR_OK;
    json_t *json = load(body, why, &err);

    ENSURE(json != NULL, err);
    if (!json_is_array(json)) {
        schema_why_set(why, "the answer is no list");
        err = ERR_SYNTAX;
    } else if (json_array_size(json) > 0) {
        const json_t *first = json_array_get(json, 0);
        char subject[REGAPI_SUBJECT_BYTES];
        err = read_name(first, "subject", why, subject);
        err = err != ERR_OK ? err : read_number(first, "version", why, ret_version);
        if (err == ERR_OK) {
            memcpy(ret_subject, subject, sizeof(subject));
        }
    }
    json_decref(json);
    return err;
}

unsigned regapi_answer_read_error(struct span body, struct schema_why *why)
{
    struct schema_why unused = {0};
    err_t err = ERR_OK;
    json_t *json = load(body, &unused, &err);
    json_int_t code = json_integer_value(json_object_get(json, "error_code"));
    const char *message = json_string_value(json_object_get(json, "message"));

    if (message != NULL) {
        schema_why_set(why, "%s", message);
    }
    json_decref(json);
    return code > 0 && code < 100000 ? (unsigned)code : 0;
}

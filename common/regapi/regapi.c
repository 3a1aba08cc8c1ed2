/* SPDX-License-Identifier: Apache-2.0
 *
 * regapi: the questions, in the order in which they make sense. */
#include "regapi/regapi.h"

#include "regapi/regapi_answer.h"
#include "regapi/regapi_ask.h"
#include "regapi/regapi_files.h"

#include <assert.h>
#include <stdio.h>

void regapi_schema_done(struct regapi_schema *s)
{
    buf_done(&s->text);
    *s = (struct regapi_schema){0};
}

struct span regapi_type_name(const char *subject)
{
    static const char *const endings[] = {"-json", "-avro", "-proto", "-value", "-key"};
    struct span name = span_of_str(subject);

    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        struct span ending = span_of_str(endings[i]);
        if (name.len > ending.len && span_equal(span_skip(name, name.len - ending.len), ending)) {
            return span_head(name, name.len - ending.len);
        }
    }
    return name;
}

static void set_subject(struct regapi_schema *schema, const char *subject)
{
    assert(strlen(subject) < sizeof(schema->subject));
    memcpy(schema->subject, subject, strlen(subject) + 1);
}

/* Moves the answer's text. */
static void take_answer(struct regapi_answer *answer, struct regapi_schema *ret)
{
    ret->kind = answer->kind;
    ret->id = answer->id;
    ret->version = answer->version;
    ret->text = answer->text;
    answer->text = (struct buf){0};
}

/* What an answer stands for; Protobuf text is left out, as it has to be asked for. */
static void take_without_files(struct regapi_answer *answer, struct regapi_schema *ret)
{
    take_answer(answer, ret);
    if (ret->kind == SCHEMA_KIND_PROTOBUF) {
        ret->text.len = 0;
    }
}

static err_t complete(const struct regapi *r, const struct regapi_answer *answer,
                      struct schema_why *why, struct regapi_schema *ret)
{
    if (answer->kind != SCHEMA_KIND_PROTOBUF && answer->reference_count > 0) {
        schema_why_set(why, "references are supported for Protobuf only: register a schema that "
                            "holds all its definitions");
        return ERR_SYNTAX;
    }
    return answer->kind == SCHEMA_KIND_PROTOBUF ? regapi_files_gather(r, answer, why, &ret->text)
                                                : ERR_OK;
}

/* Takes the answer apart and frees it. */
static err_t finish(const struct regapi *r, struct regapi_answer *answer, struct schema_why *why,
                    struct regapi_schema *ret)
{
    take_without_files(answer, ret);
    err_t err = complete(r, answer, why, ret);
    regapi_answer_done(answer);
    if (err != ERR_OK) {
        regapi_schema_done(ret);
    }
    return err;
}

err_t regapi_get_subject(const struct regapi *r, const char *subject, uint32_t version,
                         struct schema_why *ret_why, struct regapi_schema *ret)
{
    struct regapi_schema schema = {0};
    struct regapi_answer answer = {0};

    TRY(regapi_files_ask_version(r, subject, version, ret_why, &answer));
    set_subject(&schema, subject);
    TRY(finish(r, &answer, ret_why, &schema));
    *ret = schema;
    return ERR_OK;
}

err_t regapi_look_up_subject(const struct regapi *r, const char *subject, uint32_t version,
                             struct schema_why *ret_why, struct regapi_schema *ret)
{
    struct regapi_schema schema = {0};
    struct regapi_answer answer = {0};

    TRY(regapi_files_ask_version(r, subject, version, ret_why, &answer));
    set_subject(&schema, subject);
    take_without_files(&answer, &schema);
    regapi_answer_done(&answer);
    *ret = schema;
    return ERR_OK;
}

static err_t ask_id(const struct regapi *r, uint32_t id, struct schema_why *why,
                    struct regapi_answer *ret)
{
    struct regapi_ask ask = {0};

    err_t err = buf_printf(&ask.path, "/schemas/ids/%u", id);
    err = err != ERR_OK ? err : regapi_ask_send(r, &ask);
    err = err != ERR_OK ? err : regapi_answer_read(buf_span(&ask.answer.body), &ask.why, ret);
    return regapi_ask_end(r, &ask, err, why);
}

/* Under which subject and version the id is known. */
static err_t ask_names(const struct regapi *r, uint32_t id, struct schema_why *why,
                       struct regapi_schema *ret)
{
    struct regapi_ask ask = {0};

    err_t err = buf_printf(&ask.path, "/schemas/ids/%u/versions", id);
    err = err != ERR_OK ? err : regapi_ask_send(r, &ask);
    if (err == ERR_OK) {
        err = regapi_answer_read_versions(buf_span(&ask.answer.body), &ask.why, ret->subject,
                                          &ret->version);
    }
    return regapi_ask_end(r, &ask, err, why);
}

err_t regapi_get_id(const struct regapi *r, uint32_t id, struct schema_why *ret_why,
                    struct regapi_schema *ret)
{
    struct regapi_schema schema = {0};
    struct regapi_answer answer = {0};
    struct regapi_schema names = {0};

    snprintf(names.subject, sizeof(names.subject), "id-%u", id);
    TRY(ask_id(r, id, ret_why, &answer));
    answer.id = id;
    err_t err = ask_names(r, id, ret_why, &names);
    if (err != ERR_OK) {
        regapi_answer_done(&answer);
        return err;
    }
    TRY(finish(r, &answer, ret_why, &schema));
    set_subject(&schema, names.subject);
    schema.version = names.version;
    *ret = schema;
    return ERR_OK;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_type: one name over three compilers. */
#include "schema/schema_type.h"

#include "base/limits.h"
#include "schema/schema_builtin.h"
#include "wire/utf8.h"

#include <stdlib.h>

/* The name is read by whole vectors. */
_Static_assert(sizeof(struct schema_type) >= SCHEMA_TYPE_NAME_BYTES + SPAN_SLACK_BYTES,
               "there is slack behind the name");

/* Not every subject is named for its message: then the first one of the file is meant, as in the
 * wire format of a payload whose indexes are a single 0. */
static err_t find_message(struct schema_type *t, struct span name, struct schema_why *why)
{
    t->message = schema_protobuf_find(t->protobuf, name);
    if (t->message == NULL) {
        t->message = schema_protobuf_find(t->protobuf, SPAN_LIT(""));
    }
    if (t->message == NULL) {
        schema_why_set(why, "the schema has no message");
        return ERR_UNKNOWN;
    }
    return ERR_OK;
}

static err_t compile(struct schema_type *t, const struct schema_type_source *source,
                     struct schema_why *why)
{
    switch (source->kind) {
    case SCHEMA_KIND_JSON:
        return schema_json_compile(source->text, why, &t->json);
    case SCHEMA_KIND_AVRO:
        return schema_avro_compile(source->text, why, &t->avro);
    case SCHEMA_KIND_PROTOBUF:
        TRY(schema_protobuf_compile(source->text, why, &t->protobuf));
        return find_message(t, source->name, why);
    case SCHEMA_KIND_COUNT:
        break;
    }
    assert(false); /* a schema of no kind */
    return ERR_SYNTAX;
}

/* The name becomes part of our output, so it has to be text. */
static err_t set_text(struct schema_type *t, size_t len, struct schema_why *why)
{
    enum text_form form = TEXT_PLAIN;

    if (strlen(t->name) != len || !utf8_classify(span_of(t->name, len), &form)) {
        schema_why_set(why, "the type's name is no UTF-8 text");
        return ERR_SYNTAX;
    }
    t->text = text_of(span_of(t->name, len), form);
    return ERR_OK;
}

err_t schema_type_new(const struct schema_type_source *source, struct schema_why *ret_why,
                      struct schema_type **ret)
{
    if (source->name.len == 0 || source->name.len >= SCHEMA_TYPE_NAME_BYTES) {
        schema_why_set(ret_why, "the type's name is empty or longer than %u bytes",
                       SCHEMA_TYPE_NAME_BYTES - 1);
        return ERR_LIMIT;
    }
    struct schema_type *t = calloc(1, sizeof(*t));
    ENSURE(t != NULL, ERR_NOMEM);
    memcpy(t->name, source->name.at, source->name.len);
    t->kind = source->kind;
    t->id = source->id;
    t->version = source->version;
    t->is_entry = span_equal(source->name, SPAN_LIT(SCHEMA_BUILTIN_NAME));
    err_t err = set_text(t, source->name.len, ret_why);
    err = err != ERR_OK ? err : compile(t, source, ret_why);
    if (err != ERR_OK) {
        schema_type_free(t);
        return err;
    }
    *ret = t;
    return ERR_OK;
}

void schema_type_free(struct schema_type *t)
{
    if (t == NULL) {
        return;
    }
    schema_json_free(t->json);
    schema_avro_free(t->avro);
    schema_protobuf_free(t->protobuf);
    free(t);
}

err_t schema_type_builtin(enum schema_kind kind, struct schema_type **ret)
{
    const struct schema_type_source source = {
        .kind = kind, .name = SPAN_LIT(SCHEMA_BUILTIN_NAME), .text = schema_builtin(kind)};
    struct schema_why why = {0};
    err_t err = schema_type_new(&source, &why, ret);

    assert(err == ERR_OK || err == ERR_NOMEM);
    return err;
}

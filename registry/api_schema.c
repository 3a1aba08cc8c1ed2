/* SPDX-License-Identifier: Apache-2.0
 *
 * api_schema: the JSON of schemas. */
#include "registry/api_schema.h"

#include "base/base64.h"

#include <stdlib.h>

#define NUMBER_MAX 2000000000

/* ---- requests ---- */

/* A wished id or version: above NUMBER_MAX it would leave no room for those that follow by
 * themselves. None, null, 0 and -1 are 0. */
static err_t read_number(struct api_call *c, const json_t *body, const char *key, uint32_t *ret)
{
    const json_t *value = json_object_get(body, key);
    json_int_t number = json_integer_value(value); /* 0 for what is none */

    if ((value != NULL && !json_is_null(value) && !json_is_integer(value)) || number < -1 ||
        number > NUMBER_MAX) {
        return api_fault_set(&c->fault, API_BAD_SCHEMA,
                             "Invalid schema: %s must be a number from 1 to %d", key, NUMBER_MAX);
    }
    *ret = number > 0 ? (uint32_t)number : 0;
    return ERR_OK;
}

static err_t read_request(struct api_call *c, const json_t *body, struct registry_request *ret)
{
    const json_t *text = json_object_get(body, "schema");
    const char *type = json_string_value(json_object_get(body, "schemaType"));

    *ret = (struct registry_request){
        .subject = c->parts[1],
        .kind = SCHEMA_KIND_AVRO,
        .text = span_of(json_string_value(text), json_string_length(text)),
        .references = json_object_get(body, "references"),
        .normalize = api_call_flag(c, "normalize"),
    };
    TRY(read_number(c, body, "id", &ret->id));
    TRY(read_number(c, body, "version", &ret->version));
    if (type != NULL && type[0] != '\0') {
        struct span name = span_of_str(type);
        if (!schema_kind_find(name, &ret->kind) || type[0] < 'A' || type[0] > 'Z') {
            return api_fault_set(&c->fault, API_BAD_SCHEMA, "Invalid schema type %.100s", type);
        }
    }
    return ERR_OK;
}

err_t api_schema_request(struct api_call *c, json_t **ret_body, struct registry_request *ret)
{
    json_t *body = NULL;

    TRY(api_call_body(c, &body));
    err_t err = read_request(c, body, ret);
    if (err != ERR_OK) {
        json_decref(body);
        return err;
    }
    *ret_body = body;
    return ERR_OK;
}

/* ---- answers ---- */

static bool put_new(json_t *object, const char *key, json_t *value)
{
    return value != NULL && json_object_set_new(object, key, value) == 0;
}

static json_t *text_value(const struct buf *text)
{
    return json_stringn(text->len == 0 ? "" : text->at, text->len);
}

/* What every answer has, in the order of the API: AVRO is not said. */
static bool put_schema(json_t *object, const struct store_schema *schema, bool text_last)
{
    bool good = schema->kind == SCHEMA_KIND_AVRO ||
                put_new(object, "schemaType", json_string(schema_kind_type(schema->kind)));

    if (!text_last) {
        good = good && put_new(object, "schema", text_value(&schema->text));
    }
    if (schema->refs.len > 0) {
        good = good && put_new(object, "references",
                               json_loadb(schema->refs.at, schema->refs.len, 0, NULL));
    }
    if (text_last) {
        good = good && put_new(object, "schema", text_value(&schema->text));
    }
    return good;
}

json_t *api_schema_version(const struct store_version *row, const struct store_schema *schema)
{
    json_t *object = json_pack("{s:s,s:i,s:i}", "subject", row->subject, "version",
                               (int)row->version, "id", (int)row->id);

    if (object != NULL && !put_schema(object, schema, true)) {
        json_decref(object);
        return NULL;
    }
    return object;
}

err_t api_schema_format(struct api_call *c, struct store_schema *schema)
{
    char format[32];

    if (schema->kind != SCHEMA_KIND_PROTOBUF ||
        !api_call_query(c, "format", format, sizeof(format)) || strcmp(format, "serialized") != 0) {
        return ERR_OK;
    }
    struct span file = registry_compile_last_file(buf_span(&schema->descriptors));
    schema->text.len = 0;
    TRY(api_fault_store(&c->fault, buf_reserve(&schema->text, BASE64_BYTES(file.len)), NULL));
    schema->text.len = (size_t)(base64_encode(schema->text.at, file) - schema->text.at);
    return ERR_OK;
}

/* ---- /schemas ---- */

err_t api_schema_types(struct api_call *c)
{
    api_reply_json(c->reply, json_pack("[s,s,s]", "JSON", "PROTOBUF", "AVRO"));
    return ERR_OK;
}

static err_t any_row(void *arg, const struct store_version *row)
{
    (void)row;
    *(bool *)arg = true;
    return ERR_OK;
}

/* The id in the path, if it is one that a version has or had. */
static err_t used_id(struct api_call *c, uint32_t *ret)
{
    char *end = NULL;
    const char *text = c->parts[2];
    unsigned long id = text[0] >= '0' && text[0] <= '9' ? strtoul(text, &end, 10) : 0;
    bool used = false;

    if (end == NULL || *end != '\0') {
        return api_fault_set(&c->fault, API_NOT_FOUND, "HTTP 404 Not Found");
    }
    if (id > 0 && id <= STORE_VERSION_MAX) {
        TRY(api_fault_store(&c->fault,
                            store_uses(c->rules->store, (uint32_t)id, STORE_ALL, any_row, &used),
                            c->rules->store));
    }
    if (!used) {
        return api_fault_set(&c->fault, API_NO_SCHEMA, "Schema %.20s not found", text);
    }
    *ret = (uint32_t)id;
    return ERR_OK;
}

static err_t read_by_id(struct api_call *c, struct store_schema *ret)
{
    uint32_t id = 0;

    TRY(used_id(c, &id));
    TRY(api_fault_store(&c->fault, store_schema_get(c->rules->store, id, ret), c->rules->store));
    err_t err = api_schema_format(c, ret);
    if (err != ERR_OK) {
        store_schema_done(ret);
    }
    return err;
}

err_t api_schema_by_id(struct api_call *c)
{
    struct store_schema schema = {0};
    uint32_t id_max = 0;

    TRY(read_by_id(c, &schema));
    json_t *object = json_object();
    bool good = put_schema(object, &schema, false);
    if (api_call_flag(c, "fetchMaxId")) {
        good = good && store_id_max(c->rules->store, &id_max) == ERR_OK &&
               put_new(object, "maxId", json_integer(id_max));
    }
    store_schema_done(&schema);
    if (!good) {
        json_decref(object);
        return api_fault_set(&c->fault, API_STORE, "out of memory");
    }
    api_reply_json(c->reply, object);
    return ERR_OK;
}

err_t api_schema_text_by_id(struct api_call *c)
{
    struct store_schema schema = {0};

    TRY(read_by_id(c, &schema));
    api_reply_bytes(c->reply, API_REPLY_MEDIA_TYPE, buf_span(&schema.text));
    store_schema_done(&schema);
    return ERR_OK;
}

static err_t add_subject(void *arg, const struct store_version *row)
{
    json_t *all = arg;
    const char *last = json_string_value(
        json_array_get(all, json_array_size(all) > 0 ? json_array_size(all) - 1 : 0));

    if (last != NULL && strcmp(last, row->subject) == 0) {
        return ERR_OK;
    }
    return json_array_append_new(all, json_string(row->subject)) == 0 ? ERR_OK : ERR_NOMEM;
}

static err_t add_version(void *arg, const struct store_version *row)
{
    json_t *item = json_pack("{s:s,s:i}", "subject", row->subject, "version", (int)row->version);

    return json_array_append_new(arg, item) == 0 ? ERR_OK : ERR_NOMEM;
}

static err_t list_uses(struct api_call *c, store_row_fn row)
{
    uint32_t id = 0;

    TRY(used_id(c, &id));
    json_t *all = json_array();
    err_t err = api_fault_store(
        &c->fault, store_uses(c->rules->store, id, api_call_filter(c), row, all), c->rules->store);
    if (err != ERR_OK) {
        json_decref(all);
        return err;
    }
    api_reply_json(c->reply, all);
    return ERR_OK;
}

err_t api_schema_subjects_by_id(struct api_call *c)
{
    return list_uses(c, add_subject);
}

err_t api_schema_versions_by_id(struct api_call *c)
{
    return list_uses(c, add_version);
}

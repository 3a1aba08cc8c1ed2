/* SPDX-License-Identifier: Apache-2.0
 *
 * api_go: names and formats as subjects. */
#include "registry/api_go.h"

#include "registry/registry_validate.h"

#include <stdio.h>
#include <stdlib.h>

#define NAME_BYTES     (STORE_SUBJECT_BYTES - 16)
#define STATUS_CREATED 201u

struct place {
    enum schema_kind kind;
    char name[NAME_BYTES];
    char subject[STORE_SUBJECT_BYTES];
};

void api_go_refuse(struct http_reply *reply, const struct api_fault *fault)
{
    unsigned status = api_fault_status(fault->code);

    http_reply_text(reply, status == 422 ? 400 : status, fault->message);
}

/* ---- where a schema is ---- */

/* "json", "avro" or "proto": not what the other API calls them. */
static bool find_format(const char *format, enum schema_kind *ret)
{
    return format != NULL && format[0] >= 'a' && schema_kind_find(span_of_str(format), ret);
}

static err_t make_place(struct api_call *c, const char *format, const char *name, struct place *ret)
{
    if (!find_format(format, &ret->kind)) {
        return api_fault_set(&c->fault, API_BAD_REQUEST, "format must be json, avro or proto");
    }
    if (name == NULL || name[0] == '\0' || strlen(name) >= sizeof(ret->name)) {
        return api_fault_set(&c->fault, API_BAD_REQUEST, "name must have 1 to %u bytes",
                             (unsigned)NAME_BYTES - 1);
    }
    snprintf(ret->name, sizeof(ret->name), "%s", name);
    snprintf(ret->subject, sizeof(ret->subject), "%s-%s", ret->name, schema_kind_name(ret->kind));
    return ERR_OK;
}

static err_t read_latest(struct api_call *c, const struct place *place, struct store_schema *ret)
{
    const struct registry_place at = {place->subject, "latest", STORE_LIVE};
    struct store_version row;
    err_t err = registry_rules_read(c->rules, &at, &c->fault, &row, ret);

    if (err != ERR_OK && c->fault.code != API_STORE) {
        return api_fault_set(&c->fault, API_NOT_FOUND, "Schema not found");
    }
    return err;
}

/* ---- register ---- */

static err_t register_body(struct api_call *c, const json_t *body, struct place *place)
{
    const json_t *schema = json_object_get(body, "schema");
    char *dumped =
        json_is_object(schema) || json_is_array(schema) ? json_dumps(schema, JSON_COMPACT) : NULL;
    struct registry_request request = {
        .text = dumped != NULL ? span_of_str(dumped)
                               : span_of(json_string_value(schema), json_string_length(schema))};
    uint32_t id = 0;
    err_t err = make_place(c, json_string_value(json_object_get(body, "format")),
                           json_string_value(json_object_get(body, "name")), place);

    if (err == ERR_OK) {
        request.subject = place->subject;
        request.kind = place->kind;
        err = registry_rules_register(c->rules, &request, &c->fault, &id);
    }
    free(dumped);
    return err;
}

err_t api_go_register(struct api_call *c)
{
    char text[STORE_SUBJECT_BYTES + 64];
    struct place place = {0};
    json_t *body = NULL;

    TRY(api_call_body(c, &body));
    err_t err = register_body(c, body, &place);
    json_decref(body);
    TRY(err);
    snprintf(text, sizeof(text), "Registered schema %s:%s", schema_kind_name(place.kind),
             place.name);
    http_reply_text(c->reply, STATUS_CREATED, text);
    return ERR_OK;
}

/* ---- read ---- */

static json_t *describe(const struct place *place, const struct store_schema *schema)
{
    return json_pack("{s:s,s:s,s:s%}", "format", schema_kind_name(place->kind), "name", place->name,
                     "schema", schema->text.len == 0 ? "" : schema->text.at, schema->text.len);
}

static void answer_json(struct api_call *c, json_t *value)
{
    char *text = value == NULL ? NULL : json_dumps(value, JSON_COMPACT);

    json_decref(value);
    if (text == NULL) {
        http_reply_text(c->reply, 500, "out of memory");
        return;
    }
    api_reply_bytes(c->reply, "application/json", span_of_str(text));
    free(text);
}

err_t api_go_get(struct api_call *c)
{
    char format[16];
    char name[NAME_BYTES];
    struct place place = {0};
    struct store_schema schema = {0};
    bool has_format = api_call_query(c, "format", format, sizeof(format));
    bool has_name = api_call_query(c, "name", name, sizeof(name));

    TRY(make_place(c, has_format ? format : NULL, has_name ? name : NULL, &place));
    TRY(read_latest(c, &place, &schema));
    answer_json(c, describe(&place, &schema));
    store_schema_done(&schema);
    return ERR_OK;
}

static bool subject_place(const char *subject, struct place *ret)
{
    const char *dash = strrchr(subject, '-');
    size_t len = dash == NULL ? 0 : (size_t)(dash - subject);

    if (len == 0 || len >= sizeof(ret->name) || !find_format(dash + 1, &ret->kind)) {
        return false;
    }
    snprintf(ret->name, sizeof(ret->name), "%.*s", (int)len, subject);
    snprintf(ret->subject, sizeof(ret->subject), "%s", subject);
    return true;
}

struct listing {
    struct api_call *call;
    json_t *all;
};

/* What was registered by the other API before its subject had to fit is left out. */
static err_t list_one(void *arg, const struct store_version *row)
{
    struct listing *l = arg;
    struct place place;
    struct store_schema schema = {0};

    if (!subject_place(row->subject, &place)) {
        return ERR_OK;
    }
    TRY(read_latest(l->call, &place, &schema));
    bool good =
        schema.kind != place.kind || json_array_append_new(l->all, describe(&place, &schema)) == 0;
    store_schema_done(&schema);
    return good ? ERR_OK : ERR_NOMEM;
}

err_t api_go_list(struct api_call *c)
{
    struct listing l = {.call = c, .all = json_array()};
    err_t err = store_subjects(c->rules->store, "", STORE_LIVE, list_one, &l);

    if (err != ERR_OK) {
        json_decref(l.all);
        return api_fault_store(&c->fault, err, c->rules->store);
    }
    answer_json(c, l.all);
    return ERR_OK;
}

err_t api_go_descriptor(struct api_call *c)
{
    char name[NAME_BYTES];
    struct place place = {0};
    struct store_schema schema = {0};
    bool has_name = api_call_query(c, "name", name, sizeof(name));

    TRY(make_place(c, "proto", has_name ? name : NULL, &place));
    TRY(read_latest(c, &place, &schema));
    api_reply_bytes(c->reply, "application/octet-stream", buf_span(&schema.descriptors));
    store_schema_done(&schema);
    return ERR_OK;
}

/* ---- validate ---- */

static err_t validate_data(struct api_call *c, const struct place *place, const json_t *data)
{
    struct store_schema schema = {0};
    struct registry_refs refs = {0};
    struct registry_compile compiled = {0};
    struct schema_why why = {0};

    TRY(read_latest(c, place, &schema));
    err_t err =
        registry_refs_resolve_text(c->rules->store, buf_span(&schema.refs), &c->fault, &refs);
    if (err == ERR_OK) {
        err = registry_compile_stored(&schema, &refs, &why, &compiled);
        err = err == ERR_OK ? ERR_OK : registry_rules_refuse(&c->fault, err, &why);
    }
    if (err == ERR_OK) {
        err = registry_validate(&c->rules->check, &compiled, place->name, data, &why);
        err = err == ERR_OK ? ERR_OK
                            : api_fault_set(&c->fault, API_BAD_REQUEST, "Validation failed: %s",
                                            why.text[0] == '\0' ? err_name(err) : why.text);
    }
    registry_compile_done(&compiled);
    registry_refs_done(&refs);
    store_schema_done(&schema);
    return err;
}

err_t api_go_validate(struct api_call *c)
{
    struct place place = {0};
    json_t *body = NULL;

    TRY(api_call_body(c, &body));
    const json_t *data = json_object_get(body, "data");
    err_t err = make_place(c, json_string_value(json_object_get(body, "format")),
                           json_string_value(json_object_get(body, "name")), &place);
    if (err == ERR_OK) {
        err = data == NULL ? api_fault_set(&c->fault, API_BAD_REQUEST, "data is missing")
                           : validate_data(c, &place, data);
    }
    json_decref(body);
    TRY(err);
    http_reply_text(c->reply, 200, "Validation successful");
    return ERR_OK;
}

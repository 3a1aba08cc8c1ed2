/* SPDX-License-Identifier: Apache-2.0
 *
 * api_confluent: subjects, versions and compatibility. */
#include "registry/api_confluent.h"

#include "registry/api_schema.h"
#include "registry/registry_compat.h"
#include "registry/registry_delete.h"

#define SUBJECT(c) ((c)->parts[1])
#define VERSION(c) ((c)->parts[3])

/* Answers with the array, or releases it. */
static err_t answer_list(struct api_call *c, err_t err, json_t *all)
{
    err = api_fault_store(&c->fault, err, c->rules->store);
    if (err != ERR_OK) {
        json_decref(all);
        return err;
    }
    api_reply_json(c->reply, all);
    return ERR_OK;
}

/* ---- subjects ---- */

static err_t add_subject(void *arg, const struct store_version *row)
{
    return json_array_append_new(arg, json_string(row->subject)) == 0 ? ERR_OK : ERR_NOMEM;
}

err_t api_confluent_subjects(struct api_call *c)
{
    char prefix[STORE_SUBJECT_BYTES];
    json_t *all = json_array();

    if (!api_call_query(c, "subjectPrefix", prefix, sizeof(prefix))) {
        prefix[0] = '\0';
    }
    return answer_list(
        c, store_subjects(c->rules->store, prefix, api_call_filter(c), add_subject, all), all);
}

err_t api_confluent_lookup(struct api_call *c)
{
    struct registry_request request;
    struct store_version row;
    struct store_schema schema = {0};
    json_t *body = NULL;

    TRY(api_schema_request(c, &body, &request));
    err_t err = registry_rules_lookup(c->rules, &request, api_call_filter(c), &c->fault, &row);
    json_decref(body);
    TRY(err);
    TRY(api_fault_store(&c->fault, store_schema_get(c->rules->store, row.id, &schema),
                        c->rules->store));
    err = api_schema_format(c, &schema);
    if (err == ERR_OK) {
        api_reply_json(c->reply, api_schema_version(&row, &schema));
    }
    store_schema_done(&schema);
    return err;
}

err_t api_confluent_delete_subject(struct api_call *c)
{
    json_t *versions = NULL;
    enum store_removal how = api_call_flag(c, "permanent") ? STORE_PERMANENT : STORE_SOFT;

    TRY(registry_delete_subject(c->rules, SUBJECT(c), how, &c->fault, &versions));
    api_reply_json(c->reply, versions);
    return ERR_OK;
}

/* ---- versions ---- */

static err_t add_version(void *arg, const struct store_version *row)
{
    return json_array_append_new(arg, json_integer(row->version)) == 0 ? ERR_OK : ERR_NOMEM;
}

err_t api_confluent_versions(struct api_call *c)
{
    struct store_version any;
    enum store_filter filter = api_call_filter(c);
    enum store_filter known = filter == STORE_LIVE ? STORE_LIVE : STORE_ALL;

    if (store_version_get(c->rules->store, SUBJECT(c), 0, known, &any) == ERR_UNKNOWN) {
        return registry_rules_missing(c->rules, SUBJECT(c), 0, known, &c->fault);
    }
    json_t *all = json_array();
    return answer_list(c, store_versions(c->rules->store, SUBJECT(c), filter, add_version, all),
                       all);
}

err_t api_confluent_register(struct api_call *c)
{
    struct registry_request request;
    json_t *body = NULL;
    uint32_t id = 0;

    TRY(api_schema_request(c, &body, &request));
    err_t err = registry_rules_register(c->rules, &request, &c->fault, &id);
    json_decref(body);
    TRY(err);
    api_reply_json(c->reply, json_pack("{s:i}", "id", (int)id));
    return ERR_OK;
}

static err_t read_version(struct api_call *c, enum store_filter filter, struct store_version *row,
                          struct store_schema *schema)
{
    const struct registry_place place = {SUBJECT(c), VERSION(c), filter};

    TRY(registry_rules_read(c->rules, &place, &c->fault, row, schema));
    err_t err = api_schema_format(c, schema);
    if (err != ERR_OK) {
        store_schema_done(schema);
    }
    return err;
}

err_t api_confluent_version(struct api_call *c)
{
    struct store_version row;
    struct store_schema schema = {0};

    TRY(read_version(c, api_call_filter(c), &row, &schema));
    api_reply_json(c->reply, api_schema_version(&row, &schema));
    store_schema_done(&schema);
    return ERR_OK;
}

err_t api_confluent_version_schema(struct api_call *c)
{
    struct store_version row;
    struct store_schema schema = {0};

    TRY(read_version(c, api_call_filter(c), &row, &schema));
    api_reply_bytes(c->reply, API_REPLY_MEDIA_TYPE, buf_span(&schema.text));
    store_schema_done(&schema);
    return ERR_OK;
}

static err_t add_id(void *arg, const struct store_version *row)
{
    json_t *all = arg;
    size_t count = json_array_size(all);

    if (count > 0 && json_integer_value(json_array_get(all, count - 1)) == row->id) {
        return ERR_OK;
    }
    return json_array_append_new(all, json_integer(row->id)) == 0 ? ERR_OK : ERR_NOMEM;
}

err_t api_confluent_referenced_by(struct api_call *c)
{
    struct store_version row;
    struct store_schema schema = {0};

    TRY(read_version(c, STORE_ALL, &row, &schema));
    store_schema_done(&schema);
    json_t *all = json_array();
    return answer_list(c, store_referrers(c->rules->store, SUBJECT(c), row.version, add_id, all),
                       all);
}

err_t api_confluent_delete_version(struct api_call *c)
{
    const struct registry_place place = {SUBJECT(c), VERSION(c), STORE_ALL};
    enum store_removal how = api_call_flag(c, "permanent") ? STORE_PERMANENT : STORE_SOFT;
    uint32_t version = 0;

    TRY(registry_delete_version(c->rules, &place, how, &c->fault, &version));
    api_reply_json(c->reply, json_integer(version));
    return ERR_OK;
}

/* ---- compatibility ---- */

/* /compatibility/subjects/{subject}/versions[/{version}]: a version that is named by its
 * number must be there. */
static err_t find_scope(struct api_call *c, struct registry_compat_scope *scope)
{
    struct store_version row;

    scope->subject = c->parts[2];
    TRY(registry_settings_level(c->rules, scope->subject, &c->fault, &scope->level));
    if (c->part_count < 5) {
        return ERR_OK;
    }
    TRY(registry_rules_version(c->parts[4], &c->fault, &scope->version));
    err_t err =
        store_version_get(c->rules->store, scope->subject, scope->version, STORE_LIVE, &row);
    if (err == ERR_UNKNOWN && scope->version == 0) {
        return ERR_OK; /* a first version may be anything */
    }
    if (err == ERR_UNKNOWN) {
        return registry_rules_missing(c->rules, scope->subject, scope->version, STORE_LIVE,
                                      &c->fault);
    }
    TRY(api_fault_store(&c->fault, err, c->rules->store));
    scope->version = row.version;
    return ERR_OK;
}

static err_t judge(struct api_call *c, struct registry_request *request, struct schema_why *why)
{
    struct registry_compat_scope scope = {0};
    struct registry_compile compiled = {0};
    struct store_schema schema = {0};
    struct registry_refs refs = {0};

    TRY(find_scope(c, &scope));
    request->subject = scope.subject;
    err_t err = registry_rules_prepare(c->rules, request, &c->fault, &refs, &schema);
    if (err == ERR_OK) {
        err = registry_compile_new(&schema, &refs, why, &compiled);
        err = err == ERR_OK ? ERR_OK : registry_rules_refuse(&c->fault, err, why);
    }
    if (err == ERR_OK) {
        err = registry_compat_check(c->rules, &scope, &compiled, why, &c->fault);
    }
    registry_compile_done(&compiled);
    store_schema_done(&schema);
    registry_refs_done(&refs);
    return err;
}

err_t api_confluent_compatible(struct api_call *c)
{
    struct registry_request request;
    struct schema_why why = {0};
    json_t *body = NULL;

    TRY(api_schema_request(c, &body, &request));
    err_t err = request.kind == SCHEMA_KIND_PROTOBUF /* then protoc is started */
                    ? api_access_compile(c->access, &c->proof, &c->fault)
                    : ERR_OK;
    err = err == ERR_OK ? judge(c, &request, &why) : err;
    json_decref(body);
    if (err != ERR_OK && err != ERR_EXISTS) {
        return err;
    }
    json_t *answer = json_pack("{s:b}", "is_compatible", err == ERR_OK);
    if (answer != NULL && api_call_flag(c, "verbose")) {
        json_t *messages = err == ERR_OK ? json_array() : json_pack("[s]", why.text);
        IGNORE(json_object_set_new(answer, "messages", messages) != 0, "then they are missing");
    }
    api_reply_json(c->reply, answer);
    return ERR_OK;
}

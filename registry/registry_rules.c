/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_rules: registering, looking up and reading. */
#include "registry/registry_rules.h"

#include "registry/registry_compat.h"
#include "registry/registry_settings.h"

#include <stdio.h>
#include <stdlib.h>

err_t registry_rules_refuse(struct api_fault *fault, err_t err, const struct schema_why *why)
{
    if (err == ERR_NOMEM || err == ERR_IO) {
        return api_fault_set(fault, API_STORE, "the schema cannot be compiled here: %s",
                             why->text[0] == '\0' ? err_name(err) : why->text);
    }
    return api_fault_set(fault, API_BAD_SCHEMA, "Invalid schema: %s",
                         why->text[0] == '\0' ? err_name(err) : why->text);
}

/* ---- preparing ---- */

static bool ends_with(const char *text, const char *end)
{
    size_t text_len = strlen(text);
    size_t end_len = strlen(end);

    return text_len > end_len && strcmp(text + text_len - end_len, end) == 0;
}

/* Subjects of the go-client's API hold schemas of their own type only. */
static err_t check_subject(const struct registry_request *request, struct api_fault *fault)
{
    for (unsigned kind = 0; kind < SCHEMA_KIND_COUNT; kind++) {
        char end[16];
        snprintf(end, sizeof(end), "-%s", schema_kind_name((enum schema_kind)kind));
        if (kind != (unsigned)request->kind && ends_with(request->subject, end)) {
            return api_fault_set(fault, API_BAD_SCHEMA,
                                 "Invalid schema: subject \"%.300s\" takes schemas of type %s only",
                                 request->subject, schema_kind_type((enum schema_kind)kind));
        }
    }
    return ERR_OK;
}

/* White space and the order of members do not matter any more. */
static err_t put_normalized(const struct registry_request *request, struct buf *out)
{
    json_t *value = request->kind == SCHEMA_KIND_PROTOBUF
                        ? NULL
                        : json_loadb(request->text.at, request->text.len,
                                     JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    if (value == NULL) {
        return buf_append(out, request->text);
    }
    char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    err_t err = text == NULL ? ERR_NOMEM : buf_append(out, span_of_str(text));
    free(text);
    json_decref(value);
    return err;
}

err_t registry_rules_prepare(struct registry_rules *r, const struct registry_request *request,
                             struct api_fault *fault, struct registry_refs *refs,
                             struct store_schema *ret)
{
    ret->kind = request->kind;
    ret->id = request->id;
    if (request->text.len == 0) {
        return api_fault_set(fault, API_BAD_SCHEMA, "Empty schema");
    }
    TRY(check_subject(request, fault));
    TRY(registry_refs_resolve(r->store, request->references, fault, refs));
    err_t err = request->normalize ? put_normalized(request, &ret->text)
                                   : buf_append(&ret->text, request->text);
    if (err == ERR_OK) {
        err = registry_refs_text(refs, &ret->refs);
    }
    if (err == ERR_OK) {
        err = buf_append(&ret->descriptors, request->descriptors);
    }
    return api_fault_store(fault, err, NULL);
}

/* ---- finding ---- */

struct wanted {
    uint32_t id;
    bool found;
    struct store_version row;
};

static err_t match_id(void *arg, const struct store_version *row)
{
    struct wanted *w = arg;

    if (row->id == w->id) {
        w->found = true;
        w->row = *row; /* the last one stays */
    }
    return ERR_OK;
}

/* The last version of the subject with the id that the schema has, if it has one. */
static err_t find_in_subject(struct registry_rules *r, const struct registry_request *request,
                             const struct store_schema *schema, enum store_filter filter,
                             struct wanted *ret)
{
    err_t err = store_schema_find(r->store, schema, &ret->id);

    if (err == ERR_UNKNOWN) {
        ret->id = 0;
        return ERR_OK;
    }
    TRY(err);
    return store_versions(r->store, request->subject, filter, match_id, ret);
}

err_t registry_rules_lookup(struct registry_rules *r, const struct registry_request *request,
                            enum store_filter filter, struct api_fault *fault,
                            struct store_version *ret)
{
    struct store_schema schema = {0};
    struct registry_refs refs = {0};
    struct wanted wanted = {0};
    struct store_version any;
    err_t err = store_version_get(r->store, request->subject, 0, filter, &any);

    if (err == ERR_UNKNOWN) {
        return registry_rules_missing(r, request->subject, 0, filter, fault);
    }
    TRY(api_fault_store(fault, err, r->store));
    err = registry_rules_prepare(r, request, fault, &refs, &schema);
    if (err == ERR_OK) {
        err =
            api_fault_store(fault, find_in_subject(r, request, &schema, filter, &wanted), r->store);
    }
    store_schema_done(&schema);
    registry_refs_done(&refs);
    TRY(err);
    if (!wanted.found) {
        return api_fault_set(fault, API_NO_SCHEMA, "Schema not found");
    }
    *ret = wanted.row;
    return ERR_OK;
}

/* ---- registering ---- */

struct work {
    const struct registry_request *request;
    struct store_schema schema;
    struct registry_refs refs;
    uint32_t version; /* of the row that is written */
};

static err_t check_id(const struct registry_request *request, uint32_t known_id,
                      enum registry_mode mode, struct api_fault *fault)
{
    if (request->id == 0) {
        return mode != REGISTRY_IMPORT
                   ? ERR_OK
                   : api_fault_set(fault, API_NOT_PERMITTED,
                                   "Subject %.300s is not in read-write mode", request->subject);
    }
    if (known_id != 0 && known_id != request->id) {
        return api_fault_set(fault, API_ID_MISMATCH,
                             "Schema already registered with id %u instead of input id %u",
                             known_id, request->id);
    }
    if (mode != REGISTRY_IMPORT) {
        return api_fault_set(fault, API_NOT_PERMITTED, "Subject %.300s is not in import mode",
                             request->subject);
    }
    return ERR_OK;
}

static err_t check_compat(struct registry_rules *r, const struct registry_request *request,
                          const struct registry_compile *compiled, struct api_fault *fault)
{
    struct registry_compat_scope scope = {.subject = request->subject};
    struct schema_why why = {0};

    TRY(registry_settings_level(r, request->subject, fault, &scope.level));
    err_t err = registry_compat_check(r, &scope, compiled, &why, fault);
    if (err == ERR_EXISTS) {
        return api_fault_set(fault, API_INCOMPATIBLE,
                             "Schema being registered is incompatible with an earlier schema for "
                             "subject \"%.200s\", details: [%s, compatibility: %s]",
                             request->subject, why.text, registry_settings_level_name(scope.level));
    }
    return err;
}

static err_t check_schema(struct registry_rules *r, struct work *work, struct api_fault *fault)
{
    const struct registry_request *request = work->request;
    struct registry_compile compiled = {0};
    struct schema_why why = {0};
    enum registry_mode mode = REGISTRY_READWRITE;
    err_t err = registry_compile_new(&work->schema, &work->refs, &why, &compiled);

    if (err != ERR_OK) {
        return registry_rules_refuse(fault, err, &why);
    }
    err = registry_settings_mode(r, request->subject, fault, &mode);
    if (err == ERR_OK && mode != REGISTRY_IMPORT) {
        err = check_compat(r, request, &compiled, fault);
    }
    registry_compile_done(&compiled);
    return err;
}

/* The number that the new version gets: only in mode IMPORT one that is wished for. */
static err_t choose_version(struct registry_rules *r, const struct registry_request *request,
                            enum registry_mode mode, struct api_fault *fault, uint32_t *ret)
{
    struct store_version last;
    err_t err = store_version_get(r->store, request->subject, 0, STORE_ALL, &last);

    TRY(api_fault_store(fault, err == ERR_UNKNOWN ? ERR_OK : err, r->store));
    uint32_t next = err == ERR_OK ? last.version + 1 : 1;
    if (mode == REGISTRY_IMPORT && request->version != 0) {
        next = request->version;
    }
    if (request->version != 0 && request->version != next) {
        return api_fault_set(fault, API_BAD_SCHEMA,
                             "Version is not one more than previous version");
    }
    if (next > STORE_VERSION_MAX) {
        return api_fault_set(fault, API_NOT_PERMITTED, "Subject %.300s has no version left",
                             request->subject);
    }
    *ret = next;
    return ERR_OK;
}

static err_t write_all(struct registry_rules *r, const struct work *work, uint32_t *id)
{
    const struct registry_refs *refs = &work->refs;
    struct store_version row = {0};

    if (*id == 0) {
        TRY(store_schema_add(r->store, &work->schema, id));
        for (uint32_t i = 0; i < refs->direct; i++) {
            TRY(store_reference_add(r->store, *id, refs->at[i].subject, refs->at[i].version));
        }
    }
    snprintf(row.subject, sizeof(row.subject), "%s", work->request->subject);
    row.id = *id;
    row.version = work->version;
    TRY(store_version_forget(r->store, row.subject, row.id));
    TRY(store_version_add(r->store, &row));
    return store_commit(r->store);
}

static err_t write_version(struct registry_rules *r, const struct work *work,
                           struct api_fault *fault, uint32_t *id)
{
    TRY(api_fault_store(fault, store_begin(r->store), r->store));
    err_t err = write_all(r, work, id);
    if (err == ERR_OK) {
        return ERR_OK;
    }
    if (err == ERR_EXISTS) {
        err = api_fault_set(fault, API_NOT_PERMITTED,
                            "Overwrite new schema with id %u is not permitted.", work->request->id);
    } else {
        err = api_fault_store(fault, err, r->store);
    }
    store_rollback(r->store);
    return err;
}

static err_t register_prepared(struct registry_rules *r, struct work *work, struct api_fault *fault,
                               uint32_t *ret_id)
{
    const struct registry_request *request = work->request;
    struct wanted wanted = {0};
    enum registry_mode mode = REGISTRY_READWRITE;

    TRY(api_fault_store(fault, find_in_subject(r, request, &work->schema, STORE_LIVE, &wanted),
                        r->store));
    if (wanted.found && (request->id == 0 || request->id == wanted.id)) {
        *ret_id = wanted.id; /* also where nothing may be written: nothing is */
        return ERR_OK;
    }
    TRY(registry_settings_writable(r, request->subject, fault));
    TRY(registry_settings_mode(r, request->subject, fault, &mode));
    TRY(check_id(request, wanted.id, mode, fault));
    TRY(choose_version(r, request, mode, fault, &work->version));
    TRY(check_schema(r, work, fault));
    TRY(write_version(r, work, fault, &wanted.id));
    *ret_id = wanted.id;
    return ERR_OK;
}

err_t registry_rules_register(struct registry_rules *r, const struct registry_request *request,
                              struct api_fault *fault, uint32_t *ret_id)
{
    struct work work = {.request = request};
    err_t err = registry_rules_prepare(r, request, fault, &work.refs, &work.schema);

    if (err == ERR_OK) {
        err = register_prepared(r, &work, fault, ret_id);
    }
    store_schema_done(&work.schema);
    registry_refs_done(&work.refs);
    return err;
}

/* ---- reading ---- */

err_t registry_rules_version(const char *text, struct api_fault *fault, uint32_t *ret)
{
    char *end = NULL;

    if (strcmp(text, "latest") == 0 || strcmp(text, "-1") == 0) {
        *ret = 0;
        return ERR_OK;
    }
    unsigned long number = text[0] >= '0' && text[0] <= '9' ? strtoul(text, &end, 10) : 0;
    if (number == 0 || number > STORE_VERSION_MAX || *end != '\0') {
        return api_fault_set(fault, API_BAD_VERSION,
                             "The specified version '%.200s' is not a valid version id. Allowed "
                             "values are between [1, 2^31-1] and the string \"latest\"",
                             text);
    }
    *ret = (uint32_t)number;
    return ERR_OK;
}

err_t registry_rules_missing(struct registry_rules *r, const char *subject, uint32_t version,
                             enum store_filter filter, struct api_fault *fault)
{
    struct store_version any;
    err_t err = store_version_get(r->store, subject, 0, filter, &any);

    if (err == ERR_UNKNOWN) {
        return api_fault_set(fault, API_NO_SUBJECT, "Subject '%.600s' not found.", subject);
    }
    TRY(api_fault_store(fault, err, r->store));
    return api_fault_set(fault, API_NO_VERSION, "Version %d not found.",
                         version == 0 ? -1 : (int)version);
}

err_t registry_rules_read(struct registry_rules *r, const struct registry_place *place,
                          struct api_fault *fault, struct store_version *ret_row,
                          struct store_schema *ret_schema)
{
    uint32_t number = 0;

    TRY(registry_rules_version(place->version, fault, &number));
    err_t err = store_version_get(r->store, place->subject, number, place->filter, ret_row);
    if (err == ERR_UNKNOWN) {
        return registry_rules_missing(r, place->subject, number, place->filter, fault);
    }
    if (err == ERR_OK) {
        err = store_schema_get(r->store, ret_row->id, ret_schema);
    }
    return api_fault_store(fault, err, r->store);
}

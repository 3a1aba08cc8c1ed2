/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_delete: states of deletion, references, and the transaction around all of it. */
#include "registry/registry_delete.h"

#include "registry/registry_settings.h"

#include <stdio.h>

static err_t any_row(void *arg, const struct store_version *row)
{
    (void)row;
    *(bool *)arg = true;
    return ERR_OK;
}

static err_t check_references(struct registry_rules *r, const char *subject, uint32_t version,
                              struct api_fault *fault)
{
    bool referred = false;

    TRY(api_fault_store(fault, store_referrers(r->store, subject, version, any_row, &referred),
                        r->store));
    if (referred) {
        return api_fault_set(fault, API_REFERENCE_EXISTS,
                             "One or more references exist to the schema "
                             "{magic=1,keytype=SCHEMA,subject=%.500s,version=%u}.",
                             subject, version);
    }
    return ERR_OK;
}

static err_t add_number(void *arg, const struct store_version *row)
{
    return json_array_append_new(arg, json_integer(row->version)) == 0 ? ERR_OK : ERR_NOMEM;
}

/* Whether the subject is in the state that this deletion needs. */
static err_t check_subject(struct registry_rules *r, const char *subject, enum store_removal how,
                           struct api_fault *fault)
{
    struct store_version any;
    err_t err = store_version_get(r->store, subject, 0, STORE_LIVE, &any);

    if (err == ERR_OK) {
        return how == STORE_SOFT
                   ? ERR_OK
                   : api_fault_set(fault, API_SUBJECT_NOT_DELETED,
                                   "Subject '%.500s' was not deleted first before being "
                                   "permanently deleted",
                                   subject);
    }
    if (err == ERR_UNKNOWN) {
        err = store_version_get(r->store, subject, 0, STORE_DELETED, &any);
        if (err == ERR_UNKNOWN) {
            return api_fault_set(fault, API_NO_SUBJECT, "Subject '%.600s' not found.", subject);
        }
        if (err == ERR_OK && how == STORE_SOFT) {
            return api_fault_set(fault, API_SUBJECT_SOFT_DELETED,
                                 "Subject '%.500s' was soft deleted.Set permanent=true to delete "
                                 "permanently",
                                 subject);
        }
    }
    return api_fault_store(fault, err, r->store);
}

/* Of a schema that nothing has any more nothing stays, so that its id can be brought again. */
static err_t remove_version(struct registry_rules *r, const char *subject, uint32_t version,
                            enum store_removal how)
{
    struct store_version row = {0};

    TRY(store_version_get(r->store, subject, version, STORE_ALL, &row));
    TRY(store_version_remove(r->store, subject, version, how));
    return how == STORE_PERMANENT ? store_schema_purge(r->store, row.id) : ERR_OK;
}

/* If no version is live any more. */
static err_t drop_settings(struct registry_rules *r, const char *subject)
{
    struct store_version any;
    err_t err = store_version_get(r->store, subject, 0, STORE_LIVE, &any);

    if (err != ERR_UNKNOWN) {
        return err;
    }
    TRY(store_setting_put(r->store, STORE_LEVEL, subject, NULL));
    return store_setting_put(r->store, STORE_MODE, subject, NULL);
}

static err_t remove_all(struct registry_rules *r, const char *subject, enum store_removal how,
                        const json_t *versions)
{
    size_t index;
    json_t *item;

    json_array_foreach(versions, index, item)
    {
        TRY(remove_version(r, subject, (uint32_t)json_integer_value(item), how));
    }
    TRY(drop_settings(r, subject));
    return store_commit(r->store);
}

static err_t remove_subject(struct registry_rules *r, const char *subject, enum store_removal how,
                            struct api_fault *fault, const json_t *versions)
{
    size_t index;
    json_t *item;

    json_array_foreach(versions, index, item)
    {
        TRY(check_references(r, subject, (uint32_t)json_integer_value(item), fault));
    }
    TRY(api_fault_store(fault, store_begin(r->store), r->store));
    err_t err = remove_all(r, subject, how, versions);
    if (err != ERR_OK) {
        err = api_fault_store(fault, err, r->store);
        store_rollback(r->store);
        return err;
    }
    return ERR_OK;
}

err_t registry_delete_subject(struct registry_rules *r, const char *subject, enum store_removal how,
                              struct api_fault *fault, json_t **ret)
{
    TRY(registry_settings_writable(r, subject, fault));
    TRY(check_subject(r, subject, how, fault));
    json_t *versions = json_array();
    err_t err = store_versions(r->store, subject, how == STORE_SOFT ? STORE_LIVE : STORE_DELETED,
                               add_number, versions);
    err = api_fault_store(fault, err, r->store);
    if (err == ERR_OK) {
        err = remove_subject(r, subject, how, fault, versions);
    }
    if (err != ERR_OK) {
        json_decref(versions);
        return err;
    }
    *ret = versions;
    return ERR_OK;
}

static err_t check_state(const struct registry_place *place, const struct store_version *row,
                         enum store_removal how, struct api_fault *fault)
{
    if (how == STORE_SOFT && row->deleted) {
        return api_fault_set(fault, API_VERSION_SOFT_DELETED,
                             "Subject '%.500s' Version %.20s was soft deleted.Set permanent=true "
                             "to delete permanently",
                             place->subject, place->version);
    }
    if (how == STORE_PERMANENT && !row->deleted) {
        return api_fault_set(fault, API_VERSION_NOT_DELETED,
                             "Subject '%.500s' Version %.20s was not deleted first before being "
                             "permanently deleted",
                             place->subject, place->version);
    }
    return ERR_OK;
}

static err_t remove_one(struct registry_rules *r, const struct store_version *row,
                        enum store_removal how, struct api_fault *fault)
{
    TRY(api_fault_store(fault, store_begin(r->store), r->store));
    err_t err = remove_version(r, row->subject, row->version, how);

    if (err == ERR_OK && how == STORE_SOFT) {
        err = drop_settings(r, row->subject);
    }
    if (err == ERR_OK) {
        err = store_commit(r->store);
    }
    if (err != ERR_OK) {
        err = api_fault_store(fault, err, r->store);
        store_rollback(r->store);
    }
    return err;
}

err_t registry_delete_version(struct registry_rules *r, const struct registry_place *place,
                              enum store_removal how, struct api_fault *fault,
                              uint32_t *ret_version)
{
    struct store_version row;
    uint32_t number = 0;

    TRY(registry_settings_writable(r, place->subject, fault));
    TRY(registry_rules_version(place->version, fault, &number));
    enum store_filter filter = number == 0 && how == STORE_SOFT ? STORE_LIVE : STORE_ALL;
    err_t err = store_version_get(r->store, place->subject, number, filter, &row);
    if (err == ERR_UNKNOWN) {
        return registry_rules_missing(r, place->subject, number, STORE_ALL, fault);
    }
    TRY(api_fault_store(fault, err, r->store));
    TRY(check_state(place, &row, how, fault));
    TRY(check_references(r, place->subject, row.version, fault));
    TRY(remove_one(r, &row, how, fault));
    *ret_version = row.version;
    return ERR_OK;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_refs: breadth first, so that the list itself is the queue of what is to be read. */
#include "registry/registry_refs.h"

#include <stdio.h>
#include <stdlib.h>

static bool is_known(const struct registry_refs *refs, const char *name)
{
    for (uint32_t i = 0; i < refs->count; i++) {
        if (strcmp(refs->at[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static err_t read_one(const json_t *item, struct api_fault *fault, struct registry_ref *ret)
{
    const char *name = json_string_value(json_object_get(item, "name"));
    const char *subject = json_string_value(json_object_get(item, "subject"));
    const json_t *version = json_object_get(item, "version");
    bool is_given = version != NULL && !json_is_null(version);
    json_int_t number = json_is_integer(version) ? json_integer_value(version) : 0;

    if (name == NULL || name[0] == '\0' || strlen(name) >= sizeof(ret->name) || subject == NULL ||
        subject[0] == '\0' || strlen(subject) >= sizeof(ret->subject)) {
        return api_fault_set(fault, API_BAD_SCHEMA,
                             "Invalid schema: a reference needs name, subject and version");
    }
    if (number < -1 || number > STORE_VERSION_MAX || (number == 0 && is_given)) {
        return api_fault_set(fault, API_BAD_SCHEMA,
                             "Invalid schema: the reference \"%.200s\" has no valid version", name);
    }
    snprintf(ret->name, sizeof(ret->name), "%s", name);
    snprintf(ret->subject, sizeof(ret->subject), "%s", subject);
    ret->version = number > 0 ? (uint32_t)number : 0; /* -1 and none are the latest */
    return ERR_OK;
}

static err_t fetch_one(struct store *store, struct api_fault *fault, struct registry_ref *ref)
{
    struct store_version row;
    err_t err = store_version_get(store, ref->subject, ref->version, STORE_LIVE, &row);

    if (err == ERR_UNKNOWN) {
        return api_fault_set(
            fault, API_BAD_SCHEMA,
            "Invalid schema: No schema reference found for subject \"%.200s\" and version %d",
            ref->subject, ref->version == 0 ? -1 : (int)ref->version);
    }
    TRY(api_fault_store(fault, err, store));
    ref->version = row.version;
    return api_fault_store(fault, store_schema_get(store, row.id, &ref->schema), store);
}

/* Appends what an array names and is not there yet. */
static err_t add_all(struct store *store, const json_t *array, struct api_fault *fault,
                     struct registry_refs *refs)
{
    size_t index;
    json_t *item;

    json_array_foreach(array, index, item)
    {
        if (refs->count == REGISTRY_REFS_MAX) {
            return api_fault_set(fault, API_BAD_SCHEMA, "Invalid schema: more than %u references",
                                 REGISTRY_REFS_MAX);
        }
        struct registry_ref *ref = &refs->at[refs->count];
        *ref = (struct registry_ref){0};
        TRY(read_one(item, fault, ref));
        if (!is_known(refs, ref->name)) {
            TRY(fetch_one(store, fault, ref));
            refs->count++;
        }
    }
    return ERR_OK;
}

static err_t add_text(struct store *store, struct span text, struct api_fault *fault,
                      struct registry_refs *refs)
{
    if (text.len == 0) {
        return ERR_OK;
    }
    json_t *array = json_loadb(text.at, text.len, 0, NULL);
    if (array == NULL) {
        return api_fault_set(fault, API_STORE, "stored references cannot be read");
    }
    err_t err = add_all(store, array, fault, refs);
    json_decref(array);
    return err;
}

/* What the references refer to in turn. */
static err_t add_indirect(struct store *store, struct api_fault *fault, struct registry_refs *refs)
{
    refs->direct = refs->count;
    for (uint32_t i = 0; i < refs->count; i++) {
        TRY(add_text(store, buf_span(&refs->at[i].schema.refs), fault, refs));
    }
    return ERR_OK;
}

err_t registry_refs_resolve(struct store *store, const json_t *array, struct api_fault *fault,
                            struct registry_refs *refs)
{
    refs->count = 0;
    refs->direct = 0;
    if (array == NULL || json_is_null(array)) {
        return ERR_OK;
    }
    if (!json_is_array(array)) {
        return api_fault_set(fault, API_BAD_SCHEMA, "Invalid schema: references is no array");
    }
    TRY(add_all(store, array, fault, refs));
    return add_indirect(store, fault, refs);
}

err_t registry_refs_resolve_text(struct store *store, struct span text, struct api_fault *fault,
                                 struct registry_refs *refs)
{
    refs->count = 0;
    refs->direct = 0;
    TRY(add_text(store, text, fault, refs));
    return add_indirect(store, fault, refs);
}

err_t registry_refs_text(const struct registry_refs *refs, struct buf *out)
{
    if (refs->direct == 0) {
        return buf_append(out, SPAN_LIT(""));
    }
    json_t *array = json_array();
    for (uint32_t i = 0; i < refs->direct; i++) {
        const struct registry_ref *ref = &refs->at[i];
        IGNORE(json_array_append_new(array,
                                     json_pack("{s:s,s:s,s:i}", "name", ref->name, "subject",
                                               ref->subject, "version", (int)ref->version)) != 0,
               "the length tells");
    }
    char *text = json_array_size(array) == refs->direct ? json_dumps(array, JSON_COMPACT) : NULL;
    json_decref(array);
    ENSURE(text != NULL, ERR_NOMEM);
    err_t err = buf_append(out, span_of_str(text));
    free(text);
    return err;
}

void registry_refs_done(struct registry_refs *refs)
{
    for (uint32_t i = 0; i < refs->count; i++) {
        store_schema_done(&refs->at[i].schema);
    }
    refs->count = 0;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_compat: which earlier versions count, and in which direction. */
#include "registry/registry_compat.h"

#include <stdlib.h>

struct ids {
    uint32_t *at;
    size_t count;
    size_t cap;
};

static err_t ids_add(void *arg, const struct store_version *row)
{
    struct ids *ids = arg;

    if (ids->count == ids->cap) {
        size_t cap = ids->cap == 0 ? 64 : ids->cap * 2;
        uint32_t *at = realloc(ids->at, cap * sizeof(*at));
        ENSURE(at != NULL, ERR_NOMEM);
        ids->at = at;
        ids->cap = cap;
    }
    ids->at[ids->count++] = row->id;
    return ERR_OK;
}

static bool is_transitive(enum registry_level level)
{
    return level == REGISTRY_BACKWARD_TRANSITIVE || level == REGISTRY_FORWARD_TRANSITIVE ||
           level == REGISTRY_FULL_TRANSITIVE;
}

static bool looks_back(enum registry_level level)
{
    return level != REGISTRY_NONE && level != REGISTRY_FORWARD &&
           level != REGISTRY_FORWARD_TRANSITIVE;
}

static bool looks_forward(enum registry_level level)
{
    return level == REGISTRY_FORWARD || level == REGISTRY_FORWARD_TRANSITIVE ||
           level == REGISTRY_FULL || level == REGISTRY_FULL_TRANSITIVE;
}

static err_t compare(enum registry_level level, const struct registry_compile *later,
                     const struct registry_compile *earlier, struct schema_why *ret_why)
{
    if (looks_back(level)) {
        TRY(registry_compile_reads(later, earlier, ret_why));
    }
    return looks_forward(level) ? registry_compile_reads(earlier, later, ret_why) : ERR_OK;
}

/* The schema of an earlier version, compiled. */
static err_t compile_id(struct registry_rules *r, uint32_t id, struct api_fault *fault,
                        struct registry_compile *ret)
{
    struct store_schema schema = {0};
    struct registry_refs refs = {0};
    struct schema_why why = {0};

    TRY(api_fault_store(fault, store_schema_get(r->store, id, &schema), r->store));
    err_t err = registry_refs_resolve_text(r->store, buf_span(&schema.refs), fault, &refs);
    if (err == ERR_OK) {
        err = registry_compile_stored(&schema, &refs, &why, ret);
        if (err != ERR_OK) {
            err = registry_rules_refuse(fault, err, &why);
        }
    }
    registry_refs_done(&refs);
    store_schema_done(&schema);
    return err;
}

/* What is compared with each earlier schema, and where to say what is wrong. */
struct job {
    enum registry_level level;
    const struct registry_compile *schema;
    struct schema_why *why;
    struct api_fault *fault;
};

static err_t compare_id(struct registry_rules *r, uint32_t id, const struct job *job)
{
    struct registry_compile earlier = {0};

    if (compile_id(r, id, job->fault, &earlier) != ERR_OK) {
        schema_why_set(job->why, "the earlier schema cannot be used: %s", job->fault->message);
        return job->fault->code == API_STORE ? ERR_SYNTAX : ERR_EXISTS;
    }
    err_t err = compare(job->level, job->schema, &earlier, job->why);
    registry_compile_done(&earlier);
    return err == ERR_OK || err == ERR_EXISTS ? err
                                              : registry_rules_refuse(job->fault, err, job->why);
}

static err_t list_ids(struct registry_rules *r, const struct registry_compat_scope *scope,
                      struct api_fault *fault, struct ids *ret)
{
    struct store_version row;
    err_t err = ERR_OK;

    if (scope->version == 0 && is_transitive(scope->level)) {
        err = store_versions(r->store, scope->subject, STORE_LIVE, ids_add, ret);
    } else {
        err = store_version_get(r->store, scope->subject, scope->version, STORE_LIVE, &row);
        if (err == ERR_UNKNOWN) {
            return ERR_OK;
        }
        err = err == ERR_OK ? ids_add(ret, &row) : err;
    }
    return api_fault_store(fault, err, r->store);
}

err_t registry_compat_check(struct registry_rules *r, const struct registry_compat_scope *scope,
                            const struct registry_compile *schema, struct schema_why *ret_why,
                            struct api_fault *fault)
{
    const struct job job = {scope->level, schema, ret_why, fault};
    struct ids ids = {0};
    err_t err = ERR_OK;

    if (scope->level == REGISTRY_NONE) {
        return ERR_OK;
    }
    err = list_ids(r, scope, fault, &ids);
    for (size_t i = ids.count; err == ERR_OK && i > 0; i--) {
        err = compare_id(r, ids.at[i - 1], &job);
    }
    free(ids.at);
    return err;
}

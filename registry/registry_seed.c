/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_seed: the first registrations. */
#include "registry/registry_seed.h"

#include "base/limits.h"
#include "schema/schema_builtin.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define FILE_BYTES_MAX MIB

static const char *const endings[SCHEMA_KIND_COUNT] = {
    [SCHEMA_KIND_JSON] = ".schema.json",
    [SCHEMA_KIND_AVRO] = ".avsc",
    [SCHEMA_KIND_PROTOBUF] = ".proto",
};

static err_t register_builtin(struct registry_rules *r, struct api_fault *fault)
{
    for (unsigned i = 0; i < SCHEMA_KIND_COUNT; i++) {
        enum schema_kind kind = (enum schema_kind)i;
        char subject[64];
        struct registry_request request = {.subject = subject, .kind = kind};
        uint32_t id = 0;

        snprintf(subject, sizeof(subject), "%s-%s", SCHEMA_BUILTIN_NAME, schema_kind_name(kind));
        request.text = schema_builtin(kind);
        if (kind == SCHEMA_KIND_PROTOBUF) {
            request.descriptors = request.text;
            request.text = schema_builtin_proto_text();
        }
        TRY(registry_rules_register(r, &request, fault, &id));
    }
    return ERR_OK;
}

/* "NAME.avsc": the kind, and the length of NAME; false: no schema's name. */
static bool find_kind(const char *name, enum schema_kind *ret_kind, size_t *ret_len)
{
    size_t len = strlen(name);

    for (unsigned i = 0; i < SCHEMA_KIND_COUNT; i++) {
        size_t end = strlen(endings[i]);
        if (len > end && strcmp(name + len - end, endings[i]) == 0) {
            *ret_kind = (enum schema_kind)i;
            *ret_len = len - end;
            return true;
        }
    }
    return false;
}

static int is_schema(const struct dirent *entry)
{
    enum schema_kind kind;
    size_t len = 0;

    return entry->d_name[0] != '.' && find_kind(entry->d_name, &kind, &len);
}

static err_t read_file(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "re");

    ENSURE(f != NULL, ERR_IO);
    err_t err = buf_reserve(out, FILE_BYTES_MAX + 1);
    if (err == ERR_OK) {
        out->len = fread(out->at, 1, FILE_BYTES_MAX + 1, f);
        err = ferror(f) ? ERR_IO : ERR_OK;
    }
    fclose(f);
    return err == ERR_OK && out->len > FILE_BYTES_MAX ? ERR_LIMIT : err;
}

static err_t register_file(struct registry_rules *r, const char *dir, const char *name,
                           struct api_fault *fault)
{
    char path[4096];
    char subject[STORE_SUBJECT_BYTES];
    struct registry_request request = {.subject = subject};
    struct api_fault inner;
    struct buf text = {0};
    size_t len = 0;
    uint32_t id = 0;

    if (!find_kind(name, &request.kind, &len)) {
        return ERR_OK;
    }
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    snprintf(subject, sizeof(subject), "%.*s-%s", (int)len, name, schema_kind_name(request.kind));
    err_t err = read_file(path, &text);
    if (err != ERR_OK) {
        buf_done(&text);
        return api_fault_set(fault, API_STORE, "%.500s: %s", path,
                             err == ERR_IO ? strerror(errno) : err_name(err));
    }
    request.text = buf_span(&text);
    err = registry_rules_register(r, &request, &inner, &id);
    buf_done(&text);
    return err == ERR_OK ? ERR_OK
                         : api_fault_set(fault, inner.code, "%.400s: %.500s", path, inner.message);
}

static err_t register_directory(struct registry_rules *r, const char *dir, struct api_fault *fault)
{
    struct dirent **names = NULL;
    int count = scandir(dir, &names, is_schema, alphasort);
    err_t err = ERR_OK;

    if (count < 0) {
        return api_fault_set(fault, API_STORE, "%.500s: %s", dir, strerror(errno));
    }
    for (int i = 0; i < count; i++) {
        if (err == ERR_OK) {
            err = register_file(r, dir, names[i]->d_name, fault);
        }
        free(names[i]);
    }
    free(names);
    return err;
}

err_t registry_seed(struct registry_rules *r, const char *dir, struct api_fault *fault)
{
    TRY(api_fault_store(fault, store_begin(r->store), r->store));
    err_t err = register_builtin(r, fault);

    if (err == ERR_OK && dir[0] != '\0') {
        err = register_directory(r, dir, fault);
    }
    if (err == ERR_OK) {
        err = api_fault_store(fault, store_commit(r->store), r->store);
    }
    if (err != ERR_OK) {
        store_rollback(r->store);
    }
    return err;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_protobuf_names: sorted arrays; chunks in a list, the newest first. */
#include "schema/schema_protobuf_names.h"

#include "base/limits.h"

#include <assert.h>
#include <stdlib.h>

#define CHUNK_BYTES (16u * KIB)

struct schema_protobuf_chunk {
    struct schema_protobuf_chunk *next;
    size_t left;
    char *at; /* of what is left */
    char bytes[];
};

/* Room for `len` characters. */
static err_t store_take(struct schema_protobuf_store *store, size_t len, char **ret)
{
    struct schema_protobuf_chunk *chunk = store->chunks;

    if (chunk == NULL || chunk->left < len) {
        size_t bytes = len > CHUNK_BYTES ? len : CHUNK_BYTES;
        chunk = calloc(1, sizeof(*chunk) + bytes + SPAN_SLACK_BYTES);
        ENSURE(chunk != NULL, ERR_NOMEM);
        chunk->next = store->chunks;
        chunk->left = bytes;
        chunk->at = chunk->bytes;
        store->chunks = chunk;
    }
    *ret = chunk->at;
    chunk->at += len;
    chunk->left -= len;
    return ERR_OK;
}

err_t schema_protobuf_names_keep(struct schema_protobuf_store *store, struct span a,
                                 struct span *ret)
{
    return schema_protobuf_names_join(store, span_of(NULL, 0), a, ret);
}

err_t schema_protobuf_names_join(struct schema_protobuf_store *store, struct span a, struct span b,
                                 struct span *ret)
{
    size_t head = a.len == 0 ? 0 : a.len + 1;
    char *at = NULL;

    TRY(store_take(store, head + b.len, &at));
    if (head > 0) {
        memcpy(at, a.at, a.len);
        at[a.len] = '.';
    }
    if (b.len > 0) {
        memcpy(at + head, b.at, b.len);
    }
    *ret = span_of(at, head + b.len);
    return ERR_OK;
}

void schema_protobuf_names_drop(struct schema_protobuf_store *store)
{
    while (store->chunks != NULL) {
        struct schema_protobuf_chunk *chunk = store->chunks;
        store->chunks = chunk->next;
        free(chunk);
    }
}

err_t schema_protobuf_names_init(struct schema_protobuf_names *n, uint32_t max)
{
    n->at = calloc((size_t)max + 1, sizeof(*n->at));
    ENSURE(n->at != NULL, ERR_NOMEM);
    n->count = 0;
    n->max = max;
    return ERR_OK;
}

void schema_protobuf_names_done(struct schema_protobuf_names *n)
{
    free(n->at);
    *n = (struct schema_protobuf_names){0};
}

void schema_protobuf_names_add(struct schema_protobuf_names *n, struct span text, uint32_t kind,
                               uint32_t index)
{
    assert(n->count < n->max);
    n->at[n->count++] = (struct schema_protobuf_name){text, kind, index};
}

static int compare(struct span a, struct span b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len == 0 ? 0 : memcmp(a.at, b.at, len);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_names(const void *a, const void *b)
{
    const struct schema_protobuf_name *x = a;
    const struct schema_protobuf_name *y = b;

    return compare(x->text, y->text);
}

err_t schema_protobuf_names_sort(struct schema_protobuf_names *n, struct schema_why *ret_why)
{
    qsort(n->at, n->count, sizeof(*n->at), compare_names);
    for (uint32_t i = 1; i < n->count; i++) {
        struct span text = n->at[i].text;
        if (span_equal(text, n->at[i - 1].text)) {
            schema_why_set(ret_why, "%.*s is there twice", (int)text.len, text.at);
            return ERR_SYNTAX;
        }
    }
    return ERR_OK;
}

const struct schema_protobuf_name *schema_protobuf_names_find(const struct schema_protobuf_names *n,
                                                              struct span text)
{
    struct schema_protobuf_name wanted = {.text = text};

    return bsearch(&wanted, n->at, n->count, sizeof(*n->at), compare_names);
}

/* The scope around this one: without its last part. */
static struct span outer_scope(struct span scope)
{
    while (scope.len > 0 && scope.at[scope.len - 1] != '.') {
        scope.len--;
    }
    return span_head(scope, scope.len == 0 ? 0 : scope.len - 1);
}

const struct schema_protobuf_name *schema_protobuf_names_resolve(
    const struct schema_protobuf_names *n, struct span scope, struct span name)
{
    char full[2 * PROTOBUF_NAME_BYTES_MAX + 2];

    if (name.len > 0 && name.at[0] == '.') {
        return schema_protobuf_names_find(n, span_skip(name, 1));
    }
    if (name.len > PROTOBUF_NAME_BYTES_MAX || scope.len > PROTOBUF_NAME_BYTES_MAX) {
        return NULL;
    }
    for (;; scope = outer_scope(scope)) {
        size_t head = scope.len == 0 ? 0 : scope.len + 1;
        memcpy(full, scope.at == NULL ? "" : scope.at, scope.len);
        full[scope.len] = '.';
        memcpy(full + head, name.at, name.len);
        const struct schema_protobuf_name *found =
            schema_protobuf_names_find(n, span_of(full, head + name.len));
        if (found != NULL || scope.len == 0) {
            return found;
        }
    }
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool schema_protobuf_names_is_identifier(struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        bool digit = name.at[i] >= '0' && name.at[i] <= '9';
        if (!is_letter(name.at[i]) && !(digit && i > 0)) {
            return false;
        }
    }
    return name.len > 0;
}

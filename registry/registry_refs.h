/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_refs: the schemas that a schema refers to, directly or not, read from the store: each
 * name once, what is needed by others behind them. */
#pragma once

#include "registry/api_fault.h"
#include "registry/store.h"

#include <jansson.h>

#define REGISTRY_REFS_MAX        64u
#define REGISTRY_REFS_NAME_BYTES 512u

struct registry_ref {
    char name[REGISTRY_REFS_NAME_BYTES]; /* an import path, a "$ref" URI, a full name */
    char subject[STORE_SUBJECT_BYTES];
    uint32_t version; /* 0 is the latest until resolved */
    struct store_schema schema;
};

struct registry_refs {
    uint32_t count;
    uint32_t direct; /* the first ones are named by the schema itself */
    struct registry_ref at[REGISTRY_REFS_MAX];
};

/* Reads `array` (NULL or null: none), an array of {"name","subject","version"}. Faults:
 * API_BAD_SCHEMA a reference is none, is missing in the store, or there are too many; API_STORE. On
 * failure too `refs` must be released. */
MUST_CHECK err_t registry_refs_resolve(struct store *store, const json_t *array,
                                       struct api_fault *fault, struct registry_refs *refs);

/* The same from the stored text, "" for none. */
MUST_CHECK err_t registry_refs_resolve_text(struct store *store, struct span text,
                                            struct api_fault *fault, struct registry_refs *refs);

/* The direct ones as they are stored: "" or a JSON array. ERR_NOMEM. */
MUST_CHECK err_t registry_refs_text(const struct registry_refs *refs, struct buf *out);

void registry_refs_done(struct registry_refs *refs);

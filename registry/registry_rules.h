/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_rules: what may be registered, read, deleted and set, whichever API asks: the operations
 * of the registry over its store. Every operation that changes something is one transaction. */
#pragma once

#include "check/check_json.h"
#include "registry/registry_compile.h"

struct registry_rules {
    struct store *store;
    struct check_json check;
};

/* A schema as a request brings it; borrowed. */
struct registry_request {
    const char *subject;
    enum schema_kind kind;
    struct span text;
    struct span descriptors; /* known beforehand; else empty */
    const json_t *references;
    uint32_t id;      /* wanted, in mode IMPORT; 0: none */
    uint32_t version; /* the same */
    bool normalize;
};

/* Registers, or finds what is there. Faults: bad schema, incompatible, not permitted, id mismatch,
 * store. */
MUST_CHECK err_t registry_rules_register(struct registry_rules *r,
                                         const struct registry_request *request,
                                         struct api_fault *fault, uint32_t *ret_id);

/* The version of the subject that has this schema. Faults: no subject, no schema, store. */
MUST_CHECK err_t registry_rules_lookup(struct registry_rules *r,
                                       const struct registry_request *request,
                                       enum store_filter filter, struct api_fault *fault,
                                       struct store_version *ret);

/* The same work as for registering, without writing: fills `ret`, which is to be released, with
 * kind, text (normalized if wanted) and references, and `refs`, too. */
MUST_CHECK err_t registry_rules_prepare(struct registry_rules *r,
                                        const struct registry_request *request,
                                        struct api_fault *fault, struct registry_refs *refs,
                                        struct store_schema *ret);

/* "3", "latest", "-1" (both 0). Fault: API_BAD_VERSION. */
MUST_CHECK err_t registry_rules_version(const char *text, struct api_fault *fault, uint32_t *ret);

/* Where to look for a version. */
struct registry_place {
    const char *subject;
    const char *version; /* as in a path */
    enum store_filter filter;
};

/* What is known of a missing version: no subject, or no such version. Returns ERR_SYNTAX. */
MUST_CHECK err_t registry_rules_missing(struct registry_rules *r, const char *subject,
                                        uint32_t version, enum store_filter filter,
                                        struct api_fault *fault);

/* A compiler's error as a fault. Returns ERR_SYNTAX. */
MUST_CHECK err_t registry_rules_refuse(struct api_fault *fault, err_t err,
                                       const struct schema_why *why);

/* A version with its schema, which is to be released. "latest" and "-1" are the last. Faults: bad
 * version, no subject, no version, store. */
MUST_CHECK err_t registry_rules_read(struct registry_rules *r, const struct registry_place *place,
                                     struct api_fault *fault, struct store_version *ret_row,
                                     struct store_schema *ret_schema);

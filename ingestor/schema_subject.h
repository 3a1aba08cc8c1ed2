/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_subject: one subject that the cache follows: which version is in force, and whether what
 * the registry has instead may replace it. The cache's thread only. */
#pragma once

#include "ingestor/schema_guard.h"
#include "ingestor/schema_registry.h"
#include "ingestor/schema_shelf.h"

/* What all subjects share. */
struct schema_subject_env {
    struct schema_registry registry;
    struct schema_shelf shelf;
    struct schema_board *board;
    struct schema_guard *guard;
    bool serving; /* records may have been archived: a new version is tried on them */
};

/* By what a schema is recognised. A registry that was set up anew gives ids and versions again. */
struct schema_subject_mark {
    uint32_t id; /* 0: there is none */
    uint32_t version;
    uint64_t sum; /* of the text; 0: not known */
};

struct schema_subject {
    char subject[REGAPI_SUBJECT_BYTES]; /* "LogEntry-avro" */
    enum schema_kind kind;
    uint32_t pin;                 /* the version that is wanted; 0: the latest */
    struct schema_type *in_force; /* NULL: none */
    struct schema_subject_mark in_force_mark;
    uint32_t compared_outages; /* of the registry, plus 1, when its text was compared; 0: never */

    /* A version that is not in force: the guard refuses it, or has not been able to judge. */
    struct schema_type *candidate;
    struct regapi_schema candidate_schema;

    /* What was refused, now or before a restart, and that was said: it needs records that show that
     * it can be adopted. */
    struct schema_subject_mark refused;

    struct schema_subject_mark bad; /* the schema that does not compile, which was said */
    bool failing;                   /* the last answer was none of the API's, and that was said */
    bool settled; /* the registry has confirmed the pinned version: it is not asked again */
    uint64_t answered_mono_ns; /* the registry's last word on the subject; 0: none yet */
};

/* `name` is the type's. ERR_LIMIT: it is too long. */
MUST_CHECK err_t schema_subject_init(struct schema_subject *s, struct span name,
                                     enum schema_kind kind, uint32_t pin);
void schema_subject_done(struct schema_subject *s);

/* Puts in force what lay on the shelf, instead of what is. ERR_NOMEM. */
MUST_CHECK err_t schema_subject_load(struct schema_subject *s, struct schema_subject_env *env);

/* Asks the registry. `*ret_replaced` is the type that is no longer in force, or NULL;
 * `*ret_changed` whether another is. Errors: ERR_IO, ERR_AGAIN the registry is away; ERR_SYNTAX a
 * pinned version does not compile; ERR_NOMEM. All else is logged and leaves things as they are. */
MUST_CHECK err_t schema_subject_refresh(struct schema_subject *s, struct schema_subject_env *env,
                                        bool *ret_changed, struct schema_type **ret_replaced);

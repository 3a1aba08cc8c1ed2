/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_registry: the registry as the cache sees it: every question is counted, has its time, and
 * whether there is an answer at all is logged when it changes. The cache's thread only. */
#pragma once

#include "ingestor/schema_board.h"
#include "regapi/regapi.h"

#include <stdatomic.h>

#define SCHEMA_REGISTRY_REQUEST_MS 2000u                   /* one request */
#define SCHEMA_REGISTRY_SCHEMA_NS  (10ull * 1000000000ull) /* one schema, with all it refers to */

struct schema_registry {
    struct regapi api;
    struct schema_board *board;
    uint64_t until_mono_ns;   /* nothing is asked later, at the start; 0: whenever */
    uint32_t outages;         /* how often it went away */
    bool down;                /* the last question had no answer, and that was said */
    const _Atomic bool *over; /* the cache ends: questions break off, which says nothing */
};

/* Whether the error says that the registry cannot be reached now, so that further questions make no
 * sense. */
bool schema_registry_is_away(err_t err);

/* As in regapi.h. Errors that are no answer are logged here, at their first time in a row. */
MUST_CHECK err_t schema_registry_look_up(struct schema_registry *r, const char *subject,
                                         uint32_t version, struct schema_why *ret_why,
                                         struct regapi_schema *ret);
MUST_CHECK err_t schema_registry_get_subject(struct schema_registry *r, const char *subject,
                                             uint32_t version, struct schema_why *ret_why,
                                             struct regapi_schema *ret);
MUST_CHECK err_t schema_registry_get_id(struct schema_registry *r, uint32_t id,
                                        struct schema_why *ret_why, struct regapi_schema *ret);

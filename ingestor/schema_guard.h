/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_guard: tries a version that is not in force yet on the records that were archived last:
 * one that would have rejected any of them is not adopted. The cache's thread only; its memory is
 * gained at the start. */
#pragma once

#include "ingestor/schema_cache.h"

struct schema_guard;

/* ERR_NOMEM. The configuration outlives it. */
MUST_CHECK err_t schema_guard_new(const struct schema_cache_config *config,
                                  struct schema_guard **ret);
void schema_guard_free(struct schema_guard *g);

struct schema_guard_verdict {
    uint32_t tried;
    uint32_t rejected;
    const char *reason; /* of the first that was rejected; as long as the type … */
    const char *detail; /* … lives */
};

/* Errors: those of the configuration's recent(). */
MUST_CHECK err_t schema_guard_try(struct schema_guard *g, const struct schema_type *type,
                                  struct schema_guard_verdict *ret);

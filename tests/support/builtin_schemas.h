/* SPDX-License-Identifier: Apache-2.0
 *
 * builtin_schemas: the schemas of an ingestor without a registry, for tests of what uses them. */
#pragma once

#include "ingestor/schema_cache.h"

/* For one shard, without a thread; to be freed with schema_cache_free(). Asserts that there is
 * memory. */
struct schema_cache *builtin_schemas_new(void);

/* SPDX-License-Identifier: Apache-2.0
 *
 * builtin_schemas: a cache that has nobody to ask. */
#include "tests/support/builtin_schemas.h"

#include "schema/schema_builtin.h"

#include <assert.h>

struct schema_cache *builtin_schemas_new(void)
{
    const struct schema_cache_config config = {
        .registry = "", .type = SCHEMA_BUILTIN_NAME, .state_dir = "", .shard_count = 1};
    struct schema_cache *cache = NULL;
    char why[256];

    err_t err = schema_cache_start(&config, why, sizeof(why), &cache);
    assert(err == ERR_OK);
    (void)err;
    return cache;
}

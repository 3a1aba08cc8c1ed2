/* SPDX-License-Identifier: Apache-2.0
 *
 * types: the schema that generated records follow: the built-in LogEntry, or what a registry has.
 * Loaded once, before any thread is started; then it does not change. */
#pragma once

#include "base/buf.h"
#include "client/args.h"
#include "schema/schema_type.h"

/* One answer of the registry may take so long; after so long no more is asked. */
#define TYPES_TIMEOUT_MS 5000u
#define TYPES_ALL_MS     10000u

struct types {
    struct schema_type *type; /* NULL: raw records have none */
    struct buf text;          /* of a JSON Schema: what records are generated from */
};

/* What the settings name. On failure `ret` needs no release, and `ret_why` is for the user.
 * Errors: as regapi_get_subject() and schema_type_new(); ERR_SYNTAX also for --fields that the type
 * does not have. */
MUST_CHECK err_t types_load(const struct args *args, struct schema_why *ret_why, struct types *ret);
void types_done(struct types *t);

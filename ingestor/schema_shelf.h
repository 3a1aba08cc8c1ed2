/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_shelf: the last good schemas, on disk, in STATE_DIR/schemas: one file for each subject
 * that is followed, for what is refused for it, and for each global id. A file is written whole
 * under another name, synced and renamed. It says which registry it is of; those of another one are
 * removed. The cache's thread only. */
#pragma once

#include "regapi/regapi.h"

#include <limits.h>

struct schema_shelf {
    char dir[PATH_MAX];
    const char *registry;
    bool read_only; /* nothing is written, renamed or removed (--explain) */
    bool failing;   /* the last write failed, and that was said */
};

enum schema_shelf_use { SCHEMA_SHELF_KEEPS, SCHEMA_SHELF_READS };

/* Makes the directory, unless it is only read. One that cannot be made is logged and costs no more
 * than the cache. The URL outlives the shelf. ERR_LIMIT: the path is too long. */
MUST_CHECK err_t schema_shelf_init(struct schema_shelf *s, const char *state_dir,
                                   const char *registry, enum schema_shelf_use use);

/* Stores the schema as the one in force for its subject. A failure is logged. */
void schema_shelf_put_subject(struct schema_shelf *s, const struct regapi_schema *schema);

/* Stores the schema as the one that is refused for its subject. A failure is logged. */
void schema_shelf_put_refused(struct schema_shelf *s, const struct regapi_schema *schema);
void schema_shelf_remove_refused(struct schema_shelf *s, const char *subject);

/* Stores when the registry last answered for all that is in force. Not synced: a crash may cost
 * it. A failure is logged. */
void schema_shelf_put_answered(struct schema_shelf *s, uint64_t wall_ns);

/* The same; 0: nobody knows. */
uint64_t schema_shelf_get_answered(struct schema_shelf *s);

/* Stores the schema under its id, with the subject that gave it its name. A failure is logged. */
void schema_shelf_put_id(struct schema_shelf *s, const struct regapi_schema *schema);

/* Forgets what is stored under the id, if anything is. */
void schema_shelf_remove_id(struct schema_shelf *s, uint32_t id);

/* What was in force for the subject, and when it was stored. ERR_UNKNOWN there is none, or a
 * damaged one, or one that cannot be read now, which is logged; ERR_NOMEM. */
MUST_CHECK err_t schema_shelf_get_subject(struct schema_shelf *s, const char *subject,
                                          struct regapi_schema *ret, uint64_t *ret_wall_ns);

/* What was refused for the subject. Errors as above. */
MUST_CHECK err_t schema_shelf_get_refused(struct schema_shelf *s, const char *subject,
                                          struct regapi_schema *ret);

/* A number by which texts are told apart. */
uint64_t schema_shelf_sum(struct span text);

/* Called for each schema that is stored under an id; it may take the text. ERR_LIMIT ends the walk
 * in order, another error with that error. */
typedef err_t (*schema_shelf_fn)(void *arg, struct regapi_schema *schema);
MUST_CHECK err_t schema_shelf_walk_ids(struct schema_shelf *s, schema_shelf_fn visit, void *arg);

/* SPDX-License-Identifier: Apache-2.0
 *
 * store: the registry's SQLite file: schemas by global id, versions of subjects, references between
 * them, compatibility levels and modes. Knows rows, not rules. WAL and synchronous FULL: what
 * store_commit() has answered survives a crash of program and machine. One thread at a time.
 * Errors of every call: ERR_IO, and store_why() says what SQLite said; ERR_NOMEM. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "schema/schema_kind.h"

#include <stdbool.h>
#include <stdint.h>

#define STORE_SUBJECT_BYTES 512u
#define STORE_VERSION_MAX   2147483647u

struct store;

/* Opens or makes the file (":memory:" is one of its own); `ret_is_new`: no schema was ever
 * in it. */
MUST_CHECK err_t store_open(const char *path, struct store **ret, bool *ret_is_new);
void store_close(struct store *s);

/* The text of the last failure; valid until the next call. */
const char *store_why(const struct store *s);

/* What belongs together is written between these; store_rollback() is for any failure. They may be
 * nested: only the outermost commit writes, and any rollback undoes all, after which the outer ones
 * fail with ERR_IO. */
MUST_CHECK err_t store_begin(struct store *s);
MUST_CHECK err_t store_commit(struct store *s);
void store_rollback(struct store *s);

/* ---- schemas ---- */

struct store_schema {
    uint32_t id;
    enum schema_kind kind;
    struct buf text;
    struct buf refs;        /* "" or a JSON array of {"name","subject","version"} */
    struct buf descriptors; /* Protobuf: the FileDescriptorSet */
};

void store_schema_done(struct store_schema *schema);

/* ERR_UNKNOWN: no such id. */
MUST_CHECK err_t store_schema_get(struct store *s, uint32_t id, struct store_schema *ret);

/* The id of what has the same kind, text and refs. ERR_UNKNOWN. */
MUST_CHECK err_t store_schema_find(struct store *s, const struct store_schema *schema,
                                   uint32_t *ret_id);

/* Adds; `schema->id` 0 takes the next id. ERR_EXISTS: the id is taken. */
MUST_CHECK err_t store_schema_add(struct store *s, const struct store_schema *schema,
                                  uint32_t *ret_id);

/* The schema `id` refers to a version. */
MUST_CHECK err_t store_reference_add(struct store *s, uint32_t id, const char *subject,
                                     uint32_t version);

/* The highest id; 0: none. */
MUST_CHECK err_t store_id_max(struct store *s, uint32_t *ret);

/* ---- versions ---- */

struct store_version {
    char subject[STORE_SUBJECT_BYTES];
    uint32_t version;
    uint32_t id;
    bool deleted;
};

enum store_filter { STORE_LIVE, STORE_ALL, STORE_DELETED };

/* Called for each row; any error ends the listing and is returned. */
typedef err_t (*store_row_fn)(void *arg, const struct store_version *row);

/* `subject` exactly, rising versions. */
MUST_CHECK err_t store_versions(struct store *s, const char *subject, enum store_filter filter,
                                store_row_fn row, void *arg);

/* One row for each subject that begins with `prefix`, by name; only `subject` is set.
 * STORE_DELETED: those that have no live version. */
MUST_CHECK err_t store_subjects(struct store *s, const char *prefix, enum store_filter filter,
                                store_row_fn row, void *arg);

/* Where a schema is used. */
MUST_CHECK err_t store_uses(struct store *s, uint32_t id, enum store_filter filter,
                            store_row_fn row, void *arg);

/* The live versions whose schemas refer to this one, by id. */
MUST_CHECK err_t store_referrers(struct store *s, const char *subject, uint32_t version,
                                 store_row_fn row, void *arg);

/* A version, or with `version` 0 the last one that passes the filter. ERR_UNKNOWN. */
MUST_CHECK err_t store_version_get(struct store *s, const char *subject, uint32_t version,
                                   enum store_filter filter, struct store_version *ret);

/* ERR_EXISTS: the version is taken. */
MUST_CHECK err_t store_version_add(struct store *s, const struct store_version *row);

enum store_removal { STORE_SOFT, STORE_PERMANENT };

MUST_CHECK err_t store_version_remove(struct store *s, const char *subject, uint32_t version,
                                      enum store_removal how);

/* Removes the subject's deleted versions with this schema: one that is registered anew replaces
 * them. */
MUST_CHECK err_t store_version_forget(struct store *s, const char *subject, uint32_t id);

/* Removes the deleted versions of the subject ("": of all), then schemas that no version has, so
 * that their ids can be given again by who brings them. */
MUST_CHECK err_t store_purge(struct store *s, const char *subject);

/* The second part of it, for one schema. */
MUST_CHECK err_t store_schema_purge(struct store *s, uint32_t id);

/* ---- settings ---- */

#define STORE_SETTING_BYTES 32u

enum store_setting { STORE_LEVEL, STORE_MODE };

/* `subject` "" is for all that have none of their own. ERR_UNKNOWN: not set. */
MUST_CHECK err_t store_setting_get(struct store *s, enum store_setting what, const char *subject,
                                   char ret[STORE_SETTING_BYTES]);

/* `value` NULL removes. */
MUST_CHECK err_t store_setting_put(struct store *s, enum store_setting what, const char *subject,
                                   const char *value);

/* ---- numbers ---- */

struct store_counts {
    uint64_t subjects;
    uint64_t versions;
    uint64_t schemas;
};

MUST_CHECK err_t store_count(struct store *s, struct store_counts *ret);

/* SPDX-License-Identifier: Apache-2.0
 *
 * store: the tables and what is asked of them. */
#include "registry/store.h"

#include "registry/store_sql.h"

#include <stdio.h>
#include <stdlib.h>

struct store {
    struct store_sql sql;
    unsigned depth; /* of transactions that are begun */
};

/* The text itself is the key of its uniqueness: an index on it is dearer than one on a digest, but
 * cannot collide. */
static const char tables[] =
    "CREATE TABLE IF NOT EXISTS schemas (id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT "
    "NULL, text TEXT NOT NULL, refs TEXT NOT NULL, descriptors BLOB, UNIQUE (text, kind, refs));"
    "CREATE TABLE IF NOT EXISTS versions (subject TEXT NOT NULL, version INTEGER NOT NULL, id "
    "INTEGER NOT NULL REFERENCES schemas (id), deleted INTEGER NOT NULL, PRIMARY KEY (subject, "
    "version)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS versions_by_id ON versions (id);"
    "CREATE TABLE IF NOT EXISTS refs (id INTEGER NOT NULL REFERENCES schemas (id), subject TEXT "
    "NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (subject, version, id)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS settings (what INTEGER NOT NULL, subject TEXT NOT NULL, value "
    "TEXT NOT NULL, PRIMARY KEY (what, subject)) WITHOUT ROWID;";

/* Parameter 9 is the filter everywhere: 0 live, 1 all, 2 deleted. */
#define FILTER "(?9 = 1 OR deleted = (?9 = 2))"

enum statement {
    SCHEMA_GET,
    SCHEMA_FIND,
    SCHEMA_ADD,
    REFERENCE_ADD,
    ID_MAX,
    EVER_USED,
    VERSIONS,
    SUBJECTS,
    USES,
    REFERRERS,
    VERSION_GET,
    VERSION_LAST,
    VERSION_ADD,
    VERSION_SOFT,
    VERSION_PERMANENT,
    VERSION_FORGET,
    PURGE_VERSIONS,
    PURGE_REFERENCES,
    PURGE_SCHEMAS,
    SETTING_GET,
    SETTING_PUT,
    SETTING_REMOVE,
    COUNT,
    STATEMENT_COUNT
};

static const char *const texts[STATEMENT_COUNT] = {
    [SCHEMA_GET] = "SELECT kind, text, refs, descriptors FROM schemas WHERE id = ?1",
    [SCHEMA_FIND] = "SELECT id FROM schemas WHERE text = ?1 AND kind = ?2 AND refs = ?3",
    [SCHEMA_ADD] = "INSERT INTO schemas (id, text, kind, refs, descriptors) VALUES (nullif(?4, "
                   "0), ?1, ?2, ?3, ?5)",
    [REFERENCE_ADD] = "INSERT OR IGNORE INTO refs (id, subject, version) VALUES (?1, ?2, ?3)",
    [ID_MAX] = "SELECT ifnull(max(id), 0) FROM schemas",
    [EVER_USED] = "SELECT seq FROM sqlite_sequence WHERE name = 'schemas'",
    [VERSIONS] = "SELECT subject, version, id, deleted FROM versions WHERE subject = ?1 AND " FILTER
                 " ORDER BY version",
    [SUBJECTS] = "SELECT DISTINCT subject, 0, 0, 0 FROM versions WHERE substr(subject, 1, "
                 "length(?1)) = ?1 AND " FILTER " AND (?9 <> 2 OR subject NOT IN (SELECT subject "
                 "FROM versions WHERE NOT deleted)) ORDER BY subject",
    [USES] = "SELECT subject, version, id, deleted FROM versions WHERE id = ?1 AND " FILTER
             " ORDER BY subject, version",
    [REFERRERS] = "SELECT v.subject, v.version, v.id, v.deleted FROM refs r JOIN versions v ON "
                  "v.id = r.id WHERE r.subject = ?1 AND r.version = ?2 AND NOT v.deleted ORDER BY "
                  "v.id, v.subject, v.version",
    [VERSION_GET] = "SELECT subject, version, id, deleted FROM versions WHERE subject = ?1 AND "
                    "version = ?2 AND " FILTER,
    [VERSION_LAST] = "SELECT subject, version, id, deleted FROM versions WHERE subject = ?1 "
                     "AND " FILTER " ORDER BY version DESC LIMIT 1",
    [VERSION_ADD] = "INSERT INTO versions (subject, version, id, deleted) VALUES (?1, ?2, ?3, ?4)",
    [VERSION_SOFT] = "UPDATE versions SET deleted = 1 WHERE subject = ?1 AND version = ?2",
    [VERSION_PERMANENT] = "DELETE FROM versions WHERE subject = ?1 AND version = ?2",
    [VERSION_FORGET] = "DELETE FROM versions WHERE subject = ?1 AND id = ?2 AND deleted",
    [PURGE_VERSIONS] = "DELETE FROM versions WHERE deleted AND (?1 = '' OR subject = ?1)",
    [PURGE_REFERENCES] = "DELETE FROM refs WHERE (?1 = 0 OR id = ?1) AND id NOT IN (SELECT id "
                         "FROM versions)",
    [PURGE_SCHEMAS] = "DELETE FROM schemas WHERE (?1 = 0 OR id = ?1) AND id NOT IN (SELECT id "
                      "FROM versions)",
    [SETTING_GET] = "SELECT value FROM settings WHERE what = ?1 AND subject = ?2",
    [SETTING_PUT] = "INSERT OR REPLACE INTO settings (what, subject, value) VALUES (?1, ?2, ?3)",
    [SETTING_REMOVE] = "DELETE FROM settings WHERE what = ?1 AND subject = ?2",
    [COUNT] = "SELECT (SELECT count(DISTINCT subject) FROM versions WHERE NOT deleted), (SELECT "
              "count(*) FROM versions WHERE NOT deleted), (SELECT count(*) FROM schemas)",
};

_Static_assert((unsigned)STATEMENT_COUNT <= STORE_SQL_STATEMENTS_MAX, "each has a slot");

static err_t ready(struct store *s, enum statement which, sqlite3_stmt **ret)
{
    return store_sql_ready(&s->sql, (unsigned)which, texts[which], ret);
}

/* ---- the file ---- */

static err_t open_tables(struct store *s, const char *path)
{
    ENSURE(sqlite3_open_v2(path, &s->sql.db,
                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                           NULL) == SQLITE_OK,
           ERR_IO);
    sqlite3_busy_timeout(s->sql.db, 2000);
    TRY(store_sql_run(&s->sql, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
                               "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"));
    return store_sql_run(&s->sql, tables);
}

/* SQLite remembers that a table with AUTOINCREMENT had rows, also when all of them are gone. */
static err_t find_new(struct store *s, bool *ret)
{
    sqlite3_stmt *st = NULL;

    TRY(ready(s, EVER_USED, &st));
    err_t err = store_sql_step(st);
    *ret = err == ERR_EOF;
    sqlite3_reset(st);
    return err == ERR_EOF ? ERR_OK : err;
}

err_t store_open(const char *path, struct store **ret, bool *ret_is_new)
{
    struct store *s = calloc(1, sizeof(*s));

    ENSURE(s != NULL, ERR_NOMEM);
    *ret = s; /* also on failure, so that store_why() can be asked */
    TRY(open_tables(s, path));
    return find_new(s, ret_is_new);
}

void store_close(struct store *s)
{
    if (s == NULL) {
        return;
    }
    for (unsigned i = 0; i < STORE_SQL_STATEMENTS_MAX; i++) {
        sqlite3_finalize(s->sql.ready[i]);
    }
    sqlite3_close(s->sql.db);
    free(s);
}

const char *store_why(const struct store *s)
{
    return s == NULL ? "out of memory" : sqlite3_errmsg(s->sql.db);
}

err_t store_begin(struct store *s)
{
    if (s->depth == 0) {
        TRY(store_sql_run(&s->sql, "BEGIN IMMEDIATE"));
    }
    s->depth++;
    return ERR_OK;
}

err_t store_commit(struct store *s)
{
    /* After the rollback of an inner one SQLite says that nothing is begun. */
    if (s->depth <= 1) {
        TRY(store_sql_run(&s->sql, "COMMIT"));
    }
    s->depth -= s->depth > 0;
    return ERR_OK;
}

void store_rollback(struct store *s)
{
    s->depth = 0;
    IGNORE(store_sql_run(&s->sql, "ROLLBACK") != ERR_OK, "SQLite may have rolled back itself");
}

/* ---- schemas ---- */

void store_schema_done(struct store_schema *schema)
{
    buf_done(&schema->text);
    buf_done(&schema->refs);
    buf_done(&schema->descriptors);
}

static err_t read_schema(sqlite3_stmt *st, struct store_schema *ret)
{
    TRY(store_sql_step(st));
    ret->kind = (enum schema_kind)store_sql_u32(st, 0);
    ENSURE((unsigned)ret->kind < SCHEMA_KIND_COUNT, ERR_IO);
    TRY(store_sql_column(st, 1, &ret->text));
    TRY(store_sql_column(st, 2, &ret->refs));
    return store_sql_column(st, 3, &ret->descriptors);
}

err_t store_schema_get(struct store *s, uint32_t id, struct store_schema *ret)
{
    struct store_schema schema = {.id = id};
    sqlite3_stmt *st = NULL;

    TRY(ready(s, SCHEMA_GET, &st));
    TRY(store_sql_number(st, 1, id));
    err_t err = read_schema(st, &schema);
    sqlite3_reset(st);
    if (err != ERR_OK) {
        store_schema_done(&schema);
        return err == ERR_EOF ? ERR_UNKNOWN : err;
    }
    *ret = schema;
    return ERR_OK;
}

static err_t bind_schema(sqlite3_stmt *st, const struct store_schema *schema)
{
    TRY(store_sql_text(st, 1, buf_span(&schema->text)));
    TRY(store_sql_number(st, 2, schema->kind));
    return store_sql_text(st, 3, buf_span(&schema->refs));
}

/* The number in the first column of the only row. */
static err_t read_number(sqlite3_stmt *st, uint32_t *ret)
{
    err_t err = store_sql_step(st);

    if (err == ERR_OK) {
        *ret = store_sql_u32(st, 0);
    }
    sqlite3_reset(st);
    return err == ERR_EOF ? ERR_UNKNOWN : err;
}

err_t store_schema_find(struct store *s, const struct store_schema *schema, uint32_t *ret_id)
{
    sqlite3_stmt *st = NULL;

    TRY(ready(s, SCHEMA_FIND, &st));
    TRY(bind_schema(st, schema));
    return read_number(st, ret_id);
}

err_t store_schema_add(struct store *s, const struct store_schema *schema, uint32_t *ret_id)
{
    sqlite3_stmt *st = NULL;

    TRY(ready(s, SCHEMA_ADD, &st));
    TRY(bind_schema(st, schema));
    TRY(store_sql_number(st, 4, schema->id));
    TRY(store_sql_bytes(st, 5, buf_span(&schema->descriptors)));
    TRY(store_sql_finish(st));
    *ret_id = (uint32_t)sqlite3_last_insert_rowid(s->sql.db);
    return ERR_OK;
}

err_t store_reference_add(struct store *s, uint32_t id, const char *subject, uint32_t version)
{
    sqlite3_stmt *st = NULL;

    TRY(ready(s, REFERENCE_ADD, &st));
    TRY(store_sql_number(st, 1, id));
    TRY(store_sql_text(st, 2, span_of_str(subject)));
    TRY(store_sql_number(st, 3, version));
    return store_sql_finish(st);
}

err_t store_id_max(struct store *s, uint32_t *ret)
{
    sqlite3_stmt *st = NULL;

    TRY(ready(s, ID_MAX, &st));
    return read_number(st, ret);
}

/* ---- versions ---- */

static void read_row(sqlite3_stmt *st, struct store_version *ret)
{
    const char *subject = (const char *)sqlite3_column_text(st, 0);

    snprintf(ret->subject, sizeof(ret->subject), "%s", subject == NULL ? "" : subject);
    ret->version = store_sql_u32(st, 1);
    ret->id = store_sql_u32(st, 2);
    ret->deleted = store_sql_u32(st, 3) != 0;
}

/* `row` must not run the same statement again. */
static err_t each_row(sqlite3_stmt *st, store_row_fn row, void *arg)
{
    struct store_version found;
    err_t err = store_sql_step(st);

    while (err == ERR_OK) {
        read_row(st, &found);
        err = row(arg, &found);
        if (err == ERR_OK) {
            err = store_sql_step(st);
        }
    }
    sqlite3_reset(st);
    return err == ERR_EOF ? ERR_OK : err;
}

err_t store_versions(struct store *s, const char *subject, enum store_filter filter,
                     store_row_fn row, void *arg)
{
    sqlite3_stmt *st = NULL;

    TRY(ready(s, VERSIONS, &st));
    TRY(store_sql_text(st, 1, span_of_str(subject)));
    TRY(store_sql_number(st, 9, filter));
    return each_row(st, row, arg);
}

err_t store_subjects(struct store *s, const char *prefix, enum store_filter filter,
                     store_row_fn row, void *arg)
{
    sqlite3_stmt *st = NULL;

    TRY(ready(s, SUBJECTS, &st));
    TRY(store_sql_text(st, 1, span_of_str(prefix)));
    TRY(store_sql_number(st, 9, filter));
    return each_row(st, row, arg);
}

err_t store_uses(struct store *s, uint32_t id, enum store_filter filter, store_row_fn row,
                 void *arg)
{
    sqlite3_stmt *st = NULL;

    TRY(ready(s, USES, &st));
    TRY(store_sql_number(st, 1, id));
    TRY(store_sql_number(st, 9, filter));
    return each_row(st, row, arg);
}

err_t store_referrers(struct store *s, const char *subject, uint32_t version, store_row_fn row,
                      void *arg)
{
    sqlite3_stmt *st = NULL;

    TRY(ready(s, REFERRERS, &st));
    TRY(store_sql_text(st, 1, span_of_str(subject)));
    TRY(store_sql_number(st, 2, version));
    return each_row(st, row, arg);
}

err_t store_version_get(struct store *s, const char *subject, uint32_t version,
                        enum store_filter filter, struct store_version *ret)
{
    sqlite3_stmt *st = NULL;

    TRY(ready(s, version == 0 ? VERSION_LAST : VERSION_GET, &st));
    TRY(store_sql_text(st, 1, span_of_str(subject)));
    TRY(version == 0 ? ERR_OK : store_sql_number(st, 2, version));
    TRY(store_sql_number(st, 9, filter));
    err_t err = store_sql_step(st);
    if (err == ERR_OK) {
        read_row(st, ret);
    }
    sqlite3_reset(st);
    return err == ERR_EOF ? ERR_UNKNOWN : err;
}

err_t store_version_add(struct store *s, const struct store_version *row)
{
    sqlite3_stmt *st = NULL;

    TRY(ready(s, VERSION_ADD, &st));
    TRY(store_sql_text(st, 1, span_of_str(row->subject)));
    TRY(store_sql_number(st, 2, row->version));
    TRY(store_sql_number(st, 3, row->id));
    TRY(store_sql_number(st, 4, row->deleted ? 1 : 0));
    return store_sql_finish(st);
}

err_t store_version_remove(struct store *s, const char *subject, uint32_t version,
                           enum store_removal how)
{
    sqlite3_stmt *st = NULL;

    TRY(ready(s, how == STORE_PERMANENT ? VERSION_PERMANENT : VERSION_SOFT, &st));
    TRY(store_sql_text(st, 1, span_of_str(subject)));
    TRY(store_sql_number(st, 2, version));
    return store_sql_finish(st);
}

err_t store_version_forget(struct store *s, const char *subject, uint32_t id)
{
    sqlite3_stmt *st = NULL;

    TRY(ready(s, VERSION_FORGET, &st));
    TRY(store_sql_text(st, 1, span_of_str(subject)));
    TRY(store_sql_number(st, 2, id));
    return store_sql_finish(st);
}

/* `id` 0: all. */
static err_t purge_schemas(struct store *s, uint32_t id)
{
    sqlite3_stmt *st = NULL;

    TRY(ready(s, PURGE_REFERENCES, &st));
    TRY(store_sql_number(st, 1, id));
    TRY(store_sql_finish(st));
    TRY(ready(s, PURGE_SCHEMAS, &st));
    TRY(store_sql_number(st, 1, id));
    return store_sql_finish(st);
}

err_t store_schema_purge(struct store *s, uint32_t id)
{
    return id == 0 ? ERR_OK : purge_schemas(s, id);
}

err_t store_purge(struct store *s, const char *subject)
{
    sqlite3_stmt *st = NULL;

    TRY(ready(s, PURGE_VERSIONS, &st));
    TRY(store_sql_text(st, 1, span_of_str(subject)));
    TRY(store_sql_finish(st));
    return purge_schemas(s, 0);
}

/* ---- settings and numbers ---- */

err_t store_setting_get(struct store *s, enum store_setting what, const char *subject,
                        char ret[STORE_SETTING_BYTES])
{
    sqlite3_stmt *st = NULL;

    TRY(ready(s, SETTING_GET, &st));
    TRY(store_sql_number(st, 1, what));
    TRY(store_sql_text(st, 2, span_of_str(subject)));
    err_t err = store_sql_step(st);
    if (err == ERR_OK) {
        const char *value = (const char *)sqlite3_column_text(st, 0);
        snprintf(ret, STORE_SETTING_BYTES, "%s", value == NULL ? "" : value);
    }
    sqlite3_reset(st);
    return err == ERR_EOF ? ERR_UNKNOWN : err;
}

err_t store_setting_put(struct store *s, enum store_setting what, const char *subject,
                        const char *value)
{
    sqlite3_stmt *st = NULL;

    TRY(ready(s, value == NULL ? SETTING_REMOVE : SETTING_PUT, &st));
    TRY(store_sql_number(st, 1, what));
    TRY(store_sql_text(st, 2, span_of_str(subject)));
    if (value != NULL) {
        TRY(store_sql_text(st, 3, span_of_str(value)));
    }
    return store_sql_finish(st);
}

err_t store_count(struct store *s, struct store_counts *ret)
{
    sqlite3_stmt *st = NULL;

    TRY(ready(s, COUNT, &st));
    err_t err = store_sql_step(st);
    if (err == ERR_OK) {
        ret->subjects = (uint64_t)sqlite3_column_int64(st, 0);
        ret->versions = (uint64_t)sqlite3_column_int64(st, 1);
        ret->schemas = (uint64_t)sqlite3_column_int64(st, 2);
    }
    sqlite3_reset(st);
    return err;
}

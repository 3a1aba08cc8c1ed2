/* SPDX-License-Identifier: Apache-2.0
 *
 * store_sql: SQLite's calls in our terms. */
#include "registry/store_sql.h"

#include <assert.h>

err_t store_sql_run(struct store_sql *q, const char *text)
{
    return sqlite3_exec(q->db, text, NULL, NULL, NULL) == SQLITE_OK ? ERR_OK : ERR_IO;
}

err_t store_sql_ready(struct store_sql *q, unsigned slot, const char *text, sqlite3_stmt **ret)
{
    assert(slot < STORE_SQL_STATEMENTS_MAX);
    if (q->ready[slot] == NULL) {
        ENSURE(sqlite3_prepare_v3(q->db, text, -1, SQLITE_PREPARE_PERSISTENT, &q->ready[slot],
                                  NULL) == SQLITE_OK,
               ERR_IO);
    }
    sqlite3_reset(q->ready[slot]);
    sqlite3_clear_bindings(q->ready[slot]);
    *ret = q->ready[slot];
    return ERR_OK;
}

err_t store_sql_text(sqlite3_stmt *st, int at, struct span text)
{
    const char *bytes = text.len == 0 ? "" : text.at;

    return sqlite3_bind_text64(st, at, bytes, text.len, SQLITE_TRANSIENT, SQLITE_UTF8) == SQLITE_OK
               ? ERR_OK
               : ERR_NOMEM;
}

err_t store_sql_bytes(sqlite3_stmt *st, int at, struct span bytes)
{
    const char *from = bytes.len == 0 ? "" : bytes.at;

    return sqlite3_bind_blob64(st, at, from, bytes.len, SQLITE_TRANSIENT) == SQLITE_OK ? ERR_OK
                                                                                       : ERR_NOMEM;
}

err_t store_sql_number(sqlite3_stmt *st, int at, uint64_t number)
{
    return sqlite3_bind_int64(st, at, (sqlite3_int64)number) == SQLITE_OK ? ERR_OK : ERR_NOMEM;
}

err_t store_sql_step(sqlite3_stmt *st)
{
    int result = sqlite3_step(st);

    if (result == SQLITE_ROW) {
        return ERR_OK;
    }
    if (result == SQLITE_DONE) {
        return ERR_EOF;
    }
    if (result == SQLITE_NOMEM) {
        return ERR_NOMEM;
    }
    return result == SQLITE_CONSTRAINT ? ERR_EXISTS : ERR_IO;
}

err_t store_sql_finish(sqlite3_stmt *st)
{
    err_t err = store_sql_step(st);

    sqlite3_reset(st);
    return err == ERR_EOF ? ERR_OK : err;
}

uint32_t store_sql_u32(sqlite3_stmt *st, int column)
{
    return (uint32_t)sqlite3_column_int64(st, column);
}

err_t store_sql_column(sqlite3_stmt *st, int column, struct buf *out)
{
    const char *bytes = sqlite3_column_blob(st, column);

    out->len = 0;
    return buf_append(out, span_of(bytes, (size_t)sqlite3_column_bytes(st, column)));
}

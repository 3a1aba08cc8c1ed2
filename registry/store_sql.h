/* SPDX-License-Identifier: Apache-2.0
 *
 * store_sql: statements that are prepared once, and the few ways in which the store runs them.
 * After an error of its own SQLite may be asked again: every statement is reset at its end. */
#pragma once

#include "base/buf.h"
#include "base/err.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#define STORE_SQL_STATEMENTS_MAX 40u

struct store_sql {
    sqlite3 *db;
    sqlite3_stmt *ready[STORE_SQL_STATEMENTS_MAX];
};

/* Runs statements without results. ERR_IO. */
MUST_CHECK err_t store_sql_run(struct store_sql *q, const char *text);

/* The statement in that slot, prepared from `text` at first use, without bound values. */
MUST_CHECK err_t store_sql_ready(struct store_sql *q, unsigned slot, const char *text,
                                 sqlite3_stmt **ret);

/* Binds from parameter `at` on. */
MUST_CHECK err_t store_sql_text(sqlite3_stmt *st, int at, struct span text);
MUST_CHECK err_t store_sql_bytes(sqlite3_stmt *st, int at, struct span bytes);
MUST_CHECK err_t store_sql_number(sqlite3_stmt *st, int at, uint64_t number);

/* The next row: ERR_OK, at the end ERR_EOF, ERR_EXISTS a uniqueness was broken, ERR_IO. */
MUST_CHECK err_t store_sql_step(sqlite3_stmt *st);

/* For statements without rows: steps and resets. */
MUST_CHECK err_t store_sql_finish(sqlite3_stmt *st);

/* A column of the row. */
uint32_t store_sql_u32(sqlite3_stmt *st, int column);
MUST_CHECK err_t store_sql_column(sqlite3_stmt *st, int column, struct buf *out);

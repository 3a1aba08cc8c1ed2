/* SPDX-License-Identifier: Apache-2.0
 *
 * conn_rows: whole streams of every kind, bad records between good ones, and what becomes of
 * them. */
#pragma once

#include "ingestor/shard_stats.h"

#define CONN_ROWS_RECORD_BYTES_MAX 4096u /* what the rows take for the largest record */

struct conn_row {
    const char *name;
    struct span stream;
    enum shard_conn_result result;
    unsigned lines;
    unsigned rejects;
};

extern const struct conn_row conn_rows[];
extern const size_t conn_rows_count;

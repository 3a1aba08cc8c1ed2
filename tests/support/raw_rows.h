/* SPDX-License-Identifier: Apache-2.0
 *
 * raw_rows: tables of lines and of what becomes of them on their whole way: codec_raw, check,
 * output line. Lines are received at 2026-11-21T04:11:45.123456Z. */
#pragma once

#include "tests/support/one_record.h"
#include "tests/support/test.h"

struct raw_row {
    struct span line;
    const char *want; /* the output line, without LF */
};

/* A row of two string literals; the line may hold any bytes. */
#define RAW_ROW(line, want)                \
    {                                      \
        {(line), sizeof(line) - 1}, (want) \
    }

/* Fails unless each line becomes the output that is wanted, as a record of this format. */
void raw_rows_check(const struct raw_row *rows, size_t count, enum format format);

/* The same for a file of tests/vectors/codec_raw_lines: comments (#), empty lines, and pairs of an
 * input line and an output line. */
void raw_rows_check_file(const char *name, enum format format);

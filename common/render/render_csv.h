/* SPDX-License-Identifier: Apache-2.0
 *
 * render_csv: the entry "csv" of the table in render.c. Source: RFC 4180, with LF instead of CRLF.
 * Columns timestamp, level, message, service, extra. In the first four a backslash is `\\` and
 * control characters are \n \r \t \xHH (U+2028 and U+2029: \u2028 \u2029), so one record is one
 * line and a reader can undo it. `extra` is a JSON object of all further members and our additions,
 * or empty. */
#pragma once

#include "wire/record.h"

#define RENDER_CSV_HEADER "timestamp,level,message,service,extra\n"

size_t render_csv_bound(const struct record *rec);
char *render_csv_line(const struct record *rec, char *out);

/* SPDX-License-Identifier: Apache-2.0
 *
 * render_text: the entry "text" of the table in render.c:
 *   TIMESTAMP [LEVEL] [SERVICE] MESSAGE
 * and, if there are further members or additions of ours, a space and a JSON object of them.
 * A backslash is `\\`, control characters are \n \r \t \xHH (U+2028 and U+2029: \u2028 \u2029). So
 * that a reader can undo it, `]` in level and service is \x5d, and `{` at the message's start or
 * behind a space in it is \x7b: the first `{` behind a space begins the object. */
#pragma once

#include "wire/record.h"

size_t render_text_bound(const struct record *rec);
char *render_text_line(const struct record *rec, char *out);

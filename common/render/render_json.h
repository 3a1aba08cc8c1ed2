/* SPDX-License-Identifier: Apache-2.0
 *
 * render_json: the entry "jsonl" of the table in render.c. */
#pragma once

#include "wire/record.h"

size_t render_json_bound(const struct record *rec);
char *render_json_line(const struct record *rec, char *out);

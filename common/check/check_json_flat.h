/* SPDX-License-Identifier: Apache-2.0
 *
 * check_json_flat: the short way for records: their strings are judged as they are, nothing is
 * taken apart. */
#pragma once

#include "base/arena.h"
#include "schema/schema_json_program.h"
#include "wire/record.h"

/* Judges a record by a flat that is usable. `*ret_detail` is written if it is not valid. */
bool check_json_flat_holds(const struct schema_json_flat *flat, const struct record *rec,
                           struct arena *arena, const char **ret_detail);

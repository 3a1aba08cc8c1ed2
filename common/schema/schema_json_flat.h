/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_json_flat: recognises the schemas that most records have, an object of strings with few
 * rules, so that check_json_record() need not run a program for them. */
#pragma once

#include "schema/schema_json_program.h"

/* The short way for a finished program, usable or not. */
struct schema_json_flat schema_json_flat_of(const struct schema_json *s);

/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_inline: an Avro schema and those that it refers to as one text: the definition of a name
 * stands where the name is used first, in whatever order the references are named. Source: Apache
 * Avro 1.11, "Names". */
#pragma once

#include "registry/registry_refs.h"
#include "schema/schema_why.h"

/* Appends the text. Definitions that are not used are left out. Errors: ERR_SYNTAX the schema or a
 * reference is no JSON; ERR_LIMIT, with `ret_why`, nested too deeply; ERR_NOMEM. What else is wrong
 * stays for the compiler to say. */
MUST_CHECK err_t registry_inline_avro(struct span text, const struct registry_refs *refs,
                                      struct schema_why *ret_why, struct buf *out);

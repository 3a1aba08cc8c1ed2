/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_compat_json: whether JSON written by one schema is accepted by another. Source: the rules
 * that Confluent documents for JSON Schema, as far as a practical checker goes (docs/registry.md
 * says which). */
#pragma once

#include "base/err.h"
#include "base/span.h"
#include "schema/schema_why.h"

/* ERR_OK: what `writer` allows, `reader` accepts. ERR_EXISTS: it does not, or it cannot be shown;
 * `ret_why` names the place and the keyword. ERR_SYNTAX, ERR_LIMIT, ERR_NOMEM: a text is no schema.
 * Both texts have been compiled before. */
MUST_CHECK err_t schema_compat_json(struct span reader, struct span writer,
                                    struct schema_why *ret_why);

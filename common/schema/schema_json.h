/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_json: a JSON Schema becomes a checker program, which check/check_json.h runs. Source: JSON
 * Schema draft 2020-12 (core, applicator, unevaluated and validation vocabularies) and draft-07, by
 * "$schema" (2020-12 without one). References: "$ref" and "$dynamicRef" within the document, by
 * pointer, "$anchor", "$dynamicAnchor" or an "$id" inside it; nothing is ever fetched. `format`
 * asserts under draft-07, and where the root says "x-cordwood-assert-format": true. */
#pragma once

#include "base/err.h"
#include "base/span.h"
#include "schema/schema_why.h"

struct schema_json; /* immutable once made; shared by threads */

/* Compiles a schema text (an object or a boolean). Errors, with `ret_why`: ERR_SYNTAX no JSON, or a
 * keyword with a value it cannot have, or a bad pattern (each names the place as a JSON pointer);
 * ERR_UNKNOWN a reference to something that is not in the document, or another draft; ERR_LIMIT too
 * large or too deep; ERR_NOMEM. */
MUST_CHECK err_t schema_json_compile(struct span text, struct schema_why *ret_why,
                                     struct schema_json **ret);
void schema_json_free(struct schema_json *s);

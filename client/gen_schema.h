/* SPDX-License-Identifier: Apache-2.0
 *
 * gen_schema: a plausible value for a JSON Schema, from its text: type, enum, const, examples,
 * format, bounds of numbers, lengths and counts, properties, required, items, prefixItems,
 * additionalProperties, $ref within the document, allOf, anyOf, oneOf. Other keywords are not
 * looked at: whoever asks checks the value and tries again. */
#pragma once

#include "client/gen_value.h"

/* `fields` are members that the root gets in any case. NULL: memory is short, or the value would
 * have become too large; another try may succeed. */
json_t *gen_schema_value(struct gen_value *v, const json_t *root,
                         const struct option_strings *fields);

/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_avro_default: default values of fields. Source: Apache Avro 1.11, "Complex Types",
 * "Records": bytes and fixed are strings of the characters U+0000 to U+00FF; the default of a union
 * is one of its first branch. */
#pragma once

#include "schema/schema_avro_build.h"

/* Whether each default fits the type of its field. ERR_SYNTAX with b->why; ERR_LIMIT too deep, or
 * too much to look at. */
MUST_CHECK err_t schema_avro_default_check(struct schema_avro_build *b);

/* Whether a JSON value that is no array, object or union can be a default of this node. */
bool schema_avro_default_fits(const struct schema_avro_build *b, uint32_t node,
                              const json_t *value);

/* The number of characters if all are at most U+00FF, as the bytes they stand for; else -1. `out`
 * (NULL: only count) holds as many bytes as the string. */
int64_t schema_avro_default_bytes(struct span string, char *out);

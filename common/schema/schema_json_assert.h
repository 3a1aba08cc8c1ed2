/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_json_assert: keywords that judge a value by itself. Source: JSON Schema validation 2020-12
 * section 6, 7; draft-07 validation section 6, 7. */
#pragma once

#include "schema/schema_json_build.h"

/* Adds an operation for each of them that the site has. */
MUST_CHECK err_t schema_json_assert_read(struct schema_json_build *b,
                                         const struct schema_json_site *site);

/* A count that a keyword's value must be, saturated. ERR_SYNTAX. */
MUST_CHECK err_t schema_json_assert_count(struct schema_json_build *b, uint32_t value,
                                          uint32_t *ret);

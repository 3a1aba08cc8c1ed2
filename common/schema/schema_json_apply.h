/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_json_apply: keywords that hold schemas. Source: JSON Schema core 2020-12 sections 10 and
 * 11; draft-07 validation section 6.4 to 6.7. */
#pragma once

#include "schema/schema_json_build.h"

/* Adds an operation for each of them that the site has, and the schemas to the nodes. */
MUST_CHECK err_t schema_json_apply_read(struct schema_json_build *b,
                                        const struct schema_json_site *site);

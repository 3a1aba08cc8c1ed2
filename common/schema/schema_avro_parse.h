/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_avro_parse: the JSON of a schema becomes nodes, fields and symbols. */
#pragma once

#include "schema/schema_avro_build.h"

/* Parses b->text into b's arrays; node 0 is the root. Defaults are checked elsewhere. ERR_SYNTAX,
 * ERR_UNKNOWN, ERR_LIMIT with b->why; ERR_NOMEM. */
MUST_CHECK err_t schema_avro_parse(struct schema_avro_build *b);

/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_avro_measure: the shortest encoding of each type. */
#pragma once

#include "schema/schema_avro_build.h"

/* Sets bytes_min of all nodes. ERR_LIMIT: a type contains itself without end (b->why names it). */
MUST_CHECK err_t schema_avro_measure(struct schema_avro_build *b);

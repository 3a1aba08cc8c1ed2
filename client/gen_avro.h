/* SPDX-License-Identifier: Apache-2.0
 *
 * gen_avro: a plausible value of an Avro schema, in the JSON that schema/schema_avro_encode.h
 * takes. */
#pragma once

#include "client/gen_value.h"
#include "schema/schema_avro.h"

/* NULL: memory is short, or the value would have become too large; another try may succeed. */
json_t *gen_avro_value(struct gen_value *v, const struct schema_avro *plan);

/* SPDX-License-Identifier: Apache-2.0
 *
 * gen_protobuf: a plausible value of a Protobuf message, in the JSON that
 * schema/schema_protobuf_encode.h takes. */
#pragma once

#include "client/gen_value.h"
#include "schema/schema_protobuf.h"

/* NULL: memory is short, or the value would have become too large; another try may succeed. */
json_t *gen_protobuf_value(struct gen_value *v, const struct schema_protobuf_message *message);

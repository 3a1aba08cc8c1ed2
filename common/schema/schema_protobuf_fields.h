/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_protobuf_fields: the fields of a plan's messages. */
#pragma once

#include "schema/schema_protobuf_parts.h"

/* After schema_protobuf_parts_declare(). */
MUST_CHECK err_t schema_protobuf_fields(struct schema_protobuf_parts *p);

/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_protobuf_encode_known: JSON texts that stand for Google's messages. Source: ProtoJSON;
 * timestamp.proto, duration.proto, field_mask.proto. */
#pragma once

#include "base/buf.h"
#include "schema/schema_protobuf.h"

#include <jansson.h>

/* Appends the fields of a Timestamp, Duration, FieldMask, Any or Empty, without length. ERR_SYNTAX:
 * the value does not fit, `*ret_allowed` says what does. ERR_NOMEM. */
MUST_CHECK err_t schema_protobuf_encode_known(enum schema_protobuf_known known, const json_t *value,
                                              struct buf *out, const char **ret_allowed);

/* Whether it is one of these. */
bool schema_protobuf_encode_known_is(enum schema_protobuf_known known);

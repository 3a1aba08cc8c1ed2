/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_protobuf_encode: a JSON value as one Protobuf message. For generated load and for
 * validation on request, not for speed. Source: Protocol Buffers, "Encoding" and "ProtoJSON"; both
 * the JSON name and the name in the .proto text of a field are taken. */
#pragma once

#include "base/buf.h"
#include "schema/schema_protobuf.h"

#include <jansson.h>

/* Appends the message to `out`. ERR_SYNTAX: the value does not fit, `ret_why` says where (a JSON
 * pointer) and what is allowed; then `out` is as it was. ERR_LIMIT too deep; ERR_NOMEM. */
MUST_CHECK err_t schema_protobuf_encode(const struct schema_protobuf_message *message,
                                        const json_t *value, struct schema_why *ret_why,
                                        struct buf *out);

/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_compat_protobuf: whether messages written by one schema can be read by another. Source:
 * Protocol Buffers, "Updating A Message Type", and the rules that Confluent documents: fields are
 * matched by number, their wire types must agree (int32 uint32 int64 uint64 bool; sint32 sint64;
 * string bytes; fixed32 sfixed32; fixed64 sfixed64; an enum with the int32 group), messages by
 * name. */
#pragma once

#include "base/err.h"
#include "schema/schema_protobuf.h"
#include "schema/schema_why.h"

/* ERR_OK: every message of `writer` can be read by `reader`. ERR_EXISTS: not so; `ret_why` names
 * message, field and what differs. ERR_NOMEM. */
MUST_CHECK err_t schema_compat_protobuf(const struct schema_protobuf *reader,
                                        const struct schema_protobuf *writer,
                                        struct schema_why *ret_why);

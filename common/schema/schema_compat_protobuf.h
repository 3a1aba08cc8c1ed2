/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_compat_protobuf: whether messages written by one schema can be read by another. Source:
 * Protocol Buffers, "Updating A Message Type", and the rules that Confluent documents:
 *   - messages are matched by full name; each of the writer's must still be there: those of its
 *     last file, and those imported ones that fields hold which are still there
 *   - fields are matched by number; they may come, go and be renamed
 *   - their types must be of one group: int32 uint32 int64 uint64 bool and enums; sint32 sint64;
 *     string bytes; fixed32 sfixed32; fixed64 sfixed64; float; double; a message of the same name;
 *     a map whose keys and values are
 *   - numbers stay repeated, or not; strings, bytes and messages need not
 *   - a oneof keeps its members while it is there; at most one field that was outside of any may
 *     move into one, and then only into one without members that were in another before
 * Enum values, options and services do not count. */
#pragma once

#include "base/err.h"
#include "schema/schema_protobuf.h"
#include "schema/schema_why.h"

/* ERR_OK: every message of `writer` that counts can be read by `reader`. ERR_EXISTS: not so;
 * `ret_why` names message, field and what differs. ERR_NOMEM. */
MUST_CHECK err_t schema_compat_protobuf(const struct schema_protobuf *reader,
                                        const struct schema_protobuf *writer,
                                        struct schema_why *ret_why);

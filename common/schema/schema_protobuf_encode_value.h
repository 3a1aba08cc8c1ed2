/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_protobuf_encode_value: single JSON values as Protobuf. Source: Protocol Buffers,
 * "Encoding" and "ProtoJSON": integers as numbers without a fraction or as strings, floats also as
 * "NaN", "Infinity", "-Infinity", bytes as base64 of either alphabet, enums by name or number. All
 * return ERR_NOMEM, or ERR_SYNTAX for what does not fit; then `*ret_allowed` says what does, and
 * `out` may have grown. */
#pragma once

#include "base/buf.h"
#include "schema/schema_protobuf.h"

#include <jansson.h>

MUST_CHECK err_t schema_protobuf_encode_value_varint(struct buf *out, uint64_t number);
MUST_CHECK err_t schema_protobuf_encode_value_tag(struct buf *out, uint32_t number, uint8_t wire);

/* A length and the bytes. */
MUST_CHECK err_t schema_protobuf_encode_value_bytes(struct buf *out, struct span bytes);

/* Makes what stands behind `begin` a value with a length. */
MUST_CHECK err_t schema_protobuf_encode_value_close(struct buf *out, size_t begin);

/* The wire type of one value of a type. */
uint8_t schema_protobuf_encode_value_wire(uint8_t type);

/* A value of a field's type, which is no message, without its tag. */
MUST_CHECK err_t schema_protobuf_encode_value(const struct schema_protobuf *plan,
                                              const struct schema_protobuf_field *f,
                                              const json_t *value, struct buf *out,
                                              const char **ret_allowed);

/* The same from a member's name, for the key of a map. */
MUST_CHECK err_t schema_protobuf_encode_value_key(const struct schema_protobuf_field *f,
                                                  const char *key, struct buf *out,
                                                  const char **ret_allowed);

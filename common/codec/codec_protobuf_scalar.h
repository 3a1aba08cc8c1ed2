/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_protobuf_scalar: single values of a type that is no message. Source: Protocol Buffers,
 * "Encoding" (how wider numbers are cut to the type) and "ProtoJSON". */
#pragma once

#include "codec/codec_put.h"
#include "schema/schema_protobuf.h"
#include "schema/schema_protobuf_wire.h"

/* The wire type of one value of a type. */
uint8_t codec_protobuf_scalar_wire(uint8_t type);

/* A number, a bool or an enum as 64 bits that are 0 exactly if it is the default; signed ones are
 * sign-extended, a float is its 32 bits. Returns the place behind it; NULL if it is broken. */
const char *codec_protobuf_scalar_read(uint8_t type, const char *at, const char *end,
                                       uint64_t *ret_bits);

/* Writes what was read as such a field of the plan. */
void codec_protobuf_scalar_put(struct codec_put *put, const struct schema_protobuf *plan,
                               const struct schema_protobuf_field *f, uint64_t bits);

/* The same as a member's name, for a map's key. */
void codec_protobuf_scalar_put_name(struct codec_put *put, uint8_t type, uint64_t bits);

/* A string or bytes. */
void codec_protobuf_scalar_put_bytes(struct codec_put *put, uint8_t type, struct span bytes);

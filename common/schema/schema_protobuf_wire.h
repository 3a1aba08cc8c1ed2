/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_protobuf_wire: tags and values of the Protobuf wire format, read from bytes that may be
 * anything. Source: Protocol Buffers, "Encoding". Each function takes the place of the next byte
 * and returns the place behind what it read, or NULL if the bytes are not of that form. */
#pragma once

#include "base/limits.h"

#include <stddef.h>
#include <stdint.h>

enum schema_protobuf_wire {
    PROTOBUF_WIRE_VARINT = 0,
    PROTOBUF_WIRE_FIXED64 = 1,
    PROTOBUF_WIRE_LEN = 2,
    PROTOBUF_WIRE_GROUP = 3,
    PROTOBUF_WIRE_END_GROUP = 4,
    PROTOBUF_WIRE_FIXED32 = 5
};

#define PROTOBUF_NUMBER_MAX      ((1u << 29) - 1)
#define PROTOBUF_TAG_BYTES_MAX   5
#define PROTOBUF_VARINT_BITS_MAX 70u /* ten bytes; what is beyond 64 bits is dropped */

static inline const char *schema_protobuf_wire_varint(const char *at, const char *end,
                                                      uint64_t *ret)
{
    uint64_t value = 0;

    if (at < end && (unsigned char)*at < 0x80) { /* most are this short */
        *ret = (unsigned char)*at;
        return at + 1;
    }
    for (unsigned shift = 0; shift < PROTOBUF_VARINT_BITS_MAX && at < end; shift += 7) {
        uint64_t byte = (unsigned char)*at++;
        value |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret = value;
            return at;
        }
    }
    return NULL;
}

/* Field number 1..2^29-1 and one of the six wire types. */
static inline const char *schema_protobuf_wire_tag(const char *at, const char *end,
                                                   uint32_t *ret_number, uint8_t *ret_wire)
{
    uint64_t tag = 0;
    const char *next = schema_protobuf_wire_varint(at, end, &tag);

    if (next == NULL || next - at > PROTOBUF_TAG_BYTES_MAX || tag >> 3 > PROTOBUF_NUMBER_MAX ||
        tag >> 3 == 0 || (tag & 7) > PROTOBUF_WIRE_FIXED32) {
        return NULL;
    }
    *ret_number = (uint32_t)(tag >> 3);
    *ret_wire = (uint8_t)(tag & 7);
    return next;
}

/* A length and that many bytes, which begin `*ret_len` bytes before the place returned. */
static inline const char *schema_protobuf_wire_len(const char *at, const char *end, size_t *ret_len)
{
    uint64_t len = 0;

    at = schema_protobuf_wire_varint(at, end, &len);
    if (at == NULL || len > (uint64_t)(end - at)) {
        return NULL;
    }
    *ret_len = (size_t)len;
    return at + len;
}

static inline uint32_t schema_protobuf_wire_fixed32(const char *at)
{
    const unsigned char *u = (const unsigned char *)at;

    return (uint32_t)u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 24;
}

static inline uint64_t schema_protobuf_wire_fixed64(const char *at)
{
    return schema_protobuf_wire_fixed32(at) | (uint64_t)schema_protobuf_wire_fixed32(at + 4) << 32;
}

/* Any value but a group. */
static inline const char *schema_protobuf_wire_value(const char *at, const char *end, uint8_t wire)
{
    uint64_t number = 0;
    size_t len = 0;

    switch (wire) {
    case PROTOBUF_WIRE_VARINT:
        return schema_protobuf_wire_varint(at, end, &number);
    case PROTOBUF_WIRE_FIXED64:
        return end - at < 8 ? NULL : at + 8;
    case PROTOBUF_WIRE_LEN:
        return schema_protobuf_wire_len(at, end, &len);
    case PROTOBUF_WIRE_FIXED32:
        return end - at < 4 ? NULL : at + 4;
    default:
        return NULL;
    }
}

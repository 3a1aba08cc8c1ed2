/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_protobuf_scalar: one switch reads, one writes. */
#include "codec/codec_protobuf_scalar.h"

#include "codec/codec_put_double.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

uint8_t codec_protobuf_scalar_wire(uint8_t type)
{
    static const uint8_t wires[PROTOBUF_SINT64 + 1] = {
        [PROTOBUF_DOUBLE] = PROTOBUF_WIRE_FIXED64,   [PROTOBUF_FLOAT] = PROTOBUF_WIRE_FIXED32,
        [PROTOBUF_FIXED64] = PROTOBUF_WIRE_FIXED64,  [PROTOBUF_FIXED32] = PROTOBUF_WIRE_FIXED32,
        [PROTOBUF_SFIXED64] = PROTOBUF_WIRE_FIXED64, [PROTOBUF_SFIXED32] = PROTOBUF_WIRE_FIXED32,
        [PROTOBUF_STRING] = PROTOBUF_WIRE_LEN,       [PROTOBUF_BYTES] = PROTOBUF_WIRE_LEN,
        [PROTOBUF_MESSAGE] = PROTOBUF_WIRE_LEN, /* all others are varints, which is 0 */
    };

    return wires[type];
}

static uint64_t sign_extend(uint64_t bits)
{
    return (uint64_t)(int64_t)(int32_t)(uint32_t)bits;
}

static uint64_t unzigzag(uint64_t bits)
{
    return bits >> 1 ^ (0 - (bits & 1));
}

/* A varint as a value of the type: what does not fit is cut off. */
static uint64_t cut(uint8_t type, uint64_t bits)
{
    switch (type) {
    case PROTOBUF_INT32:
    case PROTOBUF_ENUM:
        return sign_extend(bits);
    case PROTOBUF_UINT32:
        return (uint32_t)bits;
    case PROTOBUF_BOOL:
        return bits != 0;
    case PROTOBUF_SINT32:
        return unzigzag((uint32_t)bits);
    case PROTOBUF_SINT64:
        return unzigzag(bits);
    default:
        return bits;
    }
}

const char *codec_protobuf_scalar_read(uint8_t type, const char *at, const char *end,
                                       uint64_t *ret_bits)
{
    uint64_t bits = 0;
    uint8_t wire = codec_protobuf_scalar_wire(type);

    if (wire == PROTOBUF_WIRE_VARINT) {
        at = schema_protobuf_wire_varint(at, end, &bits);
        *ret_bits = cut(type, bits);
        return at;
    }
    if (wire == PROTOBUF_WIRE_FIXED32 && end - at >= 4) {
        bits = schema_protobuf_wire_fixed32(at);
        *ret_bits = type == PROTOBUF_SFIXED32 ? sign_extend(bits) : bits;
        return at + 4;
    }
    if (wire == PROTOBUF_WIRE_FIXED64 && end - at >= 8) {
        *ret_bits = schema_protobuf_wire_fixed64(at);
        return at + 8;
    }
    return NULL;
}

static void put_enum(struct codec_put *put, const struct schema_protobuf *plan,
                     const struct schema_protobuf_enum *e, int32_t number)
{
    const struct schema_protobuf_value *values = plan->values + e->first;
    uint32_t low = 0;
    uint32_t high = e->count;

    if (e->is_null) {
        codec_put_word(put, SPAN_LIT("null"));
        return;
    }
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (values[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < e->count && values[low].number == number) {
        codec_put_quoted(put, text_span(values[low].name));
        return;
    }
    codec_put_int(put, number);
}

static void put_double(struct codec_put *put, uint64_t bits)
{
    double number = 0;

    memcpy(&number, &bits, sizeof(number));
    codec_put_double(put, number);
}

static void put_float(struct codec_put *put, uint32_t bits)
{
    float number = 0;

    memcpy(&number, &bits, sizeof(number));
    codec_put_double_float(put, number);
}

void codec_protobuf_scalar_put(struct codec_put *put, const struct schema_protobuf *plan,
                               const struct schema_protobuf_field *f, uint64_t bits)
{
    switch ((enum schema_protobuf_type)f->type) {
    case PROTOBUF_DOUBLE:
        put_double(put, bits);
        return;
    case PROTOBUF_FLOAT:
        put_float(put, (uint32_t)bits);
        return;
    case PROTOBUF_INT64:
    case PROTOBUF_SFIXED64:
    case PROTOBUF_SINT64:
        codec_put_int_quoted(put, (int64_t)bits);
        return;
    case PROTOBUF_UINT64:
    case PROTOBUF_FIXED64:
        codec_put_uint_quoted(put, bits);
        return;
    case PROTOBUF_INT32:
    case PROTOBUF_UINT32:
    case PROTOBUF_FIXED32:
    case PROTOBUF_SFIXED32:
    case PROTOBUF_SINT32:
        codec_put_int(put, (int64_t)bits); /* extended as the type wants */
        return;
    case PROTOBUF_BOOL:
        codec_put_word(put, bits != 0 ? SPAN_LIT("true") : SPAN_LIT("false"));
        return;
    case PROTOBUF_ENUM:
        put_enum(put, plan, &plan->enums[f->target], (int32_t)bits);
        return;
    case PROTOBUF_STRING:
    case PROTOBUF_BYTES:
    case PROTOBUF_MESSAGE:
        break;
    }
    assert(false); /* no number */
}

void codec_protobuf_scalar_put_name(struct codec_put *put, uint8_t type, uint64_t bits)
{
    char digits[24];
    int len = 0;

    if (type == PROTOBUF_BOOL) {
        codec_put_name(put, text_of(bits != 0 ? SPAN_LIT("true") : SPAN_LIT("false"), TEXT_CLEAN));
        return;
    }
    if (type == PROTOBUF_UINT64 || type == PROTOBUF_FIXED64) {
        len = snprintf(digits, sizeof(digits), "%" PRIu64, bits);
    } else {
        len = snprintf(digits, sizeof(digits), "%" PRId64, (int64_t)bits);
    }
    codec_put_name(put, text_of(span_of(digits, (size_t)len), TEXT_CLEAN));
}

void codec_protobuf_scalar_put_bytes(struct codec_put *put, uint8_t type, struct span bytes)
{
    if (type == PROTOBUF_STRING) {
        codec_put_string(put, bytes);
        return;
    }
    codec_put_base64(put, bytes);
}

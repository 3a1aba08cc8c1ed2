/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_protobuf_encode_value: an integer of any type is first one of 128 bits, then held against
 * the type's range. */
#include "schema/schema_protobuf_encode_value.h"

#include "base/base64.h"
#include "schema/schema_protobuf_wire.h"

#include <math.h>
#include <stdlib.h>

#define VARINT_BYTES_MAX 10u
#define DIGITS_MAX       20u /* of 2^64 */

err_t schema_protobuf_encode_value_varint(struct buf *out, uint64_t number)
{
    char bytes[VARINT_BYTES_MAX];
    size_t len = 0;

    for (; number >= 0x80; number >>= 7) {
        bytes[len++] = (char)(number | 0x80);
    }
    bytes[len++] = (char)number;
    return buf_append(out, span_of(bytes, len));
}

err_t schema_protobuf_encode_value_tag(struct buf *out, uint32_t number, uint8_t wire)
{
    return schema_protobuf_encode_value_varint(out, (uint64_t)number << 3 | wire);
}

err_t schema_protobuf_encode_value_bytes(struct buf *out, struct span bytes)
{
    TRY(schema_protobuf_encode_value_varint(out, bytes.len));
    return bytes.len == 0 ? ERR_OK : buf_append(out, bytes);
}

err_t schema_protobuf_encode_value_close(struct buf *out, size_t begin)
{
    size_t len = out->len - begin;

    TRY(schema_protobuf_encode_value_varint(out, len));
    char head[VARINT_BYTES_MAX];
    size_t head_len = out->len - begin - len;
    memcpy(head, out->at + begin + len, head_len);
    memmove(out->at + begin + head_len, out->at + begin, len);
    memcpy(out->at + begin, head, head_len);
    return ERR_OK;
}

uint8_t schema_protobuf_encode_value_wire(uint8_t type)
{
    switch ((enum schema_protobuf_type)type) {
    case PROTOBUF_DOUBLE:
    case PROTOBUF_FIXED64:
    case PROTOBUF_SFIXED64:
        return PROTOBUF_WIRE_FIXED64;
    case PROTOBUF_FLOAT:
    case PROTOBUF_FIXED32:
    case PROTOBUF_SFIXED32:
        return PROTOBUF_WIRE_FIXED32;
    case PROTOBUF_STRING:
    case PROTOBUF_BYTES:
    case PROTOBUF_MESSAGE:
        return PROTOBUF_WIRE_LEN;
    case PROTOBUF_INT32:
    case PROTOBUF_INT64:
    case PROTOBUF_UINT32:
    case PROTOBUF_UINT64:
    case PROTOBUF_BOOL:
    case PROTOBUF_ENUM:
    case PROTOBUF_SINT32:
    case PROTOBUF_SINT64:
        break;
    }
    return PROTOBUF_WIRE_VARINT;
}

static err_t put_fixed(struct buf *out, uint64_t bits, size_t bytes)
{
    char text[8];

    for (size_t i = 0; i < bytes; i++) {
        text[i] = (char)(bits >> (8 * i));
    }
    return buf_append(out, span_of(text, bytes));
}

static bool digits_value(const char *text, __int128 *ret)
{
    bool negative = *text == '-';
    size_t len = strlen(text) - (negative ? 1 : 0);
    __int128 value = 0;

    if (len == 0 || len > DIGITS_MAX) {
        return false;
    }
    for (const char *at = text + (negative ? 1 : 0); *at != '\0'; at++) {
        if (*at < '0' || *at > '9') {
            return false;
        }
        value = value * 10 + (*at - '0');
    }
    *ret = negative ? -value : value;
    return true;
}

static bool integer_value(const json_t *value, __int128 *ret)
{
    if (json_is_string(value)) {
        return strlen(json_string_value(value)) == json_string_length(value) &&
               digits_value(json_string_value(value), ret);
    }
    if (json_is_integer(value)) {
        *ret = json_integer_value(value);
        return true;
    }
    double real = json_is_real(value) ? json_real_value(value) : NAN;
    if (!isfinite(real) || floor(real) != real || fabs(real) > 0x1p64) {
        return false;
    }
    *ret = (__int128)real;
    return true;
}

static err_t put_varint(const struct schema_protobuf_field *f, __int128 value, struct buf *out)
{
    uint64_t bits = (uint64_t)value;

    if (f->type == PROTOBUF_SINT32 || f->type == PROTOBUF_SINT64) {
        bits = bits << 1 ^ (0 - (bits >> 63));
    }
    return schema_protobuf_encode_value_varint(out, bits);
}

static err_t put_integer(const struct schema_protobuf_field *f, __int128 value, struct buf *out,
                         const char **ret_allowed)
{
    bool is_unsigned = f->type == PROTOBUF_UINT32 || f->type == PROTOBUF_UINT64 ||
                       f->type == PROTOBUF_FIXED32 || f->type == PROTOBUF_FIXED64;
    bool is_wide = f->type == PROTOBUF_INT64 || f->type == PROTOBUF_UINT64 ||
                   f->type == PROTOBUF_SINT64 || f->type == PROTOBUF_FIXED64 ||
                   f->type == PROTOBUF_SFIXED64;
    unsigned bits = (is_wide ? 64u : 32u) - (is_unsigned ? 0u : 1u);
    __int128 max = ((__int128)1 << bits) - 1;
    __int128 min = is_unsigned ? 0 : -max - 1;
    uint8_t wire = schema_protobuf_encode_value_wire(f->type);

    if (value < min || value > max) {
        *ret_allowed = "a number within the range of its type";
        return ERR_SYNTAX;
    }
    if (wire == PROTOBUF_WIRE_VARINT) {
        return put_varint(f, value, out);
    }
    return put_fixed(out, (uint64_t)value, wire == PROTOBUF_WIRE_FIXED32 ? 4 : 8);
}

static size_t digits_at(const char *at)
{
    return strspn(at, "0123456789");
}

/* As JSON writes numbers: strtod() takes spaces, hexadecimal and more. */
static bool is_number(const char *at)
{
    at += *at == '-';
    size_t digits = digits_at(at);
    if (digits == 0 || (digits > 1 && *at == '0')) {
        return false;
    }
    at += digits;
    if (*at == '.') {
        digits = digits_at(at + 1);
        at += digits == 0 ? 0 : digits + 1;
    }
    if (*at == 'e' || *at == 'E') {
        size_t sign = at[1] == '-' || at[1] == '+';
        digits = digits_at(at + 1 + sign);
        at += digits == 0 ? 0 : digits + 1 + sign;
    }
    return *at == '\0';
}

static bool real_value(const json_t *value, double *ret)
{
    const char *text = json_string_value(value);

    if (json_is_number(value)) {
        *ret = json_number_value(value);
        return true;
    }
    if (text == NULL || strlen(text) != json_string_length(value)) {
        return false;
    }
    if (strcmp(text, "NaN") == 0) {
        *ret = NAN;
        return true;
    }
    if (strcmp(text, "Infinity") == 0 || strcmp(text, "-Infinity") == 0) {
        *ret = *text == '-' ? -INFINITY : INFINITY;
        return true;
    }
    if (!is_number(text)) {
        return false;
    }
    *ret = strtod(text, NULL);
    return isfinite(*ret);
}

static err_t put_real(const struct schema_protobuf_field *f, const json_t *value, struct buf *out,
                      const char **ret_allowed)
{
    double wide = 0;

    *ret_allowed = "a number, \"NaN\", \"Infinity\" or \"-Infinity\"";
    ENSURE(real_value(value, &wide), ERR_SYNTAX);
    if (f->type == PROTOBUF_DOUBLE) {
        uint64_t bits = 0;
        memcpy(&bits, &wide, sizeof(bits));
        return put_fixed(out, bits, sizeof(bits));
    }
    float narrow = (float)wide;
    uint32_t bits = 0;
    *ret_allowed = "a number within the range of a float";
    ENSURE(!isfinite(wide) || isfinite(narrow), ERR_SYNTAX);
    memcpy(&bits, &narrow, sizeof(bits));
    return put_fixed(out, bits, sizeof(bits));
}

static err_t put_base64(const json_t *value, struct buf *out, const char **ret_allowed)
{
    struct span text = span_of(json_string_value(value), json_string_length(value));
    size_t begin = out->len;

    *ret_allowed = "a string of base64";
    ENSURE(text.at != NULL, ERR_SYNTAX);
    TRY(base64_decode(text, BASE64_LENIENT, out));
    return schema_protobuf_encode_value_close(out, begin);
}

static err_t put_enum(const struct schema_protobuf *plan, const struct schema_protobuf_field *f,
                      const json_t *value, struct buf *out, const char **ret_allowed)
{
    const struct schema_protobuf_enum *e = &plan->enums[f->target];
    struct span name = span_of(json_string_value(value), json_string_length(value));
    __int128 number = 0;

    if (e->is_null && json_is_null(value)) {
        return schema_protobuf_encode_value_varint(out, 0);
    }
    *ret_allowed = "a name or a number of the enum";
    for (uint32_t i = 0; json_is_string(value) && i < e->count; i++) {
        if (span_equal(text_span(plan->values[e->first + i].name), name)) {
            int64_t of_name = plan->values[e->first + i].number;
            return schema_protobuf_encode_value_varint(out, (uint64_t)of_name);
        }
    }
    ENSURE(!json_is_string(value) && integer_value(value, &number), ERR_SYNTAX);
    return put_integer(f, number, out, ret_allowed);
}

static err_t put_bool(bool holds, struct buf *out)
{
    return schema_protobuf_encode_value_varint(out, holds ? 1 : 0);
}

err_t schema_protobuf_encode_value(const struct schema_protobuf *plan,
                                   const struct schema_protobuf_field *f, const json_t *value,
                                   struct buf *out, const char **ret_allowed)
{
    __int128 number = 0;

    switch (f->type) {
    case PROTOBUF_DOUBLE:
    case PROTOBUF_FLOAT:
        return put_real(f, value, out, ret_allowed);
    case PROTOBUF_BOOL:
        *ret_allowed = "true or false";
        ENSURE(json_is_boolean(value), ERR_SYNTAX);
        return put_bool(json_is_true(value), out);
    case PROTOBUF_STRING:
        *ret_allowed = "a string";
        ENSURE(json_is_string(value), ERR_SYNTAX);
        return schema_protobuf_encode_value_bytes(
            out, span_of(json_string_value(value), json_string_length(value)));
    case PROTOBUF_BYTES:
        return put_base64(value, out, ret_allowed);
    case PROTOBUF_ENUM:
        return put_enum(plan, f, value, out, ret_allowed);
    default:
        *ret_allowed = "a whole number, or a string of one";
        ENSURE(integer_value(value, &number), ERR_SYNTAX);
        return put_integer(f, number, out, ret_allowed);
    }
}

err_t schema_protobuf_encode_value_key(const struct schema_protobuf_field *f, const char *key,
                                       struct buf *out, const char **ret_allowed)
{
    __int128 number = 0;

    if (f->type == PROTOBUF_STRING) {
        return schema_protobuf_encode_value_bytes(out, span_of_str(key));
    }
    if (f->type == PROTOBUF_BOOL) {
        *ret_allowed = "a key \"true\" or \"false\"";
        ENSURE(strcmp(key, "true") == 0 || strcmp(key, "false") == 0, ERR_SYNTAX);
        return put_bool(strcmp(key, "true") == 0, out);
    }
    *ret_allowed = "a key that is a whole number";
    ENSURE(digits_value(key, &number), ERR_SYNTAX);
    return put_integer(f, number, out, ret_allowed);
}

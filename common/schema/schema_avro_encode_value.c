/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_avro_encode_value: one function for each kind of node; logical types are tried first, so
 * that a number is taken where a time is expected. */
#include "schema/schema_avro_encode_value.h"

#include "base/base64.h"
#include "schema/schema_avro_default.h"
#include "schema/schema_avro_encode_logical.h"

#include <math.h>

#define VARINT_BYTES_MAX 10u

err_t schema_avro_encode_value_long(struct buf *out, int64_t number)
{
    uint64_t zigzag = (uint64_t)number << 1 ^ (uint64_t)(number >> 63);
    char bytes[VARINT_BYTES_MAX];
    size_t len = 0;

    while (zigzag >= 0x80) {
        bytes[len++] = (char)(zigzag | 0x80);
        zigzag >>= 7;
    }
    bytes[len++] = (char)zigzag;
    return buf_append(out, span_of(bytes, len));
}

err_t schema_avro_encode_value_bytes(struct buf *out, struct span bytes)
{
    TRY(schema_avro_encode_value_long(out, (int64_t)bytes.len));
    return buf_append(out, bytes);
}

static err_t put_boolean(const json_t *value, struct buf *out)
{
    ENSURE(json_is_boolean(value), ERR_SYNTAX);
    return buf_append(out, json_is_true(value) ? SPAN_LIT("\1") : SPAN_LIT("\0"));
}

static err_t put_integer(const struct schema_avro_node *n, const json_t *value, struct buf *out)
{
    int64_t number = json_integer_value(value);

    if (!json_is_integer(value)) {
        struct span text = schema_avro_build_string(value);
        ENSURE(text.at != NULL, ERR_SYNTAX);
        TRY(schema_avro_encode_logical_time((enum schema_avro_logical)n->logical, text, &number));
    }
    ENSURE(n->kind != AVRO_INT || (number >= INT32_MIN && number <= INT32_MAX), ERR_SYNTAX);
    return schema_avro_encode_value_long(out, number);
}

/* A number, or the names of what JSON has no number for. */
static err_t number_of(const json_t *value, double *ret_number)
{
    static const struct {
        struct span name;
        double number;
    } rows[] = {
        {{"NaN", 3}, (double)NAN},
        {{"Infinity", 8}, (double)INFINITY},
        {{"-Infinity", 9}, (double)-INFINITY},
    };

    if (json_is_number(value)) {
        *ret_number = json_number_value(value);
        return ERR_OK;
    }
    struct span name = schema_avro_build_string(value);
    for (size_t i = 0; name.at != NULL && i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (span_equal(name, rows[i].name)) {
            *ret_number = rows[i].number;
            return ERR_OK;
        }
    }
    return ERR_SYNTAX;
}

static err_t put_word(struct buf *out, uint64_t word, size_t len)
{
    char bytes[sizeof(word)];

    for (size_t i = 0; i < len; i++) {
        bytes[i] = (char)(word >> (8 * i));
    }
    return buf_append(out, span_of(bytes, len));
}

static err_t put_float(const json_t *value, struct buf *out)
{
    double number = 0;
    uint32_t bits = 0;

    TRY(number_of(value, &number));
    float narrow = (float)number; /* the largest is told by digits that are a little above it */
    ENSURE(!isfinite(number) || isfinite(narrow), ERR_SYNTAX);
    memcpy(&bits, &narrow, sizeof(bits));
    return put_word(out, bits, sizeof(bits));
}

static err_t put_double(const json_t *value, struct buf *out)
{
    double number = 0;
    uint64_t bits = 0;

    TRY(number_of(value, &number));
    memcpy(&bits, &number, sizeof(bits));
    return put_word(out, bits, sizeof(bits));
}

static err_t put_string(const json_t *value, struct buf *out)
{
    ENSURE(json_is_string(value), ERR_SYNTAX);
    return schema_avro_encode_value_bytes(out, schema_avro_build_string(value));
}

static err_t put_raw(const struct schema_avro_node *n, struct span bytes, struct buf *out)
{
    if (n->kind == AVRO_BYTES) {
        return schema_avro_encode_value_bytes(out, bytes);
    }
    ENSURE(bytes.len == n->size, ERR_SYNTAX);
    return buf_append(out, bytes);
}

/* Bytes and fixed: decimal, duration, else base64. */
static err_t put_bytes(const struct schema_avro_node *n, const json_t *value, struct buf *out)
{
    struct span text = schema_avro_build_string(value);
    struct buf bytes = {0};
    err_t err = ERR_SYNTAX;

    if (n->logical == AVRO_DURATION) {
        err = schema_avro_encode_logical_duration(value, &bytes);
    } else if (text.at != NULL && n->logical == AVRO_DECIMAL) {
        err = schema_avro_encode_logical_decimal(n, text, &bytes);
    } else if (text.at != NULL) {
        err = base64_decode(text, BASE64_STRICT, &bytes);
    }
    if (err == ERR_OK) {
        err = put_raw(n, buf_span(&bytes), out);
    }
    buf_done(&bytes);
    return err;
}

static err_t put_symbol(const struct schema_avro_build *b, const struct schema_avro_node *n,
                        const json_t *value, struct buf *out)
{
    struct span name = schema_avro_build_string(value);

    for (uint32_t i = 0; name.at != NULL && i < n->count; i++) {
        if (span_equal(text_span(b->symbols[n->first + i]), name)) {
            return schema_avro_encode_value_long(out, i);
        }
    }
    return ERR_SYNTAX;
}

static err_t put_value(const struct schema_avro_build *b, uint32_t node, const json_t *value,
                       struct buf *out)
{
    const struct schema_avro_node *n = &b->nodes[node];

    switch ((enum schema_avro_kind)n->kind) {
    case AVRO_NULL:
        return json_is_null(value) ? ERR_OK : ERR_SYNTAX;
    case AVRO_BOOLEAN:
        return put_boolean(value, out);
    case AVRO_INT:
    case AVRO_LONG:
        return put_integer(n, value, out);
    case AVRO_FLOAT:
        return put_float(value, out);
    case AVRO_DOUBLE:
        return put_double(value, out);
    case AVRO_STRING:
        return put_string(value, out);
    case AVRO_BYTES:
    case AVRO_FIXED:
        return put_bytes(n, value, out);
    case AVRO_ENUM:
        return put_symbol(b, n, value, out);
    case AVRO_ARRAY:
    case AVRO_MAP:
    case AVRO_UNION:
    case AVRO_RECORD:
        break;
    }
    return ERR_SYNTAX;
}

/* For people: what JSON a node takes. */
static const char *allowed(const struct schema_avro_node *n)
{
    static const char *const by_kind[] = {
        [AVRO_NULL] = "null",
        [AVRO_BOOLEAN] = "true or false",
        [AVRO_INT] = "an integer of 32 bits",
        [AVRO_LONG] = "an integer of 64 bits",
        [AVRO_FLOAT] = "a number that a float can hold, \"NaN\", \"Infinity\" or \"-Infinity\"",
        [AVRO_DOUBLE] = "a number, \"NaN\", \"Infinity\" or \"-Infinity\"",
        [AVRO_BYTES] = "a string of base64",
        [AVRO_STRING] = "a string",
        [AVRO_FIXED] = "a string of base64 of as many bytes as the fixed type has",
        [AVRO_ENUM] = "one of the symbols of the enum",
        [AVRO_RECORD] = "an object",
    };

    if (n->logical == AVRO_DECIMAL) {
        return "a string of digits within precision and scale";
    }
    if (n->logical == AVRO_DURATION) {
        return "an object of months, days and milliseconds";
    }
    if (n->logical != AVRO_PLAIN && n->logical != AVRO_UUID) {
        return "a date or time (RFC 3339), or the number it is stored as";
    }
    return by_kind[n->kind];
}

err_t schema_avro_encode_value(const struct schema_avro_build *b, uint32_t node,
                               const json_t *value, struct buf *out, const char **ret_allowed)
{
    err_t err = put_value(b, node, value, out);

    if (err == ERR_SYNTAX) {
        *ret_allowed = allowed(&b->nodes[node]);
    }
    return err;
}

static err_t put_default_bytes(const struct schema_avro_node *n, const json_t *value,
                               struct buf *out)
{
    struct span text = schema_avro_build_string(value);
    struct buf bytes = {0};

    TRY(buf_reserve(&bytes, text.len + 1));
    bytes.len = (size_t)schema_avro_default_bytes(text, bytes.at);
    err_t err = put_raw(n, buf_span(&bytes), out);
    buf_done(&bytes);
    return err;
}

err_t schema_avro_encode_value_default(const struct schema_avro_build *b, uint32_t node,
                                       const json_t *value, struct buf *out)
{
    const struct schema_avro_node *n = &b->nodes[node];

    ENSURE(schema_avro_default_fits(b, node, value), ERR_SYNTAX);
    if (n->kind == AVRO_BYTES || n->kind == AVRO_FIXED) {
        return put_default_bytes(n, value, out);
    }
    return put_value(b, node, value, out);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_avro_logical: one table says which name goes with which type. What does not fit is no
 * error: "implementations must ignore" it. */
#include "schema/schema_avro_logical.h"

#define DURATION_BYTES 12u

static const struct {
    struct span name;
    enum schema_avro_kind kind;
    enum schema_avro_logical logical;
} rows[] = {
    {{"decimal", 7}, AVRO_BYTES, AVRO_DECIMAL},
    {{"decimal", 7}, AVRO_FIXED, AVRO_DECIMAL},
    {{"uuid", 4}, AVRO_STRING, AVRO_UUID},
    {{"date", 4}, AVRO_INT, AVRO_DATE},
    {{"time-millis", 11}, AVRO_INT, AVRO_TIME_MILLIS},
    {{"time-micros", 11}, AVRO_LONG, AVRO_TIME_MICROS},
    {{"timestamp-millis", 16}, AVRO_LONG, AVRO_TIMESTAMP_MILLIS},
    {{"timestamp-micros", 16}, AVRO_LONG, AVRO_TIMESTAMP_MICROS},
    {{"local-timestamp-millis", 22}, AVRO_LONG, AVRO_LOCAL_TIMESTAMP_MILLIS},
    {{"local-timestamp-micros", 22}, AVRO_LONG, AVRO_LOCAL_TIMESTAMP_MICROS},
    {{"duration", 8}, AVRO_FIXED, AVRO_DURATION},
};

/* The decimal digits that every value of so many bytes with sign fits into:
 * floor(log10(2^(8n-1) - 1)). The logarithm of 2 is taken from below, closely enough for the
 * digits that are allowed at all. */
static uint64_t digits_of_bytes(uint32_t bytes)
{
    return bytes == 0 ? 0 : ((uint64_t)bytes * 8 - 1) * 301029995ull / 1000000000ull;
}

static void set_decimal(struct schema_avro_node *node, const json_t *json)
{
    const json_t *precision = json_object_get(json, "precision");
    const json_t *scale = json_object_get(json, "scale");
    json_int_t digits = json_integer_value(precision);
    json_int_t after = json_integer_value(scale);

    if (!json_is_integer(precision) || digits < 1 || digits > (json_int_t)SCHEMA_AVRO_DIGITS_MAX ||
        (scale != NULL && !json_is_integer(scale)) || after < 0 || after > digits) {
        return;
    }
    if (node->kind == AVRO_FIXED && (uint64_t)digits > digits_of_bytes(node->size)) {
        return;
    }
    node->logical = AVRO_DECIMAL;
    node->precision = (uint32_t)digits;
    node->scale = (uint32_t)after;
}

void schema_avro_logical_set(struct schema_avro_node *node, const json_t *json)
{
    struct span name = schema_avro_build_string(json_object_get(json, "logicalType"));

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!span_equal(name, rows[i].name) || rows[i].kind != (enum schema_avro_kind)node->kind) {
            continue;
        }
        if (rows[i].logical == AVRO_DECIMAL) {
            set_decimal(node, json);
            return;
        }
        if (rows[i].logical != AVRO_DURATION || node->size == DURATION_BYTES) {
            node->logical = (uint8_t)rows[i].logical;
        }
        return;
    }
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_avro_logical: values with a logical type as JSON. Source: Apache Avro 1.11, "Logical
 * Types". */
#pragma once

#include "codec/codec_put.h"
#include "schema/schema_avro.h"

/* A date or time as a string if RFC 3339 can say it; every other int or long as a number. */
void codec_avro_logical_integer(struct codec_put *p, enum schema_avro_logical logical,
                                int64_t number);

/* A string of digits with `scale` of them behind the point, from a big-endian number in two's
 * complement. REASON_BAD_AVRO without bytes; REASON_SCHEMA with more digits than the precision. */
void codec_avro_logical_decimal(struct codec_put *p, const struct schema_avro_node *node,
                                struct span bytes);

/* An object of three numbers, from 12 bytes. */
void codec_avro_logical_duration(struct codec_put *p, struct span bytes);

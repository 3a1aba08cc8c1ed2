/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_avro_encode_logical: texts that stand for times, decimals and bytes in the JSON of Avro
 * data, as codec/codec_avro.h writes them. All return ERR_SYNTAX for what does not fit, and those
 * that write to `out` ERR_NOMEM. */
#pragma once

#include "base/buf.h"
#include "schema/schema_avro.h"

#include <jansson.h>

/* The number that a date, time or timestamp is stored as; what is finer is cut. */
MUST_CHECK err_t schema_avro_encode_logical_time(enum schema_avro_logical logical, struct span text,
                                                 int64_t *ret_number);

/* Appends the two's complement of a decimal, big-endian: as short as possible for bytes, as long as
 * the type for a fixed. */
MUST_CHECK err_t schema_avro_encode_logical_decimal(const struct schema_avro_node *n,
                                                    struct span text, struct buf *out);

/* Appends the 12 bytes of a duration. */
MUST_CHECK err_t schema_avro_encode_logical_duration(const json_t *value, struct buf *out);

/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_avro_encode_value: JSON values that hold no others as binary Avro. Source: Apache Avro
 * 1.11, "Binary Encoding", "Logical Types". */
#pragma once

#include "base/buf.h"
#include "schema/schema_avro_build.h"

/* A zigzag number of variable length. ERR_NOMEM. */
MUST_CHECK err_t schema_avro_encode_value_long(struct buf *out, int64_t number);

/* A length and the bytes. ERR_NOMEM. */
MUST_CHECK err_t schema_avro_encode_value_bytes(struct buf *out, struct span bytes);

/* Which JSON a value is: what codec/codec_avro.h writes, or the default of a schema. */
enum schema_avro_encode_form { SCHEMA_AVRO_ENCODE_JSON, SCHEMA_AVRO_ENCODE_DEFAULT };

/* A value of a node that is no record, array, map or union. ERR_SYNTAX: it does not fit, and
 * `*ret_allowed` says what does; `out` may have grown. ERR_NOMEM. */
MUST_CHECK err_t schema_avro_encode_value(const struct schema_avro_build *b, uint32_t node,
                                          const json_t *value, struct buf *out,
                                          const char **ret_allowed);

/* The same for a default. */
MUST_CHECK err_t schema_avro_encode_value_default(const struct schema_avro_build *b, uint32_t node,
                                                  const json_t *value, struct buf *out);

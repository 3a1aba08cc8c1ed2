/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_avro: one binary Avro datum, without container or prefix, becomes a record straight from
 * the plan. Source: Apache Avro 1.11, "Binary Encoding"; bounds of our own: depth, counts and
 * lengths are checked against what is left before anything is done with them. */
#pragma once

#include "codec/codec.h"
#include "schema/schema_avro.h"

/* The datum must be a record (else REASON_SCHEMA) and use all of `in`. Its fields named timestamp,
 * level, message, service become the four if their value is a string in JSON (a logical time is);
 * all others, and those of the four that are none, become extras in schema order. JSON of values:
 * unions untagged; bytes and fixed base64; decimal a string; NaN and infinities strings; enum its
 * symbol; map an object; timestamp-* RFC 3339 UTC; local-timestamp-*, date and time without zone;
 * uuid a string; duration an object of months, days, milliseconds. Names and values together are
 * at most `in.len` + CODEC_AVRO_OUT_BYTES(in.len) of arena: more is REASON_TOO_LARGE.
 * Rejects: REASON_BAD_AVRO, _BAD_UTF8, _TOO_DEEP, _TOO_LARGE, _SCHEMA. Sets format AVRO, origin
 * CONTRACT, source. The plan outlives the record. */
enum reason codec_avro(const struct schema_avro *plan, struct span in, struct batch *b,
                       struct record *ret_rec, const char **ret_detail);

/* What the JSON of a datum of `bytes` may take: names come from the schema and can be longer than
 * the values beside them. */
#define CODEC_AVRO_OUT_BYTES(bytes) ((size_t)(bytes)*6 + 16384)

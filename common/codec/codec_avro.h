/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_avro: one binary Avro datum, without container or prefix, becomes a record straight from
 * the plan. Source: Apache Avro 1.11, "Binary Encoding"; bounds of our own: depth, counts and
 * lengths are checked against what is left before anything is done with them. */
#pragma once

#include "codec/codec.h"
#include "codec/codec_put.h"
#include "schema/schema_avro.h"

/* The datum must be a record (else REASON_SCHEMA) and use all of `in`. Its fields named timestamp,
 * level, message, service become the four if their value is a string in JSON (a logical time is);
 * all others, and those of the four that are none, become extras in schema order. JSON of values:
 * unions untagged; bytes and fixed base64; decimal a string; NaN and infinities strings; enum its
 * symbol; map an object; timestamp-* RFC 3339 UTC; local-timestamp-*, date and time without zone; a
 * date outside the years 0000 to 9999 and a time outside the day the number it is; uuid a string;
 * duration an object of months, days, milliseconds. Names and values together are at most
 * CODEC_AVRO_OUT_BYTES(in.len): more is REASON_TOO_LARGE, and so are more fields than memory is
 * kept for: about 1,000 beyond what has a byte each.
 * Rejects: REASON_BAD_AVRO (also a key twice in a map, and blocks that are not as long as they
 * say), _BAD_UTF8, _TOO_DEEP (more than JSON_DEPTH_MAX levels), _TOO_LARGE, _SCHEMA (also a decimal
 * with more digits than its precision). Sets format AVRO, origin CONTRACT, source. The plan
 * outlives the record. */
enum reason codec_avro(const struct schema_avro *plan, struct span in, struct batch *b,
                       struct record *ret_rec, const char **ret_detail);

/* What the JSON of a datum of `bytes` may take in the dearest output form. */
#define CODEC_AVRO_OUT_BYTES(bytes) CODEC_PUT_BUDGET(bytes)

/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_protobuf: one Protobuf message, without length or prefix, becomes a record straight from
 * the plan. Source: Protocol Buffers, "Encoding" (last wins, repeated elements anywhere, packed or
 * not, unknown fields skipped, groups skipped) and "ProtoJSON"; bounds of our own: messages at most
 * 100 deep and their JSON JSON_DEPTH_MAX, lengths checked against what is left before anything is
 * done with them. */
#pragma once

#include "codec/codec.h"
#include "codec/codec_put.h"
#include "schema/schema_protobuf.h"

/* The root's fields named timestamp, level, message, service become the four if their JSON is a
 * string (google.protobuf.Timestamp is); all others, and those of the four that are none, become
 * extras in order of their numbers, named by their JSON names. A field without presence that has
 * its default value is absent, so an empty string is an absent one of the four. Names and values
 * together are at most CODEC_PROTOBUF_OUT_BYTES(in.len) of arena: more is REASON_TOO_LARGE. What
 * does not reach the record (a value that a later one replaces, an unknown field) is only checked
 * for where it ends. Time: each tag is read once; sorting adds a logarithm, for senders that do not
 * send fields in order, and for maps (codec_protobuf_index.h, codec_protobuf_map.h).
 * Rejects: REASON_BAD_PROTOBUF, _BAD_UTF8, _TOO_DEEP, _TOO_LARGE. Sets format PROTO, origin
 * CONTRACT, source. The plan outlives the record. */
enum reason codec_protobuf(const struct schema_protobuf_message *message, struct span in,
                           struct batch *b, struct record *ret_rec, const char **ret_detail);

/* What the JSON of a message of `bytes` may take: names come from the schema and can be longer than
 * the values beside them. Each extra counts in it, and a string of the root at the dearest rate,
 * although it stays where it is. */
#define CODEC_PROTOBUF_OUT_BYTES(bytes) CODEC_PUT_BUDGET(bytes)

/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_protobuf_json: indexed messages become JSON, in steps: what is open stands on the stack of
 * `frames`, so nothing recurses. Source: ProtoJSON. */
#pragma once

#include "codec/codec_protobuf_index.h"

/* Opens the outermost message, of whose entries [0, work_count) the caller takes each field. */
void codec_protobuf_json_root(struct codec_protobuf_index *d,
                              const struct schema_protobuf_message *message);

/* Whether the field at hand of the innermost frame is to be written: false for one without presence
 * that has its default value, which is passed. */
bool codec_protobuf_json_present(struct codec_protobuf_index *d);

/* Writes the value of the field at hand, without name, or begins to: it is complete when the depth
 * is as before and the frame has no bracket. */
void codec_protobuf_json_value(struct codec_protobuf_index *d);

/* '{' or '[', and '}' or ']'. More than JSON_DEPTH_MAX open is REASON_TOO_DEEP: our own readers of
 * JSON would not take it back. */
void codec_protobuf_json_open(struct codec_protobuf_index *d, char bracket);
void codec_protobuf_json_close(struct codec_protobuf_index *d, char bracket);

/* One step of what is open. */
void codec_protobuf_json_step(struct codec_protobuf_index *d);

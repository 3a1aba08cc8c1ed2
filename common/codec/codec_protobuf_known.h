/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_protobuf_known: messages of Google's whose JSON is a single value of its own form:
 * Timestamp, Duration, FieldMask, Any (whose content is not known here), Empty. Source: ProtoJSON
 * and the comments of their .proto files, which give the ranges. */
#pragma once

#include "codec/codec_protobuf_index.h"

/* Whether the message is one of these. */
bool codec_protobuf_known_is(const struct schema_protobuf_message *message);

/* Writes the message whose entries are [from, to) of `d->work`. What JSON has no form for fails
 * with REASON_BAD_PROTOBUF. */
void codec_protobuf_known_put(struct codec_protobuf_index *d,
                              const struct schema_protobuf_message *message, uint32_t from,
                              uint32_t to);

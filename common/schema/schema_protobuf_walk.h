/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_protobuf_walk: whether bytes may be given to protobuf-c as descriptors: it recurses as
 * deep as they go and allocates whatever they say. Also how many things they describe, so that the
 * plan's memory is known before it is taken. */
#pragma once

#include "base/err.h"
#include "base/span.h"
#include "schema/schema_why.h"

#include <google/protobuf-c/protobuf-c.h>
#include <stdint.h>

/* Upper bounds: elements, those of options included. */
struct schema_protobuf_walk {
    uint32_t files;
    uint32_t messages;
    uint32_t fields;
    uint32_t enums;
    uint32_t values;
};

/* Walks one message of `type` (FileDescriptorSet or FileDescriptorProto) and adds to the counts.
 * ERR_SYNTAX: broken wire format, a group, a string with a NUL or that is no UTF-8. ERR_LIMIT: too
 * large, too deep or too many. */
MUST_CHECK err_t schema_protobuf_walk(const ProtobufCMessageDescriptor *type, struct span in,
                                      struct schema_why *ret_why, struct schema_protobuf_walk *ret);

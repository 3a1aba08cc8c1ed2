/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_protobuf_set: descriptor bytes as protobuf-c's structures: the files of a schema, with
 * Google's well-known types among them. */
#pragma once

#include "base/err.h"
#include "base/span.h"
#include "schema/schema_protobuf_walk.h"
#include "schema/schema_why.h"

#include <google/protobuf/descriptor.pb-c.h>
#include <stdbool.h>

struct schema_protobuf_file {
    const Google__Protobuf__FileDescriptorProto *proto;
    bool well_known;
};

struct schema_protobuf_set {
    struct schema_protobuf_file *files; /* the schema itself is the first */
    uint32_t file_count;
    struct schema_protobuf_walk counts; /* of all files, upper bounds */

    Google__Protobuf__FileDescriptorSet *own;
    Google__Protobuf__FileDescriptorProto *single; /* instead of `own` */
    Google__Protobuf__FileDescriptorSet *well_known;
};

/* Every file is proto3 and has what it imports; files of the well-known types are replaced by
 * those that are compiled in, descriptor.proto (whose types only options use) is left out. `s` is
 * zeroed; schema_protobuf_set_done() also after an error. Errors as schema_protobuf_compile(). */
MUST_CHECK err_t schema_protobuf_set_open(struct schema_protobuf_set *s, struct span descriptors,
                                          struct schema_why *ret_why);
void schema_protobuf_set_done(struct schema_protobuf_set *s);

/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_protobuf_parts: the plan while it is made: messages, enums and fields, one kind after the
 * other. */
#pragma once

#include "schema/schema_protobuf.h"
#include "schema/schema_protobuf_names.h"
#include "schema/schema_protobuf_set.h"

/* What a name stands for. */
enum schema_protobuf_part { PROTOBUF_PART_MESSAGE, PROTOBUF_PART_ENUM };

struct schema_protobuf_source {
    const Google__Protobuf__DescriptorProto *proto;
    const char *file;
    uint32_t depth;
};

struct schema_protobuf_parts {
    const struct schema_protobuf *plan; /* that the messages belong to */
    const struct schema_protobuf_set *set;
    struct schema_protobuf_store *store;
    struct schema_why *why;

    struct schema_protobuf_message *messages;
    struct schema_protobuf_source *sources; /* of messages */
    uint32_t message_count;
    uint32_t top_count;
    struct schema_protobuf_field *fields;
    uint32_t field_count;
    struct schema_protobuf_enum *enums;
    uint32_t enum_count;
    struct schema_protobuf_value *values;
    uint32_t value_count;
    struct schema_protobuf_names names; /* full names of messages and enums */
};

/* All messages, in the order that struct schema_protobuf wants, and enums, by their names. The
 * arrays have room for what the set counts. */
MUST_CHECK err_t schema_protobuf_parts_declare(struct schema_protobuf_parts *p);

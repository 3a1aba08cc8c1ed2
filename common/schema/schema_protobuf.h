/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_protobuf: Protobuf descriptors become a decode plan, which codec/codec_protobuf.h runs.
 * Source: descriptor.proto of Protocol Buffers; proto3 only. The plan is plain data: messages and
 * fields that refer to each other by index. Google's well-known types are known without being in
 * the set. */
#pragma once

#include "base/err.h"
#include "base/span.h"
#include "schema/schema_why.h"
#include "wire/batch.h"

#include <stdint.h>

/* Numbers are those of FieldDescriptorProto.Type. */
enum schema_protobuf_type {
    PROTOBUF_DOUBLE = 1,
    PROTOBUF_FLOAT = 2,
    PROTOBUF_INT64 = 3,
    PROTOBUF_UINT64 = 4,
    PROTOBUF_INT32 = 5,
    PROTOBUF_FIXED64 = 6,
    PROTOBUF_FIXED32 = 7,
    PROTOBUF_BOOL = 8,
    PROTOBUF_STRING = 9,
    PROTOBUF_MESSAGE = 11,
    PROTOBUF_BYTES = 12,
    PROTOBUF_UINT32 = 13,
    PROTOBUF_ENUM = 14,
    PROTOBUF_SFIXED32 = 15,
    PROTOBUF_SFIXED64 = 16,
    PROTOBUF_SINT32 = 17,
    PROTOBUF_SINT64 = 18
};

/* Messages whose JSON is not an object of their fields. */
enum schema_protobuf_known {
    PROTOBUF_ORDINARY,
    PROTOBUF_MAP_ENTRY,
    PROTOBUF_TIMESTAMP,
    PROTOBUF_DURATION,
    PROTOBUF_STRUCT,
    PROTOBUF_VALUE,
    PROTOBUF_LIST_VALUE,
    PROTOBUF_WRAPPER, /* DoubleValue … BytesValue: the JSON of its field `value` */
    PROTOBUF_FIELD_MASK,
    PROTOBUF_EMPTY,
    PROTOBUF_ANY /* as {"@type":…,"value":base64}: what is inside is not known here */
};

struct schema_protobuf_field {
    uint32_t number;
    uint8_t type;      /* enum schema_protobuf_type */
    bool repeated;     /* maps too: their message is a PROTOBUF_MAP_ENTRY */
    bool has_presence; /* proto3 optional, message or in a oneof */
    int32_t oneof;     /* index within the message; -1: none */
    uint32_t target;   /* MESSAGE: of `messages`. ENUM: of `enums` */
    uint8_t role;      /* enum entry_field of that name, else FIELD_COUNT */
    bool plain_text;   /* a string that is neither repeated nor in a oneof */
    struct span name;
    struct text json_name; /* for output: lowerCamelCase or the json_name option */
};

struct schema_protobuf_message {
    const struct schema_protobuf *plan;
    struct span fullname; /* "log.LogEntry" */
    uint32_t first;       /* of `fields`, ordered by number */
    uint32_t count;
    /* How many of them, from the first, are numbered 1, 2 …, are plain_text and have a role: a
     * message of only those needs no copy. */
    uint32_t flat_count;
    uint32_t nested_first; /* of `messages`: those declared inside it, in that order */
    uint32_t nested_count;
    uint8_t known;   /* enum schema_protobuf_known */
    bool well_known; /* one of Google's: not of the schema */
};

struct schema_protobuf_value {
    int32_t number;
    uint32_t order; /* in which the enum declares it */
    struct text name;
};

struct schema_protobuf_enum {
    struct span fullname;
    /* Of `values`, by number; of several with one number the first that was declared comes first,
     * and is the one that is written. */
    uint32_t first;
    uint32_t count;
    bool is_null; /* google.protobuf.NullValue: null in JSON */
};

struct schema_protobuf {
    const struct schema_protobuf_message *messages; /* those of the last file come first */
    uint32_t message_count;
    uint32_t top_count; /* of them, declared outside other messages */
    const struct schema_protobuf_field *fields;
    uint32_t field_count;
    const struct schema_protobuf_enum *enums;
    uint32_t enum_count;
    const struct schema_protobuf_value *values;
    uint32_t value_count;
};

/* Compiles a FileDescriptorSet whose last file is the schema itself and whose others are what it
 * imports; a single FileDescriptorProto is taken too. Errors, with `ret_why`: ERR_SYNTAX no
 * descriptors; ERR_UNKNOWN proto2 or editions, or an import or type that is missing (named);
 * ERR_LIMIT too large or too deep; ERR_NOMEM. Options and extensions are passed over. */
MUST_CHECK err_t schema_protobuf_compile(struct span descriptors, struct schema_why *ret_why,
                                         struct schema_protobuf **ret);
void schema_protobuf_free(struct schema_protobuf *s);

/* The message of that full name ("log.LogEntry"), or, without a dot, the only one whose name ends
 * so (well-known types and map entries have none); "" is the first message of the last file.
 * NULL: there is none. Lives as long as the plan. */
const struct schema_protobuf_message *schema_protobuf_find(const struct schema_protobuf *s,
                                                           struct span name);

#define SCHEMA_PROTOBUF_PATH_MAX 32u

/* Oneofs of one message. */
#define SCHEMA_PROTOBUF_ONEOFS_MAX 256u

/* The message that a path of indexes stands for: the first counts the messages of the last file,
 * each further one those nested in it, as they stand in the descriptor. NULL: there is none.
 * Source: Confluent wire format. */
const struct schema_protobuf_message *schema_protobuf_by_path(const struct schema_protobuf *s,
                                                              const uint32_t *path, uint32_t count);

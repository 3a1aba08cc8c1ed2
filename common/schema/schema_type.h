/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_type: one version of one record type: a compiled schema with its name and where it came
 * from. Immutable once made; shared by threads. */
#pragma once

#include "schema/schema_avro.h"
#include "schema/schema_json.h"
#include "schema/schema_kind.h"
#include "schema/schema_protobuf.h"

#define SCHEMA_TYPE_NAME_BYTES 256u

/* Counters of a type are kept in a slot; types beyond the last share it. */
#define SCHEMA_TYPE_SLOTS 64u

/* What a type is made of; borrowed during the call. */
struct schema_type_source {
    enum schema_kind kind;
    struct span name; /* of the type: "LogEntry" */
    struct span text; /* JSON Schema or Avro schema text, or a FileDescriptorSet */
    uint32_t id;      /* global id in the registry; 0: built in */
    uint32_t version; /* of the subject; 0: built in */
};

struct schema_type {
    char name[SCHEMA_TYPE_NAME_BYTES]; /* NUL-terminated */
    struct text text;                  /* the same */
    enum schema_kind kind;
    uint32_t id;
    uint32_t version;
    uint32_t slot;
    bool is_entry; /* it is LogEntry: the rules of check/check_entry.h hold */
    struct schema_json *json;
    struct schema_avro *avro;
    struct schema_protobuf *protobuf;
    const struct schema_protobuf_message *message; /* what a payload without index is */
};

/* Compiles. A Protobuf type is the message of its name, or else the first one of the last file.
 * ERR_LIMIT also for a name that is empty or too long, ERR_SYNTAX for one that is no UTF-8,
 * ERR_UNKNOWN for a Protobuf schema without any message; the other errors are those of the
 * compilers. */
MUST_CHECK err_t schema_type_new(const struct schema_type_source *source,
                                 struct schema_why *ret_why, struct schema_type **ret);
void schema_type_free(struct schema_type *t);

/* The built-in LogEntry. ERR_NOMEM. */
MUST_CHECK err_t schema_type_builtin(enum schema_kind kind, struct schema_type **ret);

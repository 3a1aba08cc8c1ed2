/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_compile: a schema's text with what it refers to, checked and compiled by the module of
 * its language; comparing two; judging a value. */
#pragma once

#include "registry/registry_refs.h"
#include "schema/schema_avro.h"
#include "schema/schema_json.h"
#include "schema/schema_protobuf.h"
#include "schema/schema_why.h"

/* A compiled schema; a zeroed one is empty. */
struct registry_compile {
    enum schema_kind kind;
    struct buf text; /* one document with its references, or a FileDescriptorSet */
    struct schema_json *json;
    struct schema_avro *avro;
    struct schema_protobuf *protobuf;
};

void registry_compile_done(struct registry_compile *c);

/* Compiles a schema that is not stored yet: kind and text are set, `refs` are its references; for
 * Protobuf `schema->descriptors` is made. Text is .proto, or base64 of a FileDescriptorProto or
 * FileDescriptorSet. Errors, with `ret_why`: those of the compilers; ERR_IO protoc cannot run. */
MUST_CHECK err_t registry_compile_new(struct store_schema *schema, const struct registry_refs *refs,
                                      struct schema_why *ret_why, struct registry_compile *ret);

/* The same for a stored one, whose descriptors are there. */
MUST_CHECK err_t registry_compile_stored(const struct store_schema *schema,
                                         const struct registry_refs *refs,
                                         struct schema_why *ret_why, struct registry_compile *ret);

/* ERR_OK: what `writer` wrote `reader` reads. ERR_EXISTS: not so, or other languages, `ret_why`
 * says what. Others as the compilers. */
MUST_CHECK err_t registry_compile_reads(const struct registry_compile *reader,
                                        const struct registry_compile *writer,
                                        struct schema_why *ret_why);

/* The last file of a FileDescriptorSet: a FileDescriptorProto, absent if there is none. */
struct span registry_compile_last_file(struct span set);

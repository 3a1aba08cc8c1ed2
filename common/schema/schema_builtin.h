/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_builtin: the files of schemas/, compiled in (made by cmake/embed_schemas.py): the type
 * LogEntry, which every program knows without a registry. */
#pragma once

#include "base/span.h"
#include "schema/schema_kind.h"

#define SCHEMA_BUILTIN_NAME "LogEntry"

/* JSON Schema text, Avro schema text, or the bytes of a FileDescriptorSet. Static. */
struct span schema_builtin(enum schema_kind kind);

/* The text of logentry.proto. Static. */
struct span schema_builtin_proto_text(void);

/* The FileDescriptorSet of Google's well-known types, each of which may be in any schema. Static.
 */
struct span schema_builtin_well_known(void);

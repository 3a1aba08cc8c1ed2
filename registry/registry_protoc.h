/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_protoc: .proto text through the program `protoc`, in a private directory that is removed
 * afterwards, with bounds on its time, memory and output. The caller waits. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "registry/registry_refs.h"
#include "schema/schema_why.h"

/* Writes a FileDescriptorSet with all imports, the text's own file last. References are import
 * files under their names. Errors with `ret_why`: ERR_SYNTAX what protoc says, with line and
 * column; ERR_LIMIT it took too long or wrote too much; ERR_IO it cannot be run; ERR_NOMEM. */
MUST_CHECK err_t registry_protoc_run(struct span text, const struct registry_refs *refs,
                                     struct schema_why *ret_why, struct buf *ret_descriptors);

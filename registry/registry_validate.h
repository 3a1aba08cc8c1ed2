/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_validate: whether a value is one of a schema, for /schema/validate. */
#pragma once

#include "check/check_json.h"
#include "registry/registry_compile.h"

/* `data`: an object is the value's JSON form; a string is JSON text (JSON Schema), or base64 of the
 * binary (Avro, Protobuf). `name` is the type's, by which a Protobuf message is chosen (else the
 * first). Errors with `ret_why`: ERR_SYNTAX it is none; ERR_LIMIT; ERR_NOMEM. */
MUST_CHECK err_t registry_validate(struct check_json *check, const struct registry_compile *c,
                                   const char *name, const json_t *data,
                                   struct schema_why *ret_why);

/* SPDX-License-Identifier: Apache-2.0
 *
 * regapi_files: a Protobuf schema with all that it refers to, as one FileDescriptorSet. Each file
 * takes two questions: what it refers to itself, and its bytes. */
#pragma once

#include "regapi/regapi_answer.h"

/* Appends the set to `ret`: what was found last comes first, `root` (whose id is set) last. A name
 * counts once, with the version that names it first. Errors as regapi_get_subject(). */
MUST_CHECK err_t regapi_files_gather(const struct regapi *r, const struct regapi_answer *root,
                                     struct schema_why *ret_why, struct buf *ret);

/* GET /subjects/{subject}/versions/{version}: with its id and version. Errors as above. */
MUST_CHECK err_t regapi_files_ask_version(const struct regapi *r, const char *subject,
                                          uint32_t version, struct schema_why *ret_why,
                                          struct regapi_answer *ret);

/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_json_detail: what a failure will say, written when the schema is compiled:
 * "/message: minLength 1". The pointer is the first way from the root to the schema; "*" stands for
 * any element and for members that are not named. */
#pragma once

#include "schema/schema_json_build.h"

/* Sets the detail of every operation. ERR_NOMEM. */
MUST_CHECK err_t schema_json_detail_write(struct schema_json_build *b);

/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_json_cycle: a schema that comes back to itself without going to a part of the value means
 * nothing, and judging by it would not end. */
#pragma once

#include "schema/schema_json_build.h"

/* Looks at all schemas once references are linked. A $dynamicRef, whose target is known only while
 * a value is judged, is not followed. ERR_SYNTAX: there is such a cycle; ERR_NOMEM. */
MUST_CHECK err_t schema_json_cycle_check(struct schema_json_build *b);

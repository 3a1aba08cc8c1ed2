/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_compat_avro: whether data written by one Avro schema can be read by another. Source:
 * Apache Avro 1.11, "Schema Resolution" (promotions, aliases, defaults, enum defaults, unions). */
#pragma once

#include "base/err.h"
#include "base/span.h"
#include "schema/schema_why.h"

/* ERR_OK: every datum of `writer` can be read by `reader`. ERR_EXISTS: not so; `ret_why` names the
 * place and what differs. ERR_SYNTAX, ERR_UNKNOWN, ERR_LIMIT, ERR_NOMEM as schema_avro_compile().
 */
MUST_CHECK err_t schema_compat_avro(struct span reader, struct span writer,
                                    struct schema_why *ret_why);

/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_avro_encode: a JSON value as one binary Avro datum. For generated load and for
 * validation on request, not for speed. Source: Apache Avro 1.11, "Binary Encoding". The JSON is
 * what codec/codec_avro.h writes: unions untagged (the first branch that fits), bytes and fixed
 * base64, decimal as string, times as RFC 3339, NaN and infinities as strings; numbers are taken
 * for times too. A field that is absent gets its default. */
#pragma once

#include "base/buf.h"
#include "schema/schema_avro.h"

#include <jansson.h>

/* Appends the datum to `out`. ERR_SYNTAX: the value does not fit, `ret_why` says where (a JSON
 * pointer) and what is allowed; then `out` is as it was. ERR_LIMIT too deep; ERR_NOMEM. */
MUST_CHECK err_t schema_avro_encode(const struct schema_avro *s, const json_t *value,
                                    struct schema_why *ret_why, struct buf *out);

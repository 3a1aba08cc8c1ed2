/* SPDX-License-Identifier: Apache-2.0
 *
 * gen_binary: templates of binary records: types that are the four fields of LogEntry and nothing
 * else. What is written over a template keeps its width, so the lengths before the values stay
 * right. */
#pragma once

#include "client/gen_template.h"
#include "schema/schema_type.h"
#include "wire/batch.h"

/* Whether the type, of Avro or Protobuf, is nothing but the four fields as strings, in any order
 * and with any numbers below 16; then `ret` says how they lie. */
bool gen_binary_suits(const struct schema_type *type, struct gen_binary_layout *ret);

/* Appends a record to the set's bytes as set->layout says; `values` are texts with marks, by enum
 * entry_field. ERR_NOMEM. */
MUST_CHECK err_t gen_binary_place(struct gen_template_set *set,
                                  const struct span values[FIELD_COUNT], struct gen_template *t);

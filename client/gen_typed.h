/* SPDX-License-Identifier: Apache-2.0
 *
 * gen_typed: records of any type, made value by value. Much slower than templates (gen.h), so only
 * for types that are not the four fields. Belongs to one thread. */
#pragma once

#include "client/args.h"
#include "client/types.h"

#include <stdint.h>

struct gen_typed;

/* The type and the settings are borrowed. ERR_NOMEM. */
MUST_CHECK err_t gen_typed_new(const struct args *args, const struct types *types, uint64_t seed,
                               struct gen_typed **ret);
void gen_typed_free(struct gen_typed *g);

/* Appends up to `count` records to `out`, about a MiB at most, each judged before (verify.h):
 * frames of the format of the settings, or lines for datagrams. Errors: ERR_SYNTAX no value that
 * the schema accepts was found in several tries, gen_typed_why() tells; ERR_NOMEM. */
MUST_CHECK err_t gen_typed_append(struct gen_typed *g, uint32_t count, uint64_t wall_ns,
                                  struct buf *out, uint32_t *ret_count);

/* After ERR_SYNTAX: the last record that was tried, and what was wrong with it. */
const char *gen_typed_why(const struct gen_typed *g);

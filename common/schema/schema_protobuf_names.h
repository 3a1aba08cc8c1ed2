/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_protobuf_names: what a schema's names are kept in: a store for their characters, and a
 * table from full names to things. */
#pragma once

#include "base/err.h"
#include "base/span.h"
#include "schema/schema_why.h"

#include <stdint.h>

/* The longest full name. */
#define PROTOBUF_NAME_BYTES_MAX 512u

struct schema_protobuf_chunk;

/* Characters that stay where they are, each run with SPAN_SLACK_BYTES readable behind it. A zeroed
 * one is empty. */
struct schema_protobuf_store {
    struct schema_protobuf_chunk *chunks;
};

/* A copy of `a`, or of `a`, a dot and `b` if `a` is not empty. ERR_NOMEM. */
MUST_CHECK err_t schema_protobuf_names_keep(struct schema_protobuf_store *store, struct span a,
                                            struct span *ret);
MUST_CHECK err_t schema_protobuf_names_join(struct schema_protobuf_store *store, struct span a,
                                            struct span b, struct span *ret);
void schema_protobuf_names_drop(struct schema_protobuf_store *store);

struct schema_protobuf_name {
    struct span text;
    uint32_t kind; /* the caller's */
    uint32_t index;
};

struct schema_protobuf_names {
    struct schema_protobuf_name *at;
    uint32_t count;
    uint32_t max;
};

/* Room for `max` names. ERR_NOMEM. */
MUST_CHECK err_t schema_protobuf_names_init(struct schema_protobuf_names *n, uint32_t max);
void schema_protobuf_names_done(struct schema_protobuf_names *n);

/* There is room. The text is borrowed. */
void schema_protobuf_names_add(struct schema_protobuf_names *n, struct span text, uint32_t kind,
                               uint32_t index);

/* After the last name, before the first search. ERR_SYNTAX: a name is there twice. */
MUST_CHECK err_t schema_protobuf_names_sort(struct schema_protobuf_names *n,
                                            struct schema_why *ret_why);

/* NULL: there is none. */
const struct schema_protobuf_name *schema_protobuf_names_find(const struct schema_protobuf_names *n,
                                                              struct span text);

/* What a type name means: ".pkg.Msg" as it is; without the dot, what `scope` ("pkg.Outer") or the
 * nearest of those around it has by that name. NULL: nothing. */
const struct schema_protobuf_name *schema_protobuf_names_resolve(
    const struct schema_protobuf_names *n, struct span scope, struct span name);

/* Whether it is a letter or '_' and then letters, digits and '_'. */
bool schema_protobuf_names_is_identifier(struct span name);

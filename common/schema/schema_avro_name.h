/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_avro_name: names of Avro types. Source: Apache Avro 1.11, "Names": a name with a dot is a
 * full name, one without belongs to the namespace beside it, or else to the enclosing one. */
#pragma once

#include "schema/schema_avro_build.h"

/* [A-Za-z_][A-Za-z0-9_]* */
bool schema_avro_name_valid(struct span name);

/* Such names separated by dots. */
bool schema_avro_name_valid_full(struct span name);

/* The primitive type of that name. */
bool schema_avro_name_primitive(struct span name, enum schema_avro_kind *ret_kind);

/* The part before the last dot; empty if there is none. */
struct span schema_avro_name_space(struct span fullname);

/* The part behind the last dot. */
struct span schema_avro_name_simple(struct span fullname);

/* Longer full names are refused. */
#define SCHEMA_AVRO_NAME_BYTES_MAX 1024u

/* `name` within `space`: itself if it has a dot or the namespace is empty, else put together in
 * `out`. ERR_LIMIT too long. */
MUST_CHECK err_t schema_avro_name_qualify(struct span space, struct span name,
                                          char out[SCHEMA_AVRO_NAME_BYTES_MAX],
                                          struct span *ret_fullname);

/* A copy that lives as long as `b`. ERR_NOMEM. */
MUST_CHECK err_t schema_avro_name_keep(struct schema_avro_build *b, struct span name,
                                       struct span *ret_kept);

/* Whether `fullname` is what `name` means within `space`. */
bool schema_avro_name_is(struct span fullname, struct span space, struct span name);

/* Remembers the node of a full name. ERR_EXISTS: the name is taken; ERR_NOMEM. */
MUST_CHECK err_t schema_avro_name_add(struct schema_avro_build *b, struct span fullname,
                                      uint32_t node);

/* The node of a full name, or SCHEMA_AVRO_NONE. */
uint32_t schema_avro_name_find(const struct schema_avro_build *b, struct span fullname);

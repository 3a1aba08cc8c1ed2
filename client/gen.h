/* SPDX-License-Identifier: Apache-2.0
 *
 * gen: the load generator: realistic log records, made by copying templates and writing times and
 * numbers over fixed places of the copy. A generator belongs to one thread; the same seed and
 * settings make the same records but for their times. */
#pragma once

#include "base/err.h"
#include "client/args.h"
#include "schema/schema_type.h"

#include <stdint.h>

enum gen_shape {
    GEN_JSON_FRAMES,  /* go-client frames of format 1 */
    GEN_PROTO_FRAMES, /* format 2 */
    GEN_AVRO_FRAMES,  /* format 3 */
    GEN_RAW_FRAMES,   /* format 4: plain lines, RFC 3164, RFC 5424, journald JSON */
    GEN_JSON_LINES    /* JSON objects, each ended by LF, for datagrams */
};

/* What the settings ask for. */
enum gen_shape gen_shape_of(const struct args *args);

struct gen;

/* Levels and fields are taken from the settings, the order of the fields of binary records from the
 * type (NULL for other shapes). ERR_NOMEM; ERR_UNKNOWN the type is not made of the four fields
 * alone. */
MUST_CHECK err_t gen_new(const struct args *args, const struct schema_type *type, uint64_t seed,
                         struct gen **ret);
void gen_free(struct gen *g);

/* No record is longer, framing included. */
size_t gen_record_bytes_max(const struct gen *g);

/* Writes `count` records at `out`, which holds `count * gen_record_bytes_max()`; their time is
 * `wall_ns`. Returns how many bytes they take. */
size_t gen_write(struct gen *g, uint32_t count, uint64_t wall_ns, char *out);

/* The templates one by one, for tests of what they make. `number` is below the count. */
uint32_t gen_count(const struct gen *g);
size_t gen_write_one(struct gen *g, uint32_t number, uint64_t wall_ns, char *out);

/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_avro_value: one value of any Avro type becomes JSON. Source: Apache Avro 1.11, "Binary
 * Encoding". The reader is sticky: after a failure it stands at its end and gives zeros. */
#pragma once

#include "base/limits.h"
#include "codec/codec_put.h"
#include "schema/schema_avro.h"
#include "wire/batch.h"

/* A record, array or map that is being read. */
struct codec_avro_frame {
    const struct schema_avro_node *node;
    const char *block_end; /* of the block at hand, if it says so; else NULL */
    uint64_t items;        /* of the block at hand that are still to come */
    uint32_t next;         /* RECORD: the next field */
    uint32_t name_first;   /* MAP: where its keys begin among all */
};

struct codec_avro_value {
    const struct schema_avro *plan;
    const char *at;
    const char *end;
    const char *begin;
    struct arena *arena;

    uint8_t reason; /* enum reason: NONE until something fails */
    const char *detail;

    struct codec_put put;
    struct json_name *names; /* keys of the maps that are open; NULL until one is */
    uint32_t name_count;
    uint32_t name_max;

    uint32_t depth;
    struct codec_avro_frame stack[JSON_DEPTH_MAX];
};

/* Marks it failed, unless it already is; nothing is left to read. */
void codec_avro_value_fail(struct codec_avro_value *v, enum reason reason, const char *detail);

/* A variable-length zigzag number of up to 64 bits. */
int64_t codec_avro_value_long(struct codec_avro_value *v);

/* A length and that many bytes. */
struct span codec_avro_value_bytes(struct codec_avro_value *v);

/* The node itself, or the branch that a union's index says. */
const struct schema_avro_node *codec_avro_value_branch(struct codec_avro_value *v,
                                                       const struct schema_avro_node *node);

/* Writes a value of the node, which is no union, to v->put. `depth` levels are open around it. */
void codec_avro_value_put(struct codec_avro_value *v, const struct schema_avro_node *node);

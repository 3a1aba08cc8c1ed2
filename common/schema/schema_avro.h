/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_avro: an Avro schema becomes a decode plan, which codec/codec_avro.h runs. Source: Apache
 * Avro 1.11 specification, "Schema Declaration", "Names", "Aliases", "Logical Types". The plan is
 * plain data: arrays of nodes, fields and symbols that refer to each other by index, so that named
 * types may be recursive. */
#pragma once

#include "base/err.h"
#include "base/span.h"
#include "schema/schema_why.h"
#include "wire/batch.h"
#include "wire/text.h"

#include <stdint.h>

enum schema_avro_kind {
    AVRO_NULL,
    AVRO_BOOLEAN,
    AVRO_INT,
    AVRO_LONG,
    AVRO_FLOAT,
    AVRO_DOUBLE,
    AVRO_BYTES,
    AVRO_STRING,
    AVRO_FIXED,
    AVRO_ENUM,
    AVRO_ARRAY,
    AVRO_MAP,
    AVRO_UNION,
    AVRO_RECORD
};

/* A logical type that does not fit its type is ignored, as the specification wants; so is a decimal
 * of more than SCHEMA_AVRO_DIGITS_MAX digits. */
#define SCHEMA_AVRO_DIGITS_MAX 1024u

enum schema_avro_logical {
    AVRO_PLAIN,
    AVRO_DECIMAL,
    AVRO_UUID,
    AVRO_DATE,
    AVRO_TIME_MILLIS,
    AVRO_TIME_MICROS,
    AVRO_TIMESTAMP_MILLIS,
    AVRO_TIMESTAMP_MICROS,
    AVRO_LOCAL_TIMESTAMP_MILLIS,
    AVRO_LOCAL_TIMESTAMP_MICROS,
    AVRO_DURATION
};

struct schema_avro_node {
    uint8_t kind;    /* enum schema_avro_kind */
    uint8_t logical; /* enum schema_avro_logical */
    /* RECORD: the first of its fields. ENUM: the first of its symbols. UNION: the first of its
     * branches (in `branches`). ARRAY, MAP: the node of its items. */
    uint32_t first;
    uint32_t count;       /* RECORD, ENUM, UNION */
    uint32_t size;        /* FIXED: bytes */
    uint32_t precision;   /* DECIMAL */
    uint32_t scale;       /* DECIMAL */
    uint32_t bytes_min;   /* the shortest encoding of a value; saturates */
    struct span fullname; /* RECORD, ENUM, FIXED; else absent */
};

struct schema_avro_field {
    struct span name;
    struct text text; /* the same, for output: a name needs no escape */
    uint32_t node;
    bool has_default;
    uint8_t kind;  /* of the node */
    uint8_t entry; /* enum entry_field: which of the four has this name; FIELD_COUNT: none */
};

struct schema_avro {
    const struct schema_avro_node *nodes; /* nodes[0] is the root */
    uint32_t node_count;
    const struct schema_avro_field *fields;
    uint32_t field_count;
    const struct text *symbols;
    uint32_t symbol_count;
    const uint32_t *branches; /* nodes */
    uint32_t branch_count;
    /* Whether no datum can begin with the byte 00: then one that does bears a schema id. Every type
     * that takes a byte at all can begin so: false, 0, an empty string, array or map, the first
     * symbol, the first branch, 0.0, any fixed. So it holds only for types whose data are all empty
     * (null, records of null). LogEntry can begin so, with an empty timestamp. */
    bool never_begins_with_zero;
};

/* Larger texts, types nested deeper, and unions of more branches are refused. */
#define SCHEMA_AVRO_TEXT_BYTES_MAX (1u << 20)
#define SCHEMA_AVRO_DEPTH_MAX      128u
#define SCHEMA_AVRO_BRANCHES_MAX   1000u

/* Compiles a schema text. Errors, with `ret_why`: ERR_SYNTAX no JSON, or no Avro schema (with the
 * place); ERR_UNKNOWN a name that is not defined; ERR_LIMIT too large, too deep, or a type that
 * contains itself without end; ERR_NOMEM. */
MUST_CHECK err_t schema_avro_compile(struct span text, struct schema_why *ret_why,
                                     struct schema_avro **ret);
void schema_avro_free(struct schema_avro *s);

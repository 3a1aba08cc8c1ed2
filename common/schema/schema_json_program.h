/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_json_program: what schema_json_compile() makes and check/check_json.h runs. Each schema of
 * the document is a node: a run of operations, cheap ones first, the unevaluated ones last. All
 * references are indexes. Strings of the document are decoded, in a copy that the program owns. */
#pragma once

#include "schema/schema_json.h"
#include "wire/json_number.h"
#include "wire/json_tape.h"

#include <stdint.h>

#define SCHEMA_JSON_TEXT_BYTES_MAX MIB
#define SCHEMA_JSON_NODES_MAX      16384u
#define SCHEMA_JSON_RESOURCES_MAX  1024u
#define SCHEMA_JSON_ANCHORS_MAX    4096u
#define SCHEMA_JSON_PATTERNS_MAX   1024u
#define SCHEMA_JSON_OPS_MAX        65536u

/* A code point of a text as it was sent is at most this long: a pair of escapes. */
#define SCHEMA_JSON_CHAR_BYTES 12u

/* No node. */
#define SCHEMA_JSON_NONE UINT32_MAX

/* In the order in which the operations of a node run. */
enum schema_json_op_kind {
    JSON_OP_NEVER, /* the schema false */
    JSON_OP_TYPE,
    JSON_OP_CONST,
    JSON_OP_ENUM,
    JSON_OP_MIN_LENGTH,
    JSON_OP_MAX_LENGTH,
    JSON_OP_MINIMUM,
    JSON_OP_MAXIMUM,
    JSON_OP_EXCLUSIVE_MINIMUM,
    JSON_OP_EXCLUSIVE_MAXIMUM,
    JSON_OP_MULTIPLE_OF,
    JSON_OP_MIN_ITEMS,
    JSON_OP_MAX_ITEMS,
    JSON_OP_MIN_PROPERTIES,
    JSON_OP_MAX_PROPERTIES,
    JSON_OP_REQUIRED,
    JSON_OP_DEPENDENT_REQUIRED,
    JSON_OP_FORMAT,
    JSON_OP_PATTERN,
    JSON_OP_UNIQUE_ITEMS,
    JSON_OP_REF,
    JSON_OP_DYNAMIC_REF,
    JSON_OP_PROPERTY_NAMES,
    JSON_OP_PROPERTIES,
    JSON_OP_DEPENDENT_SCHEMA,
    JSON_OP_ITEMS,
    JSON_OP_CONTAINS,
    JSON_OP_ALL_OF,
    JSON_OP_ANY_OF,
    JSON_OP_ONE_OF,
    JSON_OP_NOT,
    JSON_OP_IF,
    JSON_OP_UNEVALUATED_ITEMS,
    JSON_OP_UNEVALUATED_PROPERTIES,
    JSON_OP_COUNT
};

/* Of JSON_OP_TYPE. */
enum schema_json_type {
    JSON_TYPE_NULL = 1,
    JSON_TYPE_BOOLEAN = 2,
    JSON_TYPE_INTEGER = 4,
    JSON_TYPE_NUMBER = 8,
    JSON_TYPE_STRING = 16,
    JSON_TYPE_ARRAY = 32,
    JSON_TYPE_OBJECT = 64
};

enum schema_json_format {
    JSON_FORMAT_NONE,
    JSON_FORMAT_DATE_TIME,
    JSON_FORMAT_DATE,
    JSON_FORMAT_TIME,
    JSON_FORMAT_IPV4,
    JSON_FORMAT_IPV6,
    JSON_FORMAT_UUID,
    JSON_FORMAT_EMAIL,
    JSON_FORMAT_URI
};

/* A run of one of the program's arrays. */
struct schema_json_run {
    uint32_t first;
    uint32_t count;
};

struct schema_json_op {
    uint8_t kind;   /* enum schema_json_op_kind */
    uint32_t order; /* among all operations, as the document has them */
    union {
        uint32_t types;     /* TYPE: bits of enum schema_json_type */
        uint32_t constant;  /* CONST: a tape node; ENUM: an array's */
        uint32_t limit;     /* MIN_…, MAX_… of length, items, properties */
        struct span number; /* MINIMUM … EXCLUSIVE_MAXIMUM */
        struct json_number_divisor divisor;
        uint32_t name;                /* REQUIRED: a tape node */
        uint32_t format;              /* enum schema_json_format */
        uint32_t pattern;             /* of `patterns` */
        uint32_t node;                /* REF, PROPERTY_NAMES, NOT, UNEVALUATED_… */
        struct schema_json_run nodes; /* ALL_OF, ANY_OF, ONE_OF: of `lists` */
        struct {
            uint32_t node; /* where no dynamic scope has such an anchor */
            struct schema_json_run anchors;
        } dynamic;
        struct {
            struct schema_json_run named;    /* of `properties` */
            struct schema_json_run patterns; /* of `lists`: pattern, node, pattern, node … */
            uint32_t additional;             /* a node, or none */
        } properties;
        struct {
            struct schema_json_run prefix; /* of `lists` */
            uint32_t rest;                 /* a node, or none */
        } items;
        struct {
            uint32_t node;
            uint32_t min;
            uint32_t max;
            bool annotates; /* what it finds counts as evaluated: not in draft-07 */
        } contains;
        struct {
            uint32_t trigger; /* a tape node, the name */
            uint32_t target;  /* …_REQUIRED: a tape node, the other name; …_SCHEMA: a node */
        } dependent;
        struct {
            uint32_t condition;
            uint32_t then_node;
            uint32_t else_node;
        } branch;
    };
    const char *detail; /* "/message: minLength 1" */
};

struct schema_json_node {
    struct schema_json_run ops;
    uint32_t resource; /* the $id it is under: 0, or the number of one inside the document */
    uint32_t tape;     /* where it stands in the document */
};

/* Within a run ordered by length, then bytes. */
struct schema_json_property {
    struct span name;
    uint32_t node;
};

struct schema_json_anchor {
    struct span name;
    uint32_t resource;
    uint32_t node;
    bool dynamic;
};

/* A string of a record whose schema is nothing but these. */
struct schema_json_flat_field {
    /* A text of so many bytes, as it was sent, breaks no rule. */
    uint32_t good_bytes_min;
    uint32_t good_bytes_max;
    uint32_t min_length; /* code points */
    uint32_t max_length;
    uint8_t format; /* enum schema_json_format */
    bool required;
    bool never; /* no string is allowed */
    const char *min_detail;
    const char *max_detail;
    const char *format_detail;
    const char *never_detail;
    const char *required_detail;
};

enum schema_json_flat_name { FLAT_TIMESTAMP, FLAT_LEVEL, FLAT_MESSAGE, FLAT_SERVICE, FLAT_COUNT };

/* The short way for records: an object of simple strings. */
struct schema_json_flat {
    bool usable;
    bool extras_free; /* no keyword looks at members beyond the four */
    struct schema_json_flat_field fields[FLAT_COUNT];
};

struct schema_json {
    struct schema_json_flat flat;
    struct schema_json_node *nodes; /* nodes[0] is the root */
    uint32_t node_count;
    struct schema_json_op *ops;
    uint32_t op_count;
    uint32_t *lists;
    uint32_t list_count;
    struct schema_json_property *properties;
    uint32_t property_count;
    struct schema_json_anchor *anchors; /* ordered by name when complete */
    uint32_t anchor_count;
    void **patterns; /* pcre2_code_8 */
    uint32_t pattern_count;
    bool draft7;
    bool asserts_formats;
    bool marks; /* some keyword asks what others have evaluated */

    struct json_tape_node *tape;
    uint32_t tape_count;
    char *text;    /* what the tape points into */
    char *details; /* all texts of failures */
};

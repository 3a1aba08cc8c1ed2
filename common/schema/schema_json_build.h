/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_json_build: a program in the making: its growing arrays, what is needed only while it is
 * made, and how the places of the document are named in errors. Nothing here recurses: a schema
 * that is met is put on the list of nodes, which the driver works through. */
#pragma once

#include "base/arena.h"
#include "schema/schema_json_program.h"

/* A schema with a URI of its own: the document, and whatever has an $id. */
struct schema_json_resource {
    struct span uri; /* without fragment; "" if the document has no $id */
    uint32_t tape;   /* its root */
};

/* A reference whose target is looked for when every schema is known. */
struct schema_json_reference {
    uint32_t op; /* REF or DYNAMIC_REF */
    uint32_t resource;
    uint32_t value; /* tape node: the reference's text */
};

/* Where an operation comes from, for its text. */
struct schema_json_origin {
    const char *keyword; /* static */
    uint32_t value;      /* tape node */
};

struct schema_json_build {
    struct schema_json *s;
    struct schema_why *why;
    struct arena uris;
    uint32_t *node_of; /* by tape node: the schema it is, or SCHEMA_JSON_NONE */

    struct schema_json_resource *resources;
    uint32_t resource_count;
    struct schema_json_reference *references;
    uint32_t reference_count;
    struct schema_json_origin *origins; /* by `order` of operations */

    uint32_t node_max; /* rooms of the arrays */
    uint32_t op_max;
    uint32_t origin_max;
    uint32_t list_max;
    uint32_t property_max;
    uint32_t anchor_max;
    uint32_t pattern_max;
    uint32_t resource_max;
    uint32_t reference_max;

    size_t pattern_bytes; /* of compiled patterns */
    size_t jit_bytes;     /* of their machine code */

    bool draft7;
    bool asserts_formats;
};

/* One schema of the document while its keywords are read. */
struct schema_json_site {
    uint32_t node;
    uint32_t resource;
    uint32_t tape; /* the object */
};

/* Room for one more behind `count` elements of `size` bytes in a malloced array. ERR_NOMEM. */
MUST_CHECK err_t schema_json_build_grow(void **array, uint32_t *max, uint32_t count, size_t size);

/* Says what is wrong at a tape node, as "/pointer: text". Returns `err`. */
err_t schema_json_build_fail(struct schema_json_build *b, err_t err, uint32_t tape,
                             const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The node of the schema at a tape node, which becomes one if it is none. ERR_SYNTAX: neither an
 * object nor a boolean. ERR_LIMIT, ERR_NOMEM. */
MUST_CHECK err_t schema_json_build_node(struct schema_json_build *b, uint32_t tape,
                                        uint32_t resource, uint32_t *ret_node);

/* Adds an operation to the site's node, which is the one that is being read. `keyword` is static,
 * `value` the tape node that its text shows. ERR_LIMIT, ERR_NOMEM. */
MUST_CHECK err_t schema_json_build_op(struct schema_json_build *b,
                                      const struct schema_json_site *site, struct schema_json_op op,
                                      struct schema_json_origin origin);

MUST_CHECK err_t schema_json_build_list(struct schema_json_build *b, uint32_t item);

/* The value of the site's keyword; 0: it has none. */
static inline uint32_t schema_json_build_find(const struct schema_json_build *b,
                                              const struct schema_json_site *site,
                                              const char *keyword)
{
    return json_tape_find(b->s->tape, site->tape, span_of_str(keyword));
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_avro_build: arrays that double. Their capacity is the power of two at or above the count,
 * so it needs no field of its own. */
#include "schema/schema_avro_build.h"

#include <stdlib.h>

#define CAPACITY_MIN 16u

static size_t capacity_for(size_t count)
{
    size_t capacity = CAPACITY_MIN;

    while (capacity < count) {
        capacity *= 2;
    }
    return count == 0 ? 0 : capacity;
}

/* The array with room for `more` entries behind its `count`, those zeroed; NULL: no memory, and the
 * array is as it was. */
static void *grown(void *at, size_t count, size_t more, size_t entry_bytes)
{
    if (capacity_for(count + more) > capacity_for(count)) {
        at = realloc(at, capacity_for(count + more) * entry_bytes);
    }
    if (at != NULL) {
        memset((char *)at + count * entry_bytes, 0, more * entry_bytes);
    }
    return at;
}

err_t schema_avro_build_new(struct schema_why *why, struct schema_avro_build **ret)
{
    struct schema_avro_build *b = calloc(1, sizeof(*b));

    ENSURE(b != NULL, ERR_NOMEM);
    b->why = why;
    b->made = json_array();
    b->names = json_object();
    if (b->made == NULL || b->names == NULL) {
        schema_avro_build_free(b);
        return ERR_NOMEM;
    }
    *ret = b;
    return ERR_OK;
}

void schema_avro_build_free(struct schema_avro_build *b)
{
    if (b == NULL) {
        return;
    }
    free(b->nodes);
    free(b->node_json);
    free(b->fields);
    free(b->field_json);
    free(b->symbols);
    free(b->branches);
    json_decref(b->text);
    json_decref(b->made);
    json_decref(b->names);
    free(b);
}

/* Two arrays of one length grow. If only the first could, the second keeps its length, and so does
 * the first as far as its reader is concerned: growing it again asks for what it has. */
err_t schema_avro_build_node(struct schema_avro_build *b, const json_t *json,
                             enum schema_avro_kind kind, uint32_t *ret_node)
{
    struct schema_avro_node *nodes = grown(b->nodes, b->node_count, 1, sizeof(*nodes));
    ENSURE(nodes != NULL, ERR_NOMEM);
    b->nodes = nodes;
    const json_t **origins = grown(b->node_json, b->node_count, 1, sizeof(*origins));
    ENSURE(origins != NULL, ERR_NOMEM);
    b->node_json = origins;

    nodes[b->node_count].kind = (uint8_t)kind;
    origins[b->node_count] = json;
    *ret_node = b->node_count++;
    return ERR_OK;
}

err_t schema_avro_build_fields(struct schema_avro_build *b, uint32_t count, uint32_t *ret_first)
{
    struct schema_avro_field *fields = grown(b->fields, b->field_count, count, sizeof(*fields));
    ENSURE(fields != NULL || count == 0, ERR_NOMEM);
    b->fields = fields;
    const json_t **origins = grown(b->field_json, b->field_count, count, sizeof(*origins));
    ENSURE(origins != NULL || count == 0, ERR_NOMEM);
    b->field_json = origins;

    *ret_first = b->field_count;
    b->field_count += count;
    return ERR_OK;
}

err_t schema_avro_build_symbols(struct schema_avro_build *b, uint32_t count, uint32_t *ret_first)
{
    struct text *symbols = grown(b->symbols, b->symbol_count, count, sizeof(*symbols));

    ENSURE(symbols != NULL || count == 0, ERR_NOMEM);
    b->symbols = symbols;
    *ret_first = b->symbol_count;
    b->symbol_count += count;
    return ERR_OK;
}

err_t schema_avro_build_branches(struct schema_avro_build *b, uint32_t count, uint32_t *ret_first)
{
    uint32_t *branches = grown(b->branches, b->branch_count, count, sizeof(*branches));

    ENSURE(branches != NULL || count == 0, ERR_NOMEM);
    b->branches = branches;
    *ret_first = b->branch_count;
    b->branch_count += count;
    return ERR_OK;
}

void schema_avro_build_seal(struct schema_avro_build *b)
{
    static const struct schema_avro_field none; /* so that a record without fields points to some */

    b->plan.nodes = b->nodes;
    b->plan.node_count = b->node_count;
    b->plan.fields = b->fields != NULL ? b->fields : &none;
    b->plan.field_count = b->field_count;
    b->plan.symbols = b->symbols;
    b->plan.symbol_count = b->symbol_count;
    b->plan.branches = b->branches;
    b->plan.branch_count = b->branch_count;
    b->why = NULL;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_avro_measure: lengths start as endless and only ever shrink. Passes go back and forth over
 * the nodes, since a type stands before what it contains and behind what it refers to; they end
 * when nothing changes, or when so many have passed that only a chain made for it is not done. */
#include "schema/schema_avro_measure.h"

#define ENDLESS    UINT32_MAX
#define PASSES_MAX 1000u

/* Sums stay finite, however many zero-byte doublings a schema builds up. */
static uint32_t sum(uint32_t a, uint32_t b)
{
    if (a == ENDLESS || b == ENDLESS) {
        return ENDLESS;
    }
    return b < ENDLESS - 1 - a ? a + b : ENDLESS - 1;
}

static uint32_t record_bytes(const struct schema_avro_build *b, const struct schema_avro_node *n)
{
    uint32_t bytes = 0;

    for (uint32_t i = 0; i < n->count; i++) {
        bytes = sum(bytes, b->nodes[b->fields[n->first + i].node].bytes_min);
    }
    return bytes;
}

/* The index takes one byte at least. */
static uint32_t union_bytes(const struct schema_avro_build *b, const struct schema_avro_node *n)
{
    uint32_t least = ENDLESS;

    for (uint32_t i = 0; i < n->count; i++) {
        uint32_t bytes = b->nodes[b->branches[n->first + i]].bytes_min;
        least = bytes < least ? bytes : least;
    }
    return sum(1, least);
}

static uint32_t node_bytes(const struct schema_avro_build *b, const struct schema_avro_node *n)
{
    switch ((enum schema_avro_kind)n->kind) {
    case AVRO_NULL:
        return 0;
    case AVRO_FLOAT:
        return 4;
    case AVRO_DOUBLE:
        return 8;
    case AVRO_FIXED:
        return n->size;
    case AVRO_RECORD:
        return record_bytes(b, n);
    case AVRO_UNION:
        return union_bytes(b, n);
    case AVRO_BOOLEAN:
    case AVRO_INT:
    case AVRO_LONG:
    case AVRO_BYTES:
    case AVRO_STRING:
    case AVRO_ENUM:
    case AVRO_ARRAY:
    case AVRO_MAP:
        break;
    }
    return 1; /* a varint: the value, a length, an index, the end of the blocks */
}

static bool update(struct schema_avro_build *b, uint32_t node)
{
    uint32_t bytes = node_bytes(b, &b->nodes[node]);
    bool changed = bytes != b->nodes[node].bytes_min;

    b->nodes[node].bytes_min = bytes;
    return changed;
}

static bool pass(struct schema_avro_build *b)
{
    bool changed = false;

    for (uint32_t i = b->node_count; i > 0; i--) {
        changed |= update(b, i - 1);
    }
    for (uint32_t i = 0; changed && i < b->node_count; i++) {
        update(b, i);
    }
    return changed;
}

err_t schema_avro_measure(struct schema_avro_build *b)
{
    uint32_t passes = 0;

    for (uint32_t i = 0; i < b->node_count; i++) {
        b->nodes[i].bytes_min = ENDLESS;
    }
    while (pass(b)) {
        passes++;
        if (passes == PASSES_MAX) {
            schema_why_set(b->why, "its types refer to each other in too long a chain");
            return ERR_LIMIT;
        }
    }
    for (uint32_t i = 0; i < b->node_count; i++) {
        const struct schema_avro_node *n = &b->nodes[i];
        if (n->bytes_min == ENDLESS) {
            schema_why_set(b->why, "the type \"%.*s\" contains itself without end",
                           (int)n->fullname.len, n->fullname.len > 0 ? n->fullname.at : "");
            return ERR_LIMIT;
        }
    }
    return ERR_OK;
}

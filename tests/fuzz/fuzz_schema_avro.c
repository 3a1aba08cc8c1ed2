/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as an Avro schema. What compiles is a plan without a wrong index, can read what it
 * wrote itself, and decodes and encodes without harm. */
#include "codec/codec_avro.h"
#include "schema/schema_avro_encode.h"
#include "schema/schema_compat_avro.h"
#include "tests/support/avro_one.h"
#include "tests/support/one_record.h"

#include <assert.h>
#include <stdlib.h>

#define INPUT_BYTES_MAX (16u * KIB)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct one_record run;

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* first..first+count lies within `total`. */
static void require_range(uint32_t first, uint32_t count, uint32_t total)
{
    require(first <= total && count <= total - first);
}

static void check_node(const struct schema_avro *s, const struct schema_avro_node *n)
{
    require(n->kind <= AVRO_RECORD);
    if (n->kind == AVRO_RECORD) {
        require_range(n->first, n->count, s->field_count);
    } else if (n->kind == AVRO_ENUM) {
        require_range(n->first, n->count, s->symbol_count);
    } else if (n->kind == AVRO_UNION) {
        require_range(n->first, n->count, s->branch_count);
        require(n->count > 0);
    } else if (n->kind == AVRO_ARRAY || n->kind == AVRO_MAP) {
        require(n->first < s->node_count);
    }
    require(n->precision <= SCHEMA_AVRO_DIGITS_MAX && n->scale <= n->precision);
}

static void check_plan(const struct schema_avro *s)
{
    require(s->node_count > 0);
    for (uint32_t i = 0; i < s->node_count; i++) {
        check_node(s, &s->nodes[i]);
    }
    for (uint32_t i = 0; i < s->field_count; i++) {
        require(s->fields[i].node < s->node_count && s->fields[i].name.len > 0);
        require(s->fields[i].kind == s->nodes[s->fields[i].node].kind);
    }
    for (uint32_t i = 0; i < s->branch_count; i++) {
        require(s->branches[i] < s->node_count && s->nodes[s->branches[i]].kind != AVRO_UNION);
    }
}

/* Zeros decode to something for most types: first branches, first symbols, empty strings. */
static void decode_zeros(const struct schema_avro *s)
{
    static const char zeros[64];

    avro_one_use(s);
    for (size_t len = 0; len < sizeof(zeros); len++) {
        IGNORE(one_record_run(&run, span_of(zeros, len)), "any answer will do");
    }
}

static void encode_empty(const struct schema_avro *s)
{
    struct schema_why why = {{0}};
    struct buf out = {0};
    json_t *value = json_object();

    err_t err = schema_avro_encode(s, value, &why, &out);
    require(err == ERR_OK || (out.len == 0 && why.text[0] != '\0'));
    json_decref(value);
    buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_of((const char *)data, size);
    struct schema_why why = {{0}};
    struct schema_avro *s = NULL;

    if (size > INPUT_BYTES_MAX) {
        return 0;
    }
    if (run.codec == NULL) {
        one_record_init(&run, avro_one_codec);
    }
    if (schema_avro_compile(text, &why, &s) != ERR_OK) {
        require(why.text[0] != '\0' && s == NULL);
        return 0;
    }
    check_plan(s);
    require(schema_compat_avro(text, text, &why) == ERR_OK);
    decode_zeros(s);
    encode_empty(s);
    schema_avro_free(s);
    return 0;
}

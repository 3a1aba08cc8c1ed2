/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_avro_value: a stack of what is open, and one step at a time. No count is believed: items
 * that take bytes are counted against the bytes that are left, and those that take none against
 * the budget of the output, to which each adds something. */
#include "codec/codec_avro_value.h"

#include "codec/codec_avro_logical.h"
#include "codec/codec_put_double.h"
#include "wire/json_names.h"

#include <assert.h>

#define VARINT_BYTES_MAX 10u

static const char too_deep[] = "more than 64 levels";

void codec_avro_value_fail(struct codec_avro_value *v, enum reason reason, const char *detail)
{
    if (v->reason == REASON_NONE) {
        v->reason = (uint8_t)reason;
        v->detail = detail;
    }
    v->at = v->end;
}

static void fail(struct codec_avro_value *v, const char *detail)
{
    codec_avro_value_fail(v, REASON_BAD_AVRO, detail);
}

static size_t left(const struct codec_avro_value *v)
{
    return (size_t)(v->end - v->at);
}

int64_t codec_avro_value_long(struct codec_avro_value *v)
{
    uint64_t zigzag = 0;

    for (unsigned i = 0; i < VARINT_BYTES_MAX && v->at < v->end; i++) {
        uint64_t byte = (unsigned char)*v->at++;
        if (i == VARINT_BYTES_MAX - 1 && byte > 1) {
            fail(v, "a number of more than 64 bits");
            return 0;
        }
        zigzag |= (byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            return (int64_t)(zigzag >> 1) ^ -(int64_t)(zigzag & 1);
        }
    }
    fail(v, "it breaks off in a number");
    return 0;
}

static struct span take(struct codec_avro_value *v, uint64_t bytes)
{
    if (bytes > left(v)) {
        fail(v, "a length beyond its end");
        return span_of(v->at, 0);
    }
    struct span taken = span_of(v->at, (size_t)bytes);
    v->at += bytes;
    return taken;
}

struct span codec_avro_value_bytes(struct codec_avro_value *v)
{
    int64_t len = codec_avro_value_long(v);

    if (len < 0) {
        fail(v, "a negative length");
        len = 0;
    }
    return take(v, (uint64_t)len);
}

/* An index into `count` things. */
static uint32_t read_index(struct codec_avro_value *v, uint32_t count, const char *detail)
{
    int64_t index = codec_avro_value_long(v);

    if (index < 0 || index >= (int64_t)count) {
        fail(v, detail);
        return 0;
    }
    return (uint32_t)index;
}

const struct schema_avro_node *codec_avro_value_branch(struct codec_avro_value *v,
                                                       const struct schema_avro_node *node)
{
    if (node->kind != AVRO_UNION) {
        return node;
    }
    uint32_t index = read_index(v, node->count, "a branch that the union does not have");
    return &v->plan->nodes[v->plan->branches[node->first + index]];
}

static void put_boolean(struct codec_avro_value *v)
{
    struct span byte = take(v, 1);

    if (byte.len == 1 && (unsigned char)byte.at[0] > 1) {
        fail(v, "a boolean that is neither 0 nor 1");
    }
    codec_put_word(&v->put,
                   byte.len == 1 && byte.at[0] == 1 ? SPAN_LIT("true") : SPAN_LIT("false"));
}

/* The number of `bytes` bytes, little-endian. */
static uint64_t read_word(struct codec_avro_value *v, unsigned bytes)
{
    struct span taken = take(v, bytes);
    uint64_t word = 0;

    for (size_t i = 0; i < taken.len; i++) {
        word |= (uint64_t)(unsigned char)taken.at[i] << (8 * i);
    }
    return word;
}

static void put_float(struct codec_avro_value *v)
{
    uint32_t bits = (uint32_t)read_word(v, sizeof(bits));
    float number = 0;

    memcpy(&number, &bits, sizeof(number));
    codec_put_double_float(&v->put, number);
}

static void put_double(struct codec_avro_value *v)
{
    uint64_t bits = read_word(v, sizeof(bits));
    double number = 0;

    memcpy(&number, &bits, sizeof(number));
    codec_put_double(&v->put, number);
}

static void put_integer(struct codec_avro_value *v, const struct schema_avro_node *node)
{
    int64_t number = codec_avro_value_long(v);

    if (node->kind == AVRO_INT && (number < INT32_MIN || number > INT32_MAX)) {
        fail(v, "an int of more than 32 bits");
    }
    codec_avro_logical_integer(&v->put, (enum schema_avro_logical)node->logical, number);
}

static void put_bytes(struct codec_avro_value *v, const struct schema_avro_node *node)
{
    struct span bytes = node->kind == AVRO_FIXED ? take(v, node->size) : codec_avro_value_bytes(v);

    if (v->reason != REASON_NONE) {
        return;
    }
    if (node->logical == AVRO_DECIMAL) {
        codec_avro_logical_decimal(&v->put, node, bytes);
    } else if (node->logical == AVRO_DURATION && v->depth < JSON_DEPTH_MAX) {
        codec_avro_logical_duration(&v->put, bytes);
    } else if (node->logical == AVRO_DURATION) {
        codec_avro_value_fail(v, REASON_TOO_DEEP, too_deep);
    } else {
        codec_put_base64(&v->put, bytes);
    }
}

static void put_symbol(struct codec_avro_value *v, const struct schema_avro_node *node)
{
    uint32_t index = read_index(v, node->count, "a symbol that the enum does not have");

    if (v->reason == REASON_NONE) {
        codec_put_text(&v->put, v->plan->symbols[node->first + index]);
    }
}

static void open_frame(struct codec_avro_value *v, const struct schema_avro_node *node)
{
    if (v->depth == JSON_DEPTH_MAX) {
        codec_avro_value_fail(v, REASON_TOO_DEEP, too_deep);
        return;
    }
    if (node->kind == AVRO_MAP && v->names == NULL) {
        v->names = arena_alloc(v->arena, v->name_max * sizeof(*v->names));
        assert(v->names != NULL);
    }
    codec_put_open(&v->put, node->kind == AVRO_ARRAY ? '[' : '{');
    struct codec_avro_frame *f = &v->stack[v->depth++];
    f->node = node;
    f->block_end = NULL;
    f->items = 0;
    f->next = 0;
    f->name_first = v->name_count;
}

static void close_frame(struct codec_avro_value *v)
{
    codec_put_close(&v->put, v->stack[--v->depth].node->kind == AVRO_ARRAY ? ']' : '}');
}

/* Writes a value that holds no others, or opens a frame for one that does. */
static void begin(struct codec_avro_value *v, const struct schema_avro_node *node)
{
    switch ((enum schema_avro_kind)node->kind) {
    case AVRO_NULL:
        codec_put_word(&v->put, SPAN_LIT("null"));
        return;
    case AVRO_BOOLEAN:
        put_boolean(v);
        return;
    case AVRO_INT:
    case AVRO_LONG:
        put_integer(v, node);
        return;
    case AVRO_FLOAT:
        put_float(v);
        return;
    case AVRO_DOUBLE:
        put_double(v);
        return;
    case AVRO_STRING:
        codec_put_string(&v->put, codec_avro_value_bytes(v));
        return;
    case AVRO_BYTES:
    case AVRO_FIXED:
        put_bytes(v, node);
        return;
    case AVRO_ENUM:
        put_symbol(v, node);
        return;
    case AVRO_ARRAY:
    case AVRO_MAP:
    case AVRO_RECORD:
        open_frame(v, node);
        return;
    case AVRO_UNION:
        break;
    }
    assert(false); /* a union has been replaced by its branch */
}

static void begin_index(struct codec_avro_value *v, uint32_t node)
{
    begin(v, codec_avro_value_branch(v, &v->plan->nodes[node]));
}

/* What an item of this array or map takes at least. */
static uint64_t item_bytes_min(const struct codec_avro_value *v, const struct schema_avro_node *n)
{
    return v->plan->nodes[n->first].bytes_min + (n->kind == AVRO_MAP ? 1ull : 0ull);
}

/* The head of the next block: a count, and if that is negative a length behind it. */
static void read_block(struct codec_avro_value *v, struct codec_avro_frame *f)
{
    int64_t count = codec_avro_value_long(v);
    uint64_t items = count < 0 ? -(uint64_t)count : (uint64_t)count;
    uint64_t item_bytes = item_bytes_min(v, f->node);

    f->block_end = NULL;
    if (count < 0) {
        int64_t bytes = codec_avro_value_long(v);
        if (bytes < 0 || (uint64_t)bytes > left(v)) {
            fail(v, "a block longer than what is left");
            return;
        }
        f->block_end = v->at + bytes;
    }
    if (item_bytes > 0 && items > left(v) / item_bytes) {
        fail(v, "a block of more items than bytes");
        return;
    }
    f->items = items;
}

static void remember(struct codec_avro_value *v, struct span key)
{
    if (v->name_count == v->name_max) {
        codec_avro_value_fail(v, REASON_TOO_LARGE, "more keys of maps than its size allows");
        return;
    }
    v->names[v->name_count++] =
        (struct json_name){.offset = (uint32_t)(key.at - v->begin), .len = key.len & 0x7fffffff};
}

static void read_key(struct codec_avro_value *v)
{
    struct span key = codec_avro_value_bytes(v);

    if (v->reason == REASON_NONE) {
        remember(v, key);
        codec_put_name_bytes(&v->put, key);
    }
}

static void end_keys(struct codec_avro_value *v, const struct codec_avro_frame *f)
{
    struct json_names set = {.at = v->names + f->name_first,
                             .count = v->name_count - f->name_first,
                             .begin = v->begin,
                             .arena = v->arena};

    if (!json_names_differ(&set)) {
        fail(v, "the same key twice in a map");
    }
    v->name_count = f->name_first;
}

/* The next item of an array or map, the next block, or the end. */
static void step_items(struct codec_avro_value *v, struct codec_avro_frame *f)
{
    if (f->items > 0) {
        f->items--;
        if (f->node->kind == AVRO_MAP) {
            read_key(v);
        }
        begin_index(v, f->node->first);
        return;
    }
    if (f->block_end != NULL && f->block_end != v->at) {
        fail(v, "a block that is not as long as it says");
        return;
    }
    read_block(v, f);
    if (f->items == 0 && f->block_end == NULL && v->reason == REASON_NONE) {
        if (f->node->kind == AVRO_MAP) {
            end_keys(v, f);
        }
        close_frame(v);
    }
}

static void step(struct codec_avro_value *v)
{
    struct codec_avro_frame *f = &v->stack[v->depth - 1];

    if (f->node->kind != AVRO_RECORD) {
        step_items(v, f);
        return;
    }
    if (f->next == f->node->count) {
        close_frame(v);
        return;
    }
    const struct schema_avro_field *field = &v->plan->fields[f->node->first + f->next++];
    codec_put_name(&v->put, field->text);
    begin_index(v, field->node);
}

void codec_avro_value_put(struct codec_avro_value *v, const struct schema_avro_node *node)
{
    uint32_t outer = v->depth;

    begin(v, node);
    while (v->depth > outer && v->reason == REASON_NONE && v->put.reason == REASON_NONE) {
        step(v);
    }
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * gen_binary: the order of the fields is the schema's. Sources: Apache Avro 1.11, "Binary
 * Encoding" (a string is its length as zig-zag varint and its bytes); Protocol Buffers, "Encoding"
 * (a key, the length as varint, the bytes). */
#include "client/gen_binary.h"

#include "client/gen_mark.h"

#define WIRE_TYPE_LEN        2u
#define ONE_BYTE_KEY_NUMBERS 15u
#define VARINT_BYTES_MAX     10u

static const char *const names[FIELD_COUNT] = {"timestamp", "level", "message", "service"};

/* The place in `layout` for the field of this name; FIELD_COUNT if it is none of the four. */
static uint8_t entry_field_of(struct span name)
{
    uint8_t field = 0;

    while (field < FIELD_COUNT && !span_equal(name, span_of_str(names[field]))) {
        field++;
    }
    return field;
}

static bool avro_suits(const struct schema_avro *plan, struct gen_binary_layout *layout)
{
    const struct schema_avro_node *root = &plan->nodes[0];

    if (root->kind != AVRO_RECORD || root->count != FIELD_COUNT) {
        return false;
    }
    for (uint32_t i = 0; i < FIELD_COUNT; i++) {
        const struct schema_avro_field *field = &plan->fields[root->first + i];
        const struct schema_avro_node *node = &plan->nodes[field->node];
        layout->field[i] = entry_field_of(field->name);
        if (layout->field[i] == FIELD_COUNT || node->kind != AVRO_STRING ||
            node->logical != AVRO_PLAIN) {
            return false;
        }
    }
    return true; /* names are unique, so these are all four */
}

static bool protobuf_suits(const struct schema_protobuf_message *message,
                           struct gen_binary_layout *layout)
{
    if (message->count != FIELD_COUNT) {
        return false;
    }
    for (uint32_t i = 0; i < FIELD_COUNT; i++) {
        const struct schema_protobuf_field *field = &message->plan->fields[message->first + i];
        layout->field[i] = entry_field_of(field->name);
        if (layout->field[i] == FIELD_COUNT || field->type != PROTOBUF_STRING || field->repeated ||
            field->oneof >= 0 || field->number > ONE_BYTE_KEY_NUMBERS) {
            return false;
        }
        layout->key[i] = (uint8_t)(field->number << 3 | WIRE_TYPE_LEN);
    }
    return true;
}

bool gen_binary_suits(const struct schema_type *type, struct gen_binary_layout *ret)
{
    struct gen_binary_layout layout = {.keys = type->kind == SCHEMA_KIND_PROTOBUF};

    bool suits = (type->kind == SCHEMA_KIND_AVRO && avro_suits(type->avro, &layout)) ||
                 (type->kind == SCHEMA_KIND_PROTOBUF && protobuf_suits(type->message, &layout));
    if (suits) {
        *ret = layout;
    }
    return suits;
}

static err_t append_varint(struct buf *out, uint64_t n)
{
    char bytes[VARINT_BYTES_MAX];
    size_t len = 0;

    for (; n >= 0x80; n >>= 7) {
        bytes[len++] = (char)(0x80 | (n & 0x7f));
    }
    bytes[len++] = (char)n;
    return buf_append(out, span_of(bytes, len));
}

err_t gen_binary_place(struct gen_template_set *set, const struct span values[FIELD_COUNT],
                       struct gen_template *t)
{
    const struct gen_binary_layout *layout = &set->layout;

    for (uint32_t i = 0; i < FIELD_COUNT; i++) {
        struct span value = values[layout->field[i]];
        uint64_t bytes = gen_mark_bytes(value, t->stamp);
        if (layout->keys) {
            TRY(append_varint(&set->bytes, layout->key[i]));
        }
        TRY(append_varint(&set->bytes, layout->keys ? bytes : bytes << 1));
        TRY(gen_mark_place(set, value, t));
    }
    return ERR_OK;
}

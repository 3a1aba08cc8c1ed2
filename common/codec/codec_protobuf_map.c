/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_protobuf_map: the key is looked for once an entry; after that a comparison goes straight to
 * it. */
#include "codec/codec_protobuf_map.h"

#include "codec/codec_protobuf_scalar.h"
#include "schema/schema_protobuf_wire.h"

#define KEY_NUMBER 1u

static const struct schema_protobuf_field *key_field(const struct codec_protobuf_index *d,
                                                     const struct schema_protobuf_field *f)
{
    return &d->plan->fields[d->plan->messages[f->target].first];
}

static uint32_t key_of(uint64_t pair)
{
    return (uint32_t)(pair >> 32);
}

/* Where the last key of an entry stands. What is broken fails when the entry is indexed. */
static uint32_t find_key(const struct codec_protobuf_index *d, struct span entry, uint8_t wanted)
{
    const char *at = entry.at;
    const char *end = entry.at + entry.len;
    uint32_t found = CODEC_PROTOBUF_MAP_KEY_ABSENT;
    uint32_t groups = 0;

    while (at != NULL && at < end) {
        uint32_t number = 0;
        uint8_t wire = 0;
        const char *value = schema_protobuf_wire_tag(at, end, &number, &wire);
        if (value == NULL) {
            break;
        }
        if (wire == PROTOBUF_WIRE_GROUP || wire == PROTOBUF_WIRE_END_GROUP) {
            groups += wire == PROTOBUF_WIRE_GROUP ? 1 : UINT32_MAX;
            at = value;
            continue;
        }
        at = schema_protobuf_wire_value(value, end, wire);
        if (at != NULL && groups == 0 && number == KEY_NUMBER && wire == wanted) {
            found = (uint32_t)(value - d->begin);
        }
    }
    return found;
}

static struct span string_key(const struct codec_protobuf_index *d, uint32_t key)
{
    return key == CODEC_PROTOBUF_MAP_KEY_ABSENT ? SPAN_LIT("") : codec_protobuf_index_bytes(d, key);
}

static uint64_t number_key(const struct codec_protobuf_index *d, uint8_t type, uint32_t key)
{
    uint64_t bits = 0;

    if (key != CODEC_PROTOBUF_MAP_KEY_ABSENT) {
        codec_protobuf_scalar_read(type, d->begin + key, d->end, &bits);
    }
    return bits;
}

static int compare_strings(const struct codec_protobuf_index *d, uint64_t a, uint64_t b)
{
    struct span x = string_key(d, key_of(a));
    struct span y = string_key(d, key_of(b));
    size_t len = x.len < y.len ? x.len : y.len;
    int order = len == 0 ? 0 : memcmp(x.at, y.at, len);

    return order != 0 ? order : (x.len > y.len) - (x.len < y.len);
}

static int compare_numbers(const struct codec_protobuf_index *d, uint8_t type, uint64_t a,
                           uint64_t b)
{
    uint64_t top = type == PROTOBUF_UINT64 || type == PROTOBUF_FIXED64 ? 0 : 1ull << 63;
    uint64_t x = number_key(d, type, key_of(a)) ^ top; /* signed ones as unsigned, in order */
    uint64_t y = number_key(d, type, key_of(b)) ^ top;

    return (x > y) - (x < y);
}

static bool string_is_less(const struct codec_protobuf_index *d, uint64_t a, uint64_t b)
{
    int order = compare_strings(d, a, b);

    return order != 0 ? order < 0 : codec_protobuf_map_entry(a) < codec_protobuf_map_entry(b);
}

static bool number_is_less(const struct codec_protobuf_index *d, uint64_t a, uint64_t b)
{
    int order = compare_numbers(d, d->map_key_type, a, b);

    return order != 0 ? order < 0 : codec_protobuf_map_entry(a) < codec_protobuf_map_entry(b);
}

void codec_protobuf_map_sort(struct codec_protobuf_index *d, const struct schema_protobuf_field *f,
                             uint32_t from, uint32_t to)
{
    uint8_t type = key_field(d, f)->type;
    uint8_t wire = codec_protobuf_scalar_wire(type);

    for (uint32_t i = from; i < to; i++) {
        uint32_t entry = codec_protobuf_index_offset(d->work[i]);
        uint32_t key = find_key(d, codec_protobuf_index_bytes(d, entry), wire);
        d->work[i] = (uint64_t)key << 32 | entry;
    }
    d->map_key_type = type;
    codec_protobuf_index_sort(d, d->work + from, to - from,
                              type == PROTOBUF_STRING ? string_is_less : number_is_less);
}

bool codec_protobuf_map_same(const struct codec_protobuf_index *d,
                             const struct schema_protobuf_field *f, uint64_t a, uint64_t b)
{
    uint8_t type = key_field(d, f)->type;

    return type == PROTOBUF_STRING ? compare_strings(d, a, b) == 0
                                   : compare_numbers(d, type, a, b) == 0;
}

void codec_protobuf_map_put_key(struct codec_protobuf_index *d,
                                const struct schema_protobuf_field *f, uint64_t pair)
{
    uint8_t type = key_field(d, f)->type;

    if (type == PROTOBUF_STRING) {
        codec_put_name_bytes(&d->put, string_key(d, key_of(pair)));
        return;
    }
    codec_protobuf_scalar_put_name(&d->put, type, number_key(d, type, key_of(pair)));
}

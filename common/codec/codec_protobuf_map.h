/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_protobuf_map: the entries of a map, each key once. */
#pragma once

#include "codec/codec_protobuf_index.h"

/* Makes the entries [from, to) of a map field pairs: where the key stands (the value behind its
 * tag; MAP_KEY_ABSENT: it is the default), where the entry's length stands. Sorted by key; of those
 * with one key the last one is the one that counts. Costs n log n comparisons, each at most the
 * shorter key. */
void codec_protobuf_map_sort(struct codec_protobuf_index *d, const struct schema_protobuf_field *f,
                             uint32_t from, uint32_t to);

#define CODEC_PROTOBUF_MAP_KEY_ABSENT UINT32_MAX

static inline uint32_t codec_protobuf_map_entry(uint64_t pair)
{
    return (uint32_t)pair;
}

/* Whether two pairs have the same key. */
bool codec_protobuf_map_same(const struct codec_protobuf_index *d,
                             const struct schema_protobuf_field *f, uint64_t a, uint64_t b);

/* Writes the key as a member's name. */
void codec_protobuf_map_put_key(struct codec_protobuf_index *d,
                                const struct schema_protobuf_field *f, uint64_t pair);

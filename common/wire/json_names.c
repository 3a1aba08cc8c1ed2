/* SPDX-License-Identifier: Apache-2.0
 *
 * json_names: few names are compared directly, behind a filter of 64 bits that nearly always says
 * "new"; many go through a hash set. Its hash is keyed with what a sender cannot know (the arena's
 * address, which the kernel randomises), so that nobody can make names collide at will. */
#include "wire/json_names.h"

#include "wire/json_text.h"

#include <assert.h>

#define FEW_NAMES 24u

static struct text name_text(const struct json_names *set, uint32_t i)
{
    const struct json_name *name = &set->at[i];
    struct span bytes = span_of(set->begin + name->offset, name->len);

    return text_of(bytes, name->escaped ? TEXT_JSON : TEXT_PLAIN);
}

static bool names_equal(const struct json_names *set, uint32_t i, uint32_t k)
{
    return json_text_same(name_text(set, i), name_text(set, k));
}

/* A bit that equal names without escapes share. */
static uint64_t filter_bit(const struct json_names *set, uint32_t i)
{
    const struct json_name *name = &set->at[i];
    const unsigned char *bytes = (const unsigned char *)set->begin + name->offset;

    if (name->len == 0) {
        return 1;
    }
    return 1ull << ((name->len * 11u + bytes[0] * 7u + bytes[name->len - 1] * 3u) & 63);
}

/* Without escapes, bytes are characters. */
static bool bytes_equal(const struct json_names *set, uint32_t i, uint32_t k)
{
    return set->at[i].len == set->at[k].len &&
           memcmp(set->begin + set->at[i].offset, set->begin + set->at[k].offset, set->at[i].len) ==
               0;
}

static bool few_differ(const struct json_names *set)
{
    uint64_t seen = 0;

    for (uint32_t i = 0; i < set->count; i++) {
        uint64_t bit = filter_bit(set, i);
        for (uint32_t k = 0; (seen & bit) != 0 && k < i; k++) {
            if (bytes_equal(set, i, k)) {
                return false;
            }
        }
        seen |= bit;
    }
    return true;
}

static bool any_escaped(const struct json_names *set)
{
    uint32_t escaped = 0;

    for (uint32_t i = 0; i < set->count; i++) {
        escaped |= set->at[i].escaped;
    }
    return escaped != 0;
}

static bool many_differ(const struct json_names *set)
{
    size_t before = set->arena->used;
    uint64_t key = (uint64_t)(uintptr_t)set->arena->at;
    uint32_t slots = 64;
    bool differ = true;

    while (slots < set->count * 2) {
        slots *= 2;
    }
    uint32_t *table = arena_alloc(set->arena, slots * sizeof(*table)); /* index + 1; 0 is free */
    assert(table != NULL);
    memset(table, 0, slots * sizeof(*table));
    for (uint32_t i = 0; differ && i < set->count; i++) {
        uint32_t slot = (uint32_t)(json_text_hash(name_text(set, i), key) >> 32) & (slots - 1);
        while (table[slot] != 0 && differ) {
            differ = !names_equal(set, i, table[slot] - 1);
            slot = (slot + 1) & (slots - 1);
        }
        table[slot] = i + 1;
    }
    arena_rewind(set->arena, before);
    return differ;
}

bool json_names_differ(const struct json_names *set)
{
    return set->count <= FEW_NAMES && !any_escaped(set) ? few_differ(set) : many_differ(set);
}

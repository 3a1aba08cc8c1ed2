/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_ids: a sorted array. Ids come seldom and are looked for in copies of it (schema_set.h). */
#include "ingestor/schema_ids.h"

#include <assert.h>

_Static_assert(SCHEMA_IDS_TYPES_MAX < SCHEMA_IDS_MAX, "an id without a type always has a place");

/* The type, which is ours since schema_ids_put(). */
static struct schema_type *type_of(const struct schema_set_id *entry)
{
    union {
        const struct schema_type *in;
        struct schema_type *out;
    } type = {.in = entry->type};

    return type.out;
}

void schema_ids_done(struct schema_ids *ids)
{
    for (uint32_t i = 0; i < ids->count; i++) {
        schema_type_free(type_of(&ids->of[i]));
    }
    *ids = (struct schema_ids){0};
}

/* Where the id is, or belongs. */
static uint32_t place_of(const struct schema_ids *ids, uint32_t id)
{
    uint32_t at = 0;

    while (at < ids->count && ids->of[at].id < id) {
        at++;
    }
    return at;
}

bool schema_ids_has(const struct schema_ids *ids, uint32_t id, uint64_t mono_ns)
{
    const struct schema_set set = {.ids = ids->of, .id_count = ids->count};

    return schema_set_find(&set, id, mono_ns) != NULL;
}

bool schema_ids_has_room(const struct schema_ids *ids)
{
    return ids->type_count < SCHEMA_IDS_TYPES_MAX && ids->text_bytes < SCHEMA_IDS_TEXT_BYTES_MAX;
}

static void remove_at(struct schema_ids *ids, uint32_t at)
{
    uint32_t behind = ids->count - at - 1;

    memmove(&ids->of[at], &ids->of[at + 1], behind * sizeof(ids->of[0]));
    memmove(&ids->types[at], &ids->types[at + 1], behind * sizeof(ids->types[0]));
    ids->count--;
}

static struct schema_type *take_at(struct schema_ids *ids, uint32_t at)
{
    struct schema_type *type = type_of(&ids->of[at]);

    ids->type_count--;
    ids->text_bytes -= ids->types[at].text_bytes;
    remove_at(ids, at);
    return type;
}

struct schema_type *schema_ids_evict(struct schema_ids *ids, uint64_t before_mono_ns)
{
    uint32_t oldest = ids->count;

    for (uint32_t i = 0; i < ids->count; i++) {
        if (ids->of[i].type != NULL && ids->types[i].asked_mono_ns < before_mono_ns) {
            before_mono_ns = ids->types[i].asked_mono_ns;
            oldest = i;
        }
    }
    if (oldest == ids->count) {
        return NULL;
    }
    return take_at(ids, oldest);
}

const struct schema_set_id *schema_ids_uncompared(const struct schema_ids *ids, uint32_t outages)
{
    for (uint32_t i = 0; i < ids->count; i++) {
        if (ids->of[i].type != NULL && ids->types[i].compared_outages != outages + 1) {
            return &ids->of[i];
        }
    }
    return NULL;
}

struct schema_ids_type *schema_ids_about(struct schema_ids *ids, uint32_t id)
{
    uint32_t at = place_of(ids, id);

    assert(at < ids->count && ids->of[at].id == id && ids->of[at].type != NULL);
    return &ids->types[at];
}

struct schema_type *schema_ids_take(struct schema_ids *ids, uint32_t id)
{
    uint32_t at = place_of(ids, id);

    assert(at < ids->count && ids->of[at].id == id && ids->of[at].type != NULL);
    return take_at(ids, at);
}

/* The id without a type whose time ends first goes, if all places are taken. */
static void make_room(struct schema_ids *ids)
{
    uint32_t oldest = ids->count;

    if (ids->count < SCHEMA_IDS_MAX) {
        return;
    }
    for (uint32_t i = 0; i < ids->count; i++) {
        if (ids->of[i].type == NULL &&
            (oldest == ids->count || ids->of[i].until_mono_ns < ids->of[oldest].until_mono_ns)) {
            oldest = i;
        }
    }
    if (oldest < ids->count) {
        remove_at(ids, oldest);
    }
}

static void insert(struct schema_ids *ids, struct schema_set_id entry, struct schema_ids_type about)
{
    uint32_t at = place_of(ids, entry.id);
    uint32_t behind = ids->count - at;

    assert(ids->count < SCHEMA_IDS_MAX);
    memmove(&ids->of[at + 1], &ids->of[at], behind * sizeof(ids->of[0]));
    memmove(&ids->types[at + 1], &ids->types[at], behind * sizeof(ids->types[0]));
    ids->of[at] = entry;
    ids->types[at] = about;
    ids->count++;
}

/* What was known before is forgotten. */
static void forget(struct schema_ids *ids, uint32_t id)
{
    uint32_t at = place_of(ids, id);

    if (at < ids->count && ids->of[at].id == id) {
        assert(ids->of[at].type == NULL);
        remove_at(ids, at);
    }
}

err_t schema_ids_put(struct schema_ids *ids, uint32_t id, struct schema_type *type,
                     struct schema_ids_type about)
{
    ENSURE(schema_ids_has_room(ids), ERR_LIMIT);
    ENSURE(about.text_bytes <= SCHEMA_IDS_TEXT_BYTES_MAX - ids->text_bytes, ERR_LIMIT);
    forget(ids, id);
    make_room(ids);
    insert(ids, (struct schema_set_id){.id = id, .type = type}, about);
    ids->type_count++;
    ids->text_bytes += about.text_bytes;
    return ERR_OK;
}

void schema_ids_put_none(struct schema_ids *ids, uint32_t id, enum schema_set_cause cause,
                         uint64_t until_mono_ns)
{
    forget(ids, id);
    make_room(ids);
    insert(ids, (struct schema_set_id){.id = id, .cause = cause, .until_mono_ns = until_mono_ns},
           (struct schema_ids_type){0});
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_board: a lock, which no shard ever takes. */
#include "ingestor/schema_board.h"

#include "base/clock.h"

#include <stdio.h>

#define OTHERS "(others)" /* the name under which the last slot is shown */

void schema_board_init(struct schema_board *b, bool registry)
{
    *b =
        (struct schema_board){.stats = {.registry = registry}, .answered_mono_ns = clock_mono_ns()};
    pthread_mutex_init(&b->lock, NULL);
}

void schema_board_done(struct schema_board *b)
{
    pthread_mutex_destroy(&b->lock);
}

static bool is_slot_of(const struct schema_cache_type_stats *slot, const struct schema_type *type)
{
    return slot->kind == type->kind && slot->version == type->version &&
           strcmp(slot->name, type->name) == 0;
}

static uint32_t find_slot(const struct schema_cache_stats *stats, const struct schema_type *type)
{
    uint32_t at = 0;

    while (at < stats->type_count && !is_slot_of(&stats->types[at], type)) {
        at++;
    }
    return at < SCHEMA_TYPE_SLOTS - 1 ? at : SCHEMA_TYPE_SLOTS - 1;
}

static void name_slot(struct schema_cache_type_stats *slot, const struct schema_type *type)
{
    slot->kind = type->kind;
    slot->id = type->id;
    slot->version = type->version;
    memcpy(slot->name, type->name, sizeof(slot->name));
}

void schema_board_assign(struct schema_board *b, struct schema_type *type)
{
    pthread_mutex_lock(&b->lock);
    type->slot = find_slot(&b->stats, type);
    struct schema_cache_type_stats *slot = &b->stats.types[type->slot];
    if (type->slot == b->stats.type_count) {
        b->stats.type_count++;
        slot->slot = type->slot;
        if (type->slot < SCHEMA_TYPE_SLOTS - 1) {
            name_slot(slot, type);
        } else {
            memcpy(slot->name, OTHERS, sizeof(OTHERS));
        }
    } else if (slot->id == 0 && type->slot < SCHEMA_TYPE_SLOTS - 1) {
        slot->id = type->id;
    }
    pthread_mutex_unlock(&b->lock);
}

void schema_board_count_fetch(struct schema_board *b, enum schema_board_answer answer)
{
    pthread_mutex_lock(&b->lock);
    b->stats.fetches++;
    b->stats.errors += answer == BOARD_USELESS;
    b->stats.reachable = answer == BOARD_USABLE;
    pthread_mutex_unlock(&b->lock);
}

void schema_board_set_why(struct schema_board *b, const char *why)
{
    pthread_mutex_lock(&b->lock);
    snprintf(b->stats.why, sizeof(b->stats.why), "%s", why);
    pthread_mutex_unlock(&b->lock);
}

void schema_board_confirm(struct schema_board *b, const struct schema_type *type, uint64_t wall_ns)
{
    pthread_mutex_lock(&b->lock);
    b->stats.types[type->slot].fetched_wall_ns = wall_ns;
    pthread_mutex_unlock(&b->lock);
}

void schema_board_set_answered(struct schema_board *b, uint64_t oldest_mono_ns)
{
    pthread_mutex_lock(&b->lock);
    b->answered_mono_ns = oldest_mono_ns;
    b->answered_age_ns = 0;
    pthread_mutex_unlock(&b->lock);
}

void schema_board_set_age(struct schema_board *b, uint64_t age_ns)
{
    pthread_mutex_lock(&b->lock);
    b->answered_mono_ns = clock_mono_ns();
    b->answered_age_ns = age_ns;
    pthread_mutex_unlock(&b->lock);
}

void schema_board_count_adopted(struct schema_board *b)
{
    pthread_mutex_lock(&b->lock);
    b->stats.adopted++;
    pthread_mutex_unlock(&b->lock);
}

void schema_board_set_refused(struct schema_board *b, const struct schema_type *type,
                              uint32_t version)
{
    pthread_mutex_lock(&b->lock);
    b->stats.types[type->slot].refused_version = version;
    pthread_mutex_unlock(&b->lock);
}

void schema_board_count_refused(struct schema_board *b)
{
    pthread_mutex_lock(&b->lock);
    b->stats.refused++;
    pthread_mutex_unlock(&b->lock);
}

void schema_board_set_ids(struct schema_board *b, uint32_t ids)
{
    pthread_mutex_lock(&b->lock);
    b->stats.ids = ids;
    pthread_mutex_unlock(&b->lock);
}

void schema_board_count_refused_id(struct schema_board *b)
{
    pthread_mutex_lock(&b->lock);
    b->stats.ids_refused++;
    pthread_mutex_unlock(&b->lock);
}

void schema_board_read(struct schema_board *b, struct schema_cache_stats *ret)
{
    uint64_t now = clock_mono_ns();

    pthread_mutex_lock(&b->lock);
    *ret = b->stats;
    ret->age_ns = now > b->answered_mono_ns ? now - b->answered_mono_ns : 0;
    ret->age_ns = b->stats.registry ? ret->age_ns + b->answered_age_ns : 0;
    pthread_mutex_unlock(&b->lock);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * zone_map: items in the order of their prefixes, the longest first; a zone that several of them
 * name is read for each, which costs little and happens once. */
#include "ingestor/zone_map.h"

#include "net/addr_block.h"

#include <stdlib.h>

struct item {
    struct addr_block block;
    struct zone *zone; /* owned; NULL: UTC */
};

struct zone_map {
    struct zone *other; /* owned; of everyone else; NULL: UTC */
    bool other_given;
    uint32_t count;
    struct item items[OPTION_LIST_MAX];
};

static const char *why_of(err_t err)
{
    return err == ERR_IO ? "cannot be read as a time zone" : "is no time zone";
}

/* NULL for UTC, which costs least. */
static err_t load(struct span name, struct zone **ret, const char **ret_why)
{
    struct zone *zone = malloc(sizeof(*zone));

    ENSURE(zone != NULL, ERR_NOMEM);
    err_t err = zone_load(name, zone);
    if (err == ERR_OK && (zone->table.count > 1 || zone->table.changes[0].offset != 0)) {
        *ret = zone;
        return ERR_OK;
    }
    free(zone);
    if (err == ERR_OK) {
        *ret = NULL;
        return ERR_OK;
    }
    *ret_why = why_of(err);
    return err == ERR_NOMEM ? ERR_NOMEM : ERR_SYNTAX;
}

static err_t add_other(struct zone_map *m, struct span name, const char **ret_why)
{
    if (m->other_given) {
        *ret_why = "is a second zone for all senders";
        return ERR_SYNTAX;
    }
    m->other_given = true;
    return load(name, &m->other, ret_why);
}

static bool same_block(const struct addr_block *a, const struct addr_block *b)
{
    return a->bits == b->bits && memcmp(a->host, b->host, sizeof(a->host)) == 0;
}

static err_t add_block(struct zone_map *m, struct span block_text, struct span name,
                       const char **ret_why)
{
    struct item item = {.zone = NULL};
    uint32_t at = m->count;

    if (addr_block_parse(block_text, &item.block) != ERR_OK) {
        *ret_why = "begins with no block of addresses";
        return ERR_SYNTAX;
    }
    for (uint32_t i = 0; i < m->count; i++) {
        if (same_block(&m->items[i].block, &item.block)) {
            *ret_why = "is a second zone for the same block";
            return ERR_SYNTAX;
        }
    }
    TRY(load(name, &item.zone, ret_why));
    for (; at > 0 && m->items[at - 1].block.bits < item.block.bits; at--) {
        m->items[at] = m->items[at - 1];
    }
    m->items[at] = item;
    m->count++;
    return ERR_OK;
}

static err_t add(struct zone_map *m, struct span text, const char **ret_why)
{
    size_t equals = span_find(text, '=');

    if (equals == text.len) {
        return add_other(m, text, ret_why);
    }
    return add_block(m, span_head(text, equals), span_skip(text, equals + 1), ret_why);
}

err_t zone_map_new(const struct option_strings *list, struct zone_map **ret,
                   struct zone_map_fault *ret_fault)
{
    struct zone_map *m = calloc(1, sizeof(*m));

    ENSURE(m != NULL, ERR_NOMEM);
    for (uint32_t i = 0; i < list->count; i++) {
        const char *why = "";
        err_t err = add(m, span_of_str(list->at[i]), &why);
        if (err != ERR_OK) {
            *ret_fault = (struct zone_map_fault){list->at[i], why};
            zone_map_free(m);
            return err;
        }
    }
    *ret = m;
    return ERR_OK;
}

void zone_map_free(struct zone_map *m)
{
    if (m == NULL) {
        return;
    }
    for (uint32_t i = 0; i < m->count; i++) {
        free(m->items[i].zone);
    }
    free(m->other);
    free(m);
}

const struct zone *zone_map_find(const struct zone_map *m, const struct addr *peer)
{
    if (m == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < m->count; i++) {
        if (addr_block_holds(&m->items[i].block, peer)) {
            return m->items[i].zone;
        }
    }
    return m->other;
}

const struct zone *zone_map_default(const struct zone_map *m)
{
    return m == NULL ? NULL : m->other;
}

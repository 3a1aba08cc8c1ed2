/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_json_members: memory is reserved for the worst case before the first member and given back
 * after the last; the pages in between are never touched. */
#include "codec/codec_json_members.h"

#include <assert.h>

void codec_json_members_reserve(struct codec_json_members *m, struct json_scan *s,
                                size_t text_bytes)
{
    m->arena_used = s->arena->used;
    m->count = 0;
    m->at = arena_alloc(s->arena, JSON_SCAN_MEMBERS_MAX(text_bytes) * sizeof(*m->at));
    assert(m->at != NULL);
    json_scan_reserve(s, text_bytes);
}

void codec_json_members_seal(struct codec_json_members *m, struct arena *a)
{
    arena_rewind(a, m->arena_used);
    m->at = arena_alloc(a, m->count * sizeof(*m->at)); /* the same memory, only shorter */
}

err_t codec_json_members_parse(struct json_scan *s, size_t text_bytes,
                               struct codec_json_members *ret)
{
    struct codec_json_members m;
    bool empty = false;

    codec_json_members_reserve(&m, s, text_bytes);
    TRY(json_scan_open(s, &empty));
    for (bool more = !empty; more;) {
        struct extra *member = &m.at[m.count];
        TRY(json_scan_name(s, &member->name));
        TRY(json_scan_value(s, member));
        m.count++;
        TRY(json_scan_next(s, &more));
    }
    TRY(json_scan_unique(s, 0));
    codec_json_members_seal(&m, s->arena);
    *ret = m;
    return ERR_OK;
}

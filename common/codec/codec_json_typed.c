/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_json_typed: members first, then the four out of them. */
#include "codec/codec_json_typed.h"

#include "codec/codec_json_members.h"
#include "wire/json_text.h"

static const struct {
    struct span name;
    size_t offset;
} four[FIELD_COUNT] = {
    [FIELD_TIMESTAMP] = {{"timestamp", 9}, offsetof(struct record, timestamp)},
    [FIELD_LEVEL] = {{"level", 5}, offsetof(struct record, level)},
    [FIELD_MESSAGE] = {{"message", 7}, offsetof(struct record, message)},
    [FIELD_SERVICE] = {{"service", 7}, offsetof(struct record, service)},
};

/* The place in the record for a member, or NULL. */
static struct text *place_of(struct record *rec, const struct extra *member)
{
    for (enum entry_field f = 0; member->kind == EXTRA_TEXT && f < FIELD_COUNT; f++) {
        if (json_text_equal(member->name, four[f].name)) {
            return (struct text *)(void *)((char *)rec + four[f].offset);
        }
    }
    return NULL;
}

/* Takes the four out of the members; the others stay, in their order. */
static void take_four(struct codec_json_members *members, struct record *rec)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < members->count; i++) {
        struct text *place = place_of(rec, &members->at[i]);
        if (place != NULL) {
            *place = members->at[i].text;
            continue;
        }
        members->at[kept++] = members->at[i];
    }
    rec->extras = members->at;
    rec->extra_count = kept;
}

enum reason codec_json_typed(struct span in, struct batch *b, struct record *ret_rec,
                             const char **ret_detail)
{
    size_t arena_used = b->arena.used;
    struct codec_json_members members;
    struct json_scan s;

    json_scan_init(&s, in, &b->arena);
    if (codec_json_members_parse(&s, in.len, &members) != ERR_OK) {
        arena_rewind(&b->arena, arena_used);
        *ret_detail = s.detail;
        return (enum reason)s.reason;
    }
    codec_record_init(ret_rec, FORMAT_JSON);
    ret_rec->origin = ORIGIN_TYPED;
    ret_rec->source = in;
    take_four(&members, ret_rec);
    return REASON_NONE;
}

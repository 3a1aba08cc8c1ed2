/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_journal_export: the fields are noted first and those of one name chained, with a hash that
 * a sender cannot foresee; then each name becomes a member, as in the JSON of journald. */
#include "codec/codec_journal_export.h"

#include "base/limits.h"
#include "codec/codec_journal.h"
#include "codec/codec_put.h"
#include "wire/frame_journal.h"
#include "wire/json_text.h"
#include "wire/text_scan.h"
#include "wire/utf8.h"

#include <assert.h>

#define LENGTH_BYTES    8u
#define FIELD_BYTES_MIN 3u /* A=LF */
#define SLOTS_MIN       64u
#define NONE            UINT32_MAX

struct field {
    struct span name;
    struct span value;
    uint32_t next; /* of the same name; NONE: it is the last */
    uint32_t last; /* of the first of a name: the last one */
    bool first;    /* of its name */
};

struct fields {
    struct field *at;
    uint32_t count;
};

static bool is_name(struct span s)
{
    bool good = s.len > 0 && s.len <= FRAME_JOURNAL_NAME_BYTES_MAX;

    for (size_t i = 0; good && i < s.len; i++) {
        good = frame_journal_name_byte(s.at[i], i);
    }
    return good;
}

/* The value behind NAME LF: its length, then itself, then LF. */
static bool take_binary(struct span *left, struct span *ret_value)
{
    uint64_t length = 0;

    if (left->len < LENGTH_BYTES) {
        return false;
    }
    for (size_t i = 0; i < LENGTH_BYTES; i++) {
        length |= (uint64_t)(unsigned char)left->at[i] << (8 * i);
    }
    struct span rest = span_skip(*left, LENGTH_BYTES);
    if (length >= rest.len || rest.at[length] != '\n') {
        return false;
    }
    *ret_value = span_head(rest, (size_t)length);
    *left = span_skip(rest, (size_t)length + 1);
    return true;
}

/* The next field of `left`, which is not empty. NULL, or what is wrong with it. */
static const char *take_field(struct span *left, struct field *ret)
{
    size_t line = span_find(*left, '\n');
    size_t name = span_find(span_head(*left, line), '=');

    ret->name = span_head(*left, name);
    ret->next = NONE;
    if (!is_name(ret->name)) {
        return "a field name is 1 to 64 of A-Z 0-9 _ and begins with no digit";
    }
    if (line == left->len) {
        return "a field has no end";
    }
    if (name < line) {
        ret->value = span_head(span_skip(*left, name + 1), line - name - 1);
        *left = span_skip(*left, line + 1);
        return NULL;
    }
    *left = span_skip(*left, line + 1);
    return take_binary(left, &ret->value) ? NULL : "a field has a wrong length";
}

/* All fields. */
static enum reason take_fields(struct span in, struct fields *f, const char **ret_detail)
{
    while (in.len > 0) {
        if (f->count == CODEC_JOURNAL_EXPORT_FIELDS_MAX) {
            *ret_detail = "an entry has more than 1024 fields";
            return REASON_TOO_LARGE;
        }
        const char *wrong = take_field(&in, &f->at[f->count]);
        if (wrong != NULL) {
            *ret_detail = wrong;
            return REASON_BAD_FRAME;
        }
        f->count++;
    }
    return REASON_NONE;
}

/* Field `i` is the first of its name, or goes to the end of that name's chain. */
static void chain_field(const struct fields *f, uint32_t i, uint16_t *slots, uint32_t slot_count,
                        uint64_t key)
{
    struct field *field = &f->at[i];
    uint64_t hash = json_text_hash(text_of(field->name, TEXT_PLAIN), key);
    uint32_t slot = (uint32_t)(hash >> 32) & (slot_count - 1);

    while (slots[slot] != 0 && !span_equal(f->at[slots[slot] - 1].name, field->name)) {
        slot = (slot + 1) & (slot_count - 1);
    }
    field->first = slots[slot] == 0;
    field->last = i;
    if (field->first) {
        slots[slot] = (uint16_t)(i + 1);
        return;
    }
    struct field *first = &f->at[slots[slot] - 1];
    f->at[first->last].next = i;
    first->last = i;
}

static void chain_names(const struct fields *f, struct arena *a)
{
    size_t before = a->used;
    uint32_t slot_count = SLOTS_MIN;

    while (slot_count < f->count * 2) {
        slot_count *= 2;
    }
    uint16_t *slots = arena_alloc(a, slot_count * sizeof(*slots)); /* index + 1; 0 is free */
    assert(slots != NULL);
    memset(slots, 0, slot_count * sizeof(*slots));
    for (uint32_t i = 0; i < f->count; i++) {
        chain_field(f, i, slots, slot_count, (uint64_t)(uintptr_t)a->at);
    }
    arena_rewind(a, before);
}

/* What journald calls printable: UTF-8 without control characters but TAB and LF. */
static bool is_printable(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        bool control = (c < 0x20 && c != '\t' && c != '\n') || c == 0x7f;
        bool c1 = c == 0xc2 && i + 1 < s.len && (unsigned char)s.at[i + 1] < 0xa0;
        if (control || c1) {
            return false;
        }
    }
    return true;
}

/* A value as text, if journald would write it as a string. A message is always read as one in the
 * end, so only its UTF-8 counts. */
static bool text_value(const struct field *field, bool whole_message, struct text *ret)
{
    enum text_form form = TEXT_PLAIN;

    if (!utf8_classify(field->value, &form)) {
        return false;
    }
    if (form != TEXT_CLEAN && !whole_message && !is_printable(field->value)) {
        return false;
    }
    *ret = text_of(field->value, form);
    return true;
}

static void put_value(struct codec_put *p, const struct field *field)
{
    struct text text;

    if (text_value(field, false, &text)) {
        codec_put_text(p, text);
        return;
    }
    codec_put_open(p, '[');
    for (size_t i = 0; i < field->value.len; i++) {
        codec_put_uint(p, (unsigned char)field->value.at[i]);
    }
    codec_put_close(p, ']');
}

/* The values of one name as JSON. */
static struct span put_member(struct codec_put *p, const struct fields *f, uint32_t i)
{
    const char *mark = codec_put_mark(p);
    bool repeated = f->at[i].next != NONE;

    if (repeated) {
        codec_put_open(p, '[');
    }
    for (uint32_t k = i; k != NONE; k = f->at[k].next) {
        put_value(p, &f->at[k]);
    }
    if (repeated) {
        codec_put_close(p, ']');
    }
    return codec_put_since(p, mark);
}

static void set_member(struct codec_put *p, const struct fields *f, uint32_t i, struct extra *ret)
{
    const struct field *field = &f->at[i];
    bool is_message = span_equal(field->name, SPAN_LIT("MESSAGE"));

    *ret = (struct extra){.name = text_of(field->name, TEXT_CLEAN), .kind = EXTRA_TEXT};
    if (field->next == NONE && text_value(field, is_message, &ret->text)) {
        return;
    }
    ret->kind = EXTRA_JSON;
    ret->json = put_member(p, f, i);
}

/* Members in the order in which their names first came. */
static uint32_t set_members(struct codec_put *p, const struct fields *f, struct extra *members)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < f->count; i++) {
        if (f->at[i].first) {
            set_member(p, f, i, &members[count]);
            count++;
        }
    }
    return count;
}

static size_t fields_possible(struct span in)
{
    size_t fields = in.len / FIELD_BYTES_MIN + 1;

    return fields < CODEC_JOURNAL_EXPORT_FIELDS_MAX ? fields : CODEC_JOURNAL_EXPORT_FIELDS_MAX;
}

enum reason codec_journal_export(const struct codec_env *env, struct span in, struct batch *b,
                                 struct record *ret_rec, const char **ret_detail)
{
    struct fields f = {.at = arena_alloc(&b->arena, fields_possible(in) * sizeof(*f.at))};
    struct codec_put p;

    assert(f.at != NULL);
    enum reason reason = take_fields(in, &f, ret_detail);
    if (reason == REASON_NONE && f.count == 0) {
        *ret_detail = "an entry has no field";
        reason = REASON_EMPTY;
    }
    if (reason != REASON_NONE) {
        return reason;
    }
    chain_names(&f, &b->arena);
    struct extra *members = arena_alloc(&b->arena, f.count * sizeof(*members));
    assert(members != NULL);
    codec_put_init(&p, &b->arena, CODEC_PUT_BUDGET(in.len));
    uint32_t count = set_members(&p, &f, members);
    codec_put_seal(&p, &b->arena);
    if (codec_put_reason(&p) != REASON_NONE) {
        *ret_detail = p.detail;
        return codec_put_reason(&p);
    }
    codec_journal_members(env, members, count, b, ret_rec);
    ret_rec->source = in;
    ret_rec->origin = ORIGIN_LINE;
    return REASON_NONE;
}

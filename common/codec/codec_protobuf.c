/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_protobuf: a message of nothing but the four as strings is taken where it stands, in one
 * look at its bytes. Every other one is indexed and its fields are written one after the other. */
#include "codec/codec_protobuf.h"

#include "codec/codec_protobuf_json.h"
#include "schema/schema_protobuf_wire.h"
#include "wire/text_scan.h"
#include "wire/utf8.h"

#include <assert.h>

#define ALIGNED(bytes) (((bytes) + 15) & ~(size_t)15)

/* JSON and extras, entries, and the paths of a FieldMask joined. */
#define ARENA_BYTES(bytes)             \
    (CODEC_PROTOBUF_OUT_BYTES(bytes) + \
     CODEC_PROTOBUF_ENTRIES_MAX((size_t)(bytes)) * sizeof(uint64_t) + (bytes) + 64)
_Static_assert(ARENA_BYTES(0) <= BATCH_ARENA_SPARE, "a record of no bytes");
_Static_assert(ARENA_BYTES(2 * MIB) <= 2ull * MIB * BATCH_ARENA_PER_BYTE, "a large one");

/* What a record is made of. */
struct parts {
    struct text four[FIELD_COUNT];
    struct extra *extras;
    uint32_t extra_count;
};

/* A message that is not of the simplest form. */
struct decode {
    struct codec_protobuf_index index;
    struct parts *parts;
    const struct schema_protobuf_field *member; /* being written since `mark`; NULL: none */
    const char *mark;
};

static inline void copy_text(struct text *to, const struct text *from)
{
    to->at = from->at;
    to->len = from->len;
    to->form = from->form;
}

/* Whether nothing in it needs an escape, and all of it is ASCII. */
static inline bool is_clean(const char *at, size_t len)
{
    for (; len >= 16; at += 16, len -= 16) {
        if (text_scan_stops_16(at) != 0) {
            return false;
        }
    }
    return (text_scan_stops_16(at) & ((1u << len) - 1)) == 0;
}

/* The string's text; false: it is no UTF-8. */
static inline bool take_text(const char *at, size_t len, struct text *ret)
{
    enum text_form form = TEXT_CLEAN;

    if (!is_clean(at, len) && !utf8_classify(span_of(at, len), &form)) {
        return false;
    }
    ret->at = at;
    ret->len = (uint32_t)len;
    ret->form = (uint8_t)form;
    return true;
}

/* The common record: false if it is anything else, or wrong. A tag of one byte, a length of one or
 * two. */
static bool take_flat(const struct schema_protobuf_message *m, struct span in, struct parts *parts)
{
    const struct schema_protobuf_field *fields = m->plan->fields + m->first;
    const char *end = in.at + in.len;

    for (const char *at = in.at; at < end;) {
        size_t place = ((unsigned char)at[0] >> 3) - 1u;
        size_t len = (unsigned char)at[1];
        if ((at[0] & 7) != PROTOBUF_WIRE_LEN || place >= m->flat_count) {
            return false;
        }
        at += 2;
        if (len >= 0x80) {
            len = (len & 0x7f) | (size_t)(unsigned char)*at++ << 7;
            if (len >= 0x4000) {
                return false;
            }
        }
        struct text *text = &parts->four[fields[place].role];
        if (at > end || len > (size_t)(end - at) || !take_text(at, len, text)) {
            return false;
        }
        if (len == 0 && !fields[place].has_presence) {
            text->at = NULL;
        }
        at += len;
    }
    return true;
}

static void clear(struct parts *parts)
{
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        parts->four[i].at = NULL;
        parts->four[i].len = 0;
        parts->four[i].form = TEXT_CLEAN;
    }
    parts->extras = NULL;
    parts->extra_count = 0;
}

static size_t name_cost(const struct schema_protobuf_field *f)
{
    return (size_t)f->json_name.len * (f->json_name.form == TEXT_CLEAN ? 1 : 7);
}

/* A string member of the root becomes one of the four or an extra. */
static void place_text(struct decode *d, const struct schema_protobuf_field *f, struct text text)
{
    if (f->role != FIELD_COUNT) {
        copy_text(&d->parts->four[f->role], &text);
        return;
    }
    struct extra *extra = &d->parts->extras[d->parts->extra_count++];
    extra->name = f->json_name;
    extra->kind = EXTRA_TEXT;
    extra->text = text;
    codec_put_charge(&d->index.put, name_cost(f));
}

static void place_json(struct decode *d, const struct schema_protobuf_field *f, struct span json)
{
    if (json.at[0] == '"') {
        place_text(d, f, text_of(span_of(json.at + 1, json.len - 2), TEXT_JSON));
        return;
    }
    struct extra *extra = &d->parts->extras[d->parts->extra_count++];
    extra->name = f->json_name;
    extra->kind = EXTRA_JSON;
    extra->json = json;
    codec_put_charge(&d->index.put, name_cost(f));
}

/* A string of the root stays where it is; the last of several counts. */
static void take_string(struct decode *d, const struct schema_protobuf_field *f)
{
    struct codec_protobuf_frame *root = &d->index.frames[0];
    struct text text;

    root->at = codec_protobuf_index_run(&d->index, root->at, root->end);
    struct span bytes = codec_protobuf_index_bytes(
        &d->index, codec_protobuf_index_offset(d->index.work[root->at - 1]));
    if (!take_text(bytes.at, bytes.len, &text)) {
        codec_put_fail(&d->index.put, REASON_BAD_UTF8, "a string is no UTF-8");
        return;
    }
    /* What the dearest output form makes of it counts as if it had been written. */
    codec_put_charge(&d->index.put, text.form == TEXT_CLEAN ? text.len : (size_t)text.len * 7);
    place_text(d, f, text);
}

static void begin_member(struct decode *d)
{
    const struct codec_protobuf_frame *root = &d->index.frames[0];
    const struct schema_protobuf_field *f =
        &d->index.plan->fields[codec_protobuf_index_field(d->index.work[root->at])];

    if (!codec_protobuf_json_present(&d->index)) {
        return;
    }
    if (f->type == PROTOBUF_STRING && !f->repeated) {
        take_string(d, f);
        return;
    }
    d->member = f;
    d->mark = codec_put_mark(&d->index.put);
    codec_protobuf_json_value(&d->index);
}

/* Until the root is written, or something failed. */
static void write_members(struct decode *d)
{
    struct codec_protobuf_index *index = &d->index;
    const struct codec_protobuf_frame *root = &index->frames[0];

    while (codec_put_reason(&index->put) == REASON_NONE) {
        if (index->depth > 1 || root->bracket != '\0') {
            codec_protobuf_json_step(index);
            continue;
        }
        if (d->member != NULL) {
            place_json(d, d->member, codec_put_since(&index->put, d->mark));
            d->member = NULL;
            continue;
        }
        if (root->at == root->end) {
            return;
        }
        begin_member(d);
    }
}

static uint32_t count_members(const struct codec_protobuf_index *d)
{
    uint32_t count = 0;

    for (uint32_t at = 0; at < d->work_count; at = codec_protobuf_index_run(d, at, d->work_count)) {
        count++;
    }
    return count;
}

/* The root is indexed before the extras are allocated, so that their number is known; yet the
 * entries stand behind them and the text, and are given back with what the text does not need. */
static void index_root(struct decode *d, const struct schema_protobuf_message *m, struct span in)
{
    struct codec_protobuf_index *index = &d->index;
    struct arena *arena = index->arena;
    size_t arena_used = arena->used;
    size_t budget = ALIGNED(CODEC_PROTOBUF_OUT_BYTES(in.len));

    codec_put_init(&index->put, arena, budget);
    index->work_max = (uint32_t)CODEC_PROTOBUF_ENTRIES_MAX(in.len);
    index->work = arena_alloc(arena, index->work_max * sizeof(*index->work));
    assert(index->work != NULL);
    codec_protobuf_index_piece(index, m, in);
    size_t extra_bytes = ALIGNED(count_members(index) * sizeof(struct extra));
    codec_put_charge(&index->put, extra_bytes);
    if (codec_put_reason(&index->put) != REASON_NONE) {
        return;
    }
    size_t arena_end = arena->used;
    arena_rewind(arena, arena_used);
    d->parts->extras = arena_alloc(arena, extra_bytes);
    codec_put_init(&index->put, arena, budget - extra_bytes);
    arena->used = arena_end;
    codec_protobuf_json_root(index, m);
}

static enum reason take_any(const struct schema_protobuf_message *m, struct span in,
                            struct arena *arena, struct parts *parts, const char **ret_detail)
{
    struct decode d;
    size_t arena_used = arena->used;

    d.index.plan = m->plan;
    d.index.begin = in.at;
    d.index.end = in.at + in.len;
    d.index.arena = arena;
    d.index.work_count = 0;
    d.index.depth = 0;
    d.index.levels = 1;
    d.index.serial = 0;
    d.parts = parts;
    d.member = NULL;
    index_root(&d, m, in);
    write_members(&d);
    enum reason reason = codec_put_reason(&d.index.put);
    if (reason != REASON_NONE) {
        arena_rewind(arena, arena_used);
        *ret_detail = d.index.put.detail;
        return reason;
    }
    codec_put_seal(&d.index.put, arena);
    return REASON_NONE;
}

static void make_record(const struct parts *parts, struct span in, struct record *ret)
{
    codec_record_init(ret, FORMAT_PROTO);
    copy_text(&ret->timestamp, &parts->four[FIELD_TIMESTAMP]);
    copy_text(&ret->level, &parts->four[FIELD_LEVEL]);
    copy_text(&ret->message, &parts->four[FIELD_MESSAGE]);
    copy_text(&ret->service, &parts->four[FIELD_SERVICE]);
    ret->extras = parts->extras;
    ret->extra_count = parts->extra_count;
    ret->source = in;
}

enum reason codec_protobuf(const struct schema_protobuf_message *message, struct span in,
                           struct batch *b, struct record *ret_rec, const char **ret_detail)
{
    struct parts parts;

    clear(&parts);
    if (!take_flat(message, in, &parts)) {
        if (in.len >= UINT32_MAX) {
            *ret_detail = "a message of 4 GiB";
            return REASON_TOO_LARGE;
        }
        clear(&parts);
        enum reason reason = take_any(message, in, &b->arena, &parts, ret_detail);
        if (reason != REASON_NONE) {
            return reason;
        }
    }
    make_record(&parts, in, ret_rec);
    return REASON_NONE;
}

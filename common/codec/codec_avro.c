/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_avro: a field that is a string and one of the four is taken here, without a copy: its bytes
 * are looked at once, together with those of its neighbours. Every other field becomes an extra;
 * what has no short form goes through codec_avro_value.c. */
#include "codec/codec_avro.h"

#include "codec/codec_avro_value.h"
#include "wire/json_names.h"
#include "wire/text_scan.h"
#include "wire/utf8.h"

#include <assert.h>

/* What a member costs in a line beside its name and value, as render/ reserves it. */
#define MEMBER_COST 24u
#define NUMBER_COST 20u
#define ESCAPE_COST 6u

/* Arena beside the text: extras, and for each key that is open its place and its part of the table
 * that finds it twice. */
#define EXTRAS_BYTES_MAX(bytes) ((bytes)*7 + 40960)
#define BESIDE_BYTES_MAX(bytes) ((bytes)*7 + 81920)
#define KEY_BYTES               (sizeof(struct json_name) + 16)

_Static_assert(CODEC_AVRO_OUT_BYTES(0) + BESIDE_BYTES_MAX(0) <= BATCH_ARENA_SPARE - 64,
               "what is there for any record");
_Static_assert(CODEC_AVRO_OUT_BYTES(1) - CODEC_AVRO_OUT_BYTES(0) + BESIDE_BYTES_MAX(1) -
                       BESIDE_BYTES_MAX(0) <=
                   BATCH_ARENA_PER_BYTE,
               "what is there for each byte");

/* One datum on its way to a record. */
struct datum {
    struct codec_avro_value value;
    struct text four[FIELD_COUNT];
    struct extra *extras; /* NULL until there is one */
    uint32_t extra_count;
};

static void datum_init(struct datum *d, const struct schema_avro *plan, struct span in,
                       struct arena *arena)
{
    d->value.plan = plan;
    d->value.at = in.at;
    d->value.end = in.at + in.len;
    d->value.begin = in.at;
    d->value.arena = arena;
    d->value.reason = REASON_NONE;
    d->value.detail = "";
    d->value.put.reason = REASON_NONE;
    d->value.names = NULL;
    d->value.name_count = 0;
    d->value.depth = 1; /* the record itself */
    for (size_t f = 0; f < FIELD_COUNT; f++) {
        d->four[f] = text_of(span_of(NULL, 0), TEXT_CLEAN);
    }
    d->extras = NULL;
    d->extra_count = 0;
}

/* Room for all that is not one of the four strings, before the first of it. */
static void reserve(struct datum *d)
{
    struct codec_avro_value *v = &d->value;
    size_t bytes = (size_t)(v->end - v->begin);
    size_t extras_bytes = v->plan->nodes[0].count * sizeof(*d->extras);

    if (extras_bytes > EXTRAS_BYTES_MAX(bytes)) {
        codec_avro_value_fail(v, REASON_TOO_LARGE, "more fields than its size allows");
        return;
    }
    d->extras = arena_alloc(v->arena, extras_bytes);
    assert(d->extras != NULL);
    codec_put_init(&v->put, v->arena, CODEC_AVRO_OUT_BYTES(bytes));
    v->name_max = (uint32_t)((BESIDE_BYTES_MAX(bytes) - extras_bytes) / KEY_BYTES);
}

/* A string at the reader, classified. */
static struct text take_text(struct codec_avro_value *v)
{
    struct span bytes = codec_avro_value_bytes(v);
    enum text_form form = TEXT_CLEAN;

    if (!utf8_classify(bytes, &form)) {
        codec_avro_value_fail(v, REASON_BAD_UTF8, "a string is no UTF-8");
    }
    return text_of(bytes, form);
}

static void put_text(struct codec_avro_value *v, struct extra *e)
{
    e->kind = EXTRA_TEXT;
    e->text = take_text(v);
    codec_put_charge(&v->put, (size_t)e->text.len * (e->text.form == TEXT_CLEAN ? 1 : ESCAPE_COST));
}

static void put_number(struct codec_avro_value *v, const struct schema_avro_node *node,
                       struct extra *e)
{
    e->kind = EXTRA_NUMBER;
    e->number = codec_avro_value_long(v);
    if (node->kind == AVRO_INT && (e->number < INT32_MIN || e->number > INT32_MAX)) {
        codec_avro_value_fail(v, REASON_BAD_AVRO, "an int of more than 32 bits");
    }
    codec_put_charge(&v->put, NUMBER_COST);
}

/* Whatever becomes JSON. What is a string and no sender's text needs no escape. */
static void put_json(struct codec_avro_value *v, const struct schema_avro_node *node,
                     struct extra *e)
{
    const char *mark = codec_put_mark(&v->put);

    codec_avro_value_put(v, node);
    struct span json = codec_put_since(&v->put, mark);
    e->kind = EXTRA_JSON;
    e->json = json;
    if (json.len >= 2 && json.at[0] == '"') {
        e->kind = EXTRA_TEXT;
        e->text = text_of(span_of(json.at + 1, json.len - 2), TEXT_CLEAN);
    }
}

static void take_value(struct codec_avro_value *v, const struct schema_avro_node *node,
                       struct extra *e)
{
    if (node->kind == AVRO_STRING) {
        put_text(v, e);
    } else if ((node->kind == AVRO_INT || node->kind == AVRO_LONG) && node->logical == AVRO_PLAIN) {
        put_number(v, node, e);
    } else {
        put_json(v, node, e);
    }
    if (v->put.reason != REASON_NONE) {
        codec_avro_value_fail(v, codec_put_reason(&v->put), v->put.detail);
    }
}

/* A field that is not simply one of the four strings. */
static void take_field(struct datum *d, const struct schema_avro_field *field)
{
    struct codec_avro_value *v = &d->value;

    if (d->extras == NULL) {
        reserve(d);
    }
    if (v->reason != REASON_NONE) {
        return;
    }
    const struct schema_avro_node *node = codec_avro_value_branch(v, &v->plan->nodes[field->node]);
    struct extra *e = &d->extras[d->extra_count];
    e->name = field->text;
    codec_put_charge(&v->put, MEMBER_COST + field->text.len);
    take_value(v, node, e);
    if (e->kind == EXTRA_TEXT && field->entry != FIELD_COUNT) {
        d->four[field->entry] = e->text;
        return;
    }
    d->extra_count++;
}

/* One of the four, at a length of one byte: most are shorter than 64. NULL: something else is
 * there, or it needs a closer look. Else the byte behind it. */
static inline const char *short_text(struct text_scan *sight, const char *at, struct text *ret)
{
    unsigned zigzag = at < sight->end ? (unsigned char)*at : 1u;
    size_t len = zigzag >> 1;

    at++;
    if ((zigzag & 0x81) != 0 || len > (size_t)(sight->end - at) ||
        text_scan_next(sight, at) < at + len) {
        return NULL;
    }
    ret->at = at;
    ret->len = (uint32_t)len;
    ret->form = TEXT_CLEAN;
    return at + len;
}

/* All fields of the record. The position lives in a register; the reader has it only while it
 * works. */
static void take_fields(struct datum *d)
{
    struct codec_avro_value *v = &d->value;
    const struct schema_avro_node *root = &v->plan->nodes[0];
    const struct schema_avro_field *field = v->plan->fields + root->first;
    const struct schema_avro_field *behind = field + root->count;
    const char *at = v->at;
    struct text_scan sight;

    text_scan_init(&sight, at, v->end);
    for (; field < behind; field++) {
        bool is_text = field->kind == AVRO_STRING && field->entry != FIELD_COUNT;
        const char *next = is_text ? short_text(&sight, at, &d->four[field->entry]) : NULL;
        if (next != NULL) {
            at = next;
            continue;
        }
        v->at = at;
        if (is_text) {
            d->four[field->entry] = take_text(v);
        } else {
            take_field(d, field);
        }
        if (v->reason != REASON_NONE) {
            return;
        }
        at = v->at;
    }
    v->at = at;
    if (at != v->end) {
        codec_avro_value_fail(v, REASON_BAD_AVRO, "bytes behind its end");
    }
}

/* What was written is cut to its length, or it was too much; the four count as well, as they share
 * the line. */
static void seal(struct datum *d)
{
    struct codec_put *put = &d->value.put;
    size_t bytes = 0;

    if (d->extras == NULL) {
        return;
    }
    for (size_t f = 0; f < FIELD_COUNT; f++) {
        bytes += d->four[f].len;
    }
    codec_put_charge(put, bytes * ESCAPE_COST);
    codec_put_seal(put, d->value.arena);
    if (put->reason != REASON_NONE) {
        codec_avro_value_fail(&d->value, codec_put_reason(put), put->detail);
    }
}

static void copy_text(struct text *to, const struct text *from)
{
    to->at = from->at;
    to->len = from->len;
    to->form = from->form;
}

enum reason codec_avro(const struct schema_avro *plan, struct span in, struct batch *b,
                       struct record *ret_rec, const char **ret_detail)
{
    struct datum d;
    size_t arena_used = b->arena.used;

    if (plan->nodes[0].kind != AVRO_RECORD) {
        *ret_detail = "the schema is no record";
        return REASON_SCHEMA;
    }
    datum_init(&d, plan, in, &b->arena);
    take_fields(&d);
    seal(&d);
    if (d.value.reason != REASON_NONE) {
        arena_rewind(&b->arena, arena_used);
        *ret_detail = d.value.detail;
        return (enum reason)d.value.reason;
    }
    codec_record_init(ret_rec, FORMAT_AVRO);
    copy_text(&ret_rec->timestamp, &d.four[FIELD_TIMESTAMP]);
    copy_text(&ret_rec->level, &d.four[FIELD_LEVEL]);
    copy_text(&ret_rec->message, &d.four[FIELD_MESSAGE]);
    copy_text(&ret_rec->service, &d.four[FIELD_SERVICE]);
    ret_rec->extras = d.extras;
    ret_rec->extra_count = d.extra_count;
    ret_rec->source = in;
    return REASON_NONE;
}

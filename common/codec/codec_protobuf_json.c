/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_protobuf_json: a frame is left by what it opens, and found again where it was left. */
#include "codec/codec_protobuf_json.h"

#include "codec/codec_protobuf_known.h"
#include "codec/codec_protobuf_map.h"
#include "codec/codec_protobuf_scalar.h"

#include <assert.h>
#include <math.h>

static struct codec_protobuf_frame *top(struct codec_protobuf_index *d)
{
    return &d->frames[d->depth - 1];
}

static const struct schema_protobuf_field *field_at(const struct codec_protobuf_index *d,
                                                    uint32_t at)
{
    return &d->plan->fields[codec_protobuf_index_field(d->work[at])];
}

void codec_protobuf_json_open(struct codec_protobuf_index *d, char bracket)
{
    if (d->levels++ >= JSON_DEPTH_MAX) {
        codec_put_fail(&d->put, REASON_TOO_DEEP, "nested deeper than JSON may be");
    }
    codec_put_open(&d->put, bracket);
}

void codec_protobuf_json_close(struct codec_protobuf_index *d, char bracket)
{
    d->levels--;
    codec_put_close(&d->put, bracket);
}

static void push(struct codec_protobuf_index *d, const struct schema_protobuf_message *message,
                 uint32_t begin)
{
    struct codec_protobuf_frame *f = &d->frames[d->depth++];

    f->message = message;
    f->begin = begin;
    f->at = begin;
    f->end = d->work_count;
    f->field = NULL;
    f->run_end = begin;
    f->bracket = '\0';
    f->bare = message->known != PROTOBUF_ORDINARY;
    f->is_done = false;
}

void codec_protobuf_json_root(struct codec_protobuf_index *d,
                              const struct schema_protobuf_message *message)
{
    push(d, message, 0);
    top(d)->bare = false;
}

static bool may_open(struct codec_protobuf_index *d)
{
    if (d->depth == CODEC_PROTOBUF_FRAMES_MAX) {
        codec_put_fail(&d->put, REASON_TOO_DEEP, "messages nested too deep");
        return false;
    }
    return true;
}

/* A message whose entries from `begin` on have been indexed. */
static void open_message(struct codec_protobuf_index *d,
                         const struct schema_protobuf_message *message, uint32_t begin)
{
    if (codec_put_reason(&d->put) != REASON_NONE) {
        return; /* the entries are not complete */
    }
    if (codec_protobuf_known_is(message)) {
        codec_protobuf_known_put(d, message, begin, d->work_count);
        d->work_count = begin;
        return;
    }
    push(d, message, begin);
    if (!top(d)->bare) {
        codec_protobuf_json_open(d, '{');
    }
}

/* The message that the entries [from, to) are the pieces of; without any it is empty. */
static void open_pieces(struct codec_protobuf_index *d, uint32_t target, uint32_t from, uint32_t to)
{
    const struct schema_protobuf_message *message = &d->plan->messages[target];
    uint32_t begin = d->work_count;

    if (may_open(d)) {
        codec_protobuf_index_pieces(d, message, from, to);
        open_message(d, message, begin);
    }
}

static void open_map_entry(struct codec_protobuf_index *d, uint32_t target, uint32_t offset)
{
    const struct schema_protobuf_message *message = &d->plan->messages[target];
    uint32_t begin = d->work_count;

    if (may_open(d)) {
        codec_protobuf_index_piece(d, message, codec_protobuf_index_bytes(d, offset));
        open_message(d, message, begin);
    }
}

static bool is_map(const struct codec_protobuf_index *d, const struct schema_protobuf_field *field)
{
    return field->repeated && field->type == PROTOBUF_MESSAGE &&
           d->plan->messages[field->target].known == PROTOBUF_MAP_ENTRY;
}

static bool is_bytes(const struct schema_protobuf_field *field)
{
    return field->type == PROTOBUF_STRING || field->type == PROTOBUF_BYTES;
}

static uint64_t bits_at(const struct codec_protobuf_index *d,
                        const struct schema_protobuf_field *field, uint32_t at)
{
    uint64_t bits = 0;

    codec_protobuf_scalar_read(field->type, d->begin + codec_protobuf_index_offset(d->work[at]),
                               d->end, &bits);
    return bits;
}

bool codec_protobuf_json_present(struct codec_protobuf_index *d)
{
    struct codec_protobuf_frame *f = top(d);
    const struct schema_protobuf_field *field = field_at(d, f->at);

    if (field->repeated || field->has_presence) {
        return true;
    }
    uint32_t run_end = codec_protobuf_index_run(d, f->at, f->end);
    uint32_t last = codec_protobuf_index_offset(d->work[run_end - 1]);
    bool is_default = is_bytes(field) ? codec_protobuf_index_bytes(d, last).len == 0
                                      : bits_at(d, field, run_end - 1) == 0;
    if (is_default) {
        f->at = run_end;
    }
    return !is_default;
}

/* A Value has no form for what JSON has no number for. Source: struct.proto. */
static void check_value_number(struct codec_protobuf_index *d, uint64_t bits)
{
    double number = 0;

    memcpy(&number, &bits, sizeof(number));
    if (!isfinite(number)) {
        codec_put_fail(&d->put, REASON_BAD_PROTOBUF, "a Value that is no finite number");
    }
}

static void put_scalar(struct codec_protobuf_index *d, const struct schema_protobuf_field *field,
                       uint32_t at)
{
    if (is_bytes(field)) {
        codec_protobuf_scalar_put_bytes(
            &d->put, field->type,
            codec_protobuf_index_bytes(d, codec_protobuf_index_offset(d->work[at])));
        return;
    }
    uint64_t bits = bits_at(d, field, at);
    if (top(d)->message->known == PROTOBUF_VALUE && field->type == PROTOBUF_DOUBLE) {
        check_value_number(d, bits);
    }
    codec_protobuf_scalar_put(&d->put, d->plan, field, bits);
}

/* The elements of one packed entry, or its only one. */
static void put_elements(struct codec_protobuf_index *d, const struct schema_protobuf_field *field,
                         uint64_t entry)
{
    struct span left;

    if (codec_protobuf_index_wire(entry) == codec_protobuf_scalar_wire(field->type)) {
        const char *at = d->begin + codec_protobuf_index_offset(entry);
        uint64_t bits = 0;
        codec_protobuf_scalar_read(field->type, at, d->end, &bits);
        codec_protobuf_scalar_put(&d->put, d->plan, field, bits);
        return;
    }
    left = codec_protobuf_index_bytes(d, codec_protobuf_index_offset(entry));
    const char *end = left.at + left.len;
    for (const char *at = left.at; at < end && codec_put_reason(&d->put) == REASON_NONE;) {
        uint64_t bits = 0;
        at = codec_protobuf_scalar_read(field->type, at, end, &bits);
        if (at == NULL) {
            codec_put_fail(&d->put, REASON_BAD_PROTOBUF, "packed elements that end within one");
            return;
        }
        codec_protobuf_scalar_put(&d->put, d->plan, field, bits);
    }
}

static void put_scalars(struct codec_protobuf_index *d, struct codec_protobuf_frame *f)
{
    for (; f->at < f->run_end && codec_put_reason(&d->put) == REASON_NONE; f->at++) {
        if (is_bytes(f->field)) {
            put_scalar(d, f->field, f->at);
            continue;
        }
        put_elements(d, f->field, d->work[f->at]);
    }
}

static void begin_repeated(struct codec_protobuf_index *d, struct codec_protobuf_frame *f,
                           const struct schema_protobuf_field *field, uint32_t run_end)
{
    bool map = is_map(d, field);

    f->field = field;
    f->run_end = run_end;
    f->bracket = map ? '}' : ']';
    if (map) {
        codec_protobuf_map_sort(d, field, f->at, run_end);
    }
    codec_protobuf_json_open(d, map ? '{' : '[');
}

void codec_protobuf_json_value(struct codec_protobuf_index *d)
{
    struct codec_protobuf_frame *f = top(d);
    const struct schema_protobuf_field *field = field_at(d, f->at);
    uint32_t from = f->at;
    uint32_t run_end = codec_protobuf_index_run(d, from, f->end);

    if (field->repeated) {
        begin_repeated(d, f, field, run_end);
        return;
    }
    f->at = run_end;
    if (field->type == PROTOBUF_MESSAGE) {
        open_pieces(d, field->target, from, run_end);
        return;
    }
    put_scalar(d, field, run_end - 1);
}

/* The next element of the field whose bracket is open, or the bracket. */
static void step_repeated(struct codec_protobuf_index *d, struct codec_protobuf_frame *f)
{
    if (f->at == f->run_end) {
        codec_protobuf_json_close(d, f->bracket);
        f->bracket = '\0';
        return;
    }
    if (f->field->type != PROTOBUF_MESSAGE) {
        put_scalars(d, f);
        return;
    }
    if (f->bracket == ']') {
        f->at++;
        open_pieces(d, f->field->target, f->at - 1, f->at);
        return;
    }
    uint64_t pair = d->work[f->at++];
    if (f->at < f->run_end && codec_protobuf_map_same(d, f->field, pair, d->work[f->at])) {
        return; /* a later entry has the same key */
    }
    codec_protobuf_map_put_key(d, f->field, pair);
    open_map_entry(d, f->field->target, codec_protobuf_map_entry(pair));
}

/* The value of a bare message that does not have its field. */
static void put_absent(struct codec_protobuf_index *d, const struct schema_protobuf_message *m,
                       const struct schema_protobuf_field *field)
{
    if (m->known == PROTOBUF_VALUE) {
        codec_put_word(&d->put, SPAN_LIT("null"));
        return;
    }
    if (m->known == PROTOBUF_STRUCT || m->known == PROTOBUF_LIST_VALUE) {
        codec_protobuf_json_open(d, m->known == PROTOBUF_STRUCT ? '{' : '[');
        codec_protobuf_json_close(d, m->known == PROTOBUF_STRUCT ? '}' : ']');
        return;
    }
    if (field->type == PROTOBUF_MESSAGE) {
        open_pieces(d, field->target, 0, 0);
        return;
    }
    if (is_bytes(field)) {
        codec_protobuf_scalar_put_bytes(&d->put, field->type, SPAN_LIT(""));
        return;
    }
    codec_protobuf_scalar_put(&d->put, d->plan, field, 0);
}

static void step_bare(struct codec_protobuf_index *d, struct codec_protobuf_frame *f)
{
    const struct schema_protobuf_message *m = f->message;
    /* A map entry's is the second; a Value has one of several at most, and no other entries. */
    uint32_t wanted = m->first + (m->known == PROTOBUF_MAP_ENTRY ? 1 : 0);

    f->is_done = true;
    while (f->at < f->end && codec_protobuf_index_field(d->work[f->at]) < wanted) {
        f->at++;
    }
    if (f->at == f->end) {
        put_absent(d, m, &d->plan->fields[wanted]);
        return;
    }
    codec_protobuf_json_value(d);
}

static void pop(struct codec_protobuf_index *d)
{
    d->work_count = top(d)->begin;
    d->depth--;
}

void codec_protobuf_json_step(struct codec_protobuf_index *d)
{
    struct codec_protobuf_frame *f = top(d);

    if (f->bracket != '\0') {
        step_repeated(d, f);
        return;
    }
    if (f->bare && !f->is_done) {
        step_bare(d, f);
        return;
    }
    if (f->bare) {
        pop(d);
        return;
    }
    if (f->at == f->end) {
        codec_protobuf_json_close(d, '}');
        pop(d);
        return;
    }
    if (codec_protobuf_json_present(d)) {
        codec_put_name(&d->put, field_at(d, f->at)->json_name);
        codec_protobuf_json_value(d);
    }
}

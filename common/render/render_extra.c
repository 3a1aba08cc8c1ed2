/* SPDX-License-Identifier: Apache-2.0
 *
 * render_extra: a sender's name that is ours or one of the four gets underscores in front, as few
 * as make it differ from every other name of the record. */
#include "render/render_extra.h"

#include "base/base64.h"
#include "wire/json_text.h"

#include <assert.h>

#define NAME_SPAN(name) SPAN_LIT(#name),

/* What a member costs beside its name and value, with an underscore (underscores_needed()), and all
 * our additions beside the base64: quotes are counted at the dearest rate, three bytes. */
#define MEMBER_BYTES   24u
#define ADDITION_BYTES 256u

static const struct span reserved_names[] = {NAME_SPAN(timestamp) NAME_SPAN(level) NAME_SPAN(
    message) NAME_SPAN(service) RENDER_OWN_NAMES(NAME_SPAN)};

/* The dearest a text may become; what needs no escape costs a byte a byte everywhere. */
static size_t text_bound(struct text t, const struct render_put_costs *costs)
{
    return t.form == TEXT_CLEAN ? t.len : render_put_bound(t, costs);
}

static size_t json_bound(struct span json, const struct render_put_costs *costs)
{
    return render_put_is_scalar(json) ? json.len
                                      : render_put_bound(text_of(json, TEXT_JSON), costs);
}

static size_t extra_bound(const struct extra *e, const struct render_put_costs *costs)
{
    if (e->kind == EXTRA_BRIEF) {
        return MEMBER_BYTES + 2 * EXTRA_BRIEF_BYTES;
    }
    size_t name = MEMBER_BYTES + text_bound(e->name, costs);
    switch ((enum extra_kind)e->kind) {
    case EXTRA_BRIEF:
        break;
    case EXTRA_TEXT:
        return name + text_bound(e->text, costs);
    case EXTRA_JSON:
        return name + json_bound(e->json, costs);
    case EXTRA_NUMBER:
        return name + RENDER_PUT_NUMBER_BYTES_MAX;
    case EXTRA_TRUE:
        return name + sizeof("true");
    }
    assert(false); /* an extra of no kind */
    return 0;
}

size_t render_extra_bound(const struct record *rec, const struct render_put_costs *costs)
{
    size_t bound = ADDITION_BYTES + text_bound(rec->type, costs);

    bound += rec->stamp != NULL ? 3 * rec->stamp->members.len : 0;

    for (uint32_t i = 0; i < rec->extra_count; i++) {
        bound += extra_bound(&rec->extras[i], costs);
    }
    return rec->invalid_utf8 ? bound + BASE64_BYTES(rec->raw.len) : bound;
}

static const struct span type_name = {"type", 4};

#define LETTER(c) (1u << ((c)&31))

/* By the length of a name, the first letters that reserved names of that length have. Nearly all
 * names are told apart from them by one look. */
static const uint32_t reserved_letters[] = {
    [4] = LETTER('t'),
    [5] = LETTER('l'),
    [7] = LETTER('m') | LETTER('s'),
    [9] = LETTER('t'),
    [10] = LETTER('r'),
    [11] = LETTER('t'),
    [12] = LETTER('i'),
    [15] = LETTER('t') | LETTER('m'),
};

static bool may_be_reserved(struct text name)
{
    return name.form == TEXT_JSON ||
           (name.len < sizeof(reserved_letters) / sizeof(reserved_letters[0]) && name.len > 0 &&
            (reserved_letters[name.len] & LETTER((unsigned char)name.at[0])) != 0);
}

/* The same, of the names that the stamp gives. */
static struct span stamped_name(const struct record *rec, struct text name)
{
    for (uint32_t i = 0; rec->stamp != NULL && i < rec->stamp->name_count; i++) {
        if (json_text_equal(name, rec->stamp->names[i])) {
            return rec->stamp->names[i];
        }
    }
    return span_of(NULL, 0);
}

/* The reserved name that `name` is, or an absent span. */
static struct span reserved_name(const struct record *rec, struct text name)
{
    if (!may_be_reserved(name)) {
        return stamped_name(rec, name);
    }
    if (rec->type.at != NULL && json_text_equal(name, type_name)) {
        return type_name;
    }
    for (size_t i = 0; i < sizeof(reserved_names) / sizeof(reserved_names[0]); i++) {
        if (json_text_equal(name, reserved_names[i])) {
            return reserved_names[i];
        }
    }
    return stamped_name(rec, name);
}

/* How many underscores stand before `base` in the name; 0 if it is another name. */
static uint32_t underscores_before(struct text name, struct span base)
{
    char c[JSON_TEXT_CHAR_BYTES];
    uint32_t count = 0;

    for (struct text left = name; left.len > 0; count++) {
        name = left;
        if (json_text_next(&left, c) != 1 || c[0] != '_') {
            break;
        }
    }
    return count > 0 && json_text_equal(name, base) ? count : 0;
}

/* How many underscores make `base` a name that no member has: the fewest, so they are no more than
 * the members that have some, and one. Looked for in windows of 64. */
static uint32_t underscores_needed(const struct record *rec, struct span base)
{
    for (uint32_t first = 1;; first += 64) {
        uint64_t taken = 0;
        for (uint32_t i = 0; i < rec->extra_count; i++) {
            uint32_t count = underscores_before(rec->extras[i].name, base);
            taken |= count >= first && count - first < 64 ? 1ull << (count - first) : 0;
        }
        if (~taken != 0) {
            return first + (uint32_t)__builtin_ctzll(~taken);
        }
    }
}

static char *put_name(char *out, const struct record *rec, struct text name)
{
    struct span base = reserved_name(rec, name);

    out = render_put_literal(out, ",\"");
    if (base.at != NULL) {
        uint32_t count = underscores_needed(rec, base);
        memset(out, '_', count);
        out += count;
    }
    out = render_put_text(out, name);
    return render_put_literal(out, "\":");
}

static char *put_value(char *out, const struct extra *e)
{
    switch ((enum extra_kind)e->kind) {
    case EXTRA_BRIEF:
    case EXTRA_TEXT:
        *out++ = '"';
        out = render_put_text(out, e->text);
        *out++ = '"';
        return out;
    case EXTRA_JSON:
        return render_put_json(out, e->json);
    case EXTRA_NUMBER:
        return render_put_number(out, e->number);
    case EXTRA_TRUE:
        return render_put_literal(out, "true");
    }
    assert(false); /* an extra of no kind */
    return out;
}

/* A member whose parts are copied whole, with what stands behind them, which is overwritten: the
 * bound has room for it. */
static char *put_brief(char *out, const struct extra *e)
{
    out = render_put_literal(out, ",\"");
    memcpy(out, e->name.at, EXTRA_BRIEF_BYTES);
    out = render_put_literal(out + e->name.len, "\":\"");
    memcpy(out, e->text.at, EXTRA_BRIEF_BYTES);
    out += e->text.len;
    *out = '"';
    return out + 1;
}

static char *put_time_source(char *out, enum time_source source)
{
    out = render_put_literal(out, ",\"time_source\":");
    switch (source) {
    case TIME_RECEIVED:
        return render_put_literal(out, "\"received\"");
    case TIME_ASSUMED_YEAR:
        return render_put_literal(out, "\"assumed_year\"");
    case TIME_ASSUMED_ZONE:
        return render_put_literal(out, "\"assumed_zone\"");
    case TIME_AS_SENT:
        break;
    }
    assert(false); /* a time that we did not complete has no source */
    return out;
}

static char *put_additions(char *out, const struct record *rec)
{
    if (rec->type.at != NULL) {
        out = render_put_literal(out, ",\"type\":\"");
        out = render_put_text(out, rec->type);
        *out++ = '"';
    }
    if (rec->time_source != TIME_AS_SENT) {
        out = put_time_source(out, (enum time_source)rec->time_source);
    }
    if (rec->truncated_bytes > 0) {
        out = render_put_literal(out, ",\"truncated_bytes\":");
        out = render_put_number(out, rec->truncated_bytes);
    }
    if (rec->message_missing) {
        out = render_put_literal(out, ",\"message_missing\":true");
    }
    if (rec->invalid_utf8) {
        out = render_put_literal(out, ",\"invalid_utf8\":true,\"raw_base64\":\"");
        out = base64_encode(out, rec->raw);
        *out++ = '"';
    }
    return rec->stamp != NULL ? render_put_bytes(out, rec->stamp->members) : out;
}

char *render_extra_members(char *out, const struct record *rec)
{
    for (uint32_t i = 0; i < rec->extra_count; i++) {
        const struct extra *e = &rec->extras[i];
        if (e->kind == EXTRA_BRIEF && stamped_name(rec, e->name).at == NULL) {
            out = put_brief(out, e);
            continue;
        }
        out = put_name(out, rec, e->name);
        out = put_value(out, e);
    }
    return put_additions(out, rec);
}

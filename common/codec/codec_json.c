/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_json: the common record, four strings without escapes and without white space between
 * tokens, is taken by whole words and vectors; every member that is anything else goes through the
 * scanner. Either way the bytes stay where they are. */
#include "codec/codec_json.h"

#include "codec/codec_journal.h"
#include "codec/codec_json_alias.h"
#include "wire/json_text.h"
#include "wire/utf8.h"

#include <assert.h>

/* One object on its way to a record. */
struct entry {
    struct json_scan scan;
    struct codec_json_members extras;
    struct text four[FIELD_COUNT];
    unsigned seen;        /* bit per field: the member was met */
    bool lenient;         /* one of the four that is no string is one of the extras */
    enum reason mistyped; /* of the first of the four that is no string */
    const char *mistyped_detail;
};

static const struct {
    struct span name;
    enum reason mistyped;
    const char *detail;
} fields[FIELD_COUNT] = {
    [FIELD_TIMESTAMP] = {{"timestamp", 9}, REASON_BAD_TIMESTAMP, "timestamp is no string"},
    [FIELD_LEVEL] = {{"level", 5}, REASON_BAD_LEVEL, "level is no string"},
    [FIELD_MESSAGE] = {{"message", 7}, REASON_MISSING_MESSAGE, "message is no string"},
    [FIELD_SERVICE] = {{"service", 7}, REASON_MISSING_SERVICE, "service is no string"},
};

static void entry_init(struct entry *e, struct span in, struct arena *arena)
{
    json_scan_init(&e->scan, in, arena);
    e->extras.at = NULL;
    e->extras.count = 0;
    for (size_t f = 0; f < FIELD_COUNT; f++) {
        e->four[f] = text_of(span_of(NULL, 0), TEXT_CLEAN);
    }
    e->seen = 0;
    e->lenient = false;
    e->mistyped = REASON_NONE;
    e->mistyped_detail = "";
}

static uint64_t word8(const char *p)
{
    uint64_t word = 0;

    memcpy(&word, p, sizeof(word));
    return word;
}

static uint32_t word4(const char *p)
{
    uint32_t word = 0;

    memcpy(&word, p, sizeof(word));
    return word;
}

/* The byte behind a quote at `p`, or behind a space and a quote; else NULL. Branches, since the
 * processor guesses them right and need not wait for the byte. */
static const char *skip_to_quote(const char *p)
{
    if (p[0] == '"') {
        return p + 1;
    }
    return p[0] == ' ' && p[1] == '"' ? p + 2 : NULL;
}

/* If one of the four names stands at `p`, then a colon, perhaps a space, and a quote: the byte
 * behind that quote. Else NULL. Reads up to 16 bytes, of the slack if need be. */
static const char *value_of_four(const char *p, enum entry_field *ret_field)
{
    uint64_t head = word8(p);
    const char *behind = NULL; /* the name and its colon */

    if (head == word8("\"level\":")) {
        *ret_field = FIELD_LEVEL;
        behind = p + 8;
    } else if (head == word8("\"message") && p[8] == '"' && p[9] == ':') {
        *ret_field = FIELD_MESSAGE;
        behind = p + 10;
    } else if (head == word8("\"service") && p[8] == '"' && p[9] == ':') {
        *ret_field = FIELD_SERVICE;
        behind = p + 10;
    } else if (head == word8("\"timesta") && word4(p + 8) == word4("mp\":")) {
        *ret_field = FIELD_TIMESTAMP;
        behind = p + 12;
    } else {
        return NULL;
    }
    return skip_to_quote(behind);
}

/* The field of that name, or FIELD_COUNT. */
static enum entry_field field_of(struct text name)
{
    for (enum entry_field f = 0; f < FIELD_COUNT; f++) {
        if (json_text_equal(name, fields[f].name)) {
            return f;
        }
    }
    return FIELD_COUNT;
}

/* One of the four, met on the long way. */
static err_t take_field(struct entry *e, enum entry_field field, const struct extra *member)
{
    if ((e->seen & 1u << field) != 0) {
        return json_scan_fail(&e->scan, REASON_BAD_JSON, "the same name twice in an object");
    }
    e->seen |= 1u << field;
    if (member->kind == EXTRA_TEXT) {
        e->four[field] = member->text;
    } else if (e->mistyped == REASON_NONE) {
        e->mistyped = fields[field].mistyped;
        e->mistyped_detail = fields[field].detail;
    }
    return ERR_OK;
}

/* The member at the scanner, whatever it is. Its place among the extras is used again if it is one
 * of the four. */
static err_t take_member(struct entry *e)
{
    if (e->extras.at == NULL) {
        codec_json_members_reserve(&e->extras, &e->scan, (size_t)(e->scan.end - e->scan.begin));
    }
    struct extra *member = &e->extras.at[e->extras.count];
    TRY(json_scan_name(&e->scan, &member->name));
    TRY(json_scan_value(&e->scan, member));
    enum entry_field field = field_of(member->name);
    if (field != FIELD_COUNT) {
        TRY(take_field(e, field, member));
    }
    e->extras.count += field == FIELD_COUNT || (e->lenient && member->kind != EXTRA_TEXT);
    return ERR_OK;
}

/* All members of an object that is not empty, and its end. The position lives in a register; the
 * scanner has it only while it works. */
static err_t take_members(struct entry *e)
{
    const char *p = e->scan.at;
    const char *const end = e->scan.end;

    for (;;) {
        enum entry_field field = FIELD_COUNT;
        const char *value = value_of_four(p, &field);
        const char *stop = value == NULL ? end : text_scan_next(&e->scan.sight, value);
        if (stop < end && *stop == '"' && (e->seen & 1u << field) == 0) {
            e->seen |= 1u << field;
            e->four[field] = text_of(span_of(value, (size_t)(stop - value)), TEXT_CLEAN);
            p = stop + 1;
        } else {
            e->scan.at = p;
            TRY(take_member(e));
            p = e->scan.at;
        }
        const char *next = p[0] == ',' ? skip_to_quote(p + 1) : NULL;
        if (next != NULL) {
            p = next - 1;
            continue;
        }
        if (p[0] == '}' && p + 1 == end) {
            return ERR_OK;
        }
        bool more = false;
        e->scan.at = p;
        TRY(json_scan_next(&e->scan, &more));
        p = e->scan.at;
        if (!more) {
            return ERR_OK;
        }
    }
}

static err_t take_object(struct entry *e)
{
    bool empty = false;

    TRY(json_scan_open(&e->scan, &empty));
    if (empty) {
        return ERR_OK;
    }
    TRY(take_members(e));
    if (e->extras.at != NULL) {
        TRY(json_scan_unique(&e->scan, 0));
        codec_json_members_seal(&e->extras, e->scan.arena);
    }
    return ERR_OK;
}

static void copy_text(struct text *to, const struct text *from)
{
    to->at = from->at;
    to->len = from->len;
    to->form = from->form;
}

/* Field by field: gcc would clear the whole record first, with an instruction that takes longer
 * than everything else here. */
static void entry_record(const struct entry *e, struct span in, struct record *ret)
{
    copy_text(&ret->timestamp, &e->four[FIELD_TIMESTAMP]);
    copy_text(&ret->level, &e->four[FIELD_LEVEL]);
    copy_text(&ret->message, &e->four[FIELD_MESSAGE]);
    copy_text(&ret->service, &e->four[FIELD_SERVICE]);
    ret->extras = e->extras.at;
    ret->extra_count = e->extras.count;
    ret->format = FORMAT_JSON;
    ret->severity = SEVERITY_OTHER;
    ret->origin = ORIGIN_CONTRACT;
    ret->time_source = TIME_AS_SENT;
    ret->time_valid = false;
    ret->stamp = NULL;
    ret->order = 0;
    ret->truncated_bytes = 0;
    ret->message_missing = false;
    ret->invalid_utf8 = false;
    ret->raw = span_of(NULL, 0);
    ret->source = in;
    ret->schema = NULL;
    ret->type = text_of(span_of(NULL, 0), TEXT_CLEAN);
}

enum reason codec_json_entry(const struct codec_env *env, struct span in, struct batch *b,
                             struct record *ret_rec, const char **ret_detail)
{
    struct entry e;
    size_t arena_used = b->arena.used;

    (void)env;
    entry_init(&e, in, &b->arena);
    if (take_object(&e) != ERR_OK) {
        arena_rewind(&b->arena, arena_used);
        *ret_detail = e.scan.detail;
        return (enum reason)e.scan.reason;
    }
    if (e.mistyped != REASON_NONE) {
        arena_rewind(&b->arena, arena_used);
        *ret_detail = e.mistyped_detail;
        return e.mistyped;
    }
    entry_record(&e, in, ret_rec);
    return REASON_NONE;
}

/* The members of the line; of a repaired copy of it if it is no UTF-8, then `*ret_repaired`. */
static err_t parse_line(struct json_scan *s, struct span in, struct codec_json_members *ret,
                        bool *ret_repaired)
{
    size_t arena_used = s->arena->used;
    bool repaired = false;

    json_scan_init(s, in, s->arena);
    err_t err = codec_json_members_parse(s, in.len, ret);
    if (err != ERR_OK && s->reason == REASON_BAD_UTF8) {
        arena_rewind(s->arena, arena_used);
        repaired = true;
        json_scan_init(s, utf8_repair(in, s->arena), s->arena);
        err = codec_json_members_parse(s, in.len, ret);
    }
    if (err != ERR_OK) {
        arena_rewind(s->arena, arena_used);
        return err;
    }
    *ret_repaired = repaired;
    return ERR_OK;
}

/* The line as a record, if it goes the short way: no invalid UTF-8, no mistake, nothing among the
 * four that has to be kept under its own name. Else the arena is as it was. */
static bool take_quickly(const struct codec_env *env, struct span in, struct batch *b,
                         struct record *ret_rec)
{
    size_t arena_used = b->arena.used;
    uint32_t defaulted[FIELD_COUNT];
    struct entry e;

    memcpy(defaulted, b->defaulted, sizeof(defaulted));
    entry_init(&e, in, &b->arena);
    e.lenient = true;
    if (take_object(&e) == ERR_OK) {
        bool journal = codec_journal_matches(e.extras.at, e.extras.count);
        if (journal && e.seen == 0) {
            codec_journal_members(env, e.extras.at, e.extras.count, b, ret_rec);
            return true;
        }
        if (!journal && codec_json_alias_apply(&e.extras, e.four, b, ret_rec)) {
            return true;
        }
    }
    memcpy(b->defaulted, defaulted, sizeof(defaulted));
    arena_rewind(&b->arena, arena_used);
    return false;
}

/* The same for any line. */
static enum reason take_slowly(const struct codec_env *env, struct span in, struct batch *b,
                               struct record *ret_rec, const char **ret_detail)
{
    const struct text absent[FIELD_COUNT] = {{NULL, 0, TEXT_CLEAN}};
    struct json_scan s = {.arena = &b->arena};
    struct codec_json_members members;
    bool repaired = false;

    if (parse_line(&s, in, &members, &repaired) != ERR_OK) {
        *ret_detail = s.detail;
        return (enum reason)s.reason;
    }
    if (codec_journal_matches(members.at, members.count)) {
        codec_journal_members(env, members.at, members.count, b, ret_rec);
    } else {
        bool applied = codec_json_alias_apply(&members, absent, b, ret_rec);
        assert(applied);
        (void)applied;
    }
    if (repaired) { /* else it stays what a journald MESSAGE of bytes made it */
        ret_rec->invalid_utf8 = true;
        ret_rec->raw = in;
    }
    return REASON_NONE;
}

enum reason codec_json_line(const struct codec_env *env, struct span in, struct batch *b,
                            struct record *ret_rec, const char **ret_detail)
{
    if (env->ndjson_strict) {
        return codec_json_entry(env, in, b, ret_rec, ret_detail);
    }
    if (!take_quickly(env, in, b, ret_rec)) {
        enum reason reason = take_slowly(env, in, b, ret_rec, ret_detail);
        if (reason != REASON_NONE) {
            return reason;
        }
    }
    ret_rec->origin = ORIGIN_LINE;
    ret_rec->source = in;
    return REASON_NONE;
}

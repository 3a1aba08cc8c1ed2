/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_journal: one pass notes where the fields that become the record are; each is taken if its
 * value can be used, and stays among the extras if not. */
#include "codec/codec_journal.h"

#include "wire/json_text.h"
#include "wire/utf8.h"

#include <assert.h>

#define US_DIGITS_MAX 17u /* of microseconds whose nanoseconds fit into 64 bits */

enum field {
    MESSAGE,
    PRIORITY,
    REALTIME,
    UNIT, /* from here on: what the service is taken from, best first */
    IDENTIFIER,
    COMM,
    TRANSPORT,
    HOSTNAME, /* not taken, only copied: it says where, not who */
    FIELDS
};

static const struct span names[FIELDS] = {
    [MESSAGE] = {"MESSAGE", 7},
    [PRIORITY] = {"PRIORITY", 8},
    [REALTIME] = {"__REALTIME_TIMESTAMP", 20},
    [UNIT] = {"_SYSTEMD_UNIT", 13},
    [IDENTIFIER] = {"SYSLOG_IDENTIFIER", 17},
    [COMM] = {"_COMM", 5},
    [TRANSPORT] = {"_TRANSPORT", 10},
    [HOSTNAME] = {"_HOSTNAME", 9},
};

/* An entry on its way to a record. */
struct entry {
    const struct extra *at[FIELDS]; /* NULL: no such field */
    bool taken[FIELDS];             /* it became part of the record, so it is no extra */
    struct batch *b;
};

/* Names of other senders are mostly told apart from ours by their first letter. */
static inline bool may_be_field(const struct text *name)
{
    char first = name->len > 0 ? name->at[0] : '\0';

    return name->form == TEXT_JSON || first == '_' || first == 'M' || first == 'P' || first == 'S';
}

static enum field field_of(struct text name)
{
    if (!may_be_field(&name)) {
        return FIELDS;
    }
    for (enum field f = 0; f < FIELDS; f++) {
        if (json_text_equal(name, names[f])) {
            return f;
        }
    }
    return FIELDS;
}

bool codec_journal_matches(const struct extra *members, uint32_t count)
{
    bool has[FIELDS + 1] = {false};

    for (uint32_t i = 0; i < count; i++) {
        if (may_be_field(&members[i].name)) {
            has[field_of(members[i].name)] = true;
        }
    }
    return has[REALTIME] || has[UNIT] || (has[MESSAGE] && has[PRIORITY]);
}

/* The characters of a string or number. */
static struct span plain_value(const struct extra *value, struct arena *a)
{
    return value->kind == EXTRA_TEXT ? text_span(json_text_plain(value->text, a)) : value->json;
}

static bool parse_digits(struct span s, size_t digits_max, uint64_t *ret_number)
{
    uint64_t number = 0;

    if (s.len == 0 || s.len > digits_max) {
        return false;
    }
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned char)s.at[i] - (unsigned)'0';
        if (digit > 9) {
            return false;
        }
        number = number * 10 + digit;
    }
    *ret_number = number;
    return true;
}

static void take_time(struct entry *e, struct record *rec)
{
    const struct extra *value = e->at[REALTIME];
    uint64_t us = 0;

    if (value == NULL || !parse_digits(plain_value(value, &e->b->arena), US_DIGITS_MAX, &us) ||
        us > UINT64_MAX / NS_PER_US) {
        rec->timestamp = e->b->received_text;
        rec->time_source = TIME_RECEIVED;
        e->b->defaulted[FIELD_TIMESTAMP]++;
        return;
    }
    char *out = arena_alloc(&e->b->arena, RFC3339_BYTES_MAX);
    assert(out != NULL);
    rec->timestamp = text_of(span_of(out, rfc3339_format(us * NS_PER_US, 6, out)), TEXT_CLEAN);
    e->taken[REALTIME] = true;
}

static void take_level(struct entry *e, struct record *rec)
{
    const struct extra *value = e->at[PRIORITY];
    uint64_t priority = 0;

    if (value == NULL || !parse_digits(plain_value(value, &e->b->arena), 1, &priority) ||
        priority > SEVERITY_DEBUG) {
        rec->level = text_of(severity_level_name(SEVERITY_INFO), TEXT_CLEAN);
        e->b->defaulted[FIELD_LEVEL]++;
        return;
    }
    rec->level = text_of(severity_level_name((enum severity)priority), TEXT_CLEAN);
    e->taken[PRIORITY] = true;
}

static struct span without_space(struct span s)
{
    while (s.len > 0 && (s.at[0] == ' ' || s.at[0] == '\t' || s.at[0] == '\n' || s.at[0] == '\r')) {
        s = span_skip(s, 1);
    }
    return s;
}

/* The next number of an array, up to and with the comma or bracket behind it; -1 if it is no
 * byte. */
static int next_byte(struct span *left)
{
    struct span s = without_space(*left);
    size_t digits = 0;
    uint64_t byte = 0;

    while (digits < s.len && s.at[digits] >= '0' && s.at[digits] <= '9') {
        digits++;
    }
    if (!parse_digits(span_head(s, digits), 3, &byte) || byte > 255) {
        return -1;
    }
    s = without_space(span_skip(s, digits));
    if (s.len == 0 || (s.at[0] != ',' && s.at[0] != ']')) {
        return -1;
    }
    *left = span_skip(s, 1);
    return (int)byte;
}

/* How journald sends what is no printable text: [72,101,…]. False if it is any other value. */
static bool bytes_of_array(struct span json, struct arena *a, struct span *ret_bytes)
{
    size_t before = a->used;
    char *out = arena_alloc(a, json.len); /* a byte takes two characters at least */
    size_t len = 0;

    assert(out != NULL);
    if (json.len == 0 || json.at[0] != '[') {
        return false;
    }
    struct span left = without_space(span_skip(json, 1));
    bool more = left.len > 0 && left.at[0] != ']';
    while (more) {
        int byte = next_byte(&left);
        if (byte < 0) {
            arena_rewind(a, before);
            return false;
        }
        out[len++] = (char)byte;
        more = left.len > 0;
    }
    *ret_bytes = span_of(out, len);
    return true;
}

static void set_message_bytes(struct span bytes, struct arena *a, struct record *rec)
{
    enum text_form form = TEXT_PLAIN;

    if (!utf8_classify(bytes, &form)) {
        rec->invalid_utf8 = true;
        rec->raw = bytes;
        bytes = utf8_repair(bytes, a);
        form = TEXT_PLAIN;
    }
    rec->message = text_of(bytes, form);
}

static void take_message(struct entry *e, struct record *rec)
{
    const struct extra *value = e->at[MESSAGE];
    bool is_null =
        value != NULL && value->kind == EXTRA_JSON && span_equal(value->json, SPAN_LIT("null"));
    struct span bytes;

    e->taken[MESSAGE] = value != NULL;
    if (value == NULL || is_null) {
        rec->message = text_of(SPAN_LIT(""), TEXT_CLEAN);
        rec->message_missing = is_null;
        e->b->defaulted[FIELD_MESSAGE]++;
        return;
    }
    if (value->kind == EXTRA_TEXT) {
        rec->message = value->text;
        return;
    }
    if (bytes_of_array(value->json, &e->b->arena, &bytes)) {
        set_message_bytes(bytes, &e->b->arena, rec);
        return;
    }
    rec->message = text_of(value->json, TEXT_PLAIN); /* a number, repeated fields: as they stand */
}

static bool is_usable_name(const struct extra *value)
{
    return value != NULL && value->kind == EXTRA_TEXT && value->text.len > 0;
}

static void take_service(struct entry *e, struct record *rec)
{
    for (enum field f = UNIT; f <= TRANSPORT; f++) {
        if (is_usable_name(e->at[f])) {
            rec->service = e->at[f]->text;
            e->taken[f] = true;
            return;
        }
    }
    bool named = is_usable_name(e->at[HOSTNAME]) &&
                 json_text_bytes(e->at[HOSTNAME]->text) <= SERVICE_BYTES_MAX;
    rec->service = named ? e->at[HOSTNAME]->text : text_of(SPAN_LIT("journald"), TEXT_CLEAN);
    e->b->defaulted[FIELD_SERVICE]++;
}

static bool is_taken(const struct entry *e, const struct extra *member)
{
    for (enum field f = 0; f < FIELDS; f++) {
        if (e->taken[f] && e->at[f] == member) {
            return true;
        }
    }
    return false;
}

static void keep_extras(const struct entry *e, const struct extra *members, uint32_t count,
                        struct record *rec)
{
    struct extra *extras = arena_alloc(&e->b->arena, count * sizeof(*extras));
    uint32_t kept = 0;

    assert(extras != NULL);
    for (uint32_t i = 0; i < count; i++) {
        if (!is_taken(e, &members[i])) {
            extras[kept++] = members[i];
        }
    }
    rec->extras = extras;
    rec->extra_count = kept;
}

void codec_journal_members(const struct codec_env *env, const struct extra *members, uint32_t count,
                           struct batch *b, struct record *ret_rec)
{
    struct entry e = {.b = b};
    struct record rec = {.format = FORMAT_JOURNALD, .severity = SEVERITY_OTHER};

    (void)env;
    for (uint32_t i = 0; i < count; i++) {
        enum field f = field_of(members[i].name);
        if (f != FIELDS) {
            e.at[f] = &members[i];
        }
    }
    take_time(&e, &rec);
    take_level(&e, &rec);
    take_message(&e, &rec);
    take_service(&e, &rec);
    keep_extras(&e, members, count, &rec);
    *ret_rec = rec;
}

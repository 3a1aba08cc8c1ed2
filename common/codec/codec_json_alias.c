/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_json_alias: one pass notes where the names are, then each field takes the first value that
 * it can use. A value that it cannot use is not lost: it stays among the extras. */
#include "codec/codec_json_alias.h"

#include "codec/codec_json_time.h"
#include "wire/json_text.h"

#define ALIASES_MAX      6u  /* of one field */
#define LEVEL_BYTES_MAX  64u /* longer texts are no level names */
#define ABSENT           UINT32_MAX
#define HOSTS_MAX        2u
#define FIELD_HOST       FIELD_COUNT /* not one of the four, but looked up like them */
#define LOOKED_UP_FIELDS (FIELD_COUNT + 1)

struct alias {
    struct span name;
    uint8_t field;
    uint8_t rank; /* the lowest is preferred */
};

static const struct alias aliases[] = {
    {{"timestamp", 9}, FIELD_TIMESTAMP, 0},
    {{"@timestamp", 10}, FIELD_TIMESTAMP, 1},
    {{"time", 4}, FIELD_TIMESTAMP, 2},
    {{"ts", 2}, FIELD_TIMESTAMP, 3},
    {{"date", 4}, FIELD_TIMESTAMP, 4},
    {{"_time", 5}, FIELD_TIMESTAMP, 5},
    {{"level", 5}, FIELD_LEVEL, 0},
    {{"severity", 8}, FIELD_LEVEL, 1},
    {{"lvl", 3}, FIELD_LEVEL, 2},
    {{"loglevel", 8}, FIELD_LEVEL, 3},
    {{"log.level", 9}, FIELD_LEVEL, 4},
    {{"message", 7}, FIELD_MESSAGE, 0},
    {{"msg", 3}, FIELD_MESSAGE, 1},
    {{"log", 3}, FIELD_MESSAGE, 2},
    {{"short_message", 13}, FIELD_MESSAGE, 3},
    {{"service", 7}, FIELD_SERVICE, 0},
    {{"service.name", 12}, FIELD_SERVICE, 1},
    {{"app", 3}, FIELD_SERVICE, 2},
    {{"logger", 6}, FIELD_SERVICE, 3},
    {{"tag", 3}, FIELD_SERVICE, 4},
    {{"source", 6}, FIELD_SERVICE, 5},
    {{"host", 4}, FIELD_HOST, 0},
    {{"hostname", 8}, FIELD_HOST, 1},
};

/* Which member has each name. */
struct places {
    uint32_t at[LOOKED_UP_FIELDS][ALIASES_MAX];
};

#define LETTER(c) (1u << ((c)&31))

/* By the length of a name, the first characters that aliases of that length have. Most names of
 * other members are told apart from all aliases by one look. */
static const uint32_t first_letters[] = {
    [2] = LETTER('t'),
    [3] = LETTER('l') | LETTER('m') | LETTER('a') | LETTER('t'),
    [4] = LETTER('t') | LETTER('d') | LETTER('h'),
    [5] = LETTER('l') | LETTER('_'),
    [6] = LETTER('l') | LETTER('s'),
    [7] = LETTER('m') | LETTER('s'),
    [8] = LETTER('s') | LETTER('l') | LETTER('h'),
    [9] = LETTER('t') | LETTER('l'),
    [10] = LETTER('@'),
    [12] = LETTER('s'),
    [13] = LETTER('s'),
};

static bool may_be_alias(struct text name)
{
    return name.form == TEXT_JSON ||
           (name.len > 0 && name.len < sizeof(first_letters) / sizeof(first_letters[0]) &&
            (first_letters[name.len] & LETTER((unsigned char)name.at[0])) != 0);
}

static const struct alias *alias_of(struct text name)
{
    if (!may_be_alias(name)) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
        if (json_text_equal(name, aliases[i].name)) {
            return &aliases[i];
        }
    }
    return NULL;
}

static void find_places(const struct codec_json_members *m, struct places *ret)
{
    memset(ret, 0xff, sizeof(*ret)); /* ABSENT */
    for (uint32_t i = 0; i < m->count; i++) {
        const struct alias *alias = alias_of(m->at[i].name);
        if (alias != NULL) {
            ret->at[alias->field][alias->rank] = i;
        }
    }
}

/* A number of one or two digits, or -1. */
static int small_number(struct span s)
{
    int number = 0;

    if (s.len == 0 || s.len > 2) {
        return -1;
    }
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9') {
            return -1;
        }
        number = number * 10 + (s.at[i] - '0');
    }
    return number;
}

/* Syslog's severities (RFC 5424 section 6.2.1), and pino's and Bunyan's levels, whose own steps in
 * between count as the one below. */
static bool read_level_number(struct span s, struct text *ret_level)
{
    static const char *const tens[] = {"", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"};
    int number = small_number(s);

    if (number >= SEVERITY_EMERG && number <= SEVERITY_DEBUG) {
        *ret_level = text_of(severity_level_name((enum severity)number), TEXT_CLEAN);
        return true;
    }
    if (number >= 10 && number <= 60) {
        *ret_level = text_of(span_of_str(tens[number / 10]), TEXT_CLEAN);
        return true;
    }
    return false;
}

static bool read_level(const struct extra *value, struct arena *a, struct text *ret_level)
{
    if (value->kind == EXTRA_JSON) {
        return read_level_number(value->json, ret_level);
    }
    if (value->text.len == 0 || json_text_bytes(value->text) > LEVEL_BYTES_MAX) {
        return false;
    }
    struct text name = json_text_plain(value->text, a);
    if (!read_level_number(text_span(name), ret_level)) {
        *ret_level = name;
    }
    return true;
}

/* Puts the value into the field if it is one. */
static bool read_field(const struct extra *value, enum entry_field field, struct arena *a,
                       struct record *rec)
{
    enum time_source source = TIME_AS_SENT;

    switch (field) {
    case FIELD_TIMESTAMP:
        if (!codec_json_time_read(value, a, &rec->timestamp, &source)) {
            return false;
        }
        rec->time_source = (uint8_t)source;
        return true;
    case FIELD_LEVEL:
        return read_level(value, a, &rec->level);
    case FIELD_MESSAGE:
        if (value->kind != EXTRA_TEXT) {
            return false;
        }
        rec->message = value->text;
        return true;
    case FIELD_SERVICE:
        if (value->kind != EXTRA_TEXT || value->text.len == 0) {
            return false;
        }
        rec->service = value->text;
        return true;
    case FIELD_COUNT:
        break;
    }
    return false;
}

/* The host's name, if it may be a service's. */
static struct text host_of(const struct codec_json_members *m, const struct places *places)
{
    for (size_t rank = 0; rank < HOSTS_MAX; rank++) {
        uint32_t i = places->at[FIELD_HOST][rank];
        if (i != ABSENT && m->at[i].kind == EXTRA_TEXT && m->at[i].text.len > 0 &&
            json_text_bytes(m->at[i].text) <= SERVICE_BYTES_MAX) {
            return m->at[i].text;
        }
    }
    return text_of(SPAN_LIT("json"), TEXT_CLEAN);
}

static void fill_in(struct record *rec, enum entry_field field, struct text host, struct batch *b)
{
    b->defaulted[field]++;
    switch (field) {
    case FIELD_TIMESTAMP:
        rec->timestamp = b->received_text;
        rec->time_source = TIME_RECEIVED;
        break;
    case FIELD_LEVEL:
        rec->level = text_of(SPAN_LIT("INFO"), TEXT_CLEAN);
        break;
    case FIELD_MESSAGE:
        rec->message = text_of(SPAN_LIT(""), TEXT_CLEAN);
        break;
    case FIELD_SERVICE:
        rec->service = host;
        break;
    case FIELD_COUNT:
        break;
    }
}

/* The index of the member that became this field, or ABSENT. */
static uint32_t take_field(const struct codec_json_members *m, const uint32_t at[ALIASES_MAX],
                           enum entry_field field, struct arena *a, struct record *rec)
{
    for (size_t rank = 0; rank < ALIASES_MAX; rank++) {
        if (at[rank] != ABSENT && read_field(&m->at[at[rank]], field, a, rec)) {
            return at[rank];
        }
    }
    return ABSENT;
}

/* Closes the gaps that the taken members leave. */
static uint32_t keep_others(struct codec_json_members *m, const uint32_t taken[FIELD_COUNT])
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < m->count; i++) {
        bool gone = false;
        for (size_t f = 0; f < FIELD_COUNT; f++) {
            gone |= taken[f] == i;
        }
        if (!gone && kept != i) {
            m->at[kept] = m->at[i];
        }
        kept += !gone;
    }
    return kept;
}

void codec_json_alias_apply(struct codec_json_members *members, struct batch *b,
                            struct record *ret_rec)
{
    struct record rec = {.severity = SEVERITY_OTHER};
    struct places places;
    uint32_t taken[FIELD_COUNT];

    find_places(members, &places);
    for (enum entry_field f = 0; f < FIELD_COUNT; f++) {
        taken[f] = take_field(members, places.at[f], f, &b->arena, &rec);
        if (taken[f] == ABSENT) {
            fill_in(&rec, f, host_of(members, &places), b);
        }
    }
    rec.extras = members->at;
    rec.extra_count = keep_others(members, taken);
    *ret_rec = rec;
}

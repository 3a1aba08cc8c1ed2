/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_json_alias: one pass notes where the names are, then each field takes the first value that
 * it can use. A value that it cannot use is not lost: it stays among the extras. */
#include "codec/codec_json_alias.h"

#include "codec/codec.h"
#include "codec/codec_json_time.h"
#include "wire/json_text.h"

#include <endian.h>

#define ALIASES_MAX      16u /* of one field */
#define NAME_BYTES_MAX   16u
#define SLOTS            128u
#define LEVEL_BYTES_MAX  64u /* longer texts are no level names */
#define ABSENT           UINT32_MAX
#define FIELD_HOST       FIELD_COUNT       /* not one of the four, but looked up like them */
#define FIELD_NONE       (FIELD_COUNT + 1) /* objects that may hold one of the four */
#define LOOKED_UP_FIELDS (FIELD_COUNT + 2)

struct alias {
    char name[NAME_BYTES_MAX];
    uint8_t len; /* 0: an empty slot */
    uint8_t field;
    uint8_t rank; /* the lowest is preferred */
};

/* Where a name has its slot. The factors were searched for: no two aliases share one. */
#define SLOT(len, first, middle, last)                                               \
    ((unsigned)(len)*215u + (unsigned char)(first)*11u + (unsigned char)(last)*20u + \
     (unsigned char)(middle)*253u) %                                                 \
        SLOTS

#define ALIAS(name, first, middle, last, field, rank) \
    [SLOT(sizeof(name) - 1, first, middle, last)] = {name, sizeof(name) - 1, (field), (rank)}

/* Each with its first, middle and last character. */
static const struct alias aliases[SLOTS] = {
    ALIAS("timestamp", 't', 's', 'p', FIELD_TIMESTAMP, 0),
    ALIAS("@timestamp", '@', 's', 'p', FIELD_TIMESTAMP, 1),
    ALIAS("time", 't', 'm', 'e', FIELD_TIMESTAMP, 2),
    ALIAS("ts", 't', 's', 's', FIELD_TIMESTAMP, 3),
    ALIAS("date", 'd', 't', 'e', FIELD_TIMESTAMP, 4),
    ALIAS("_time", '_', 'i', 'e', FIELD_TIMESTAMP, 5),
    ALIAS("datetime", 'd', 't', 'e', FIELD_TIMESTAMP, 6),
    ALIAS("asctime", 'a', 't', 'e', FIELD_TIMESTAMP, 7),
    ALIAS("eventTime", 'e', 't', 'e', FIELD_TIMESTAMP, 8),
    ALIAS("Timestamp", 'T', 's', 'p', FIELD_TIMESTAMP, 9),
    ALIAS("Time", 'T', 'm', 'e', FIELD_TIMESTAMP, 10),
    ALIAS("@t", '@', 't', 't', FIELD_TIMESTAMP, 11),
    ALIAS("timeUnixNano", 't', 'i', 'o', FIELD_TIMESTAMP, 12),
    ALIAS("level", 'l', 'v', 'l', FIELD_LEVEL, 0),
    ALIAS("severity", 's', 'r', 'y', FIELD_LEVEL, 1),
    ALIAS("lvl", 'l', 'v', 'l', FIELD_LEVEL, 2),
    ALIAS("loglevel", 'l', 'e', 'l', FIELD_LEVEL, 3),
    ALIAS("log.level", 'l', 'l', 'l', FIELD_LEVEL, 4),
    ALIAS("levelname", 'l', 'l', 'e', FIELD_LEVEL, 5),
    ALIAS("level_name", 'l', '_', 'e', FIELD_LEVEL, 6),
    ALIAS("severityText", 's', 't', 't', FIELD_LEVEL, 7),
    ALIAS("severity_text", 's', 't', 't', FIELD_LEVEL, 8),
    ALIAS("error_severity", 'e', 'e', 'y', FIELD_LEVEL, 9),
    ALIAS("Level", 'L', 'v', 'l', FIELD_LEVEL, 10),
    ALIAS("LogLevel", 'L', 'e', 'l', FIELD_LEVEL, 11),
    ALIAS("SeverityText", 'S', 't', 't', FIELD_LEVEL, 12),
    ALIAS("@l", '@', 'l', 'l', FIELD_LEVEL, 13),
    ALIAS("message", 'm', 's', 'e', FIELD_MESSAGE, 0),
    ALIAS("msg", 'm', 's', 'g', FIELD_MESSAGE, 1),
    ALIAS("log", 'l', 'o', 'g', FIELD_MESSAGE, 2),
    ALIAS("short_message", 's', 'm', 'e', FIELD_MESSAGE, 3),
    ALIAS("event", 'e', 'e', 't', FIELD_MESSAGE, 4),
    ALIAS("body", 'b', 'd', 'y', FIELD_MESSAGE, 5),
    ALIAS("textPayload", 't', 'a', 'd', FIELD_MESSAGE, 6),
    ALIAS("Message", 'M', 's', 'e', FIELD_MESSAGE, 7),
    ALIAS("Body", 'B', 'd', 'y', FIELD_MESSAGE, 8),
    ALIAS("@m", '@', 'm', 'm', FIELD_MESSAGE, 9),
    ALIAS("@mt", '@', 'm', 't', FIELD_MESSAGE, 10),
    ALIAS("MessageTemplate", 'M', 'T', 'e', FIELD_MESSAGE, 11),
    ALIAS("service", 's', 'v', 'e', FIELD_SERVICE, 0),
    ALIAS("service.name", 's', 'e', 'e', FIELD_SERVICE, 1),
    ALIAS("app", 'a', 'p', 'p', FIELD_SERVICE, 2),
    ALIAS("application", 'a', 'c', 'n', FIELD_SERVICE, 3),
    ALIAS("logger", 'l', 'g', 'r', FIELD_SERVICE, 4),
    ALIAS("logger_name", 'l', 'r', 'e', FIELD_SERVICE, 5),
    ALIAS("loggerName", 'l', 'r', 'e', FIELD_SERVICE, 6),
    ALIAS("log.logger", 'l', 'o', 'r', FIELD_SERVICE, 7),
    ALIAS("programname", 'p', 'a', 'e', FIELD_SERVICE, 8),
    ALIAS("tag", 't', 'a', 'g', FIELD_SERVICE, 9),
    ALIAS("source", 's', 'r', 'e', FIELD_SERVICE, 10),
    ALIAS("Category", 'C', 'g', 'y', FIELD_SERVICE, 11),
    ALIAS("name", 'n', 'm', 'e', FIELD_SERVICE, 12),
    ALIAS("channel", 'c', 'n', 'l', FIELD_SERVICE, 13),
    ALIAS("host", 'h', 's', 't', FIELD_HOST, 0),
    ALIAS("hostname", 'h', 'n', 'e', FIELD_HOST, 1),
    ALIAS("fields", 'f', 'l', 's', FIELD_NONE, 0),
};

/* Ranks that more than the table speaks of. */
enum {
    RANK_LOG = 2,        /* of the message, but may be an object */
    RANK_BODY = 5,       /* the same */
    RANK_LEVELNAME = 5,  /* Python's logging has it */
    RANK_LEVEL_NAME = 6, /* Monolog has it */
    RANK_NAME = 12,
    RANK_CHANNEL = 13,
    RANK_HOSTNAME = 1 /* Bunyan and pino have it */
};

#define BIT(rank) (1u << (rank))

/* What objects hold inside: ECS, OpenTelemetry, Rust's tracing. */
static const struct {
    uint8_t outer_field;
    uint8_t outer_rank;
    uint8_t field;
    struct span inner;
} nested[] = {
    {FIELD_MESSAGE, RANK_LOG, FIELD_LEVEL, {"level", 5}},
    {FIELD_MESSAGE, RANK_BODY, FIELD_MESSAGE, {"stringValue", 11}},
    {FIELD_NONE, 0, FIELD_MESSAGE, {"message", 7}},
    {FIELD_SERVICE, 0, FIELD_SERVICE, {"name", 4}},
    {FIELD_MESSAGE, RANK_LOG, FIELD_SERVICE, {"logger", 6}},
    {FIELD_HOST, 0, FIELD_HOST, {"name", 4}},
};

/* Which member has each name. */
struct places {
    uint32_t seen[LOOKED_UP_FIELDS]; /* a bit per rank; the others are not set */
    uint32_t at[LOOKED_UP_FIELDS][ALIASES_MAX];
};

/* The same bytes; both can be read up to 8 from their begin. */
static bool same_bytes(const char *a, const char *b, size_t len)
{
    uint64_t x = 0;
    uint64_t y = 0;

    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    if (len < sizeof(x)) {
        return le64toh(x ^ y) << 8 * (sizeof(x) - len) == 0;
    }
    uint64_t differs = x ^ y;
    memcpy(&x, a + len - sizeof(x), sizeof(x));
    memcpy(&y, b + len - sizeof(y), sizeof(y));
    return (differs | (x ^ y)) == 0;
}

static const struct alias *escaped_alias(struct text name)
{
    for (size_t i = 0; i < SLOTS; i++) {
        if (aliases[i].len > 0 && json_text_equal(name, span_of(aliases[i].name, aliases[i].len))) {
            return &aliases[i];
        }
    }
    return NULL;
}

static const struct alias *alias_of(struct text name)
{
    if (name.form == TEXT_JSON) {
        return escaped_alias(name);
    }
    if (name.len == 0) {
        return NULL;
    }
    const char *p = name.at;
    const struct alias *alias = &aliases[SLOT(name.len, p[0], p[name.len / 2], p[name.len - 1])];
    return alias->len == name.len && same_bytes(p, alias->name, name.len) ? alias : NULL;
}

/* A logger's name is taken for the service only where the logger is known by its other members:
 * elsewhere `name` and `channel` are data. */
static void drop_what_is_data(struct places *places)
{
    bool logger = (places->seen[FIELD_HOST] & BIT(RANK_HOSTNAME)) != 0 ||
                  (places->seen[FIELD_LEVEL] & BIT(RANK_LEVELNAME)) != 0;
    bool monolog = (places->seen[FIELD_LEVEL] & BIT(RANK_LEVEL_NAME)) != 0;

    places->seen[FIELD_SERVICE] &=
        ~((logger ? 0 : BIT(RANK_NAME)) | (monolog ? 0 : BIT(RANK_CHANNEL)));
}

static void find_places(const struct codec_json_members *m, struct places *ret)
{
    for (size_t f = 0; f < LOOKED_UP_FIELDS; f++) {
        ret->seen[f] = 0;
    }
    for (uint32_t i = 0; i < m->count; i++) {
        const struct alias *alias = alias_of(m->at[i].name);
        if (alias != NULL) {
            ret->seen[alias->field] |= BIT(alias->rank);
            ret->at[alias->field][alias->rank] = i;
        }
    }
    drop_what_is_data(ret);
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
        rec->time_valid = true; /* all that it gives is */
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

/* The text of that name in an object; absent if there is none. */
static struct text text_inside(struct span object, struct span name, struct arena *a)
{
    struct codec_json_members members;
    struct json_scan scan;

    size_t arena_used = a->used;
    struct text found = {0};

    json_scan_init(&scan, object, a);
    if (codec_json_members_parse(&scan, object.len, &members) == ERR_OK) {
        for (uint32_t i = 0; i < members.count; i++) {
            if (members.at[i].kind == EXTRA_TEXT && json_text_equal(members.at[i].name, name)) {
                found = members.at[i].text;
            }
        }
    }
    arena_rewind(a, arena_used); /* the text is in the object */
    return found;
}

/* The field's value inside an object that is a member; false if there is none. */
static bool find_nested(const struct codec_json_members *m, const struct places *places,
                        unsigned field, struct arena *a, struct extra *ret)
{
    for (size_t i = 0; i < sizeof(nested) / sizeof(nested[0]); i++) {
        unsigned outer = nested[i].outer_field;
        unsigned rank = nested[i].outer_rank;
        if (nested[i].field != field || (places->seen[outer] & BIT(rank)) == 0) {
            continue;
        }
        const struct extra *member = &m->at[places->at[outer][rank]];
        if (member->kind != EXTRA_JSON || member->json.at[0] != '{') {
            continue;
        }
        struct text text = text_inside(member->json, nested[i].inner, a);
        if (text.at != NULL) {
            ret->kind = EXTRA_TEXT;
            ret->text = text;
            return true;
        }
    }
    return false;
}

static bool may_be_service(struct text name)
{
    return name.len > 0 && json_text_bytes(name) <= SERVICE_BYTES_MAX;
}

/* The host's name, if it may be a service's. */
static struct text host_of(const struct codec_json_members *m, const struct places *places,
                           struct arena *a)
{
    struct extra inside;

    for (uint32_t left = places->seen[FIELD_HOST]; left != 0; left &= left - 1) {
        const struct extra *host = &m->at[places->at[FIELD_HOST][__builtin_ctz(left)]];
        if (host->kind == EXTRA_TEXT && may_be_service(host->text)) {
            return host->text;
        }
    }
    if (find_nested(m, places, FIELD_HOST, a, &inside) && may_be_service(inside.text)) {
        return inside.text;
    }
    return text_of(SPAN_LIT("json"), TEXT_CLEAN);
}

static void fill_in(const struct codec_json_members *m, const struct places *places,
                    enum entry_field field, struct batch *b, struct record *rec)
{
    b->defaulted[field]++;
    switch (field) {
    case FIELD_TIMESTAMP:
        rec->timestamp = b->received_text;
        rec->time_source = TIME_RECEIVED;
        rec->time_valid = true;
        break;
    case FIELD_LEVEL:
        rec->level = text_of(SPAN_LIT("INFO"), TEXT_CLEAN);
        break;
    case FIELD_MESSAGE:
        rec->message = text_of(SPAN_LIT(""), TEXT_CLEAN);
        break;
    case FIELD_SERVICE:
        rec->service = host_of(m, places, &b->arena);
        break;
    case FIELD_COUNT:
        break;
    }
}

/* The index of the member that became this field, or ABSENT. */
static uint32_t take_field(const struct codec_json_members *m, const struct places *places,
                           enum entry_field field, struct batch *b, struct record *rec)
{
    struct extra inside;

    for (uint32_t left = places->seen[field]; left != 0; left &= left - 1) {
        uint32_t i = places->at[field][__builtin_ctz(left)];
        if (read_field(&m->at[i], field, &b->arena, rec)) {
            return i;
        }
    }
    if (!find_nested(m, places, field, &b->arena, &inside) ||
        !read_field(&inside, field, &b->arena, rec)) {
        fill_in(m, places, field, b, rec);
    }
    return ABSENT;
}

/* Closes the gaps that the taken members leave. */
static uint32_t keep_others(struct codec_json_members *m, const uint32_t taken[FIELD_COUNT])
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < m->count; i++) {
        bool gone = taken[FIELD_TIMESTAMP] == i || taken[FIELD_LEVEL] == i ||
                    taken[FIELD_MESSAGE] == i || taken[FIELD_SERVICE] == i;
        if (!gone && kept != i) {
            m->at[kept] = m->at[i];
        }
        kept += !gone;
    }
    return kept;
}

/* The usual form of each, which needs no change. Digits may be a level's number. */
static inline bool is_usual(const struct text *value, enum entry_field field)
{
    if (field == FIELD_MESSAGE) {
        return true;
    }
    if (value->form != TEXT_CLEAN || value->len == 0) {
        return false;
    }
    return field == FIELD_TIMESTAMP ? rfc3339_valid(text_span(*value))
           : field == FIELD_LEVEL   ? value->len <= LEVEL_BYTES_MAX && value->at[0] > '9'
                                    : true;
}

/* The common record in one go: all four, and each in its usual form. */
static inline bool take_usual_four(const struct text four[FIELD_COUNT], struct record *rec)
{
    for (enum entry_field f = 0; f < FIELD_COUNT; f++) {
        if (four[f].at == NULL || !is_usual(&four[f], f)) {
            return false;
        }
    }
    rec->timestamp = four[FIELD_TIMESTAMP];
    rec->time_valid = true;
    rec->level = four[FIELD_LEVEL];
    rec->message = four[FIELD_MESSAGE];
    rec->service = four[FIELD_SERVICE];
    return true;
}

/* False if one of the four that the sender named as we do cannot be used. */
static bool read_four(const struct text four[FIELD_COUNT], struct arena *a, struct record *rec)
{
    for (enum entry_field f = 0; f < FIELD_COUNT; f++) {
        struct extra value;
        value.kind = EXTRA_TEXT;
        value.text = four[f];
        if (four[f].at != NULL && !read_field(&value, f, a, rec)) {
            return false;
        }
    }
    return true;
}

bool codec_json_alias_apply(struct codec_json_members *members, const struct text four[FIELD_COUNT],
                            struct batch *b, struct record *ret_rec)
{
    struct places places;
    uint32_t taken[FIELD_COUNT];

    codec_record_init(ret_rec, FORMAT_JSON);
    ret_rec->extras = members->at;
    ret_rec->extra_count = members->count;
    if (take_usual_four(four, ret_rec)) {
        return true;
    }
    if (!read_four(four, &b->arena, ret_rec)) {
        return false;
    }
    find_places(members, &places);
    for (enum entry_field f = 0; f < FIELD_COUNT; f++) {
        taken[f] = four[f].at != NULL ? ABSENT : take_field(members, &places, f, b, ret_rec);
    }
    ret_rec->extra_count = keep_others(members, taken);
    return true;
}

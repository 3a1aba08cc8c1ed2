/* SPDX-License-Identifier: Apache-2.0
 *
 * explain_field: the reasons are those of DESIGN section 5: defaults, completed times, canonical
 * levels, cut messages. */
#include "ingestor/explain_field.h"

#include "wire/json_text.h"

#include <assert.h>

const char *explain_field_name(enum entry_field field)
{
    static const char *const names[FIELD_COUNT] = {
        [FIELD_TIMESTAMP] = "timestamp",
        [FIELD_LEVEL] = "level",
        [FIELD_MESSAGE] = "message",
        [FIELD_SERVICE] = "service",
    };

    return names[field];
}

struct text explain_field_value(const struct record *rec, enum entry_field field)
{
    switch (field) {
    case FIELD_TIMESTAMP:
        return rec->timestamp;
    case FIELD_LEVEL:
        return rec->level;
    case FIELD_MESSAGE:
        return rec->message;
    case FIELD_SERVICE:
    case FIELD_COUNT:
        break;
    }
    return rec->service;
}

static bool lies_within(struct text value, struct span s)
{
    return value.at != NULL && value.at >= s.at && value.at + value.len <= s.at + s.len;
}

/* A JSON record's value that stands nowhere in it: a number was read as a time or a level, or a
 * text in another form. */
static bool made_anew(const struct explain_item *item, enum entry_field field)
{
    struct span source = item->found->source;
    struct text value = explain_field_value(item->found, field);

    return source.len > 0 && source.at[0] == '{' && value.len > 0 && !item->defaulted[field] &&
           !lies_within(value, source);
}

static const char *why_time(const struct explain_item *item)
{
    switch ((enum time_source)item->kept->time_source) {
    case TIME_RECEIVED:
        return "no usable time in the record: the time of receipt";
    case TIME_ASSUMED_YEAR:
        return "no year in the record: the one nearest to now";
    case TIME_ASSUMED_ZONE:
        return "no zone in the record: that of --syslog-zone, or UTC";
    case TIME_AS_SENT:
        break;
    }
    if (item->defaulted[FIELD_TIMESTAMP]) {
        return "no time in the record: the time of receipt";
    }
    return made_anew(item, FIELD_TIMESTAMP) ? "another form of time in the record" : "";
}

static const char *why_level(const struct explain_item *item)
{
    if (item->defaulted[FIELD_LEVEL]) {
        return "no level in the record: INFO";
    }
    struct span sent = text_span(item->found->level);
    struct span kept = text_span(item->kept->level);
    if (made_anew(item, FIELD_LEVEL)) {
        return "a number or another form in the record";
    }
    return sent.at != NULL && !span_equal(sent, kept) ? "stored in upper case" : "";
}

static const char *why_message(const struct explain_item *item)
{
    if (item->kept->truncated_bytes > 0) {
        return "longer than --max-message-bytes: cut";
    }
    return item->defaulted[FIELD_MESSAGE] ? "no message in the record: empty" : "";
}

static bool is_host(const struct record *rec)
{
    for (uint32_t i = 0; i < rec->extra_count; i++) {
        const struct extra *e = &rec->extras[i];
        if ((e->kind == EXTRA_TEXT || e->kind == EXTRA_BRIEF) &&
            span_equal(text_span(e->text), text_span(rec->service))) {
            return true;
        }
    }
    return false;
}

static const char *why_service(const struct explain_item *item)
{
    if (!item->defaulted[FIELD_SERVICE]) {
        return "";
    }
    return is_host(item->kept) ? "no service in the record: its host name"
                               : "no service in the record: its format";
}

const char *explain_field_why(const struct explain_item *item, enum entry_field field)
{
    assert(item->kept != NULL && item->found != NULL);
    switch (field) {
    case FIELD_TIMESTAMP:
        return why_time(item);
    case FIELD_LEVEL:
        return why_level(item);
    case FIELD_MESSAGE:
        return why_message(item);
    case FIELD_SERVICE:
    case FIELD_COUNT:
        break;
    }
    return why_service(item);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The member's name, from where its value stands in valid JSON: "name" : "value. */
static struct text name_before(struct span json, size_t value)
{
    const struct text none = {0};
    size_t end = value;

    if (end == 0 || json.at[--end] != '"') {
        return none;
    }
    while (end > 0 && (is_space(json.at[end - 1]) || json.at[end - 1] == ':')) {
        end--;
    }
    if (end == 0 || json.at[--end] != '"') {
        return none;
    }
    size_t begin = end;
    while (begin > 0 && json.at[begin - 1] != '"' && json.at[begin - 1] != '\\') {
        begin--;
    }
    bool whole =
        begin > 0 && json.at[begin - 1] == '"' && (begin < 2 || json.at[begin - 2] != '\\');
    return whole ? text_of(span_of(json.at + begin, end - begin), TEXT_JSON) : none;
}

struct text explain_field_alias(const struct explain_item *item, enum entry_field field)
{
    const struct text none = {0};
    struct text value = explain_field_value(item->found, field);
    struct span source = item->found->source;

    if (source.len == 0 || source.at[0] != '{' || !lies_within(value, source)) {
        return none;
    }
    struct text name = name_before(source, (size_t)(value.at - source.at));
    return json_text_equal(name, span_of_str(explain_field_name(field))) ? none : name;
}

err_t explain_field_plain(struct text t, struct buf *out)
{
    if (t.form != TEXT_JSON) {
        return buf_append(out, text_span(t));
    }
    TRY(buf_reserve(out, t.len));
    out->len += json_text_decode(t, out->at + out->len);
    return ERR_OK;
}

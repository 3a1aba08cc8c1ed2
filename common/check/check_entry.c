/* SPDX-License-Identifier: Apache-2.0
 *
 * check_entry: each rule is a function that answers with the reason or REASON_NONE. Lengths are
 * first judged as sent, since decoding only ever shortens. */
#include "check/check_entry.h"

#include "wire/json_text.h"

#include <assert.h>

/* Escaped time stamps and level names are decoded on the stack; a longer one is no such thing. */
#define SCRATCH_BYTES 256u

/* A level name that is none of ours is stored in upper case up to this length. */
#define LEVEL_COPY_BYTES_MAX 64u

_Static_assert(BATCH_ITEMS_MAX *LEVEL_COPY_BYTES_MAX <= BATCH_ARENA_SPARE,
               "every record of a batch may need a copy of its level");

struct verdict {
    enum reason reason;
    const char *detail;
};

static const struct verdict pass = {REASON_NONE, ""};

/* What is left of an escaped text after decoding it into `scratch`; absent if that is too small. */
static struct span decode(struct text t, char scratch[SCRATCH_BYTES])
{
    return json_text_bytes(t) <= SCRATCH_BYTES ? span_of(scratch, json_text_decode(t, scratch))
                                               : span_of(NULL, 0);
}

static bool escaped_time_valid(struct text t)
{
    char scratch[SCRATCH_BYTES];

    return rfc3339_valid(decode(t, scratch));
}

static struct verdict check_timestamp(const struct record *rec)
{
    struct text t = rec->timestamp;

    if (rec->time_valid) {
        return pass;
    }
    if (t.len == 0) {
        return (struct verdict){REASON_MISSING_TIMESTAMP, "timestamp is absent or empty"};
    }
    if (t.form == TEXT_JSON ? !escaped_time_valid(t) : !rfc3339_valid(text_span(t))) {
        return (struct verdict){REASON_BAD_TIMESTAMP, "timestamp is not a real RFC 3339 date-time"};
    }
    return pass;
}

/* Keeps a name that is none of ours, in upper case. */
static void keep_level(struct record *rec, struct span name, enum text_form form, struct arena *a)
{
    rec->severity = SEVERITY_OTHER;
    if (name.len == 0 || name.len > LEVEL_COPY_BYTES_MAX) {
        return;
    }
    char *upper = arena_alloc(a, name.len);
    assert(upper != NULL);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        upper[i] = (char)(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
    }
    rec->level = text_of(span_of(upper, name.len), form);
}

static struct verdict check_level_name(struct record *rec, struct span name, enum text_form form,
                                       struct arena *a)
{
    struct span upper;
    enum severity severity = SEVERITY_OTHER;

    if (severity_lookup(name, &upper, &severity)) {
        rec->level = text_of(upper, TEXT_CLEAN);
        rec->severity = (uint8_t)severity;
        return pass;
    }
    if (rec->origin == ORIGIN_CONTRACT) {
        return (struct verdict){REASON_BAD_LEVEL, "level is none of the known names"};
    }
    keep_level(rec, name, form, a);
    return pass;
}

static struct verdict check_escaped_level(struct record *rec, struct arena *a)
{
    char scratch[SCRATCH_BYTES];

    return check_level_name(rec, decode(rec->level, scratch), TEXT_PLAIN, a);
}

static struct verdict check_level(struct record *rec, struct arena *a)
{
    struct text t = rec->level;

    if (rec->severity != SEVERITY_OTHER) {
        return pass;
    }
    if (t.len == 0) {
        return (struct verdict){REASON_MISSING_LEVEL, "level is absent or empty"};
    }
    return t.form == TEXT_JSON ? check_escaped_level(rec, a)
                               : check_level_name(rec, text_span(t), (enum text_form)t.form, a);
}

static struct verdict check_message(const struct check_entry_limits *limits, struct record *rec)
{
    if (rec->message.len == 0) {
        bool required = rec->origin == ORIGIN_CONTRACT || rec->message.at == NULL;
        return required ? (struct verdict){REASON_MISSING_MESSAGE, "message is absent or empty"}
                        : pass;
    }
    if (rec->message.len <= limits->message_bytes_max) {
        return pass;
    }
    size_t bytes = json_text_bytes(rec->message);
    if (bytes <= limits->message_bytes_max) {
        return pass;
    }
    if (rec->origin != ORIGIN_LINE) {
        return (struct verdict){REASON_MESSAGE_TOO_LONG,
                                "message is longer than --max-message-bytes"};
    }
    rec->message = json_text_cut(rec->message, limits->message_bytes_max);
    rec->truncated_bytes += (uint32_t)(bytes - json_text_bytes(rec->message));
    return pass;
}

static struct verdict check_service(const struct record *rec)
{
    if (rec->service.len == 0) {
        return (struct verdict){REASON_MISSING_SERVICE, "service is absent or empty"};
    }
    if (rec->service.len > SERVICE_BYTES_MAX && json_text_bytes(rec->service) > SERVICE_BYTES_MAX) {
        return (struct verdict){REASON_SERVICE_TOO_LONG, "service is longer than 256 bytes"};
    }
    return pass;
}

/* The first rule that the record breaks, in the order of the output line. */
static struct verdict check_record(const struct check_entry_limits *limits, struct record *rec,
                                   struct arena *a)
{
    struct verdict v = check_timestamp(rec);

    if (v.reason == REASON_NONE) {
        v = check_level(rec, a);
    }
    if (v.reason == REASON_NONE) {
        v = check_message(limits, rec);
    }
    if (v.reason == REASON_NONE) {
        v = check_service(rec);
    }
    return v;
}

void check_entry_level(struct record *rec, struct arena *a)
{
    struct verdict v =
        rec->level.form == TEXT_JSON
            ? check_escaped_level(rec, a)
            : check_level_name(rec, text_span(rec->level), (enum text_form)rec->level.form, a);

    assert(v.reason == REASON_NONE || rec->origin == ORIGIN_CONTRACT);
    (void)v;
}

void check_entry_batch(const struct check_entry_limits *limits, struct batch *b)
{
    uint32_t count = b->record_count;

    b->record_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct record *rec = &b->records[i];
        struct verdict v =
            rec->origin == ORIGIN_TYPED ? pass : check_record(limits, rec, &b->arena);
        if (v.reason != REASON_NONE) {
            batch_reject_record(b, rec, v.reason, v.detail);
            continue;
        }
        if (b->record_count != i) {
            b->records[b->record_count] = *rec;
        }
        b->record_count++;
    }
}

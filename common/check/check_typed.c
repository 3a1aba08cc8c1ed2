/* SPDX-License-Identifier: Apache-2.0
 *
 * check_typed: what fits stays, what does not is moved, what is missing is filled in. */
#include "check/check_typed.h"

#include "wire/json_text.h"

#include <assert.h>

/* A level of another type's own that is longer is no level. */
#define LEVEL_BYTES_MAX 64u

/* An escaped time stamp is decoded on the stack; a longer one is none. */
#define TIME_BYTES_MAX 256u

#define NAME(literal)                              \
    {                                              \
        (literal), sizeof(literal) - 1, TEXT_CLEAN \
    }

static const struct text names[FIELD_COUNT] = {
    [FIELD_TIMESTAMP] = NAME("timestamp"),
    [FIELD_LEVEL] = NAME("level"),
    [FIELD_MESSAGE] = NAME("message"),
    [FIELD_SERVICE] = NAME("service"),
};

static struct text *place_of(struct record *rec, enum entry_field field)
{
    switch (field) {
    case FIELD_TIMESTAMP:
        return &rec->timestamp;
    case FIELD_LEVEL:
        return &rec->level;
    case FIELD_MESSAGE:
        return &rec->message;
    case FIELD_SERVICE:
        return &rec->service;
    case FIELD_COUNT:
        break;
    }
    assert(false); /* no field */
    return NULL;
}

static bool time_fits(struct text t)
{
    char scratch[TIME_BYTES_MAX];

    if (t.form != TEXT_JSON) {
        return rfc3339_valid(text_span(t));
    }
    return t.len <= sizeof(scratch) &&
           rfc3339_valid(span_of(scratch, json_text_decode(t, scratch)));
}

static bool fits(const struct check_entry_limits *limits, enum entry_field field, struct text t)
{
    size_t bytes = json_text_bytes(t);

    switch (field) {
    case FIELD_TIMESTAMP:
        return time_fits(t);
    case FIELD_LEVEL:
        return bytes > 0 && bytes <= LEVEL_BYTES_MAX;
    case FIELD_MESSAGE:
        return bytes <= limits->message_bytes_max;
    case FIELD_SERVICE:
        return bytes > 0 && bytes <= SERVICE_BYTES_MAX;
    case FIELD_COUNT:
        break;
    }
    return false;
}

bool check_typed_separate(const struct check_entry_limits *limits, struct record *rec,
                          struct arena *a)
{
    struct extra moved[FIELD_COUNT];
    uint32_t count = 0;

    for (enum entry_field f = 0; f < FIELD_COUNT; f++) {
        struct text *place = place_of(rec, f);
        if (place->at != NULL && !fits(limits, f, *place)) {
            moved[count++] = (struct extra){.name = names[f], .kind = EXTRA_TEXT, .text = *place};
            *place = text_of(span_of(NULL, 0), TEXT_CLEAN);
        }
    }
    if (count == 0) {
        return true;
    }
    struct extra *extras = arena_alloc(a, (rec->extra_count + count) * sizeof(*extras));
    if (extras == NULL) {
        return false;
    }
    if (rec->extra_count > 0) {
        memcpy(extras, rec->extras, rec->extra_count * sizeof(*extras));
    }
    memcpy(extras + rec->extra_count, moved, count * sizeof(*extras));
    rec->extras = extras;
    rec->extra_count += count;
    return true;
}

static void fill(struct batch *b, enum entry_field field, struct text *place, struct text value)
{
    if (place->at == NULL) {
        *place = value;
        b->defaulted[field]++;
    }
}

void check_typed_fill(struct record *rec, struct batch *b)
{
    const char *format = format_name((enum format)rec->format);

    if (rec->timestamp.at == NULL) {
        rec->time_source = TIME_RECEIVED;
    }
    fill(b, FIELD_TIMESTAMP, &rec->timestamp, b->received_text);
    fill(b, FIELD_LEVEL, &rec->level, text_of(SPAN_LIT("INFO"), TEXT_CLEAN));
    fill(b, FIELD_MESSAGE, &rec->message, text_of(SPAN_LIT(""), TEXT_CLEAN));
    fill(b, FIELD_SERVICE, &rec->service, text_of(span_of_str(format), TEXT_CLEAN));
    check_entry_level(rec, &b->arena);
}

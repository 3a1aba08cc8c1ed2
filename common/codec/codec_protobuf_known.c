/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_protobuf_known: one writer a type. */
#include "codec/codec_protobuf_known.h"

#include "codec/codec_protobuf_json.h"
#include "codec/codec_protobuf_scalar.h"
#include "codec/codec_put_time.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

/* Source: timestamp.proto: 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z. */
#define TIMESTAMP_SECONDS_MIN (-62135596800ll)
#define TIMESTAMP_SECONDS_MAX 253402300799ll

/* Source: duration.proto: about 10,000 years. */
#define DURATION_SECONDS_MAX 315576000000ll

#define NANOS_MAX            999999999ll

/* The entries of one message, by field number, the last of each. */
struct known {
    struct codec_protobuf_index *d;
    const struct schema_protobuf_message *message;
    uint32_t from;
    uint32_t to;
};

bool codec_protobuf_known_is(const struct schema_protobuf_message *message)
{
    switch ((enum schema_protobuf_known)message->known) {
    case PROTOBUF_TIMESTAMP:
    case PROTOBUF_DURATION:
    case PROTOBUF_FIELD_MASK:
    case PROTOBUF_EMPTY:
    case PROTOBUF_ANY:
        return true;
    case PROTOBUF_ORDINARY:
    case PROTOBUF_MAP_ENTRY:
    case PROTOBUF_STRUCT:
    case PROTOBUF_VALUE:
    case PROTOBUF_LIST_VALUE:
    case PROTOBUF_WRAPPER:
        break;
    }
    return false;
}

static void fail(struct codec_protobuf_index *d, const char *detail)
{
    codec_put_fail(&d->put, REASON_BAD_PROTOBUF, detail);
}

/* The last entry of the message's field, counted from 0; `to` if there is none. */
static uint32_t last_of(const struct known *k, uint32_t field)
{
    for (uint32_t i = k->to; i > k->from; i--) {
        if (codec_protobuf_index_field(k->d->work[i - 1]) == k->message->first + field) {
            return i - 1;
        }
    }
    return k->to;
}

static int64_t number_of(const struct known *k, uint32_t field)
{
    uint32_t at = last_of(k, field);
    uint64_t bits = 0;

    if (at < k->to) {
        codec_protobuf_scalar_read(k->d->plan->fields[k->message->first + field].type,
                                   k->d->begin + codec_protobuf_index_offset(k->d->work[at]),
                                   k->d->end, &bits);
    }
    return (int64_t)bits;
}

static unsigned digits_of(int64_t nanos)
{
    return nanos == 0 ? 0 : nanos % 1000000 == 0 ? 3 : nanos % 1000 == 0 ? 6 : 9;
}

static void put_timestamp(struct known *k)
{
    int64_t seconds = number_of(k, 0);
    int64_t nanos = number_of(k, 1);

    if (seconds < TIMESTAMP_SECONDS_MIN || seconds > TIMESTAMP_SECONDS_MAX || nanos < 0 ||
        nanos > NANOS_MAX) {
        fail(k->d, "a Timestamp outside the years 1 to 9999");
        return;
    }
    struct codec_put_time time = {seconds, (uint32_t)nanos, digits_of(nanos)};
    codec_put_time(&k->d->put, time, CODEC_PUT_TIME_UTC);
}

static void put_duration(struct known *k)
{
    int64_t seconds = number_of(k, 0);
    int64_t nanos = number_of(k, 1);
    char text[40];
    int len = 0;

    if (seconds < -DURATION_SECONDS_MAX || seconds > DURATION_SECONDS_MAX || nanos < -NANOS_MAX ||
        nanos > NANOS_MAX || (seconds < 0 && nanos > 0) || (seconds > 0 && nanos < 0)) {
        fail(k->d, "a Duration outside its range");
        return;
    }
    const char *sign = seconds < 0 || nanos < 0 ? "-" : "";
    uint64_t whole = (uint64_t)(seconds < 0 ? -seconds : seconds);
    uint32_t fraction = (uint32_t)(nanos < 0 ? -nanos : nanos);
    unsigned digits = digits_of(fraction);
    if (digits == 0) {
        len = snprintf(text, sizeof(text), "%s%" PRIu64 "s", sign, whole);
    } else {
        fraction /= digits == 3 ? 1000000 : digits == 6 ? 1000 : 1;
        len = snprintf(text, sizeof(text), "%s%" PRIu64 ".%0*" PRIu32 "s", sign, whole, (int)digits,
                       fraction);
    }
    codec_put_quoted(&k->d->put, span_of(text, (size_t)len));
}

/* Appends a path in lowerCamelCase to `out`; NULL if it could not be turned back. */
static char *put_path(char *out, struct span path)
{
    bool raise = false;

    for (size_t i = 0; i < path.len; i++) {
        char c = path.at[i];
        bool lower = c >= 'a' && c <= 'z';
        if ((c >= 'A' && c <= 'Z') || (raise && !lower)) {
            return NULL;
        }
        if (c == '_') {
            raise = true;
            continue;
        }
        *out++ = raise ? (char)(c - 'a' + 'A') : c;
        raise = false;
    }
    return raise ? NULL : out;
}

/* The joined paths are never longer than the message: each has a tag and a length. */
static void put_field_mask(struct known *k)
{
    struct codec_protobuf_index *d = k->d;
    size_t arena_used = d->arena->used;
    char *text = arena_alloc(d->arena, (size_t)(d->end - d->begin) + 1);
    char *out = text;

    assert(text != NULL);
    for (uint32_t i = k->from; i < k->to && out != NULL; i++) {
        if (i > k->from) {
            *out++ = ',';
        }
        out = put_path(out, codec_protobuf_index_bytes(d, codec_protobuf_index_offset(d->work[i])));
    }
    if (out == NULL) {
        fail(d, "a path of a FieldMask that JSON cannot say");
    } else {
        codec_put_string(&d->put, span_of(text, (size_t)(out - text)));
    }
    arena_rewind(d->arena, arena_used);
}

static void put_any(struct known *k)
{
    static const char *const names[] = {"@type", "value"};
    struct codec_protobuf_index *d = k->d;

    codec_protobuf_json_open(d, '{');
    for (uint32_t field = 0; field < 2; field++) {
        uint32_t at = last_of(k, field);
        struct span bytes =
            at == k->to ? span_of(NULL, 0)
                        : codec_protobuf_index_bytes(d, codec_protobuf_index_offset(d->work[at]));
        if (bytes.len > 0) {
            codec_put_name(&d->put, text_of(span_of_str(names[field]), TEXT_CLEAN));
            codec_protobuf_scalar_put_bytes(&d->put, field == 0 ? PROTOBUF_STRING : PROTOBUF_BYTES,
                                            bytes);
        }
    }
    codec_protobuf_json_close(d, '}');
}

void codec_protobuf_known_put(struct codec_protobuf_index *d,
                              const struct schema_protobuf_message *message, uint32_t from,
                              uint32_t to)
{
    struct known k = {d, message, from, to};

    switch ((enum schema_protobuf_known)message->known) {
    case PROTOBUF_TIMESTAMP:
        put_timestamp(&k);
        return;
    case PROTOBUF_DURATION:
        put_duration(&k);
        return;
    case PROTOBUF_FIELD_MASK:
        put_field_mask(&k);
        return;
    case PROTOBUF_ANY:
        put_any(&k);
        return;
    case PROTOBUF_EMPTY:
        codec_protobuf_json_open(d, '{');
        codec_protobuf_json_close(d, '}');
        return;
    case PROTOBUF_ORDINARY:
    case PROTOBUF_MAP_ENTRY:
    case PROTOBUF_STRUCT:
    case PROTOBUF_VALUE:
    case PROTOBUF_LIST_VALUE:
    case PROTOBUF_WRAPPER:
        break;
    }
    assert(false); /* not one of these */
}

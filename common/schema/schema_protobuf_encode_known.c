/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_protobuf_encode_known: one function a message. */
#include "schema/schema_protobuf_encode_known.h"

#include "base/rfc3339.h"
#include "schema/schema_protobuf_encode_value.h"
#include "schema/schema_protobuf_wire.h"

#define DAY_SECONDS          86400ll
#define DURATION_SECONDS_MAX 315576000000ll
#define SECONDS_DIGITS_MAX   12u

struct moment {
    int64_t seconds;
    int32_t nanos;
};

bool schema_protobuf_encode_known_is(enum schema_protobuf_known known)
{
    return known == PROTOBUF_TIMESTAMP || known == PROTOBUF_DURATION ||
           known == PROTOBUF_FIELD_MASK || known == PROTOBUF_EMPTY || known == PROTOBUF_ANY;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int number_at(const char *at, int digits)
{
    int number = 0;

    for (int i = 0; i < digits; i++) {
        number = number * 10 + (at[i] - '0');
    }
    return number;
}

/* Digits behind the point at `*at`, if there is one: nanoseconds. False: there are more than nine,
 * or none. */
static bool fraction_at(const char **at, int32_t *ret_nanos)
{
    int32_t nanos = 0;
    int digits = 0;

    if (**at == '.') {
        for (*at += 1; is_digit(**at); *at += 1) {
            nanos = digits < 9 ? nanos * 10 + (**at - '0') : nanos;
            digits++;
        }
        if (digits == 0 || digits > 9) {
            return false;
        }
        for (; digits < 9; digits++) {
            nanos *= 10;
        }
    }
    *ret_nanos = nanos;
    return true;
}

static err_t put_number(struct buf *out, uint32_t field, int64_t number)
{
    if (number == 0) {
        return ERR_OK;
    }
    TRY(schema_protobuf_encode_value_tag(out, field, PROTOBUF_WIRE_VARINT));
    return schema_protobuf_encode_value_varint(out, (uint64_t)number);
}

static err_t put_moment(struct buf *out, struct moment moment)
{
    TRY(put_number(out, 1, moment.seconds));
    return put_number(out, 2, moment.nanos);
}

/* `text` is valid RFC 3339: only its fraction may have more digits than we can keep. */
static bool parse_timestamp(const char *text, struct moment *ret)
{
    const char *at = text + 19;
    int64_t days =
        rfc3339_days_from_date(number_at(text, 4), number_at(text + 5, 2), number_at(text + 8, 2));
    int64_t seconds = days * DAY_SECONDS + number_at(text + 11, 2) * 3600 +
                      number_at(text + 14, 2) * 60 + number_at(text + 17, 2);

    if (!fraction_at(&at, &ret->nanos)) {
        return false;
    }
    if (*at == '+' || *at == '-') {
        int64_t offset = number_at(at + 1, 2) * 3600 + number_at(at + 4, 2) * 60;
        seconds += *at == '+' ? -offset : offset;
    }
    ret->seconds = seconds;
    return seconds >= -62135596800ll && seconds <= 253402300799ll;
}

static err_t put_timestamp(const json_t *value, struct buf *out, const char **ret_allowed)
{
    struct moment moment;
    struct span text = span_of(json_string_value(value), json_string_length(value));

    *ret_allowed = "an RFC 3339 time of the years 1 to 9999, to the nanosecond";
    ENSURE(text.at != NULL && rfc3339_valid(text) && parse_timestamp(text.at, &moment), ERR_SYNTAX);
    return put_moment(out, moment);
}

static bool parse_duration(const char *at, struct moment *ret)
{
    bool negative = *at == '-';
    int64_t seconds = 0;
    unsigned digits = 0;

    for (at += negative ? 1 : 0; is_digit(*at) && digits <= SECONDS_DIGITS_MAX; at++, digits++) {
        seconds = seconds * 10 + (*at - '0');
    }
    if (digits == 0 || !fraction_at(&at, &ret->nanos) || at[0] != 's' || at[1] != '\0' ||
        seconds > DURATION_SECONDS_MAX) {
        return false;
    }
    ret->seconds = negative ? -seconds : seconds;
    ret->nanos = negative ? -ret->nanos : ret->nanos;
    return true;
}

static err_t put_duration(const json_t *value, struct buf *out, const char **ret_allowed)
{
    struct moment moment;

    *ret_allowed = "seconds like \"1.5s\", at most 315576000000";
    ENSURE(json_is_string(value) && parse_duration(json_string_value(value), &moment), ERR_SYNTAX);
    return put_moment(out, moment);
}

/* A path of a FieldMask, back in snake case. */
static err_t put_path(struct span path, struct buf *out)
{
    TRY(schema_protobuf_encode_value_tag(out, 1, PROTOBUF_WIRE_LEN));
    size_t begin = out->len;
    for (size_t i = 0; i < path.len; i++) {
        char c = path.at[i];
        ENSURE(c != '_', ERR_SYNTAX);
        if (c >= 'A' && c <= 'Z') {
            c = (char)(c - 'A' + 'a');
            TRY(buf_append(out, SPAN_LIT("_")));
        }
        TRY(buf_append(out, span_of(&c, 1)));
    }
    return schema_protobuf_encode_value_close(out, begin);
}

static err_t put_field_mask(const json_t *value, struct buf *out, const char **ret_allowed)
{
    struct span left = span_of(json_string_value(value), json_string_length(value));

    *ret_allowed = "paths in lowerCamelCase with commas between";
    ENSURE(left.at != NULL, ERR_SYNTAX);
    while (left.len > 0) {
        size_t len = span_find(left, ',');
        TRY(put_path(span_head(left, len), out));
        left = span_skip(left, len < left.len ? len + 1 : len);
    }
    return ERR_OK;
}

static err_t put_any(const json_t *value, struct buf *out, const char **ret_allowed)
{
    static const struct schema_protobuf_field fields[] = {
        {.number = 1, .type = PROTOBUF_STRING},
        {.number = 2, .type = PROTOBUF_BYTES},
    };
    static const char *const names[] = {"@type", "value"};
    size_t met = 0;

    for (size_t i = 0; i < 2 && json_is_object(value); i++) {
        const json_t *member = json_object_get(value, names[i]);
        if (member != NULL) {
            met++;
            TRY(schema_protobuf_encode_value_tag(out, fields[i].number, PROTOBUF_WIRE_LEN));
            TRY(schema_protobuf_encode_value(NULL, &fields[i], member, out, ret_allowed));
        }
    }
    *ret_allowed = "an object of \"@type\" and \"value\" (base64)";
    ENSURE(json_is_object(value) && json_object_size(value) == met, ERR_SYNTAX);
    return ERR_OK;
}

err_t schema_protobuf_encode_known(enum schema_protobuf_known known, const json_t *value,
                                   struct buf *out, const char **ret_allowed)
{
    switch ((unsigned)known) {
    case PROTOBUF_TIMESTAMP:
        return put_timestamp(value, out, ret_allowed);
    case PROTOBUF_DURATION:
        return put_duration(value, out, ret_allowed);
    case PROTOBUF_FIELD_MASK:
        return put_field_mask(value, out, ret_allowed);
    case PROTOBUF_ANY:
        return put_any(value, out, ret_allowed);
    default:
        *ret_allowed = "an empty object";
        ENSURE(json_is_object(value) && json_object_size(value) == 0, ERR_SYNTAX);
        return ERR_OK;
    }
}

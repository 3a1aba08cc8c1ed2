/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_avro_encode_logical: a date or a time of day is judged as a part of a whole time stamp, so
 * that one set of rules holds for all. */
#include "schema/schema_avro_encode_logical.h"

#include "base/limits.h"
#include "base/rfc3339.h"

#define STAMP_BYTES_MAX 64u
#define DATE_BYTES      10u
#define SECOND_END      19u /* 2026-11-21T04:11:45 */
#define SECONDS_A_DAY   86400

/* Digits of the fraction that count. */
#define MICRO_DIGITS 6u

#define LIMBS_MAX    (SCHEMA_AVRO_DIGITS_MAX / 9 + 2) /* 32 bits each; a digit takes less than 4 */

static int64_t digits_at(const char *at, size_t count)
{
    int64_t number = 0;

    for (size_t i = 0; i < count; i++) {
        number = number * 10 + (at[i] - '0');
    }
    return number;
}

/* Microseconds since 1970 of a valid time stamp. */
static int64_t micros_of(struct span text)
{
    const char *t = text.at;
    int64_t days = rfc3339_days_from_date((int)digits_at(t, 4), (int)digits_at(t + 5, 2),
                                          (int)digits_at(t + 8, 2));
    int64_t seconds = days * SECONDS_A_DAY + digits_at(t + 11, 2) * 3600 +
                      digits_at(t + 14, 2) * 60 + digits_at(t + 17, 2);
    int64_t fraction = 0;
    size_t at = SECOND_END;
    unsigned digits = 0;

    if (t[at] == '.') {
        for (at++; t[at] >= '0' && t[at] <= '9'; at++) {
            if (digits < MICRO_DIGITS) {
                fraction = fraction * 10 + (t[at] - '0');
                digits++;
            }
        }
    }
    for (; digits < MICRO_DIGITS; digits++) {
        fraction *= 10;
    }
    if (t[at] == '+' || t[at] == '-') {
        int64_t offset = digits_at(t + at + 1, 2) * 3600 + digits_at(t + at + 4, 2) * 60;
        seconds -= t[at] == '-' ? -offset : offset;
    }
    return seconds * 1000000 + fraction;
}

/* The parts as one time stamp, if they are one. */
static err_t parse_stamp(struct span before, struct span text, struct span behind,
                         int64_t *ret_micros)
{
    char stamp[STAMP_BYTES_MAX + SPAN_SLACK_BYTES] = {0};
    size_t len = before.len + text.len + behind.len;

    ENSURE(len <= STAMP_BYTES_MAX, ERR_SYNTAX);
    memcpy(stamp, before.at, before.len);
    memcpy(stamp + before.len, text.at, text.len);
    memcpy(stamp + before.len + text.len, behind.at, behind.len);
    ENSURE(rfc3339_valid(span_of(stamp, len)), ERR_SYNTAX);
    *ret_micros = micros_of(span_of(stamp, len));
    return ERR_OK;
}

static int64_t floor_millis(int64_t micros)
{
    return micros / 1000 - (micros % 1000 < 0 ? 1 : 0);
}

err_t schema_avro_encode_logical_time(enum schema_avro_logical logical, struct span text,
                                      int64_t *ret_number)
{
    static const struct span none = {"", 0};
    static const struct span day = {"1970-01-01T", 11};
    static const struct span zone = {"Z", 1};
    bool is_date = logical == AVRO_DATE;
    bool is_time = logical == AVRO_TIME_MILLIS || logical == AVRO_TIME_MICROS;
    bool is_local =
        logical == AVRO_LOCAL_TIMESTAMP_MILLIS || logical == AVRO_LOCAL_TIMESTAMP_MICROS;
    bool is_stamp = logical == AVRO_TIMESTAMP_MILLIS || logical == AVRO_TIMESTAMP_MICROS;
    bool is_millis = logical == AVRO_TIME_MILLIS || logical == AVRO_TIMESTAMP_MILLIS ||
                     logical == AVRO_LOCAL_TIMESTAMP_MILLIS;
    int64_t micros = 0;

    ENSURE(is_date || is_time || is_local || is_stamp, ERR_SYNTAX);
    ENSURE(!is_date || text.len == DATE_BYTES, ERR_SYNTAX);
    TRY(parse_stamp(is_time ? day : none, text,
                    is_date    ? SPAN_LIT("T00:00:00Z")
                    : is_stamp ? none
                               : zone,
                    &micros));
    if (is_date) {
        *ret_number = micros / 1000000 / SECONDS_A_DAY; /* whole days, so nothing is cut */
        return ERR_OK;
    }
    *ret_number = is_millis ? floor_millis(micros) : micros;
    return ERR_OK;
}

/* A number of many limbs, the least first. */
struct big {
    uint32_t limbs[LIMBS_MAX];
};

static void multiply_add(struct big *n, uint32_t digit)
{
    uint64_t carry = digit;

    for (size_t i = 0; i < LIMBS_MAX; i++) {
        carry += (uint64_t)n->limbs[i] * 10;
        n->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static void negate(struct big *n)
{
    uint64_t carry = 1;

    for (size_t i = 0; i < LIMBS_MAX; i++) {
        carry += (uint32_t)~n->limbs[i];
        n->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static unsigned char byte_of(const struct big *n, size_t i)
{
    return (unsigned char)(n->limbs[i / 4] >> (8 * (i % 4)));
}

/* [-]digits[.digits], brought to `scale` digits behind the point. */
static err_t parse_decimal(const struct schema_avro_node *n, struct span text, struct big *ret)
{
    bool negative = text.len > 0 && text.at[0] == '-';
    struct span left = span_skip(text, negative ? 1 : 0);
    size_t point = span_find(left, '.');
    size_t after = point < left.len ? left.len - point - 1 : 0;
    size_t significant = 0;
    struct big number = {{0}};

    ENSURE(point > 0 && after <= n->scale && (after > 0 || point == left.len), ERR_SYNTAX);
    for (size_t i = 0; i < left.len + n->scale - after; i++) {
        char c = i < left.len ? left.at[i] : '0';
        if (i == point && i < left.len) {
            continue;
        }
        ENSURE(c >= '0' && c <= '9', ERR_SYNTAX);
        significant += significant > 0 || c != '0' ? 1 : 0;
        ENSURE(significant <= n->precision, ERR_SYNTAX);
        multiply_add(&number, (uint32_t)(c - '0'));
    }
    if (negative) {
        negate(&number);
    }
    *ret = number;
    return ERR_OK;
}

err_t schema_avro_encode_logical_decimal(const struct schema_avro_node *n, struct span text,
                                         struct buf *out)
{
    struct big number;
    size_t len = LIMBS_MAX * 4;

    TRY(parse_decimal(n, text, &number));
    unsigned char sign = (byte_of(&number, len - 1) & 0x80) != 0 ? 0xff : 0;
    while (len > 1 && byte_of(&number, len - 1) == sign &&
           (byte_of(&number, len - 2) & 0x80) == (sign & 0x80)) {
        len--;
    }
    size_t want = n->kind == AVRO_FIXED ? n->size : len;
    ENSURE(len <= want, ERR_SYNTAX);
    TRY(buf_reserve(out, want));
    for (size_t i = want; i > 0; i--) {
        out->at[out->len++] = (char)(i <= len ? byte_of(&number, i - 1) : sign);
    }
    return ERR_OK;
}

err_t schema_avro_encode_logical_duration(const json_t *value, struct buf *out)
{
    static const char *const names[] = {"months", "days", "milliseconds"};

    ENSURE(json_is_object(value) && json_object_size(value) == 3, ERR_SYNTAX);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const json_t *part = json_object_get(value, names[i]);
        json_int_t number = json_integer_value(part);
        char bytes[4];
        ENSURE(json_is_integer(part) && number >= 0 && number <= UINT32_MAX, ERR_SYNTAX);
        for (size_t k = 0; k < sizeof(bytes); k++) {
            bytes[k] = (char)((uint64_t)number >> (8 * k));
        }
        TRY(buf_append(out, span_of(bytes, sizeof(bytes))));
    }
    return ERR_OK;
}

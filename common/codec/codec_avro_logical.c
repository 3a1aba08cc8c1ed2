/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_avro_logical: decimals are converted in groups of nine digits; the precision bounds them,
 * so an array on the stack holds them all. */
#include "codec/codec_avro_logical.h"

#include "base/limits.h"
#include "codec/codec_put_time.h"

#define SECONDS_A_DAY 86400

/* 1024 digits take 425.3 bytes, and their sign a bit. */
#define DECIMAL_BYTES_MAX 428u
#define LIMBS_MAX         (DECIMAL_BYTES_MAX / 4)
#define GROUP             1000000000u /* what a division takes off: nine digits */
#define GROUP_DIGITS      9u
#define DIGITS_MAX        (DECIMAL_BYTES_MAX * 5 / 2)

_Static_assert(DECIMAL_BYTES_MAX * 8 * 3 / 10 >= SCHEMA_AVRO_DIGITS_MAX, "all digits find room");

/* The absolute value of a decimal: 32 bits each, the least first. */
struct magnitude {
    uint32_t limbs[LIMBS_MAX];
    size_t count; /* without leading zeros */
    bool negative;
};

/* `number` of `units` to the second. */
static void put_stamp(struct codec_put *p, int64_t number, int64_t units,
                      enum codec_put_time_zone zone)
{
    int64_t seconds = number / units;
    int64_t rest = number % units;

    if (rest < 0) {
        rest += units;
        seconds--;
    }
    if (seconds < CODEC_PUT_TIME_MIN || seconds > CODEC_PUT_TIME_MAX) {
        codec_put_int(p, number);
        return;
    }
    struct codec_put_time time = {.seconds = seconds,
                                  .nanos = (uint32_t)(rest * ((int64_t)NS_PER_S / units)),
                                  .digits = units == 1000 ? 3 : 6};
    codec_put_time(p, time, zone);
}

static void put_date(struct codec_put *p, int64_t days)
{
    if (days < CODEC_PUT_TIME_MIN / SECONDS_A_DAY || days > CODEC_PUT_TIME_MAX / SECONDS_A_DAY) {
        codec_put_int(p, days);
        return;
    }
    codec_put_time_date(p, days);
}

static void put_time_of_day(struct codec_put *p, int64_t number, int64_t units)
{
    if (number < 0 || number >= SECONDS_A_DAY * units) {
        codec_put_int(p, number);
        return;
    }
    struct codec_put_time time = {.seconds = number / units,
                                  .nanos = (uint32_t)(number % units * ((int64_t)NS_PER_S / units)),
                                  .digits = units == 1000 ? 3 : 6};
    codec_put_time_of_day(p, time);
}

void codec_avro_logical_integer(struct codec_put *p, enum schema_avro_logical logical,
                                int64_t number)
{
    switch (logical) {
    case AVRO_DATE:
        put_date(p, number);
        return;
    case AVRO_TIME_MILLIS:
        put_time_of_day(p, number, 1000);
        return;
    case AVRO_TIME_MICROS:
        put_time_of_day(p, number, 1000000);
        return;
    case AVRO_TIMESTAMP_MILLIS:
        put_stamp(p, number, 1000, CODEC_PUT_TIME_UTC);
        return;
    case AVRO_TIMESTAMP_MICROS:
        put_stamp(p, number, 1000000, CODEC_PUT_TIME_UTC);
        return;
    case AVRO_LOCAL_TIMESTAMP_MILLIS:
        put_stamp(p, number, 1000, CODEC_PUT_TIME_LOCAL);
        return;
    case AVRO_LOCAL_TIMESTAMP_MICROS:
        put_stamp(p, number, 1000000, CODEC_PUT_TIME_LOCAL);
        return;
    case AVRO_PLAIN:
    case AVRO_DECIMAL:
    case AVRO_UUID:
    case AVRO_DURATION:
        break;
    }
    codec_put_int(p, number);
}

/* Bytes in front that only repeat the sign. */
static struct span without_padding(struct span bytes)
{
    while (bytes.len > 1) {
        bool negative = (bytes.at[1] & 0x80) != 0;
        if ((unsigned char)bytes.at[0] != (negative ? 0xff : 0x00)) {
            break;
        }
        bytes = span_skip(bytes, 1);
    }
    return bytes;
}

/* Two's complement: if negative, all bits turned and one added. */
static void magnitude_of(struct span bytes, struct magnitude *m)
{
    uint64_t carry = 0;

    m->negative = (bytes.at[0] & 0x80) != 0;
    m->count = (bytes.len + 3) / 4;
    carry = m->negative ? 1 : 0;
    for (size_t i = 0; i < m->count; i++) {
        uint32_t limb = 0;
        for (size_t k = 0; k < 4; k++) {
            size_t at = i * 4 + k; /* from the last byte on */
            unsigned char byte = m->negative ? 0xff : 0;
            if (at < bytes.len) {
                byte = (unsigned char)bytes.at[bytes.len - 1 - at];
            }
            limb |= (uint32_t)byte << (8 * k);
        }
        carry += m->negative ? (uint32_t)~limb : limb;
        m->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

/* Divides by GROUP; returns the rest. */
static uint32_t take_group(struct magnitude *m)
{
    uint64_t rest = 0;

    for (size_t i = m->count; i > 0; i--) {
        rest = rest << 32 | m->limbs[i - 1];
        m->limbs[i - 1] = (uint32_t)(rest / GROUP);
        rest %= GROUP;
    }
    while (m->count > 0 && m->limbs[m->count - 1] == 0) {
        m->count--;
    }
    return (uint32_t)rest;
}

/* All digits at the end of `digits`, without leading zeros; none for 0. */
static struct span digits_of(struct magnitude *m, char digits[DIGITS_MAX])
{
    size_t at = DIGITS_MAX;

    while (m->count > 0) {
        uint32_t group = take_group(m);
        for (unsigned i = 0; i < GROUP_DIGITS; i++) {
            digits[--at] = (char)('0' + group % 10);
            group /= 10;
        }
    }
    while (at < DIGITS_MAX && digits[at] == '0') {
        at++;
    }
    return span_of(digits + at, DIGITS_MAX - at);
}

/* The digits with sign, point, and zeros in front so that one stands before the point. */
static void put_digits(struct codec_put *p, struct span digits, uint32_t scale, bool negative)
{
    char text[SCHEMA_AVRO_DIGITS_MAX + 4];
    size_t zeros = digits.len > scale ? 0 : scale + 1 - digits.len;
    size_t total = zeros + digits.len;
    size_t at = 0;

    if (negative) {
        text[at++] = '-';
    }
    for (size_t i = 0; i < total; i++) {
        if (scale > 0 && i == total - scale) {
            text[at++] = '.';
        }
        text[at++] = i < zeros ? '0' : digits.at[i - zeros];
    }
    codec_put_quoted(p, span_of(text, at));
}

void codec_avro_logical_decimal(struct codec_put *p, const struct schema_avro_node *node,
                                struct span bytes)
{
    static const char too_many[] = "a decimal with more digits than its precision";
    char digits[DIGITS_MAX];
    struct magnitude m;

    if (bytes.len == 0) {
        codec_put_fail(p, REASON_BAD_AVRO, "a decimal without bytes");
        return;
    }
    bytes = without_padding(bytes);
    if (bytes.len > DECIMAL_BYTES_MAX) {
        codec_put_fail(p, REASON_SCHEMA, too_many);
        return;
    }
    magnitude_of(bytes, &m);
    struct span all = digits_of(&m, digits);
    if (all.len > node->precision) {
        codec_put_fail(p, REASON_SCHEMA, too_many);
        return;
    }
    put_digits(p, all, node->scale, m.negative);
}

static uint32_t word_at(const char *at)
{
    const unsigned char *u = (const unsigned char *)at;

    return (uint32_t)u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 24;
}

void codec_avro_logical_duration(struct codec_put *p, struct span bytes)
{
    codec_put_open(p, '{');
    codec_put_name(p, text_of(SPAN_LIT("months"), TEXT_CLEAN));
    codec_put_uint(p, word_at(bytes.at));
    codec_put_name(p, text_of(SPAN_LIT("days"), TEXT_CLEAN));
    codec_put_uint(p, word_at(bytes.at + 4));
    codec_put_name(p, text_of(SPAN_LIT("milliseconds"), TEXT_CLEAN));
    codec_put_uint(p, word_at(bytes.at + 8));
    codec_put_close(p, '}');
}

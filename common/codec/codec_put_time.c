/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_put_time: digits into a small array, which becomes a string. */
#include "codec/codec_put_time.h"

#include "base/limits.h"
#include "base/rfc3339.h"

#include <assert.h>

#define SECONDS_A_DAY 86400
#define NANO_DIGITS   9u

static char *put_digits(char *out, uint32_t value, unsigned count)
{
    for (unsigned i = count; i > 0; i--) {
        out[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + count;
}

static char *put_field(char *out, uint32_t value, unsigned count, char after)
{
    out = put_digits(out, value, count);
    *out = after;
    return out + 1;
}

static char *put_day(char *out, int64_t days)
{
    int year = 0;
    int month = 0;
    int day = 0;

    assert(days >= CODEC_PUT_TIME_MIN / SECONDS_A_DAY &&
           days <= CODEC_PUT_TIME_MAX / SECONDS_A_DAY);
    rfc3339_date_from_days(days, &year, &month, &day);
    out = put_field(out, (uint32_t)year, 4, '-');
    out = put_field(out, (uint32_t)month, 2, '-');
    return put_digits(out, (uint32_t)day, 2);
}

static char *put_second(char *out, uint32_t second_of_day, uint32_t nanos, unsigned digits)
{
    assert(second_of_day < SECONDS_A_DAY && nanos < NS_PER_S && digits <= NANO_DIGITS);
    out = put_field(out, second_of_day / 3600, 2, ':');
    out = put_field(out, second_of_day / 60 % 60, 2, ':');
    out = put_digits(out, second_of_day % 60, 2);
    if (digits == 0) {
        return out;
    }
    for (unsigned i = digits; i < NANO_DIGITS; i++) {
        nanos /= 10;
    }
    *out++ = '.';
    return put_digits(out, nanos, digits);
}

void codec_put_time(struct codec_put *p, struct codec_put_time time, enum codec_put_time_zone zone)
{
    char text[RFC3339_BYTES_MAX];
    int64_t days = time.seconds / SECONDS_A_DAY;
    int64_t second = time.seconds % SECONDS_A_DAY;

    if (second < 0) {
        second += SECONDS_A_DAY;
        days--;
    }
    char *out = put_day(text, days);
    *out++ = 'T';
    out = put_second(out, (uint32_t)second, time.nanos, time.digits);
    if (zone == CODEC_PUT_TIME_UTC) {
        *out++ = 'Z';
    }
    codec_put_quoted(p, span_of(text, (size_t)(out - text)));
}

void codec_put_time_date(struct codec_put *p, int64_t days)
{
    char text[RFC3339_BYTES_MAX];

    codec_put_quoted(p, span_of(text, (size_t)(put_day(text, days) - text)));
}

void codec_put_time_of_day(struct codec_put *p, struct codec_put_time time)
{
    char text[RFC3339_BYTES_MAX];
    char *end = put_second(text, (uint32_t)time.seconds, time.nanos, time.digits);

    codec_put_quoted(p, span_of(text, (size_t)(end - text)));
}

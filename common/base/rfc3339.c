/* SPDX-License-Identifier: Apache-2.0
 *
 * rfc3339: parses by position, since every field but the fraction has a fixed width. Calendar
 * arithmetic counts days in eras of 400 years starting on 1 March, so that the leap day is the last
 * day of its year. */
#include "base/rfc3339.h"

#include "base/limits.h"

#include <assert.h>
#include <string.h>

#define DAYS_PER_ERA   146097
#define DAYS_TO_1970   719468 /* from 0000-03-01 */
#define SECONDS_A_DAY  86400
#define DATE_TIME_SIZE 19 /* 2026-11-21T04:11:45 */
#define YEAR_MAX       2261

struct parsed {
    int year, month, day, hour, minute, second;
    int offset_minutes;
    uint32_t nanosecond;
};

int64_t rfc3339_days_from_date(int year, int month, int day)
{
    int y = month <= 2 ? year - 1 : year;
    int era = (y >= 0 ? y : y - 399) / 400;
    int year_of_era = y - era * 400;
    int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return (int64_t)era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

void rfc3339_date_from_days(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
    int64_t z = days + DAYS_TO_1970;
    int64_t era = (z >= 0 ? z : z - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int day_of_era = (int)(z - era * DAYS_PER_ERA);
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int shifted_month = (5 * day_of_year + 2) / 153;

    *ret_day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    *ret_month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    *ret_year = (int)(era * 400) + year_of_era + (*ret_month <= 2 ? 1 : 0);
}

/* Two digits as a number, or -1. */
static int two_digits(const char *p)
{
    unsigned tens = (unsigned char)p[0] - (unsigned)'0';
    unsigned ones = (unsigned char)p[1] - (unsigned)'0';

    return tens > 9 || ones > 9 ? -1 : (int)(tens * 10 + ones);
}

static int days_in_month(int year, int month)
{
    static const unsigned char days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return month == 2 && leap ? 29 : days[month - 1];
}

/* The fraction, if there is one, and then the offset, up to the end of the text. */
static bool parse_tail(struct span tail, struct parsed *p)
{
    size_t i = 0;

    if (tail.len > 0 && tail.at[0] == '.') {
        uint32_t unit = 100000000;
        for (i = 1; i < tail.len && tail.at[i] >= '0' && tail.at[i] <= '9'; i++) {
            p->nanosecond += (uint32_t)(tail.at[i] - '0') * unit;
            unit /= 10;
        }
        if (i == 1) {
            return false;
        }
    }
    tail = span_skip(tail, i);
    if (tail.len == 1) {
        return tail.at[0] == 'Z' || tail.at[0] == 'z';
    }
    if (tail.len != 6 || (tail.at[0] != '+' && tail.at[0] != '-') || tail.at[3] != ':') {
        return false;
    }
    int hours = two_digits(tail.at + 1);
    int minutes = two_digits(tail.at + 4);
    int sign = tail.at[0] == '-' ? -1 : 1;
    p->offset_minutes = sign * (hours * 60 + minutes);
    return hours >= 0 && hours <= 23 && minutes >= 0 && minutes <= 59;
}

/* A leap second is the last second of a day in UTC. RFC 3339 section 5.7. */
static bool leap_second_allowed(const struct parsed *p)
{
    int utc_minute = p->hour * 60 + p->minute - p->offset_minutes;
    int minute_of_day = (utc_minute % 1440 + 1440) % 1440;

    return minute_of_day == 23 * 60 + 59;
}

static bool parse(struct span text, struct parsed *p)
{
    const char *t = text.at;

    *p = (struct parsed){0};
    if (text.len <= DATE_TIME_SIZE || t[4] != '-' || t[7] != '-' || (t[10] | 0x20) != 't' ||
        t[13] != ':' || t[16] != ':') {
        return false;
    }
    int century = two_digits(t);
    int year = two_digits(t + 2);
    p->year = century * 100 + year;
    p->month = two_digits(t + 5);
    p->day = two_digits(t + 8);
    p->hour = two_digits(t + 11);
    p->minute = two_digits(t + 14);
    p->second = two_digits(t + 17);
    if (century < 0 || year < 0 || p->month < 1 || p->month > 12 || p->day < 1 || p->hour < 0 ||
        p->hour > 23 || p->minute < 0 || p->minute > 59 || p->second < 0 || p->second > 60) {
        return false;
    }
    if (p->day > 28 && p->day > days_in_month(p->year, p->month)) {
        return false;
    }
    return parse_tail(span_skip(text, DATE_TIME_SIZE), p) &&
           (p->second < 60 || leap_second_allowed(p));
}

static uint64_t word_at(const char *p)
{
    uint64_t word = 0;

    memcpy(&word, p, sizeof(word));
    return word;
}

/* Whether each of eight characters is that of `base`, or a digit where that is '0'. Without what
 * they have in common with it, each is 0 up to its limit; adding `room`, which is 0x7f less the
 * limit, sets the top bit of each that is too large, or it is set already. */
static inline bool within(const char *text, const char *base, const char *room)
{
    const uint64_t tops = 0x8080808080808080u;
    uint64_t word = word_at(text) ^ word_at(base);

    return (((word + word_at(room)) | word) & tops) == 0;
}

/* "9999-19-", "39T29:59" and "29:59:59": the largest digit at each place. */
#define DATE_ROOM     "\x76\x76\x76\x76\x7f\x7e\x76\x7f"
#define DAY_HOUR_ROOM "\x7c\x76\x7f\x7d\x76\x7f\x7a\x76"
#define TIME_ROOM     "\x7d\x76\x7f\x7a\x76\x7f\x7a\x76"

/* Two digits as a number that orders as they do. */
static inline unsigned order_of(const char *p)
{
    return (unsigned)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

#define ORDER(tens, ones) ((unsigned)(tens) << 8 | (unsigned)(ones))

/* Whether it is 2026-11-21T04:11:45Z, or the same with a fraction, and obviously good: neither a
 * 29th to 31st nor a leap second. All characters are judged eight at a time. */
static bool obviously_valid(struct span text)
{
    const char *t = text.at;

    if (text.len <= DATE_TIME_SIZE || t[text.len - 1] != 'Z' || !within(t, "0000-00-", DATE_ROOM) ||
        !within(t + 8, "00T00:00", DAY_HOUR_ROOM) || !within(t + 11, "00:00:00", TIME_ROOM)) {
        return false;
    }
    unsigned month = order_of(t + 5);
    unsigned day = order_of(t + 8);
    if (month > ORDER('1', '2') || month == ORDER('0', '0') || day > ORDER('2', '8') ||
        day == ORDER('0', '0') || order_of(t + 11) > ORDER('2', '3')) {
        return false;
    }
    if (text.len == DATE_TIME_SIZE + 1) {
        return true;
    }
    size_t i = DATE_TIME_SIZE + 1;
    while ((unsigned char)t[i] - (unsigned)'0' <= 9) { /* 'Z' ends it */
        i++;
    }
    return t[DATE_TIME_SIZE] == '.' && i == text.len - 1 && i > DATE_TIME_SIZE + 1;
}

bool rfc3339_valid(struct span text)
{
    struct parsed p;

    return obviously_valid(text) || parse(text, &p);
}

err_t rfc3339_parse(struct span text, uint64_t *ret_unix_ns)
{
    struct parsed p;

    ENSURE(parse(text, &p), ERR_SYNTAX);
    int64_t seconds = rfc3339_days_from_date(p.year, p.month, p.day) * SECONDS_A_DAY +
                      p.hour * 3600 + p.minute * 60 + p.second - p.offset_minutes * 60;
    ENSURE(seconds >= 0 && p.year <= YEAR_MAX, ERR_LIMIT);
    *ret_unix_ns = (uint64_t)seconds * NS_PER_S + p.nanosecond;
    return ERR_OK;
}

static char *put_digits(char *out, unsigned value, unsigned count)
{
    for (unsigned i = count; i > 0; i--) {
        out[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + count;
}

static char *put_field(char *out, unsigned value, unsigned count, char after)
{
    out = put_digits(out, value, count);
    *out = after;
    return out + 1;
}

size_t rfc3339_format(uint64_t unix_ns, unsigned digits, char *out)
{
    uint64_t seconds = unix_ns / NS_PER_S;
    uint32_t fraction = (uint32_t)(unix_ns % NS_PER_S);
    unsigned second_of_day = (unsigned)(seconds % SECONDS_A_DAY);
    int year = 0;
    int month = 0;
    int day = 0;
    char *p = out;

    assert(digits <= 9);
    rfc3339_date_from_days((int64_t)(seconds / SECONDS_A_DAY), &year, &month, &day);
    p = put_field(p, (unsigned)year, 4, '-');
    p = put_field(p, (unsigned)month, 2, '-');
    p = put_field(p, (unsigned)day, 2, 'T');
    p = put_field(p, second_of_day / 3600, 2, ':');
    p = put_field(p, second_of_day / 60 % 60, 2, ':');
    p = put_digits(p, second_of_day % 60, 2);
    if (digits > 0) {
        *p++ = '.';
        for (unsigned i = digits; i < 9; i++) {
            fraction /= 10;
        }
        p = put_digits(p, fraction, digits);
    }
    *p++ = 'Z';
    return (size_t)(p - out);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_syslog_time: what is sent as RFC 3339 stays where it is; everything else is written anew.
 * Dates that do not exist are found by looking at what was written. */
#include "codec/codec_syslog_time.h"

#include "base/limits.h"
#include "codec/codec_json_time.h"
#include "codec/codec_syslog_stamp.h"

#include <assert.h>
#include <stdlib.h>

#define DATE_BYTES          10u /* 2026-11-21 */
#define COLONS_BYTES        19u /* 2026:11:21-04:11:45 */
#define TIME_OUT_BYTES      48u /* 2026-11-21T04:11:45.123456789+01:00 */
#define BSD_BYTES           15u /* Nov 21 04:11:45 */
#define FRACTION_DIGITS_MAX 9u
#define OFFSET_BYTES        6u /* +01:00 */
#define SECONDS_A_DAY       86400
#define SECONDS_A_MINUTE    60
#define YEARS_OF_LEAP_GAP   8 /* 1896 to 1904, 2096 to 2104 */
/* Months apart at which the current year is the nearest whatever the days are. */
#define MONTHS_SURELY_NEAR 4

/* Two digits as a number; -1 if they are none. */
static int two_digits(const char *p)
{
    unsigned tens = (unsigned char)p[0] - (unsigned)'0';
    unsigned ones = (unsigned char)p[1] - (unsigned)'0';

    return tens > 9 || ones > 9 ? -1 : (int)(tens * 10 + ones);
}

static int64_t now_seconds(const struct batch *b)
{
    return (int64_t)(b->received_ns / NS_PER_S);
}

/* The offset in minutes of a time of the zone's clock; offsets before 1972 may have seconds. */
static int zone_minutes(const struct zone *zone, int64_t local, const struct batch *b)
{
    return zone == NULL ? 0 : zone_offset(zone, local, now_seconds(b)) / SECONDS_A_MINUTE;
}

/* Seconds since 1970 as if the clock showed UTC. */
static int64_t local_seconds(const struct codec_syslog_stamp *t, int year)
{
    return rfc3339_days_from_date(year, t->month, t->day) * SECONDS_A_DAY + t->hour * 3600 +
           t->minute * SECONDS_A_MINUTE + t->second;
}

static int minutes_of(const struct codec_syslog_stamp *t, const struct zone *zone, int year,
                      const struct batch *b)
{
    return t->zone_known ? t->offset_minutes : zone_minutes(zone, local_seconds(t, year), b);
}

/* The year that brings the time nearest to the receive time, of those in which the day exists; 0 if
 * it exists in none. */
static int search_year(const struct codec_syslog_stamp *t, const struct zone *zone,
                       const struct batch *b, int now_year)
{
    int64_t now = now_seconds(b);
    int64_t nearest = INT64_MAX;
    int ret = 0;

    for (int year = now_year - YEARS_OF_LEAP_GAP; year <= now_year + YEARS_OF_LEAP_GAP; year++) {
        int64_t days = rfc3339_days_from_date(year, t->month, t->day);
        int real_year = 0;
        int real_month = 0;
        int real_day = 0;
        rfc3339_date_from_days(days, &real_year, &real_month, &real_day);
        int64_t offset = (int64_t)minutes_of(t, zone, year, b) * SECONDS_A_MINUTE;
        int64_t distance = llabs(local_seconds(t, year) - offset - now);
        if (real_month == t->month && distance < nearest) {
            nearest = distance;
            ret = year;
        }
    }
    return ret;
}

static int nearest_year(const struct codec_syslog_stamp *t, const struct zone *zone,
                        const struct batch *b)
{
    const char *now = b->received_chars; /* 2026-11-21T… */
    int year = two_digits(now) * 100 + two_digits(now + 2);

    bool leap_day = t->month == 2 && t->day == 29;
    if (!leap_day && abs(t->month - two_digits(now + 5)) <= MONTHS_SURELY_NEAR) {
        return year;
    }
    return search_year(t, zone, b, year);
}

static char *put_two(char *out, int value, char after)
{
    out[0] = (char)('0' + value / 10);
    out[1] = (char)('0' + value % 10);
    out[2] = after;
    return out + 3;
}

static char *put_zone(char *out, int offset_minutes)
{
    int minutes = abs(offset_minutes);

    if (minutes == 0) {
        *out = 'Z';
        return out + 1;
    }
    *out++ = offset_minutes < 0 ? '-' : '+';
    out = put_two(out, minutes / 60, ':');
    out = put_two(out, minutes % 60, '\0');
    return out - 1;
}

/* The stamp as RFC 3339, at most TIME_OUT_BYTES. */
static size_t write_stamp(const struct codec_syslog_stamp *t, int year, char *out)
{
    char *p = put_two(out, year / 100, '\0') - 1;
    size_t digits = t->fraction.len < FRACTION_DIGITS_MAX ? t->fraction.len : FRACTION_DIGITS_MAX;

    p = put_two(p, year % 100, '-');
    p = put_two(p, t->month, '-');
    p = put_two(p, t->day, 'T');
    p = put_two(p, t->hour, ':');
    p = put_two(p, t->minute, ':');
    p = put_two(p, t->second, '.');
    if (digits > 0) {
        memcpy(p, t->fraction.at, digits);
        p += digits;
    } else {
        p--;
    }
    return (size_t)(put_zone(p, t->offset_minutes) - out);
}

static void set_time(struct codec_syslog_parts *parts, struct span text, enum time_source source)
{
    parts->timestamp = text_of(text, TEXT_CLEAN);
    parts->time_source = (uint8_t)source;
}

static uint64_t word8(const char *p)
{
    uint64_t word = 0;

    memcpy(&word, p, sizeof(word));
    return word;
}

/* Whether "hh:mm:ss" stands at `p`, up to 23:59:59. All eight bytes at once: without what they must
 * have in common, each may be at most its limit, and then adding 127 less the limit does not reach
 * the top bit. */
static bool is_clock(const char *p)
{
    uint64_t bytes = word8(p) ^ word8("00:00:00");
    uint64_t over = bytes + word8("\x7d\x76\x7f\x7a\x76\x7f\x7a\x76");
    bool after_23 = p[0] == '2' && p[1] > '3';

    return ((bytes | over) & 0x8080808080808080u) == 0 && !after_23;
}

/* The offset at the date and time that are written at `p`: 2026-11-21T04:11:45. */
static int minutes_at(const char *p, const struct zone *zone, const struct batch *b)
{
    int year = two_digits(p) * 100 + two_digits(p + 2);
    int64_t days = rfc3339_days_from_date(year, two_digits(p + 5), two_digits(p + 8));
    int64_t local = days * SECONDS_A_DAY + two_digits(p + 11) * 3600 +
                    two_digits(p + 14) * SECONDS_A_MINUTE + two_digits(p + 17);

    return zone_minutes(zone, local, b);
}

/* The form that nearly all messages have, where every field has its place: "Nov 21 04:11:45 host".
 * The digits are copied. False if it is any other form, if what follows may belong to the time, or
 * if the year has to be searched for. */
bool codec_syslog_time_usual(struct codec_syslog_cursor *c, struct batch *b,
                             struct codec_syslog_parts *parts)
{
    static const char month_days[] = "\0\37\34\37\36\37\36\37\37\36\37\36\37";
    const char *p = c->at;

    if (c->end - p <= (ptrdiff_t)BSD_BYTES + 1 || p[3] != ' ' || p[6] != ' ' || p[15] != ' ' ||
        !((p[16] >= 'a' && p[16] <= 'z') || p[16] == '[') || !is_clock(p + 7)) {
        return false;
    }
    char tens = p[4] == ' ' ? '0' : p[4];
    int month = codec_syslog_stamp_month(p);
    int day = two_digits((const char[]){tens, p[5]});
    int months_away = abs(month - two_digits(b->received_chars + 5));
    if (month == 0 || day < 1 || day > month_days[month] || months_away > MONTHS_SURELY_NEAR) {
        return false;
    }
    char *out = arena_alloc(&b->arena, TIME_OUT_BYTES);
    assert(out != NULL);
    memcpy(out, b->received_chars, 5); /* 2026- */
    put_two(out + 5, month, '-');
    out[8] = tens;
    out[9] = p[5];
    out[10] = 'T';
    memcpy(out + 11, p + 7, 8);
    char *end = put_zone(out + 19, parts->zone == NULL ? 0 : minutes_at(out, parts->zone, b));
    set_time(parts, span_of(out, (size_t)(end - out)), TIME_ASSUMED_YEAR);
    c->at += BSD_BYTES;
    return true;
}

bool codec_syslog_time_bsd(struct codec_syslog_cursor *c, struct batch *b,
                           struct codec_syslog_parts *parts)
{
    struct codec_syslog_cursor p = *c;
    struct codec_syslog_stamp t;

    if (codec_syslog_time_usual(c, b, parts)) {
        return true;
    }
    if (!codec_syslog_stamp_take(&p, &t)) {
        return false;
    }
    int year = t.year != 0 ? t.year : nearest_year(&t, parts->zone, b);
    char *out = arena_alloc(&b->arena, TIME_OUT_BYTES);
    assert(out != NULL);
    t.offset_minutes = year == 0 ? 0 : minutes_of(&t, parts->zone, year, b);
    struct span text = span_of(out, write_stamp(&t, year, out));
    if (!rfc3339_valid(text)) {
        return false;
    }
    set_time(parts, text,
             t.year == 0     ? TIME_ASSUMED_YEAR
             : !t.zone_known ? TIME_ASSUMED_ZONE
                             : TIME_AS_SENT);
    *c = p;
    return true;
}

/* The time, which ends with a Z that was assumed, with the offset of the zone instead. */
static struct span with_offset(struct span time, const struct zone *zone, struct batch *b)
{
    char *out = arena_alloc(&b->arena, time.len + OFFSET_BYTES);

    assert(out != NULL);
    memcpy(out, time.at, time.len - 1);
    char *end = put_zone(out + time.len - 1, minutes_at(time.at, zone, b));
    return span_of(out, (size_t)(end - out));
}

/* Takes the first `len` bytes if they are a time. */
static bool take_loose(struct codec_syslog_cursor *c, size_t len, struct batch *b,
                       struct codec_syslog_parts *parts)
{
    struct extra value = {.kind = EXTRA_TEXT, .text = text_of(span_of(c->at, len), TEXT_PLAIN)};
    struct text time;
    enum time_source source = TIME_AS_SENT;

    if (!codec_json_time_read(&value, &b->arena, &time, &source)) {
        return false;
    }
    struct span text = text_span(time);
    if (source == TIME_ASSUMED_ZONE && parts->zone != NULL) {
        text = with_offset(text, parts->zone, b);
        if (!rfc3339_valid(text)) {
            return false; /* a leap second of UTC is none of the zone's */
        }
    }
    set_time(parts, text, source);
    c->at += len;
    return true;
}

/* The length of the first `count` words, without a colon behind the last. */
static size_t words_bytes(const struct codec_syslog_cursor *c, unsigned count)
{
    const char *p = codec_syslog_parts_space(c->at, c->end);

    while (--count > 0 && p < c->end) {
        p = codec_syslog_parts_space(p + 1, c->end);
    }
    size_t bytes = (size_t)(p - c->at);
    return bytes - (bytes > 0 && p[-1] == ':');
}

/* 2026:11:21-04:11:45 (Sophos UTM) */
static bool take_colons(struct codec_syslog_cursor *c, struct batch *b,
                        struct codec_syslog_parts *parts)
{
    char *out = arena_alloc(&b->arena, COLONS_BYTES);
    struct codec_syslog_cursor copy = {out, out + COLONS_BYTES, true};

    assert(out != NULL);
    memcpy(out, c->at, COLONS_BYTES);
    out[4] = '-';
    out[7] = '-';
    out[10] = 'T';
    if (!take_loose(&copy, COLONS_BYTES, b, parts)) {
        return false;
    }
    c->at += COLONS_BYTES;
    return true;
}

bool codec_syslog_time_iso(struct codec_syslog_cursor *c, struct batch *b,
                           struct codec_syslog_parts *parts)
{
    size_t len = words_bytes(c, 1);

    if (len == COLONS_BYTES && c->at[4] == ':' && c->at[7] == ':' && c->at[10] == '-') {
        return take_colons(c, b, parts);
    }
    if (len < DATE_BYTES || c->at[4] != '-' || c->at[7] != '-') {
        return false;
    }
    struct span word = span_of(c->at, len);
    if (rfc3339_valid(word)) {
        set_time(parts, word, TIME_AS_SENT);
        c->at += len;
        return true;
    }
    if (len > DATE_BYTES) {
        return take_loose(c, len, b, parts);
    }
    /* Date and clock with a space between; perhaps an offset behind another one. */
    return take_loose(c, words_bytes(c, 3), b, parts) || take_loose(c, words_bytes(c, 2), b, parts);
}

bool codec_syslog_time_epoch(struct codec_syslog_cursor *c, struct batch *b,
                             struct codec_syslog_parts *parts)
{
    struct span word = codec_syslog_parts_word(c);

    return codec_syslog_parts_is_digit(codec_syslog_parts_peek(c)) &&
           span_find(word, '.') < word.len && take_loose(c, word.len, b, parts);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_syslog_stamp: fields are taken in the order in which they can stand, on a copy of the
 * cursor that is only kept if all of it was a time. */
#include "codec/codec_syslog_stamp.h"

#define ABBREVIATION_BYTES_MAX 4u /* of a zone: CEST */

static bool ends_time(const struct codec_syslog_cursor *c)
{
    return c->at >= c->end || codec_syslog_parts_is_blank(*c->at) || *c->at == ':';
}

/* A number of `min` to `max` digits; -1, and nothing taken, if there is none. */
static int take_number(struct codec_syslog_cursor *c, size_t min, size_t max)
{
    const char *p = c->at;
    int number = 0;

    while (p < c->end && p < c->at + max && codec_syslog_parts_is_digit(*p)) {
        number = number * 10 + (*p - '0');
        p++;
    }
    if (p < c->at + min) {
        return -1;
    }
    c->at = p;
    return number;
}

static bool take_spaces(struct codec_syslog_cursor *c)
{
    const char *before = c->at;

    codec_syslog_parts_spaces(c);
    return c->at > before;
}

/* Three letters of any case as a number to compare; reads slack at the end. */
#define LETTERS(a, b, c) ((unsigned)(a) << 16 | (unsigned)(b) << 8 | (unsigned)(c))

static unsigned letters_at(const char *p)
{
    return LETTERS((unsigned char)p[0], (unsigned char)p[1], (unsigned char)p[2]) | 0x202020u;
}

int codec_syslog_stamp_month(const char *p)
{
    switch (letters_at(p)) {
    case LETTERS('j', 'a', 'n'):
        return 1;
    case LETTERS('f', 'e', 'b'):
        return 2;
    case LETTERS('m', 'a', 'r'):
        return 3;
    case LETTERS('a', 'p', 'r'):
        return 4;
    case LETTERS('m', 'a', 'y'):
        return 5;
    case LETTERS('j', 'u', 'n'):
        return 6;
    case LETTERS('j', 'u', 'l'):
        return 7;
    case LETTERS('a', 'u', 'g'):
        return 8;
    case LETTERS('s', 'e', 'p'):
        return 9;
    case LETTERS('o', 'c', 't'):
        return 10;
    case LETTERS('n', 'o', 'v'):
        return 11;
    case LETTERS('d', 'e', 'c'):
        return 12;
    default:
        return 0;
    }
}

/* "Sat " or "Sat, " before a month. */
static void skip_weekday(struct codec_syslog_cursor *c)
{
    static const char days[] = "sunmontuewedthufrisat";

    for (const char *day = days; *day != '\0'; day += 3) {
        if (letters_at(c->at) == letters_at(day)) {
            c->at += c->at[3] == ',' ? 4 : 3;
            codec_syslog_parts_spaces(c);
            return;
        }
    }
}

/* A year that is a word of its own, before, inside or behind the time; no IPv6 address. */
static void take_year(struct codec_syslog_cursor *c, struct codec_syslog_stamp *t)
{
    struct codec_syslog_cursor p = *c;
    int year = take_number(&p, 4, 4);
    bool ends =
        p.at >= p.end || *p.at == ' ' || (*p.at == ':' && (p.at + 1 >= p.end || p.at[1] == ' '));

    if (t->year == 0 && year >= 1970 && year <= 2261 && ends) {
        t->year = year;
        *c = p;
    }
}

/* [year] month day [year], in this order, with the spaces behind. */
static bool take_date(struct codec_syslog_cursor *c, struct codec_syslog_stamp *t)
{
    if (codec_syslog_parts_is_digit(codec_syslog_parts_peek(c))) {
        take_year(c, t);
        if (t->year == 0 || !take_spaces(c)) {
            return false;
        }
    }
    t->month = codec_syslog_stamp_month(c->at);
    if (t->month == 0) {
        skip_weekday(c);
        t->month = codec_syslog_stamp_month(c->at);
    }
    c->at += 3;
    if (t->month == 0 || c->at >= c->end || !take_spaces(c)) {
        return false;
    }
    t->day = take_number(c, 1, 2);
    if (t->day < 1 || !take_spaces(c)) {
        return false;
    }
    take_year(c, t);
    codec_syslog_parts_spaces(c);
    return true;
}

/* A fraction behind a point or comma; behind a colon only milliseconds (Comware). */
static void take_fraction(struct codec_syslog_cursor *c, struct codec_syslog_stamp *t)
{
    const char *p = c->at + 1;

    while (p < c->end && codec_syslog_parts_is_digit(*p)) {
        p++;
    }
    struct span digits = span_of(c->at + 1, (size_t)(p - c->at - 1));
    bool millis = digits.len == 3 && p < c->end && *p == ' ';
    if (digits.len > 0 && (*c->at == '.' || *c->at == ',' || (*c->at == ':' && millis))) {
        t->fraction = digits;
        c->at = p;
    }
}

/* hh:mm:ss and a fraction. */
static bool take_clock(struct codec_syslog_cursor *c, struct codec_syslog_stamp *t)
{
    t->hour = take_number(c, 1, 2);
    if (t->hour < 0 || !codec_syslog_parts_take(c, ':')) {
        return false;
    }
    t->minute = take_number(c, 2, 2);
    if (t->minute < 0 || !codec_syslog_parts_take(c, ':')) {
        return false;
    }
    t->second = take_number(c, 2, 2);
    if (t->second < 0) {
        return false;
    }
    if (c->at + 1 < c->end) {
        take_fraction(c, t);
    }
    return true;
}

/* +01:00, +0100. */
static bool take_offset(struct codec_syslog_cursor *c, struct codec_syslog_stamp *t)
{
    struct codec_syslog_cursor p = *c;
    int sign = codec_syslog_parts_peek(&p) == '-' ? -1 : 1;

    if (!codec_syslog_parts_take(&p, '+') && !codec_syslog_parts_take(&p, '-')) {
        return false;
    }
    int hours = take_number(&p, 2, 2);
    codec_syslog_parts_take(&p, ':');
    int minutes = take_number(&p, 2, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || !ends_time(&p)) {
        return false;
    }
    t->offset_minutes = sign * (hours * 60 + minutes);
    t->zone_known = true;
    *c = p;
    return true;
}

/* The offset of a zone's name. Source for the names of North America: RFC 5322 section 4.3; the
 * others are those of the tz database that mean one offset only. */
static bool find_zone(struct span name, int *ret_minutes)
{
    static const struct {
        char name[ABBREVIATION_BYTES_MAX];
        int16_t minutes;
    } zones[] = {
        {"Z", 0},       {"UTC", 0},    {"GMT", 0},    {"EST", -300}, {"EDT", -240}, {"CST", -360},
        {"CDT", -300},  {"MST", -420}, {"MDT", -360}, {"PST", -480}, {"PDT", -420}, {"WET", 0},
        {"WEST", 60},   {"CET", 60},   {"CEST", 120}, {"EET", 120},  {"EEST", 180}, {"MSK", 180},
        {"JST", 540},   {"KST", 540},  {"HKT", 480},  {"AEST", 600}, {"AEDT", 660}, {"ACST", 570},
        {"ACDT", 630},  {"AWST", 480}, {"NZST", 720}, {"NZDT", 780}, {"SAST", 120}, {"AKST", -540},
        {"AKDT", -480}, {"HST", -600},
    };
    char padded[ABBREVIATION_BYTES_MAX] = {0};

    if (name.len == 0 || name.len > sizeof(padded)) {
        return false;
    }
    memcpy(padded, name.at, name.len);
    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
        if (memcmp(padded, zones[i].name, sizeof(padded)) == 0) {
            *ret_minutes = zones[i].minutes;
            return true;
        }
    }
    return false;
}

/* A zone's name in capitals. Before a host only names that no host has are taken; before a colon or
 * a year those that are known, too; before a Cisco message any: "AST: %SYS-5-CONFIG_I: …". */
static void take_zone_name(struct codec_syslog_cursor *c, struct codec_syslog_stamp *t)
{
    const char *p = c->at;

    while (p < c->end && *p >= 'A' && *p <= 'Z') {
        p++;
    }
    struct span name = span_of(c->at, (size_t)(p - c->at));
    struct span behind = span_of(p, (size_t)(c->end - p));
    bool universal = span_equal(name, SPAN_LIT("UTC")) || span_equal(name, SPAN_LIT("GMT")) ||
                     span_equal(name, SPAN_LIT("Z"));
    bool before_colon = span_starts_with(behind, SPAN_LIT(":"));
    bool before_cisco = span_starts_with(behind, SPAN_LIT(": %"));
    bool before_year =
        behind.len > 4 && behind.at[0] == ' ' && codec_syslog_parts_is_digit(behind.at[1]) &&
        codec_syslog_parts_is_digit(behind.at[2]) && codec_syslog_parts_is_digit(behind.at[3]) &&
        codec_syslog_parts_is_digit(behind.at[4]);
    int minutes = 0;
    bool known = find_zone(name, &minutes);
    if (universal || (known && (before_colon || before_year)) || (name.len > 0 && before_cisco)) {
        t->offset_minutes = minutes;
        t->zone_known = known;
        c->at = p;
    }
}

/* What may stand behind the clock, attached or as words: a zone, a year, in either order. */
static void take_zone_and_year(struct codec_syslog_cursor *c, struct codec_syslog_stamp *t)
{
    for (int i = 0; i < 2; i++) {
        struct codec_syslog_cursor p = *c;
        bool attached = !codec_syslog_parts_take(&p, ' ');
        const char *before = p.at;
        char next = codec_syslog_parts_peek(&p);
        if (codec_syslog_parts_is_digit(next) && !attached) {
            take_year(&p, t);
        } else if (!t->zone_known && !take_offset(&p, t)) {
            take_zone_name(&p, t);
        }
        if (p.at == before || !ends_time(&p)) {
            return;
        }
        *c = p;
    }
}

bool codec_syslog_stamp_take(struct codec_syslog_cursor *c, struct codec_syslog_stamp *ret)
{
    struct codec_syslog_cursor p = *c;
    struct codec_syslog_stamp t = {0};

    if (!take_date(&p, &t) || !take_clock(&p, &t)) {
        return false;
    }
    take_zone_and_year(&p, &t);
    if (!ends_time(&p)) {
        return false;
    }
    *ret = t;
    *c = p;
    return true;
}

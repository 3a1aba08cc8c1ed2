/* SPDX-License-Identifier: Apache-2.0
 *
 * tzif: the 64-bit block of a file of version 2 or later, the 32-bit block of one of version 1. The
 * footer's rule is written out year by year, so that a look-up knows one table only. */
#include "base/tzif.h"

#include "base/rfc3339.h"

#define HEADER_BYTES  44u
#define TYPE_BYTES    6u
#define TYPES_MAX     256u
#define HOUR          3600
#define DAY           86400
#define RULE_HOURS    167 /* RFC 8536 section 3.3.1: a rule's time is -167 to 167 hours */
#define FIRST_YEAR    1970
#define CHANGES_LIMIT 65536u /* more transitions than that are no zone */

struct header {
    char version;
    uint32_t isut_count, isstd_count, leap_count, time_count, type_count, char_count;
};

static uint32_t read_be32(const char *p)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < 4; i++) {
        value = value << 8 | (unsigned char)p[i];
    }
    return value;
}

static int64_t read_time(const char *p, size_t bytes)
{
    uint64_t high = bytes == 8 ? read_be32(p) : 0;
    uint32_t low = read_be32(p + bytes - 4);

    return bytes == 8 ? (int64_t)(high << 32 | low) : (int64_t)(int32_t)low;
}

/* RFC 8536 section 3.1. Takes it off the front of `left`. */
static err_t take_header(struct span *left, struct header *ret)
{
    const char *p = left->at;

    ENSURE(left->len >= HEADER_BYTES && memcmp(p, "TZif", 4) == 0, ERR_SYNTAX);
    *ret = (struct header){.version = p[4],
                           .isut_count = read_be32(p + 20),
                           .isstd_count = read_be32(p + 24),
                           .leap_count = read_be32(p + 28),
                           .time_count = read_be32(p + 32),
                           .type_count = read_be32(p + 36),
                           .char_count = read_be32(p + 40)};
    ENSURE(ret->time_count <= CHANGES_LIMIT && ret->type_count >= 1 &&
               ret->type_count <= TYPES_MAX && ret->char_count <= CHANGES_LIMIT &&
               ret->leap_count <= CHANGES_LIMIT && ret->isut_count <= TYPES_MAX &&
               ret->isstd_count <= TYPES_MAX,
           ERR_SYNTAX);
    *left = span_skip(*left, HEADER_BYTES);
    return ERR_OK;
}

/* Bytes of the block behind the header. RFC 8536 section 3.2. */
static size_t block_bytes(const struct header *h, size_t time_bytes)
{
    return h->time_count * (time_bytes + 1) + h->type_count * TYPE_BYTES + h->char_count +
           h->leap_count * (time_bytes + 4) + h->isstd_count + h->isut_count;
}

static err_t add_change(struct tzif *zone, int64_t at, int64_t offset)
{
    struct tzif_change *last = &zone->changes[zone->count - 1];

    ENSURE(offset > -TZIF_OFFSET_MAX && offset < TZIF_OFFSET_MAX, ERR_SYNTAX);
    if (offset == last->offset) {
        return ERR_OK;
    }
    ENSURE(at > last->at, ERR_SYNTAX);
    ENSURE(zone->count < TZIF_CHANGES_MAX, ERR_LIMIT);
    zone->changes[zone->count++] = (struct tzif_change){at, (int32_t)offset};
    return ERR_OK;
}

/* The block, which is all there. */
static err_t read_block(const struct header *h, size_t time_bytes, const char *times,
                        struct tzif *ret)
{
    const char *indexes = times + h->time_count * time_bytes;
    const char *types = indexes + h->time_count;

    ret->count = 1;
    ret->changes[0] = (struct tzif_change){INT64_MIN, (int32_t)read_be32(types)};
    ENSURE(ret->changes[0].offset > -TZIF_OFFSET_MAX && ret->changes[0].offset < TZIF_OFFSET_MAX,
           ERR_SYNTAX);
    for (uint32_t i = 0; i < h->time_count; i++) {
        unsigned type = (unsigned char)indexes[i];
        ENSURE(type < h->type_count, ERR_SYNTAX);
        int32_t offset = (int32_t)read_be32(types + type * TYPE_BYTES);
        TRY(add_change(ret, read_time(times + i * time_bytes, time_bytes), offset));
    }
    return ERR_OK;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char peek(struct span left)
{
    return left.len > 0 ? left.at[0] : '\0';
}

static bool take_char(struct span *left, char c)
{
    if (peek(*left) != c) {
        return false;
    }
    *left = span_skip(*left, 1);
    return true;
}

static err_t take_number(struct span *left, int max, int *ret)
{
    int number = 0;

    ENSURE(is_digit(peek(*left)), ERR_SYNTAX);
    while (is_digit(peek(*left))) {
        number = number * 10 + (left->at[0] - '0');
        ENSURE(number <= max, ERR_SYNTAX);
        *left = span_skip(*left, 1);
    }
    *ret = number;
    return ERR_OK;
}

/* A zone's abbreviation: letters, or anything in angle brackets. */
static err_t take_name(struct span *left)
{
    size_t len = 0;

    if (peek(*left) == '<') {
        len = span_find(*left, '>');
        ENSURE(len < left->len, ERR_SYNTAX);
        *left = span_skip(*left, len + 1);
        return ERR_OK;
    }
    while (len < left->len && ((left->at[len] | 0x20) >= 'a' && (left->at[len] | 0x20) <= 'z')) {
        len++;
    }
    ENSURE(len >= 3, ERR_SYNTAX);
    *left = span_skip(*left, len);
    return ERR_OK;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static err_t take_seconds(struct span *left, int hours_max, int *ret)
{
    int hours = 0;
    int minutes = 0;
    int seconds = 0;
    int sign = take_char(left, '-') ? -1 : 1;

    if (sign == 1) {
        IGNORE(take_char(left, '+'), "a plus may be left out");
    }
    TRY(take_number(left, hours_max, &hours));
    if (take_char(left, ':')) {
        TRY(take_number(left, 59, &minutes));
        if (take_char(left, ':')) {
            TRY(take_number(left, 59, &seconds));
        }
    }
    *ret = sign * (hours * HOUR + minutes * 60 + seconds);
    return ERR_OK;
}

enum date_kind { DATE_MONTH_WEEK, DATE_JULIAN, DATE_ZERO_BASED };

/* When a rule changes the offset, in each year. */
struct rule_date {
    enum date_kind kind;
    int month, week, day; /* Mm.w.d; or only `day` */
    int seconds;          /* after midnight, by the clock before the change */
};

struct rule {
    int standard; /* seconds east of UTC */
    int summer;
    bool has_summer;
    struct rule_date starts; /* of summer time */
    struct rule_date ends;
};

static err_t take_date(struct span *left, struct rule_date *ret)
{
    ENSURE(take_char(left, ','), ERR_SYNTAX);
    *ret = (struct rule_date){.kind = DATE_ZERO_BASED, .seconds = 2 * HOUR};
    if (take_char(left, 'M')) {
        ret->kind = DATE_MONTH_WEEK;
        TRY(take_number(left, 12, &ret->month));
        ENSURE(ret->month >= 1 && take_char(left, '.'), ERR_SYNTAX);
        TRY(take_number(left, 5, &ret->week));
        ENSURE(ret->week >= 1 && take_char(left, '.'), ERR_SYNTAX);
        TRY(take_number(left, 6, &ret->day));
    } else if (take_char(left, 'J')) {
        ret->kind = DATE_JULIAN;
        TRY(take_number(left, 365, &ret->day));
        ENSURE(ret->day >= 1, ERR_SYNTAX);
    } else {
        TRY(take_number(left, 365, &ret->day));
    }
    return take_char(left, '/') ? take_seconds(left, RULE_HOURS, &ret->seconds) : ERR_OK;
}

/* std offset [dst [offset] ,start[/time],end[/time]] */
static err_t parse_rule(struct span left, struct rule *ret)
{
    *ret = (struct rule){0};
    TRY(take_name(&left));
    TRY(take_seconds(&left, 24, &ret->standard));
    ret->standard = -ret->standard; /* POSIX counts west of UTC */
    if (left.len == 0) {
        return ERR_OK;
    }
    ret->has_summer = true;
    TRY(take_name(&left));
    ret->summer = ret->standard + HOUR;
    if (peek(left) != ',') {
        TRY(take_seconds(&left, 24, &ret->summer));
        ret->summer = -ret->summer;
    }
    TRY(take_date(&left, &ret->starts));
    TRY(take_date(&left, &ret->ends));
    ENSURE(left.len == 0, ERR_SYNTAX);
    return ERR_OK;
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days since 1970 of the date in this year. */
static int64_t days_of(const struct rule_date *d, int year)
{
    int64_t new_year = rfc3339_days_from_date(year, 1, 1);

    if (d->kind == DATE_ZERO_BASED) {
        return new_year + d->day;
    }
    if (d->kind == DATE_JULIAN) { /* 29 February is never counted */
        return new_year + d->day - 1 + (is_leap(year) && d->day >= 60);
    }
    int64_t first = rfc3339_days_from_date(year, d->month, 1);
    int64_t next = d->month == 12 ? rfc3339_days_from_date(year + 1, 1, 1)
                                  : rfc3339_days_from_date(year, d->month + 1, 1);
    int weekday = (int)(((first + 4) % 7 + 7) % 7); /* 1 January 1970 was a Thursday */
    int64_t day = first + (d->day - weekday + 7) % 7 + 7 * (d->week - 1);
    return day >= next ? day - 7 : day; /* week 5 is the last one */
}

/* The two changes of one year that come after the last one of the zone. */
static err_t add_year(struct tzif *zone, const struct rule *r, int year)
{
    int64_t start = days_of(&r->starts, year) * DAY + r->starts.seconds - r->standard;
    int64_t end = days_of(&r->ends, year) * DAY + r->ends.seconds - r->summer;
    const struct tzif_change both[2][2] = {
        {{start, r->summer}, {end, r->standard}},
        {{end, r->standard}, {start, r->summer}},
    };
    const struct tzif_change *in_order = both[start < end ? 0 : 1];

    for (unsigned i = 0; i < 2; i++) {
        if (in_order[i].at > zone->changes[zone->count - 1].at) {
            TRY(add_change(zone, in_order[i].at, in_order[i].offset));
        }
    }
    return ERR_OK;
}

/* The year of the last change, from which on the rule speaks. */
static int last_year(const struct tzif *zone)
{
    int year = FIRST_YEAR;
    int month = 0;
    int day = 0;
    int64_t last = zone->changes[zone->count - 1].at;

    if (last > 0 && last / DAY < rfc3339_days_from_date(TZIF_YEAR_MAX, 1, 1)) {
        rfc3339_date_from_days(last / DAY, &year, &month, &day);
    }
    return year;
}

err_t tzif_apply_rule(struct span text, struct tzif *zone)
{
    struct rule rule;

    TRY(parse_rule(text, &rule));
    if (!rule.has_summer) {
        return ERR_OK; /* the last change has led there */
    }
    for (int year = last_year(zone); year <= TZIF_YEAR_MAX; year++) {
        TRY(add_year(zone, &rule, year));
    }
    return ERR_OK;
}

/* LF, a rule or nothing, LF. RFC 8536 section 3.3. */
static err_t read_footer(struct span left, struct tzif *zone)
{
    ENSURE(take_char(&left, '\n'), ERR_SYNTAX);
    size_t len = span_find(left, '\n');
    ENSURE(len < left.len, ERR_SYNTAX);
    return len == 0 ? ERR_OK : tzif_apply_rule(span_head(left, len), zone);
}

err_t tzif_read(struct span bytes, struct tzif *ret)
{
    struct header h;

    TRY(take_header(&bytes, &h));
    size_t block = block_bytes(&h, 4);
    ENSURE(block <= bytes.len, ERR_SYNTAX);
    if (h.version == '\0') {
        return read_block(&h, 4, bytes.at, ret);
    }
    bytes = span_skip(bytes, block);
    TRY(take_header(&bytes, &h));
    block = block_bytes(&h, 8);
    ENSURE(block <= bytes.len, ERR_SYNTAX);
    TRY(read_block(&h, 8, bytes.at, ret));
    return read_footer(span_skip(bytes, block), ret);
}

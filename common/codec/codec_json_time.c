/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_json_time: epoch numbers are read as decimal digits, not as floating point, so that every
 * digit that was sent is kept. */
#include "codec/codec_json_time.h"

#include "wire/json_text.h"

#include <assert.h>

#define DATE_TIME_BYTES 19u /* 2026-11-21T04:11:45 */
#define TIME_BYTES_MAX  64u /* longer texts are no times */
#define ZONE_BYTES_MAX  6u  /* +01:00 */

/* Epoch numbers: digits before the point, and what the number of them says. */
#define EPOCH_DIGITS_MIN    9
#define SECONDS_DIGITS_MAX  11
#define MILLIS_DIGITS_MAX   14
#define MICROS_DIGITS_MAX   17
#define EPOCH_DIGITS_MAX    19
#define NS_DIGITS           9
#define EXPONENT_DIGITS_MAX 3u
#define DECIMAL_DIGITS_MAX  40u

/* 0.d1d2d3… times ten to the `point`; no zeros at either end of the digits. */
struct decimal {
    char digits[DECIMAL_DIGITS_MAX];
    int count;
    int point;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes digits off the front of `*left` into `d`; those that do not fit are too small to matter. */
static void take_digits(struct span *left, struct decimal *d, int point_step)
{
    for (; left->len > 0 && is_digit(left->at[0]); *left = span_skip(*left, 1)) {
        if (d->count == 0 && left->at[0] == '0') {
            d->point += point_step - 1; /* a leading zero moves the point, if behind it */
            continue;
        }
        if (d->count < (int)DECIMAL_DIGITS_MAX) {
            d->digits[d->count++] = left->at[0];
        }
        d->point += point_step;
    }
}

/* Takes an exponent; false if it is none or out of all proportion. */
static bool take_exponent(struct span left, struct decimal *d)
{
    bool negative = left.len > 0 && left.at[0] == '-';
    int exponent = 0;

    if (left.len > 0 && (left.at[0] == '-' || left.at[0] == '+')) {
        left = span_skip(left, 1);
    }
    if (left.len == 0 || left.len > EXPONENT_DIGITS_MAX) {
        return false;
    }
    for (; left.len > 0; left = span_skip(left, 1)) {
        if (!is_digit(left.at[0])) {
            return false;
        }
        exponent = exponent * 10 + (left.at[0] - '0');
    }
    d->point += negative ? -exponent : exponent;
    return true;
}

/* A number without sign: digits, perhaps a fraction, perhaps an exponent. */
static bool read_decimal(struct span s, struct decimal *ret)
{
    struct decimal d = {.count = 0};

    if (s.len == 0 || !is_digit(s.at[0])) {
        return false;
    }
    take_digits(&s, &d, 1);
    if (s.len > 0 && s.at[0] == '.') {
        s = span_skip(s, 1);
        if (s.len == 0 || !is_digit(s.at[0])) {
            return false;
        }
        take_digits(&s, &d, 0);
    }
    if (s.len > 0 && ((s.at[0] | 0x20) != 'e' || !take_exponent(span_skip(s, 1), &d))) {
        return false;
    }
    while (d.count > 0 && d.digits[d.count - 1] == '0') {
        d.count--;
    }
    *ret = d;
    return true;
}

/* Decimal places of a second that one unit of the number is worth. */
static int unit_places(int point)
{
    return point <= SECONDS_DIGITS_MAX  ? 0
           : point <= MILLIS_DIGITS_MAX ? 3
           : point <= MICROS_DIGITS_MAX ? 6
                                        : 9;
}

/* Digits alone, as most epoch numbers are; false if there is anything else. */
static bool read_integer(struct span s, uint64_t *ret)
{
    uint64_t number = 0;

    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned char)s.at[i] - (unsigned)'0';
        if (digit > 9) {
            return false;
        }
        number = number * 10 + digit;
    }
    *ret = number;
    return true;
}

/* The same as read_epoch() for digits that begin with no zero. */
static bool read_whole_epoch(struct span s, struct arena *a, struct text *ret_time)
{
    static const uint64_t unit_ns[] = {[0] = NS_PER_S, [3] = NS_PER_S / 1000, [6] = 1000, [9] = 1};
    uint64_t number = 0;

    if (s.len < EPOCH_DIGITS_MIN || s.len >= EPOCH_DIGITS_MAX || s.at[0] == '0' ||
        !read_integer(s, &number)) {
        return false;
    }
    int unit = unit_places((int)s.len);
    if (number > INT64_MAX / unit_ns[unit]) {
        return false;
    }
    char *out = arena_alloc(a, RFC3339_BYTES_MAX);
    assert(out != NULL);
    size_t len = rfc3339_format(number * unit_ns[unit], (unsigned)unit, out);
    *ret_time = text_of(span_of(out, len), TEXT_CLEAN);
    return true;
}

static bool read_epoch(struct span s, struct arena *a, struct text *ret_time)
{
    struct decimal d;
    uint64_t ns = 0;

    if (read_whole_epoch(s, a, ret_time)) {
        return true;
    }
    if (!read_decimal(s, &d) || d.count == 0 || d.point < EPOCH_DIGITS_MIN ||
        d.point > EPOCH_DIGITS_MAX) {
        return false;
    }
    int unit = unit_places(d.point);
    int ns_digits = d.point - unit + NS_DIGITS;
    if (ns_digits > EPOCH_DIGITS_MAX) {
        return false; /* seconds in the far future */
    }
    for (int i = 0; i < ns_digits; i++) {
        ns = ns * 10 + (i < d.count ? (uint64_t)(d.digits[i] - '0') : 0);
    }
    if (ns > INT64_MAX) {
        return false;
    }
    int places = d.count - d.point + unit;
    places = places < unit ? unit : places > NS_DIGITS ? NS_DIGITS : places;
    char *out = arena_alloc(a, RFC3339_BYTES_MAX);
    assert(out != NULL);
    size_t len = rfc3339_format(ns, (unsigned)(places + 2) / 3 * 3, out);
    *ret_time = text_of(span_of(out, len), TEXT_CLEAN);
    return true;
}

/* Copies an offset in the form that RFC 3339 wants; returns its length, 0 if it is none. */
static size_t copy_offset(struct span s, char *out)
{
    if (s.len == 1) {
        out[0] = s.at[0];
        return 1;
    }
    if (span_equal(s, SPAN_LIT("UTC"))) {
        out[0] = 'Z';
        return 1;
    }
    if (s.len != 3 && s.len != 5 && s.len != 6) {
        return 0;
    }
    memcpy(out, "+00:00", ZONE_BYTES_MAX);
    memcpy(out, s.at, 3);
    if (s.len > 3) {
        memcpy(out + 4, s.at + s.len - 2, 2);
    }
    return s.len == 6 && s.at[3] != ':' ? 0 : ZONE_BYTES_MAX;
}

/* What is nearly RFC 3339, put right and then judged. */
static bool read_loose(struct span s, struct arena *a, struct text *ret_time,
                       enum time_source *ret_source)
{
    size_t i = DATE_TIME_BYTES;

    if (s.len < DATE_TIME_BYTES || s.len > TIME_BYTES_MAX) {
        return false;
    }
    char *out = arena_alloc(a, s.len + ZONE_BYTES_MAX);
    assert(out != NULL);
    memcpy(out, s.at, s.len);
    out[10] = s.at[10] == ' ' ? 'T' : s.at[10];
    if (i < s.len && (s.at[i] == '.' || s.at[i] == ',')) {
        out[i++] = '.';
        while (i < s.len && is_digit(s.at[i])) {
            i++;
        }
    }
    size_t len = i;
    struct span offset = span_skip(s, i);
    bool assumed = offset.len == 0;
    if (assumed) {
        out[len++] = 'Z';
    } else {
        offset = span_skip(offset, offset.at[0] == ' ' ? 1 : 0);
        size_t offset_len = copy_offset(offset, out + len);
        if (offset_len == 0) {
            return false;
        }
        len += offset_len;
    }
    if (!rfc3339_valid(span_of(out, len))) {
        return false;
    }
    *ret_time = text_of(span_of(out, len), TEXT_CLEAN);
    *ret_source = assumed ? TIME_ASSUMED_ZONE : TIME_AS_SENT;
    return true;
}

bool codec_json_time_read(const struct extra *value, struct arena *a, struct text *ret_time,
                          enum time_source *ret_source)
{
    size_t arena_used = a->used;

    if (value->kind == EXTRA_JSON) {
        if (!read_epoch(value->json, a, ret_time)) {
            return false;
        }
        *ret_source = TIME_AS_SENT;
        return true;
    }
    if (value->kind != EXTRA_TEXT) {
        return false;
    }
    struct text text = json_text_plain(value->text, a);
    if (rfc3339_valid(text_span(text))) {
        *ret_time = text;
        *ret_source = TIME_AS_SENT;
        return true;
    }
    if (read_epoch(text_span(text), a, ret_time)) {
        *ret_source = TIME_AS_SENT;
        return true;
    }
    if (read_loose(text_span(text), a, ret_time, ret_source)) {
        return true;
    }
    arena_rewind(a, arena_used);
    return false;
}

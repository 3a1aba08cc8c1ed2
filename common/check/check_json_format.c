/* SPDX-License-Identifier: Apache-2.0
 *
 * check_json_format: dates and times are judged as parts of a date-time. */
#include "check/check_json_format.h"

#include "base/rfc3339.h"

#define LABEL_BYTES_MAX  63u
#define DOMAIN_BYTES_MAX 253u
#define LOCAL_BYTES_MAX  64u
#define TIME_BYTES_MAX   100u

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    char lower = (char)(c | 0x20);

    return is_digit(c) || (lower >= 'a' && lower <= 'f');
}

static bool is_alnum(char c)
{
    char lower = (char)(c | 0x20);

    return is_digit(c) || (lower >= 'a' && lower <= 'z');
}

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static bool is_date(struct span s)
{
    char whole[20];

    if (s.len != 10) {
        return false;
    }
    memcpy(whole, s.at, 10);
    memcpy(whole + 10, "T00:00:00Z", 10);
    return rfc3339_valid(span_of(whole, sizeof(whole)));
}

/* On a day that may end with a leap second. */
static bool is_time(struct span s)
{
    char whole[11 + TIME_BYTES_MAX];

    if (s.len == 0 || s.len > TIME_BYTES_MAX) {
        return false;
    }
    memcpy(whole, "2016-12-31T", 11);
    memcpy(whole + 11, s.at, s.len);
    return rfc3339_valid(span_of(whole, 11 + s.len));
}

/* Up to three digits without leading zero, at most 255. Takes them off `*s`. */
static bool take_octet(struct span *s)
{
    unsigned value = 0;
    size_t digits = 0;

    while (digits < s->len && digits < 4 && is_digit(s->at[digits])) {
        value = value * 10 + (unsigned)(s->at[digits] - '0');
        digits++;
    }
    if (digits == 0 || value > 255 || (digits > 1 && s->at[0] == '0') || digits > 3) {
        return false;
    }
    *s = span_skip(*s, digits);
    return true;
}

static bool is_ipv4(struct span s)
{
    for (unsigned i = 0; i < 4; i++) {
        if (i > 0) {
            if (s.len == 0 || s.at[0] != '.') {
                return false;
            }
            s = span_skip(s, 1);
        }
        if (!take_octet(&s)) {
            return false;
        }
    }
    return s.len == 0;
}

static size_t hex_run(struct span s)
{
    size_t n = 0;

    while (n < s.len && is_hex(s.at[n])) {
        n++;
    }
    return n;
}

/* Groups of 16 bits, an IPv4 address at the end counting as two; "::" once stands for at least one
 * group. */
static bool is_ipv6(struct span s)
{
    unsigned groups = 0;
    bool gap = span_starts_with(s, SPAN_LIT("::"));

    if (gap) {
        s = span_skip(s, 2);
    }
    while (s.len > 0) {
        size_t run = hex_run(s);
        if (run < s.len && s.at[run] == '.') {
            groups += 2;
            return is_ipv4(s) && (gap ? groups < 8 : groups == 8);
        }
        if (run == 0 || run > 4 || ++groups > 8) {
            return false;
        }
        s = span_skip(s, run);
        if (s.len == 0) {
            break;
        }
        if (span_starts_with(s, SPAN_LIT("::")) && !gap) {
            gap = true;
            s = span_skip(s, 2);
        } else if (s.at[0] == ':' && s.len > 1) {
            s = span_skip(s, 1);
        } else {
            return false;
        }
    }
    return gap ? groups < 8 : groups == 8;
}

static bool is_uuid(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? s.at[i] != '-' : !is_hex(s.at[i])) {
            return false;
        }
    }
    return s.len == 36;
}

/* Labels of letters, digits and hyphens, with dots between. */
static bool is_domain(struct span s)
{
    if (s.len == 0 || s.len > DOMAIN_BYTES_MAX) {
        return false;
    }
    for (;;) {
        size_t n = span_find(s, '.');
        if (n == 0 || n > LABEL_BYTES_MAX || s.at[0] == '-' || s.at[n - 1] == '-') {
            return false;
        }
        for (size_t i = 0; i < n; i++) {
            if (!is_alnum(s.at[i]) && s.at[i] != '-') {
                return false;
            }
        }
        if (n == s.len) {
            return true;
        }
        s = span_skip(s, n + 1);
        if (s.len == 0) {
            return false;
        }
    }
}

static bool is_address_literal(struct span s)
{
    if (s.len < 2 || s.at[0] != '[' || s.at[s.len - 1] != ']') {
        return false;
    }
    s = span_of(s.at + 1, s.len - 2);
    return span_starts_with(s, SPAN_LIT("IPv6:")) ? is_ipv6(span_skip(s, 5)) : is_ipv4(s);
}

static bool is_quoted_local(struct span s)
{
    if (s.len < 3 || s.at[0] != '"' || s.at[s.len - 1] != '"') {
        return false;
    }
    for (size_t i = 1; i < s.len - 1; i++) {
        bool escaped = s.at[i] == '\\';
        i += escaped;
        if (i == s.len - 1 || s.at[i] < ' ' || s.at[i] > '~' || (s.at[i] == '"' && !escaped)) {
            return false;
        }
    }
    return true;
}

static bool is_dotted_local(struct span s)
{
    char before = '.';

    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        if (c == '.' ? before == '.' : !is_alnum(c) && !is_one_of(c, "!#$%&'*+-/=?^_`{|}~")) {
            return false;
        }
        before = c;
    }
    return before != '.';
}

static bool is_email(struct span s)
{
    size_t at = s.len;

    while (at > 0 && s.at[at - 1] != '@') {
        at--;
    }
    if (at < 2 || at - 1 > LOCAL_BYTES_MAX) {
        return false;
    }
    struct span local = span_head(s, at - 1);
    struct span domain = span_skip(s, at);
    return (is_dotted_local(local) || is_quoted_local(local)) &&
           (is_domain(domain) || is_address_literal(domain));
}

/* The bytes that a part of a URI may hold: unreserved, sub-delims, percent-encoded, and `more`. */
static bool all_uri_bytes(struct span s, const char *more)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        if (c == '%') {
            if (i + 2 >= s.len || !is_hex(s.at[i + 1]) || !is_hex(s.at[i + 2])) {
                return false;
            }
            i += 2;
        } else if (!is_alnum(c) && !is_one_of(c, "-._~!$&'()*+,;=") && !is_one_of(c, more)) {
            return false;
        }
    }
    return true;
}

static bool all_digits(struct span s)
{
    size_t n = 0;

    while (n < s.len && is_digit(s.at[n])) {
        n++;
    }
    return n == s.len;
}

/* [userinfo@]host[:port] */
static bool is_authority(struct span s)
{
    size_t user = span_find(s, '@');

    if (user < s.len) {
        if (!all_uri_bytes(span_head(s, user), ":")) {
            return false;
        }
        s = span_skip(s, user + 1);
    }
    if (s.len > 0 && s.at[0] == '[') {
        size_t close = span_find(s, ']');
        if (close == s.len || !is_ipv6(span_of(s.at + 1, close - 1))) {
            return false;
        }
        s = span_skip(s, close + 1);
        return s.len == 0 || (s.at[0] == ':' && all_digits(span_skip(s, 1)));
    }
    size_t colon = span_find(s, ':');
    return all_uri_bytes(span_head(s, colon), "") &&
           (colon == s.len || all_digits(span_skip(s, colon + 1)));
}

static bool is_uri(struct span s)
{
    size_t n = 0;

    while (n < s.len && (is_alnum(s.at[n]) || is_one_of(s.at[n], "+-."))) {
        n++;
    }
    if (n == 0 || n == s.len || s.at[n] != ':' || is_digit(s.at[0]) || !is_alnum(s.at[0])) {
        return false;
    }
    s = span_skip(s, n + 1);
    size_t hash = span_find(s, '#');
    if (hash < s.len && !all_uri_bytes(span_skip(s, hash + 1), ":@/?")) {
        return false;
    }
    s = span_head(s, hash);
    size_t query = span_find(s, '?');
    if (query < s.len && !all_uri_bytes(span_skip(s, query + 1), ":@/?")) {
        return false;
    }
    s = span_head(s, query);
    if (span_starts_with(s, SPAN_LIT("//"))) {
        s = span_skip(s, 2);
        size_t slash = span_find(s, '/');
        if (!is_authority(span_head(s, slash))) {
            return false;
        }
        s = span_skip(s, slash);
    }
    return all_uri_bytes(s, ":@/");
}

bool check_json_format_holds(enum schema_json_format format, struct span text)
{
    switch (format) {
    case JSON_FORMAT_DATE_TIME:
        return rfc3339_valid(text);
    case JSON_FORMAT_DATE:
        return is_date(text);
    case JSON_FORMAT_TIME:
        return is_time(text);
    case JSON_FORMAT_IPV4:
        return is_ipv4(text);
    case JSON_FORMAT_IPV6:
        return is_ipv6(text);
    case JSON_FORMAT_UUID:
        return is_uuid(text);
    case JSON_FORMAT_EMAIL:
        return is_email(text);
    case JSON_FORMAT_URI:
        return is_uri(text);
    case JSON_FORMAT_NONE:
    default:
        return true;
    }
}

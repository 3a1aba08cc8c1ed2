/* SPDX-License-Identifier: Apache-2.0
 *
 * json_number: a number is compared by where its first digit stands, then digit by digit. */
#include "wire/json_number.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The exponent behind `e`, saturated. */
static int64_t parse_exponent(const char *p, const char *end)
{
    int64_t value = 0;
    bool negative = p < end && *p == '-';

    if (p < end && (*p == '-' || *p == '+')) {
        p++;
    }
    for (; p < end && is_digit(*p); p++) {
        value = value * 10 + (*p - '0');
        if (value > JSON_NUMBER_EXPONENT_MAX) {
            value = JSON_NUMBER_EXPONENT_MAX;
        }
    }
    return negative ? -value : value;
}

struct json_number json_number_parse(struct span text)
{
    struct json_number n = {0};
    const char *end = text.at + text.len;
    const char *p = text.at;
    bool point = false;
    uint32_t seen = 0; /* digits from the first that is not zero */
    bool minus = p < end && *p == '-';

    if (minus) {
        p++;
    }
    for (; p < end && (is_digit(*p) || *p == '.'); p++) {
        if (*p == '.') {
            point = true;
            continue;
        }
        if (seen == 0 && *p == '0') {
            n.scale -= point; /* 0.00x: each zero behind the point moves it */
            continue;
        }
        if (seen == 0) {
            n.digits = p;
        }
        seen++;
        n.scale += !point;
        if (*p != '0') {
            n.count = seen;
        }
    }
    if (n.count == 0) {
        return (struct json_number){0};
    }
    n.negative = minus;
    if (p < end) {
        n.scale += parse_exponent(p + 1, end);
    }
    return n;
}

/* The digit at `*p`, which moves on to the next. */
static unsigned next_digit(const char **p)
{
    if (**p == '.') {
        (*p)++;
    }
    return (unsigned)(*(*p)++ - '0');
}

static int compare_magnitude(const struct json_number *a, const struct json_number *b)
{
    const char *p = a->digits;
    const char *q = b->digits;
    uint32_t common = a->count < b->count ? a->count : b->count;

    if (a->scale != b->scale) {
        return a->scale < b->scale ? -1 : 1;
    }
    for (uint32_t i = 0; i < common; i++) {
        unsigned x = next_digit(&p);
        unsigned y = next_digit(&q);
        if (x != y) {
            return x < y ? -1 : 1;
        }
    }
    return a->count == b->count ? 0 : a->count < b->count ? -1 : 1;
}

static int sign(const struct json_number *n)
{
    return n->count == 0 ? 0 : n->negative ? -1 : 1;
}

int json_number_compare(const struct json_number *a, const struct json_number *b)
{
    int sign_a = sign(a);
    int sign_b = sign(b);

    if (sign_a != sign_b) {
        return sign_a < sign_b ? -1 : 1;
    }
    return sign_a == 0 ? 0 : sign_a * compare_magnitude(a, b);
}

bool json_number_is_integer(const struct json_number *n)
{
    return n->count == 0 || (int64_t)n->count <= n->scale;
}

bool json_number_to_divisor(const struct json_number *n, struct json_number_divisor *ret)
{
    const char *p = n->digits;
    uint64_t mantissa = 0;

    if (n->count == 0 || n->negative || n->count > JSON_NUMBER_DIVISOR_DIGITS) {
        return false;
    }
    for (uint32_t i = 0; i < n->count; i++) {
        mantissa = mantissa * 10 + next_digit(&p);
    }
    *ret = (struct json_number_divisor){mantissa, n->scale - (int64_t)n->count};
    return true;
}

static uint64_t multiply_mod(uint64_t a, uint64_t b, uint64_t m)
{
    return (uint64_t)((unsigned __int128)a * b % m);
}

/* 10^k mod m, by squaring. */
static uint64_t power_of_ten_mod(uint64_t k, uint64_t m)
{
    uint64_t power = 1 % m;
    uint64_t base = 10 % m;

    for (; k > 0; k >>= 1) {
        if (k & 1) {
            power = multiply_mod(power, base, m);
        }
        base = multiply_mod(base, base, m);
    }
    return power;
}

/* Neither mantissa ends in zero: so one of a smaller exponent than the divisor's lacks a factor of
 * ten, and is no multiple. */
bool json_number_is_multiple(const struct json_number *n, const struct json_number_divisor *d)
{
    int64_t shift = n->scale - (int64_t)n->count - d->exponent;
    const char *p = n->digits;
    uint64_t rest = 0;

    if (n->count == 0) {
        return true;
    }
    if (shift < 0) {
        return false;
    }
    for (uint32_t i = 0; i < n->count; i++) {
        rest = (uint64_t)(((unsigned __int128)rest * 10 + next_digit(&p)) % d->mantissa);
    }
    return multiply_mod(rest, power_of_ten_mod((uint64_t)shift, d->mantissa), d->mantissa) == 0;
}

bool json_number_to_count(const struct json_number *n, uint32_t at_most, uint32_t *ret)
{
    const char *p = n->digits;
    uint64_t value = 0;

    if (n->negative || !json_number_is_integer(n)) {
        return false;
    }
    for (int64_t i = 0; n->count > 0 && i < n->scale && value <= at_most; i++) {
        value = value * 10 + (i < (int64_t)n->count ? next_digit(&p) : 0);
    }
    *ret = value < at_most ? (uint32_t)value : at_most;
    return true;
}

uint64_t json_number_hash(const struct json_number *n, uint64_t key)
{
    const uint64_t odd = 0x9e3779b97f4a7c15u;
    const char *p = n->digits;
    uint64_t h = key ^ (uint64_t)n->scale * odd ^ n->negative;

    for (uint32_t i = 0; i < n->count; i++) {
        h = (h ^ next_digit(&p)) * odd;
        h ^= h >> 29;
    }
    return h;
}

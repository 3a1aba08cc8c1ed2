/* SPDX-License-Identifier: Apache-2.0
 *
 * json_number: exact arithmetic on numbers as JSON writes them, of any length: nothing is rounded
 * to a double. Exponents beyond JSON_NUMBER_EXPONENT_MAX are taken for that. Pure functions. */
#pragma once

#include "base/span.h"

#include <stdint.h>

#define JSON_NUMBER_EXPONENT_MAX 1000000000

/* sign × 0.DIGITS × 10^scale, without zeros at either end of the digits. */
struct json_number {
    const char *digits; /* may hold the point; valid as long as the text */
    uint32_t count;     /* digits; 0: the number is zero */
    bool negative;      /* never of zero */
    int64_t scale;
};

/* A positive number of at most JSON_NUMBER_DIVISOR_DIGITS digits: mantissa × 10^exponent. */
#define JSON_NUMBER_DIVISOR_DIGITS 18u
struct json_number_divisor {
    uint64_t mantissa;
    int64_t exponent;
};

/* What a valid JSON number says. */
struct json_number json_number_parse(struct span text);

/* Below, equal to or above zero as `a` is to `b`. */
int json_number_compare(const struct json_number *a, const struct json_number *b);

/* Whether it has no fraction: 1.0 and 1e3 have none. */
bool json_number_is_integer(const struct json_number *n);

/* False: not positive, or too many digits. */
bool json_number_to_divisor(const struct json_number *n, struct json_number_divisor *ret);

/* Whether `n` divided by `d` is an integer. */
bool json_number_is_multiple(const struct json_number *n, const struct json_number_divisor *d);

/* The value, cut to `at_most`, of a number that is an integer and not negative; else false. */
bool json_number_to_count(const struct json_number *n, uint32_t at_most, uint32_t *ret);

/* Equal numbers have equal hashes, however they are written. */
uint64_t json_number_hash(const struct json_number *n, uint64_t key);

/* SPDX-License-Identifier: Apache-2.0
 *
 * rfc3339: time stamps as text. Source: RFC 3339 section 5.6 (date-time). Real dates only; second
 * 60 is allowed where a leap second can be: 23:59:60 in UTC after the offset is applied. Pure
 * functions, any thread. */
#pragma once

#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

/* "2026-11-21T04:11:45.123456789Z" is the longest text rfc3339_format() makes. */
#define RFC3339_BYTES_MAX 30u

/* Whether `text` is a valid date-time: 'T' or 't' between date and time (a space is refused), 'Z',
 * 'z' or a numeric offset, any number of fraction digits. No allocation, no libc time functions. */
bool rfc3339_valid(struct span text);

/* The moment, in nanoseconds since 1970 (fraction digits past the ninth are cut). ERR_SYNTAX if not
 * valid; ERR_LIMIT before 1970 or after 2261. */
MUST_CHECK err_t rfc3339_parse(struct span text, uint64_t *ret_unix_ns);

/* Writes `unix_ns` in UTC with `digits` (0, 3, 6 or 9) fraction digits and 'Z', without a NUL;
 * returns the length. `out` holds RFC3339_BYTES_MAX bytes. */
size_t rfc3339_format(uint64_t unix_ns, unsigned digits, char *out);

/* Days since 1970-01-01 of a proleptic Gregorian date; `month` 1..12, `day` 1..31. */
int64_t rfc3339_days_from_date(int year, int month, int day);

/* The inverse. */
void rfc3339_date_from_days(int64_t days, int *ret_year, int *ret_month, int *ret_day);

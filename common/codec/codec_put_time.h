/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_put_time: dates and times as JSON strings, from the integers that binary formats hold.
 * Source: RFC 3339 section 5.6. */
#pragma once

#include "codec/codec_put.h"

/* Seconds since 1970 that RFC 3339 can say: of the years 0000 to 9999. */
#define CODEC_PUT_TIME_MIN (-62167219200ll)
#define CODEC_PUT_TIME_MAX 253402300799ll

enum codec_put_time_zone { CODEC_PUT_TIME_UTC, CODEC_PUT_TIME_LOCAL }; /* 'Z' at the end, or none */

struct codec_put_time {
    int64_t seconds; /* since 1970, within the two bounds; of a time of day, below 86400 */
    uint32_t nanos;  /* below 10^9 */
    unsigned digits; /* of the fraction: 0, 3, 6 or 9 */
};

/* 2026-11-21T04:11:45.123Z */
void codec_put_time(struct codec_put *p, struct codec_put_time time, enum codec_put_time_zone zone);

/* 2026-11-21, from the days since 1970; of the same years. */
void codec_put_time_date(struct codec_put *p, int64_t days);

/* 04:11:45.123 */
void codec_put_time_of_day(struct codec_put *p, struct codec_put_time time);

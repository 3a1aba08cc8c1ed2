/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_json_time: times as people's JSON has them, made RFC 3339. Pure functions. */
#pragma once

#include "wire/batch.h"

/* The time that a member's value means; false (nothing written) if it is none.
 *   RFC 3339                                        as it is
 *   the same with a space for 'T', a comma for the fraction's point, a space before the offset, an
 *   offset without colon or minutes, or UTC         put right
 *   the same without an offset                      taken as UTC, TIME_ASSUMED_ZONE
 *   a number, or a string of one, from 1e8 on       seconds below 1e11, milliseconds below 1e14,
 *                                                   microseconds below 1e17, else nanoseconds since
 *                                                   1970, up to the year 2261: RFC 3339 in UTC
 * The text is in `value` or in the arena. */
bool codec_json_time_read(const struct extra *value, struct arena *a, struct text *ret_time,
                          enum time_source *ret_source);

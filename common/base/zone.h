/* SPDX-License-Identifier: Apache-2.0
 *
 * zone: what the clock on the wall says where a sender is: an offset, or a zone of the tz database,
 * read once. Nothing here touches the C library's own zone (TZ, localtime). */
#pragma once

#include "base/tzif.h"

#define ZONE_NAME_BYTES_MAX 64u
#define ZONE_DIRECTORY      "/usr/share/zoneinfo" /* unless TZDIR names another one */

struct zone {
    char name[ZONE_NAME_BYTES_MAX + 1];
    struct tzif table;
};

/* UTC, always the same one. */
const struct zone *zone_utc(void);

/* "UTC", "Z", an offset ("+01:00", "-0330", "+01") or a name of the tz database ("Europe/Berlin").
 * Start-up only: reads a file. ERR_SYNTAX: no such name can be; ERR_UNKNOWN: there is no such zone;
 * ERR_IO: its file cannot be read, or is none;
 * ERR_NOMEM. */
MUST_CHECK err_t zone_load(struct span name, struct zone *ret);

/* The directory of zone_load(). */
const char *zone_directory(void);

/* The offset, in seconds east of UTC, of a time that was read off a clock there: `local` counts
 * seconds since 1970 as if that clock showed UTC. A time that the clock showed twice (it was put
 * back) is the one nearer to `now`, the earlier one if both are as near. A time that it never showed
 * (it was put forward) counts by the offset from before. */
int32_t zone_offset(const struct zone *z, int64_t local, int64_t now);

/* SPDX-License-Identifier: Apache-2.0
 *
 * disk_trend: where the disk is heading: how fast the archive has grown in the last five minutes,
 * and when the free space, but for --min-free, is used up if it goes on shrinking as it did. What
 * others write, and what retention deletes, counts too. One thread at a time. */
#pragma once

#include "archive/archive.h"

#define DISK_TREND_STEP_NS (10ull * 1000000000ull)
#define DISK_TREND_POINTS  31u /* five minutes */
#define DISK_TREND_LEAST   3u  /* steps before anything is foretold */

struct disk_trend_point {
    uint64_t mono_ns;
    uint64_t bytes_out;
    uint64_t room_bytes; /* free, but for the reserve */
};

/* A zeroed one is empty. */
struct disk_trend {
    struct disk_trend_point points[DISK_TREND_POINTS];
    uint32_t count;
    uint32_t next;
};

struct disk_forecast {
    double bytes_out_per_s; /* 0 before there are two points */
    bool is_filling;        /* false: it is not, or that is not known yet */
    double full_in_s;       /* if it is filling */
};

/* The numbers of the moment; those that come sooner than a step after the last kept are not
 * kept. */
void disk_trend_add(struct disk_trend *t, const struct archive_stats *stats, uint64_t mono_ns);

/* From the oldest point kept to the numbers of the moment. */
struct disk_forecast disk_trend_forecast(const struct disk_trend *t,
                                         const struct archive_stats *stats, uint64_t mono_ns);

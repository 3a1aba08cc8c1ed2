/* SPDX-License-Identifier: Apache-2.0
 *
 * disk_trend: a line through two points: the oldest and now. */
#include "ingestor/disk_trend.h"

#include "base/limits.h"

static struct disk_trend_point point_of(const struct archive_stats *stats, uint64_t mono_ns)
{
    uint64_t free_bytes = stats->disk_free_bytes;
    uint64_t reserve = stats->disk_reserve_bytes;

    return (struct disk_trend_point){.mono_ns = mono_ns,
                                     .bytes_out = stats->bytes_out,
                                     .room_bytes = free_bytes > reserve ? free_bytes - reserve : 0};
}

static uint32_t place_before(const struct disk_trend *t, uint32_t steps)
{
    return (t->next + DISK_TREND_POINTS - steps) % DISK_TREND_POINTS;
}

void disk_trend_add(struct disk_trend *t, const struct archive_stats *stats, uint64_t mono_ns)
{
    if (t->count > 0 && mono_ns < t->points[place_before(t, 1)].mono_ns + DISK_TREND_STEP_NS) {
        return;
    }
    t->points[t->next] = point_of(stats, mono_ns);
    t->next = (t->next + 1) % DISK_TREND_POINTS;
    t->count += t->count < DISK_TREND_POINTS ? 1 : 0;
}

struct disk_forecast disk_trend_forecast(const struct disk_trend *t,
                                         const struct archive_stats *stats, uint64_t mono_ns)
{
    struct disk_forecast forecast = {.is_filling = false};

    if (t->count == 0) {
        return forecast;
    }
    struct disk_trend_point then = t->points[place_before(t, t->count)];
    struct disk_trend_point now = point_of(stats, mono_ns);
    if (now.mono_ns <= then.mono_ns || now.bytes_out < then.bytes_out) {
        return forecast;
    }
    double seconds = (double)(now.mono_ns - then.mono_ns) / (double)NS_PER_S;
    forecast.bytes_out_per_s = (double)(now.bytes_out - then.bytes_out) / seconds;
    if (now.mono_ns - then.mono_ns >= DISK_TREND_LEAST * DISK_TREND_STEP_NS &&
        now.room_bytes < then.room_bytes) {
        forecast.is_filling = true;
        forecast.full_in_s =
            (double)now.room_bytes / ((double)(then.room_bytes - now.room_bytes) / seconds);
    }
    return forecast;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics: one consistent look at the running ingestor (sums of all shards' copies) and the rates
 * between two looks. Text, JSON, events and the stats line are made from it. Any thread; a look
 * costs a copy of each shard's numbers and holds up nobody. */
#pragma once

#include "base/limits.h"
#include "ingestor/disk_trend.h"
#include "ingestor/process_stats.h"
#include "ingestor/server.h"

#define METRICS_SAMPLES        SHARD_SAMPLES_PER_FORMAT
#define METRICS_REJECT_SAMPLES SHARD_REJECT_SAMPLES

enum metrics_state { METRICS_ARCHIVING, METRICS_STALLED, METRICS_DRAINING };

/* What is shown of a single shard. */
struct metrics_shard {
    uint64_t records_received;
    uint64_t records_archived;
    uint64_t busy_ns;
    uint64_t connections_open;
    uint64_t queue_length;
};

struct metrics_view {
    uint64_t mono_ns; /* when it was taken */
    uint64_t wall_ns;
    enum metrics_state state;

    /* All shards added up. queue_max is the sum of the shards' largest values. The samples are the
     * latest of all shards, newest first; sample_next and reject_sample_next are their numbers. */
    struct shard_stats sum;
    uint32_t shard_count;
    struct metrics_shard shards[SHARDS_MAX];

    uint64_t udp_drops;
    struct server_accept_stats accept;
    struct archive_stats archive;
    struct schema_cache_stats schemas;
    uint32_t open_file_count;
    struct archive_open_file open_files[FILE_BOARD_PLACES];
    uint32_t published_file_count;
    struct file_board_entry published_files[FILE_BOARD_PLACES];
    struct process_stats process; /* the caller's to fill in, where it is shown */
    uint64_t started_wall_ns;
    uint64_t cert_expires_s;
    bool cert_is_development;
};

/* The law for one format, from a view or a shard's copy. */
struct metrics_law {
    uint64_t received;
    uint64_t archived;
    uint64_t rejected; /* all reasons */
    uint64_t dropped;  /* all reasons */
    uint64_t in_flight;
};

/* What a view is compared with to get rates. */
struct metrics_mark {
    uint64_t mono_ns;
    uint64_t received[FORMAT_COUNT];
    uint64_t rejected;
    uint64_t bytes_received;
    struct hist latency_ns;
};

struct metrics_rates {
    double logs_per_s; /* records received, of all formats */
    double format_logs_per_s[FORMAT_COUNT];
    double rejected_per_s;
    double mb_per_s;       /* 10^6 bytes received */
    double latency_us;     /* mean; 0 if there was no record */
    double latency_p50_us; /* upper edge of the bucket, as all quantiles of struct hist */
    double latency_p99_us;
    struct disk_forecast disk; /* of disk_trend.h: the caller's to fill in */
};

/* Takes a view. Asserts that received = archived + rejected + dropped + in_flight holds for every
 * shard and format: if not, the ingestor itself is wrong. */
void metrics_read(struct server *server, struct metrics_view *ret);

struct metrics_law metrics_law_of(const struct shard_stats *stats, enum format format);

/* The law summed over all formats. */
struct metrics_law metrics_law_total(const struct shard_stats *stats);

void metrics_mark_set(struct metrics_mark *mark, const struct metrics_view *view);

/* From the mark to the view; all 0 if no time has passed. */
void metrics_rates_between(const struct metrics_mark *mark, const struct metrics_view *view,
                           struct metrics_rates *ret);

/* The state alone, cheaply. */
enum metrics_state metrics_state_now(const struct server *server);

/* "archiving", "stalled", "draining"; and the sentence that explains the state. Never NULL. */
const char *metrics_state_name(enum metrics_state state);
const char *metrics_state_text(enum metrics_state state);

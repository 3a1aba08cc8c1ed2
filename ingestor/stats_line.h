/* SPDX-License-Identifier: Apache-2.0
 *
 * stats_line: the numbers of the last interval as one line on standard output:
 *   stats state=archiving logs_per_sec=1200.0 mb_per_sec=0.13 latency_us=85.0 queue=12
 *   queue_max=340 rotations=2 file_bytes=1048576 dropped=0 rejected=3 in_flight=12 json=9000
 *   proto=0 avro=0 raw=20 syslog=0 journald=0 unknown=0
 * Keys and order are stable; new keys come at the end. logs_per_sec, mb_per_sec and latency_us
 * (mean) are of the interval; file_bytes is the size of the log files being written; the formats
 * are records archived since the start. One thread at a time. */
#pragma once

#include "base/err.h"
#include "ingestor/metrics.h"

struct stats_line;

/* One line per `interval_ns` to `fd` (borrowed); no line ever if the interval is 0. The first line
 * comes one interval after the first tick. ERR_NOMEM. */
MUST_CHECK err_t stats_line_new(int fd, uint64_t interval_ns, struct stats_line **ret);
void stats_line_free(struct stats_line *s);

/* Writes the line if the interval has passed. Never blocks: if `fd` cannot take it now (a full
 * pipe, a stopped terminal) or is closed on the other side, the line is skipped. The program
 * ignores SIGPIPE. */
void stats_line_tick(struct stats_line *s, struct server *server, uint64_t mono_ns);

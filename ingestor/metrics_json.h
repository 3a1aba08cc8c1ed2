/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics_json: a view and its rates as one JSON object, on one line. What /metrics.json answers
 * and /events repeats. The Go ingestor's keys, with their meaning:
 *   logs_per_sec mb_per_sec   records and 10^6 bytes received a second, in the last interval
 *   latency_us                mean from socket readable to compressor, in the last interval
 *   queue_length queue_max    records decoded but not in a written frame; its largest value
 *   file_rotations dropped    files published; records lost
 *   json proto avro raw syslog journald   records of that format archived so far
 *   samples                   per format up to 3 of the latest lines, as strings, newest first
 * and ours:
 *   version state state_text time started uptime_s
 *   now                       the numbers of this second, as in ingestor/history.h, and time_s
 *   sample_peers              per format who sent these lines, in the same order
 *   rejected unknown logs_per_sec_by_format rejected_per_sec latency_p50_us latency_p99_us
 *   records                   per format {received archived rejected dropped in_flight}: the law
 *   totals                    the same, summed over the formats
 *   rejected_by_reason        all reasons; reason_fixes: what the sender should change, for those
 *                             that are not 0; rejects: the latest lines of rejected files
 *   peers services services_sampled foreign rejects_latest   ingestor/senders_json.h
 *   files                     those being written, then the published, the newest first; 20 in all:
 *                             [{"name" "state": "open" or "published" "records" "rejected"
 *                             "bytes_in" "bytes_out" "closed"}]
 *   schemas schema_list registry                             ingestor/metrics_schema.h
 *   dropped_by_reason severities defaulted connections udp archive shards certificate */
#pragma once

#include "base/buf.h"
#include "ingestor/history.h"
#include "ingestor/metrics.h"

/* Appends the object, without LF. `history` (NULL: none) gives the member "now". ERR_NOMEM leaves
 * `out` as it was. */
MUST_CHECK err_t metrics_json_render(const struct metrics_view *view,
                                     const struct metrics_rates *rates,
                                     const struct history *history, struct buf *out);

/* SPDX-License-Identifier: Apache-2.0
 *
 * history: the numbers of the last 15 minutes, one point a second, so that a page opened late shows
 * them at once. Fixed memory. All functions are for the HTTP server's thread. */
#pragma once

#include "ingestor/json_put.h"
#include "ingestor/metrics.h"

#define HISTORY_SECONDS 900u

struct history;

/* ERR_NOMEM. */
MUST_CHECK err_t history_new(struct history **ret);

/* NULL is fine. */
void history_free(struct history *h);

/* The numbers of this second: of `view`, against the one before. */
void history_add(struct history *h, const struct metrics_view *view,
                 const struct metrics_rates *rates);

/* The member "now": the latest point as one number each; all formats, severities and shards, and
 * the reasons that occurred. Nothing before the first one. */
void history_put_now(const struct history *h, struct json_put *j);

/* Appends everything as one JSON object on one line, for the event `history`:
 *   started             of the ingestor, RFC 3339
 *   step_s              1
 *   end_s count         unix time of the last point; the number of points, oldest first. null: no
 *                       numbers for that second
 *   mb_per_s latency_p50_us latency_p99_us queue dropped_per_s      arrays; a latency is null too
 *                       when there was no record
 *   records_per_s rejected_per_s severity_per_s      arrays by name, of names that occurred only
 *   shard_busy          per shard an array of shares of a core
 * ERR_NOMEM leaves `out` as it was. */
MUST_CHECK err_t history_render(const struct history *h, struct buf *out);

/* SPDX-License-Identifier: Apache-2.0
 *
 * senders_json: who sends and what, in the JSON view: the members
 *   peers             the 20 with most bytes: [{"address", "name" (of its certificate) or null,
 *                     "connections", "streams": what it was recognised as, "bytes", "records"
 *                     (all), "rejected" (of these), "skew_s" (ahead of our clock; below 0: behind)
 *                     or null, "last"}]
 *   services          the 20 with most records: [{"name", "records", "share"}]
 *   services_sampled  whether these are estimates
 *   foreign           protocols not spoken here, the latest first:
 *                     [{"peer", "protocol", "instead", "count", "last"}]
 *   rejects_latest    [{"at", "fix", "truncated", and the members of the line in the rejected
 *                     file}], the latest first, with the beginning of the payload */
#pragma once

#include "ingestor/json_put.h"
#include "ingestor/shard_stats.h"

#define SENDERS_JSON_TOP 20u

void senders_json_put(struct json_put *j, const struct shard_stats *sum);

/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_metrics: what the registry counts, as Prometheus text. HTTP thread only. */
#pragma once

#include "base/buf.h"
#include "base/hist.h"
#include "registry/store.h"

#define REGISTRY_METRICS_STATUS_MAX 600u

struct registry_metrics {
    uint64_t requests[REGISTRY_METRICS_STATUS_MAX]; /* by HTTP status */
    struct hist latency_ns;
};

void registry_metrics_add(struct registry_metrics *m, unsigned status, uint64_t latency_ns);

/* Appends the text. ERR_NOMEM. */
MUST_CHECK err_t registry_metrics_render(const struct registry_metrics *m,
                                         const struct store_counts *counts, struct buf *out);

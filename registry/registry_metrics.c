/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_metrics: names begin cordwood_registry_. */
#include "registry/registry_metrics.h"

#define BUCKET_FIRST 14u /* 16 us */
#define BUCKET_LAST  34u /* 17 s */

void registry_metrics_add(struct registry_metrics *m, unsigned status, uint64_t latency_ns)
{
    m->requests[status < REGISTRY_METRICS_STATUS_MAX ? status : 0]++;
    hist_add(&m->latency_ns, latency_ns, 1);
}

static err_t put_requests(const struct registry_metrics *m, struct buf *out)
{
    TRY(buf_printf(out, "# HELP cordwood_registry_requests_total Requests answered, by status.\n"
                        "# TYPE cordwood_registry_requests_total counter\n"));
    for (unsigned i = 0; i < REGISTRY_METRICS_STATUS_MAX; i++) {
        if (m->requests[i] > 0 || i == 200) {
            TRY(buf_printf(out, "cordwood_registry_requests_total{status=\"%u\"} %llu\n", i,
                           (unsigned long long)m->requests[i]));
        }
    }
    return ERR_OK;
}

static err_t put_latency(const struct hist *h, struct buf *out)
{
    uint64_t sum = 0;

    TRY(buf_printf(out, "# HELP cordwood_registry_request_duration_seconds Time in a handler.\n"
                        "# TYPE cordwood_registry_request_duration_seconds histogram\n"));
    for (unsigned i = 0; i <= BUCKET_LAST; i++) {
        sum += h->bucket[i];
        if (i >= BUCKET_FIRST) {
            TRY(buf_printf(out,
                           "cordwood_registry_request_duration_seconds_bucket{le=\"%.9g\"} %llu\n",
                           (double)(1ull << i) / 1e9, (unsigned long long)sum));
        }
    }
    return buf_printf(out,
                      "cordwood_registry_request_duration_seconds_bucket{le=\"+Inf\"} %llu\n"
                      "cordwood_registry_request_duration_seconds_sum %.9f\n"
                      "cordwood_registry_request_duration_seconds_count %llu\n",
                      (unsigned long long)h->count, (double)h->sum / 1e9,
                      (unsigned long long)h->count);
}

static err_t put_gauge(const char *name, const char *help, uint64_t value, struct buf *out)
{
    return buf_printf(out,
                      "# HELP cordwood_registry_%s %s\n# TYPE cordwood_registry_%s gauge\n"
                      "cordwood_registry_%s %llu\n",
                      name, help, name, name, (unsigned long long)value);
}

err_t registry_metrics_render(const struct registry_metrics *m, const struct store_counts *counts,
                              struct buf *out)
{
    TRY(put_requests(m, out));
    TRY(put_latency(&m->latency_ns, out));
    TRY(put_gauge("subjects", "Subjects that have versions.", counts->subjects, out));
    TRY(put_gauge("versions", "Versions that are not deleted.", counts->versions, out));
    return put_gauge("schemas", "Schemas with an id.", counts->schemas, out);
}

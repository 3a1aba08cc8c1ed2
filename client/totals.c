/* SPDX-License-Identifier: Apache-2.0
 *
 * totals: sums and lines. */
#include "client/totals.h"

#include "base/limits.h"

#include <inttypes.h>

static void add(_Atomic uint64_t *into, _Atomic uint64_t *from)
{
    totals_add(into, atomic_load_explicit(from, memory_order_relaxed));
}

void totals_merge(struct totals *into, struct totals *from, enum totals_of of)
{
    add(&into->batches_sent, &from->batches_sent);
    add(&into->batches_failed, &from->batches_failed);
    add(&into->batches_resent, &from->batches_resent);
    add(&into->records, &from->records);
    add(&into->records_failed, &from->records_failed);
    add(&into->bytes, &from->bytes);
    if (of == TOTALS_ENDED) {
        hist_merge(&into->write_ns, &from->write_ns);
    }
}

static double per_second(uint64_t n, uint64_t elapsed_ns)
{
    return elapsed_ns == 0 ? 0 : (double)n * (double)NS_PER_S / (double)elapsed_ns;
}

err_t totals_format(struct totals *t, uint64_t elapsed_ns, struct buf *out)
{
    TRY(buf_printf(out,
                   "batches_sent=%" PRIu64 " batches_failed=%" PRIu64 " batches_resent=%" PRIu64
                   " records=%" PRIu64 " records_failed=%" PRIu64 " bytes=%" PRIu64,
                   t->batches_sent, t->batches_failed, t->batches_resent, t->records,
                   t->records_failed, t->bytes));
    TRY(buf_printf(out, " seconds=%.3f records_per_s=%.0f mb_per_s=%.3f",
                   (double)elapsed_ns / (double)NS_PER_S, per_second(t->records, elapsed_ns),
                   per_second(t->bytes, elapsed_ns) / 1e6));
    if (t->write_ns.count == 0) {
        return ERR_OK;
    }
    return buf_printf(out, " latency_p50_us=%.1f latency_p99_us=%.1f",
                      (double)hist_quantile(&t->write_ns, 0.5) / (double)NS_PER_US,
                      (double)hist_quantile(&t->write_ns, 0.99) / (double)NS_PER_US);
}

err_t totals_format_progress(struct totals *t, struct totals *before, uint64_t elapsed_ns,
                             struct buf *out)
{
    return buf_printf(out,
                      "%" PRIu64 " records sent, %.0f/s, %.2f MB/s, %" PRIu64
                      " batches failed, %" PRIu64 " resent",
                      t->records, per_second(t->records - before->records, elapsed_ns),
                      per_second(t->bytes - before->bytes, elapsed_ns) / 1e6, t->batches_failed,
                      t->batches_resent);
}

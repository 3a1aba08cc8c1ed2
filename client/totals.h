/* SPDX-License-Identifier: Apache-2.0
 *
 * totals: what was sent, and how it is shown. A connection's thread adds to its own; anyone reads
 * the counters, but the histogram only when that thread has ended. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/hist.h"

#include <stdatomic.h>
#include <stdint.h>

struct totals {
    _Atomic uint64_t batches_sent;
    _Atomic uint64_t batches_failed;
    _Atomic uint64_t batches_resent; /* writes that were repeated */
    _Atomic uint64_t records;        /* of batches sent */
    _Atomic uint64_t records_failed;
    _Atomic uint64_t bytes; /* of batches sent: frames, before encryption */
    struct hist write_ns;   /* how long the writing of a batch took */
};

/* Only the owner's thread writes: no need for a locked instruction. */
static inline void totals_add(_Atomic uint64_t *counter, uint64_t n)
{
    uint64_t now = atomic_load_explicit(counter, memory_order_relaxed);

    atomic_store_explicit(counter, now + n, memory_order_relaxed);
}

/* Adds the counters of `from`; with TOTALS_ENDED the histogram too. */
enum totals_of { TOTALS_RUNNING, TOTALS_ENDED };
void totals_merge(struct totals *into, struct totals *from, enum totals_of of);

/* One line without LF: key=value pairs. Rates are over `elapsed_ns`. */
MUST_CHECK err_t totals_format(struct totals *t, uint64_t elapsed_ns, struct buf *out);

/* `records`, rates and failures since `before`, as a short line for a terminal, without LF. */
MUST_CHECK err_t totals_format_progress(struct totals *t, struct totals *before,
                                        uint64_t elapsed_ns, struct buf *out);

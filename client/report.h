/* SPDX-License-Identifier: Apache-2.0
 *
 * report: tells on standard output how it goes: on a terminal a line that is written over each
 * second, elsewhere a line each 10 s; at the end the totals. Main thread only. */
#pragma once

#include "client/totals.h"
#include "client/worker.h"

struct report {
    struct worker *workers;
    unsigned worker_count;
    bool terminal;
    uint64_t start_ns;
    uint64_t last_ns;
    struct totals last; /* as of `last_ns` */
};

void report_init(struct report *r, struct worker *workers, unsigned worker_count, uint64_t now_ns);

/* The moment of the next line. */
uint64_t report_due_ns(const struct report *r);

/* Writes the line that is due. ERR_NOMEM. */
MUST_CHECK err_t report_progress(struct report *r, uint64_t now_ns);

/* All workers have ended: writes the totals, and what became of the lines of a file or of
 * the rejected records. ERR_NOMEM. */
MUST_CHECK err_t report_totals(struct report *r, const struct feed_source *source, uint64_t now_ns);

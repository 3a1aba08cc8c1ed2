/* SPDX-License-Identifier: Apache-2.0
 *
 * stats_line: one line, which never waits: log_put() skips what the descriptor does not take. */
#include "ingestor/stats_line.h"

#include "base/log.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define STATS_LINE_BYTES 1024u

_Static_assert(STATS_LINE_BYTES <= LOG_LINE_BYTES_MAX, "a line is written whole or not at all");

struct stats_line {
    int fd;
    uint64_t interval_ns;
    uint64_t due_mono_ns; /* 0: before the first tick */
    struct metrics_mark mark;
    struct metrics_view view; /* of the present tick; here because it is large */
};

err_t stats_line_new(int fd, uint64_t interval_ns, struct stats_line **ret)
{
    struct stats_line *s = calloc(1, sizeof(*s));

    ENSURE(s != NULL, ERR_NOMEM);
    s->fd = fd;
    s->interval_ns = interval_ns;
    *ret = s;
    return ERR_OK;
}

void stats_line_free(struct stats_line *s)
{
    free(s);
}

static size_t line_format(const struct metrics_view *view, const struct metrics_rates *rates,
                          char out[STATS_LINE_BYTES])
{
    struct metrics_law total = metrics_law_total(&view->sum);
    int len = snprintf(
        out, STATS_LINE_BYTES,
        "stats state=%s logs_per_sec=%.1f mb_per_sec=%.2f latency_us=%.1f"
        " queue=%" PRIu64 " queue_max=%" PRIu64 " rotations=%" PRIu64 " file_bytes=%" PRIu64
        " dropped=%" PRIu64 " rejected=%" PRIu64 " in_flight=%" PRIu64,
        metrics_state_name(view->state), rates->logs_per_s, rates->mb_per_s, rates->latency_us,
        view->sum.queue_length, view->sum.queue_max, view->archive.files_published,
        view->archive.open_file_bytes, total.dropped, total.rejected, total.in_flight);

    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        len += snprintf(out + len, STATS_LINE_BYTES - (size_t)len, " %s=%" PRIu64,
                        format_name((enum format)f), view->sum.archived[f]);
    }
    assert((size_t)len + 1 < STATS_LINE_BYTES); /* 20 numbers of at most 20 digits */
    out[len] = '\n';
    return (size_t)len + 1;
}

void stats_line_tick(struct stats_line *s, struct server *server, uint64_t mono_ns)
{
    char line[STATS_LINE_BYTES];
    struct metrics_rates rates;

    if (s->interval_ns == 0 || mono_ns < s->due_mono_ns) {
        return;
    }
    bool first = s->due_mono_ns == 0;
    s->due_mono_ns = mono_ns + s->interval_ns;
    metrics_read(server, &s->view);
    if (!first) {
        metrics_rates_between(&s->mark, &s->view, &rates);
        IGNORE(!log_put(s->fd, line, line_format(&s->view, &rates, line)),
               "the next interval has its own line");
    }
    metrics_mark_set(&s->mark, &s->view);
}

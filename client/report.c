/* SPDX-License-Identifier: Apache-2.0
 *
 * report: each line is one write. */
#include "client/report.h"

#include "base/limits.h"

#include <inttypes.h>
#include <unistd.h>

#define TERMINAL_PERIOD_NS NS_PER_S
#define LINE_PERIOD_NS     (10 * NS_PER_S)

void report_init(struct report *r, struct worker *workers, unsigned worker_count, uint64_t now_ns)
{
    *r = (struct report){.workers = workers,
                         .worker_count = worker_count,
                         .terminal = isatty(STDOUT_FILENO) == 1,
                         .start_ns = now_ns,
                         .last_ns = now_ns};
}

uint64_t report_due_ns(const struct report *r)
{
    return r->last_ns + (r->terminal ? TERMINAL_PERIOD_NS : LINE_PERIOD_NS);
}

static void sum_up(const struct report *r, enum totals_of of, struct totals *into)
{
    for (unsigned i = 0; i < r->worker_count; i++) {
        totals_merge(into, &r->workers[i].totals, of);
    }
}

static void put(const struct buf *text)
{
    IGNORE(write(STDOUT_FILENO, text->at, text->len) < 0, "sending goes on without an audience");
}

static err_t format_progress(struct report *r, struct totals *now, uint64_t elapsed_ns,
                             struct buf *line)
{
    TRY(buf_printf(line, "%s", r->terminal ? "\r\033[K" : ""));
    TRY(totals_format_progress(now, &r->last, elapsed_ns, line));
    return buf_printf(line, "%s", r->terminal ? "" : "\n");
}

err_t report_progress(struct report *r, uint64_t now_ns)
{
    struct totals now = {0};
    struct buf line = {0};

    sum_up(r, TOTALS_RUNNING, &now);
    err_t err = format_progress(r, &now, now_ns - r->last_ns, &line);
    if (err == ERR_OK) {
        put(&line);
    }
    buf_done(&line);
    r->last = (struct totals){0};
    totals_merge(&r->last, &now, TOTALS_RUNNING);
    r->last_ns = now_ns;
    return err;
}

static err_t format_replay(const struct replay *replay, struct buf *line)
{
    for (int i = 0; i < REPLAY_LINE_VERDICTS; i++) {
        TRY(buf_printf(line, " replay_%s=%" PRIu64, replay_line_name((enum replay_line_verdict)i),
                       replay->counts[i]));
    }
    return buf_printf(line, " replay_files_broken=%" PRIu64 " replay_files_unread=%" PRIu32,
                      replay->broken, replay_unread(replay));
}

static err_t format_totals(const struct report *r, struct totals *sum,
                           const struct feed_source *source, uint64_t elapsed_ns, struct buf *line)
{
    TRY(buf_printf(line, "%stotal ", r->terminal ? "\r\033[K" : ""));
    TRY(totals_format(sum, elapsed_ns, line));
    if (source->lines != NULL) {
        TRY(buf_printf(line, " lines_blank=%" PRIu64 " lines_refused=%" PRIu64,
                       source->lines->blank, source->lines->refused));
    }
    if (source->replay != NULL) {
        TRY(format_replay(source->replay, line));
    }
    return buf_printf(line, "\n");
}

err_t report_totals(struct report *r, const struct feed_source *source, uint64_t now_ns)
{
    struct totals sum = {0};
    struct buf line = {0};

    sum_up(r, TOTALS_ENDED, &sum);
    err_t err = format_totals(r, &sum, source, now_ns - r->start_ns, &line);
    if (err == ERR_OK) {
        put(&line);
    }
    buf_done(&line);
    return err;
}

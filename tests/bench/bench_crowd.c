/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_crowd: one thread for all of them; a record is far smaller than a socket's buffer, so none
 * holds up the next. */
#include "tests/bench/bench_crowd.h"

#include "base/clock.h"
#include "tests/bench/bench_corpus.h"
#include "tests/bench/bench_pace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

err_t bench_crowd_open(struct bench_crowd *crowd, SSL_CTX *ctx, const struct addr *to,
                       uint64_t count)
{
    crowd->flows = calloc(count + 1, sizeof(*crowd->flows));
    ENSURE(crowd->flows != NULL, ERR_NOMEM);
    for (; crowd->count < count; crowd->count++) {
        TRY(bench_flow_open(ctx, to, BENCH_FLOW_AT_ONCE, &crowd->flows[crowd->count]));
    }
    return ERR_OK;
}

static size_t make_record(uint64_t sender, uint64_t number, char *out)
{
    static const struct bench_text_level info = {"INFO", 6};
    char text[128];
    uint64_t now_ns = clock_wall_ns();
    int len = snprintf(text, sizeof(text), "Heartbeat s=q%" PRIu64 " n=%" PRIu64 " t=%" PRIu64,
                       sender, number, now_ns);
    struct bench_entry e = {.time_ms = now_ns / NS_PER_MS,
                            .level = &info,
                            .message = span_of(text, (size_t)len),
                            .service = SPAN_LIT(BENCH_CROWD_SERVICE),
                            .millis = true};

    return bench_corpus_put(BENCH_FORMAT_JSON, &e, out);
}

err_t bench_crowd_talk(struct bench_crowd *crowd, uint64_t duration_ns,
                       struct bench_crowd_sent *ret)
{
    const struct bench_pace pace = {.start_ns = clock_mono_ns(),
                                    .records_per_second = (double)crowd->count};
    char record[BENCH_CORPUS_RECORD_BYTES_MAX];

    while (clock_mono_ns() - pace.start_ns < duration_ns) {
        uint64_t sender = ret->records % crowd->count;
        size_t len = make_record(sender, ret->records / crowd->count, record);
        TRY(bench_flow_write(&crowd->flows[sender], span_of(record, len)));
        ret->records++;
        ret->bytes += len;
        bench_pace_wait(&pace, ret->records);
    }
    for (uint64_t i = 0; i < crowd->count; i++) {
        TRY(bench_flow_finish(&crowd->flows[i]));
    }
    return ERR_OK;
}

void bench_crowd_close(struct bench_crowd *crowd)
{
    for (uint64_t i = 0; i < crowd->count; i++) {
        bench_flow_close(&crowd->flows[i]);
    }
    free(crowd->flows);
    *crowd = (struct bench_crowd){0};
}

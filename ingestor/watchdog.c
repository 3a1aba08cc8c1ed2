/* SPDX-License-Identifier: Apache-2.0
 *
 * watchdog: rounds. A round begins when the manager was told, with the beats of that moment, and
 * ends when all beats are others. */
#include "ingestor/watchdog.h"

#include <assert.h>
#include <string.h>

void watchdog_init(struct watchdog *w, uint64_t period_ns)
{
    *w = (struct watchdog){.period_ns = period_ns};
}

static void begin_round(struct watchdog *w, const uint64_t *beats, unsigned count, uint64_t mono_ns)
{
    memcpy(w->seen, beats, count * sizeof(*beats));
    w->count = count;
    w->told_ns = mono_ns;
    w->begun = true;
}

/* A thread that was not there at the beginning of the round has shown that it lives. */
static int still(const struct watchdog *w, const uint64_t *beats, unsigned count)
{
    for (unsigned i = 0; i < count && i < w->count; i++) {
        if (beats[i] == w->seen[i]) {
            return (int)i;
        }
    }
    return -1;
}

enum watchdog_verdict watchdog_tick(struct watchdog *w, const uint64_t *beats, unsigned count,
                                    uint64_t mono_ns)
{
    assert(count <= WATCHDOG_THREADS_MAX);
    if (w->period_ns == 0 || (w->begun && mono_ns - w->told_ns < w->period_ns / 3)) {
        return WATCHDOG_REST;
    }
    if (w->begun && still(w, beats, count) >= 0) {
        return WATCHDOG_ASK;
    }
    begin_round(w, beats, count, mono_ns);
    return WATCHDOG_TELL;
}

int watchdog_hung(const struct watchdog *w, const uint64_t *beats, unsigned count, uint64_t mono_ns)
{
    if (!w->begun || mono_ns - w->told_ns < w->period_ns / 3 * 2) {
        return -1;
    }
    return still(w, beats, count);
}

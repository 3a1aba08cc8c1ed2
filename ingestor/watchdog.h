/* SPDX-License-Identifier: Apache-2.0
 *
 * watchdog: whether the service manager may be told that all is well: only if every thread that
 * must never stand still (main, the shards, HTTP) has gone on since it was told last. A thread
 * shows that by a number, its beats, which changes with each of its turns. The threads that write
 * and sync are not asked: what they wait for is the disk, a new start would wait for it too, and
 * cordwood_archive_stalled tells it. Pure; main thread only. */
#pragma once

#include "base/limits.h"

#include <stdbool.h>
#include <stdint.h>

#define WATCHDOG_THREADS_MAX (SHARDS_MAX + 1u)

struct watchdog {
    uint64_t period_ns; /* within which the manager wants to hear from us; 0: never */
    uint64_t told_ns;   /* when it heard last */
    bool begun;
    unsigned count;
    uint64_t seen[WATCHDOG_THREADS_MAX]; /* the beats at that time */
};

void watchdog_init(struct watchdog *w, uint64_t period_ns);

enum watchdog_verdict {
    WATCHDOG_REST, /* nothing is due */
    WATCHDOG_ASK,  /* it is time, but a thread has not gone on: wake those that may sleep */
    WATCHDOG_TELL  /* it is time, and all have: tell the manager */
};

/* To be called with each turn of the main thread, with the beats of the threads. Tells after a
 * third of the period: twice may be missed. */
enum watchdog_verdict watchdog_tick(struct watchdog *w, const uint64_t *beats, unsigned count,
                                    uint64_t mono_ns);

/* After WATCHDOG_ASK: the first thread that has not gone on for two thirds of the period, by its
 * index into the beats; -1: none. */
int watchdog_hung(const struct watchdog *w, const uint64_t *beats, unsigned count,
                  uint64_t mono_ns);

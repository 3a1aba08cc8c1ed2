/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_thread: a background thread that can be waited for until a deadline: a disk that hangs
 * must not keep the process from ending. */
#pragma once

#include "base/err.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct archive_thread {
    pthread_t id;
    pthread_mutex_t lock;
    pthread_cond_t ended_cond;
    bool ended;
    void (*run)(void *arg);
    void *arg;
};

/* Starts `run(arg)` under a name of at most 15 characters. The thread takes no signals: they are
 * the program's. ERR_NOMEM: no thread was made. */
MUST_CHECK err_t archive_thread_start(struct archive_thread *t, const char *name,
                                      void (*run)(void *arg), void *arg);

/* Waits until it has ended, which it is to do at `deadline_mono_ns`, and 0.3 s longer at most, or
 * 20 ms if that has passed: threads that hang do not add up. False: it hangs, and what it uses must
 * stay. */
bool archive_thread_join(struct archive_thread *t, uint64_t deadline_mono_ns);

/* A condition variable whose timed waits go by the monotonic clock. */
void archive_thread_cond_init(pthread_cond_t *cond);

/* Under `lock`: waits for the condition, at the latest until `until_mono_ns`. */
void archive_thread_wait(pthread_cond_t *cond, pthread_mutex_t *lock, uint64_t until_mono_ns);

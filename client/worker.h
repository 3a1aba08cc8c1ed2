/* SPDX-License-Identifier: Apache-2.0
 *
 * worker: one connection and its thread: takes batches from the generator or the file, paces them,
 * sends them, and sends again what failed. */
#pragma once

#include "client/args.h"
#include "client/feed.h"
#include "client/send.h"
#include "client/totals.h"

#include <pthread.h>

/* What all workers share. */
struct worker_job {
    const struct args *args; /* fixed after start */
    const struct tls_client_settings *settings;
    const struct feed_source *source; /* fixed after start, but for what it shares */
    struct stop *stop;
    uint64_t seed;
    uint64_t start_mono_ns;
    int ended_fd; /* an eventfd: one count for each worker that ended */

    _Atomic uint64_t reserved; /* records handed out, of --count */
};

struct worker {
    struct worker_job *job;
    unsigned number;
    pthread_t thread;
    struct totals totals;
    bool given_up; /* valid when ended: it never reached the server, memory ran out, or a record did
                      not pass its own schema */
    bool unclean;  /* valid when ended: the server did not confirm the end */
};

/* ERR_NOMEM the thread cannot be started. */
MUST_CHECK err_t worker_start(struct worker *w, struct worker_job *job, unsigned number);

/* Waits for its end. */
void worker_join(struct worker *w);

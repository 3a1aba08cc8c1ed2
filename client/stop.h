/* SPDX-License-Identifier: Apache-2.0
 *
 * stop: the wish to end, told to every thread at once, and waiting that it interrupts. */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* After the wish, what is begun may take so long. */
#define STOP_GRACE_NS 5000000000ull

struct stop {
    int fd;                    /* an eventfd, readable for good once the wish is there */
    _Atomic uint64_t since_ns; /* monotonic; 0: no wish yet */
};

/* ERR_IO. */
MUST_CHECK err_t stop_init(struct stop *s);
void stop_done(struct stop *s);

/* Any thread. */
void stop_request(struct stop *s);
bool stop_requested(struct stop *s);

/* Waits until `fd` has one of `events` (a negative fd never has), the wish comes, or the moment is
 * reached (UINT64_MAX: never). ERR_OK the descriptor is ready; ERR_AGAIN the wish; ERR_LIMIT the
 * moment. An earlier wish counts too: what comes first in this order. */
MUST_CHECK err_t stop_wait(struct stop *s, int fd, short events, uint64_t until_mono_ns);

/* Like stop_wait() for work that must be finished: the wish does not end it, but leaves
 * STOP_GRACE_NS. ERR_OK or ERR_LIMIT. */
MUST_CHECK err_t stop_wait_finish(struct stop *s, int fd, short events, uint64_t until_mono_ns);

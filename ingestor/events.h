/* SPDX-License-Identifier: Apache-2.0
 *
 * events: the present numbers to everyone who listens, as server-sent events (HTML standard,
 * section 9.2). One event is rendered a second, `stats`, and shared by all readers; each first gets
 * `history`, which is shared too. A reader that is slower misses events and gets the
 * newest one next; it keeps at most the one it is reading. All functions are for the HTTP server's
 * thread. */
#pragma once

#include "base/err.h"
#include "base/span.h"
#include "net/http_reply.h"

#define EVENTS_READERS_MAX 256u

struct events;

/* ERR_NOMEM. */
MUST_CHECK err_t events_new(struct events **ret);

/* All readers have left. NULL is fine. */
void events_free(struct events *e);

/* Makes `json` (one line) the newest event. ERR_NOMEM: the readers keep the one before. */
MUST_CHECK err_t events_publish(struct events *e, struct span json);

/* Makes `json` (one line) what new readers get first. ERR_NOMEM: they get the one before. */
MUST_CHECK err_t events_set_history(struct events *e, struct span json);

/* A new reader, who gets the history, if there is one, and the newest event at once. ERR_LIMIT:
 * there are EVENTS_READERS_MAX; ERR_NOMEM. */
MUST_CHECK err_t events_subscribe(struct events *e, struct http_reply_stream *ret);

unsigned events_reader_count(const struct events *e);

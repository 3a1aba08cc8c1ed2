/* SPDX-License-Identifier: Apache-2.0
 *
 * events: the present numbers to everyone who listens, as server-sent events (HTML standard,
 * section 9.2). Each reader first gets an event of its own, `history`. Then one event is rendered a
 * second, `stats`, and shared by all readers. A reader that is slower misses events and gets the
 * newest one next; it keeps at most the one it is reading. All functions are for the HTTP server's
 * thread. */
#pragma once

#include "base/err.h"
#include "base/span.h"
#include "net/http_reply.h"

#define EVENTS_READERS_MAX 64u

struct events;

/* ERR_NOMEM. */
MUST_CHECK err_t events_new(struct events **ret);

/* All readers have left. NULL is fine. */
void events_free(struct events *e);

/* Makes `json` (one line) the newest event. ERR_NOMEM: the readers keep the one before. */
MUST_CHECK err_t events_publish(struct events *e, struct span json);

/* A new reader, who gets `history` (one line of JSON), then the newest event at once. ERR_LIMIT:
 * there are EVENTS_READERS_MAX; ERR_NOMEM. */
MUST_CHECK err_t events_subscribe(struct events *e, struct span history,
                                  struct http_reply_stream *ret);

unsigned events_reader_count(const struct events *e);

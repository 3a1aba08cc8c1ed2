/* SPDX-License-Identifier: Apache-2.0
 *
 * tail: archived lines to those who watch them, as server-sent events. Shards offer lines while
 * anybody reads, at most TAIL_LINES_PER_S a second of all together; of that a part is kept for
 * errors, for warnings and so on, so that a rare error is not lost among many others. Without a
 * reader a shard asks once a batch whether there is one, and that is all. */
#pragma once

#include "base/err.h"
#include "base/span.h"
#include "net/http_reply.h"
#include "wire/format.h"
#include "wire/severity.h"

#include <stdbool.h>
#include <stdint.h>

#define TAIL_LINES_PER_S 200u
#define TAIL_READERS_MAX 64u
#define TAIL_LINE_BYTES  4096u /* of longer lines the beginning */
#define TAIL_TEXT_BYTES  256u

struct tail;

struct tail_line {
    uint64_t wall_ns;
    const char *peer;
    enum format format;
    enum severity severity;
    struct span line; /* valid UTF-8, without LF */
};

/* What a reader wants: lines at least as severe as `least` (SEVERITY_OTHER: all) that contain
 * `text`, whatever the case of its ASCII letters. */
struct tail_filter {
    enum severity least;
    char text[TAIL_TEXT_BYTES];
};

/* ERR_NOMEM. */
MUST_CHECK err_t tail_new(unsigned shards, struct tail **ret);

/* All readers have left, all shards have ended. NULL is fine. */
void tail_free(struct tail *t);

/* ---- a shard's thread ---- */

/* NULL: no. */
bool tail_is_read(const struct tail *t);

/* Copies the line, if its turn comes. */
void tail_offer(struct tail *t, unsigned shard, const struct tail_line *line);

/* ---- the HTTP server's thread ---- */

/* The severity of a level's name, as syslog and its users write it ("warn", "warning"); "" is
 * SEVERITY_OTHER. ERR_UNKNOWN: no such level. */
MUST_CHECK err_t tail_level(const char *name, enum severity *ret);

/* A new reader. Its events: `line` {at peer format severity line}, and each second `tail` {per_s:
 * records archived, looked_at, sent: to this reader, sampled: there were more than were looked at}.
 * ERR_LIMIT: there are TAIL_READERS_MAX; ERR_NOMEM. */
MUST_CHECK err_t tail_subscribe(struct tail *t, const struct tail_filter *filter,
                                struct http_reply_stream *ret);

/* Once a second: gives the readers what has come. `archived`: records so far. */
void tail_tick(struct tail *t, uint64_t archived);

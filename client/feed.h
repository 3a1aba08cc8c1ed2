/* SPDX-License-Identifier: Apache-2.0
 *
 * feed: where the records of a connection come from: templates, values of a type, the lines of a
 * file, or files of rejected records. Belongs to one thread. */
#pragma once

#include "client/gen.h"
#include "client/gen_typed.h"
#include "client/lines.h"
#include "client/replay.h"
#include "client/types.h"

enum feed_kind { FEED_TEMPLATES, FEED_TYPED, FEED_LINES, FEED_REPLAY };

/* What all connections share. */
struct feed_source {
    const struct args *args;
    const struct types *types;
    struct lines *lines;   /* NULL: there are none */
    struct replay *replay; /* NULL: there is none */
    enum feed_kind kind;   /* set by feed_choose() */
};

/* Decides how records are made and judges examples: every template, or some values. A record of
 * ours that does not pass is an error here, before anything is sent. Errors: ERR_SYNTAX with the
 * record and the reason in `ret_why`; ERR_NOMEM. */
MUST_CHECK err_t feed_choose(struct feed_source *source, uint64_t seed, struct schema_why *ret_why);

struct feed {
    const struct feed_source *source;
    struct gen *gen;
    struct gen_typed *typed;
};

/* ERR_NOMEM. */
MUST_CHECK err_t feed_init(struct feed *f, const struct feed_source *source, uint64_t seed);
void feed_done(struct feed *f);

/* Appends up to `wanted` records to `out`; `ret_count` 0: there are no more. Errors: ERR_SYNTAX a
 * record did not pass its own schema, feed_why() tells; ERR_NOMEM. */
MUST_CHECK err_t feed_fill(struct feed *f, uint32_t wanted, struct buf *out, uint32_t *ret_count);

/* After ERR_SYNTAX. */
const char *feed_why(const struct feed *f);

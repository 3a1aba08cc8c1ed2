/* SPDX-License-Identifier: Apache-2.0
 *
 * option_text: what is said of a setting wherever it is said: the kind of its value, its help with
 * bounds and default, wrapped into lines. */
#pragma once

#include "base/option.h"

/* What follows the option's name: "FILE", "SIZE", …; "" for a truth value. Static. */
const char *option_text_arg(const struct option *row);

/* Appends help, bounds and default in one line. ERR_NOMEM. */
MUST_CHECK err_t option_text_describe(const struct option *row, struct buf *out);

/* Appends the help up to its first comma or semicolon. ERR_NOMEM. */
MUST_CHECK err_t option_text_brief(const struct option *row, struct buf *out);

/* How lines are broken. */
struct option_margins {
    const char *indent; /* begins each line but the first, which the caller has begun so */
    size_t width;       /* of a line */
};

/* Appends the words of `text` with LF at the end; a word longer than a line has one of its own.
 * ERR_NOMEM. */
MUST_CHECK err_t option_text_wrap(struct span text, struct option_margins margins, struct buf *out);

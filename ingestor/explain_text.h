/* SPDX-License-Identifier: Apache-2.0
 *
 * explain_text: for people: a block a record, aligned; nothing of the sender's reaches the terminal
 * unescaped. */
#pragma once

#include "ingestor/explain.h"

/* Verdicts in colour, for a terminal. */
enum explain_paint { EXPLAIN_PLAIN, EXPLAIN_COLOURS };

/* Append what is said about one record, and about all. ERR_NOMEM. */
MUST_CHECK err_t explain_text_item(const struct explain_item *item, enum explain_paint paint,
                                   struct buf *out);
MUST_CHECK err_t explain_text_totals(const struct explain_totals *totals, enum explain_paint paint,
                                     struct buf *out);

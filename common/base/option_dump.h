/* SPDX-License-Identifier: Apache-2.0
 *
 * option_dump: the option table as JSON, for what is made from it when the project is built: manual
 * pages and completion (cmake/), and for tests that compare documents with it. */
#pragma once

#include "base/option.h"

/* Appends {"program","summary","operands","prefix","groups":[{"help","name"}],"options":[…]} and
 * LF. Hidden rows are left out. Texts of the table are ASCII. ERR_NOMEM. */
MUST_CHECK err_t option_dump(const struct option_table *table, struct buf *out);

/* The same to standard output. Returns the exit status: 0, or 1 where that failed. */
int option_dump_print(const struct option_table *table);

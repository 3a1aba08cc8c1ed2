/* SPDX-License-Identifier: Apache-2.0
 *
 * option_help: --help. Alone it fits a screen: what the program is, the most used options, the
 * groups; --help GROUP, --help NAME and --help all tell the rest. 80 columns. */
#pragma once

#include "base/colour.h"
#include "base/option.h"

#define OPTION_HELP_ALONE "usual" /* the topic of --help without a word */

/* The row that every program has: --help [TOPIC]; the offset is of a char *, "" if not asked. */
#define OPTION_HELP_ROW                                                                  \
    .name = "help", .type = OPTION_STRING, .arg = "[GROUP]", .alone = OPTION_HELP_ALONE, \
    .default_text = "",                                                                  \
    .help = "print the most used options; those of a group, one by its name, "           \
            "or all"

/* Appends the help on `topic`: OPTION_HELP_ALONE, "all", a group, an option with or without dashes.
 * A table without groups has all its rows in every answer.
 * Errors: ERR_UNKNOWN no such topic (`report` says which there are); ERR_NOMEM. */
MUST_CHECK err_t option_help_show(const struct option_table *table, const char *topic,
                                  const struct colour *colour, struct buf *out,
                                  struct option_report *report);

/* The same to standard output, errors to standard error. Returns the exit status: 0, 1 where
 * writing failed, 2 for an unknown topic. */
int option_help_print(const struct option_table *table, const char *topic);

/* SPDX-License-Identifier: Apache-2.0
 *
 * option_parse: settings from the command line and from the environment. */
#pragma once

#include "base/option.h"

/* The command line without argv[0]: --name value, --name=value, --flag; -h is --help. Of a repeated
 * setting the last counts; lists grow, and commas separate items. A row with `alone` takes the next
 * word as its value unless that begins with a dash.
 * Errors: ERR_UNKNOWN no such option (the nearest is named); ERR_SYNTAX a value is missing; others
 * as option_assign(). */
MUST_CHECK err_t option_parse_args(const struct option_set *set, int argc, char *const *argv,
                                   struct option_report *report);

/* The variables of `env` (ended by NULL) that begin with the table's prefix; commas separate the
 * items of lists. An empty variable is one that is not set. What a container platform injects for a
 * service called like the prefix is skipped with a warning: values beginning tcp:// or udp://, and
 * unknown names like …SERVICE_HOST, …SERVICE_PORT_TLS, …PORT_3001_TCP_ADDR.
 * Errors: ERR_UNKNOWN no such variable (the nearest is named); others as option_assign(). */
MUST_CHECK err_t option_parse_env(const struct option_set *set, char *const *env,
                                  struct option_report *report);

/* Whether `candidate` may be what was meant by a mistyped `name`: few slips for its length, and
 * fewer than `*best`, which is then lowered. Begin with UINT_MAX. */
bool option_parse_is_near(struct span name, struct span candidate, unsigned *best);

/* The name nearest to a mistyped one, or NULL if none is near. */
const char *option_parse_nearest(const struct option_table *table, struct span name);

/* SPDX-License-Identifier: Apache-2.0
 *
 * option_value: one value of one setting: text -> number, and back to text that parses to the same
 * value. Pure functions. */
#pragma once

#include "base/option.h"

/* A scalar or a list's item. Enums: the index; bools: 0 or 1; ports: "off" is OPTION_PORT_DISABLED
 * converted to uint64_t; texts: not used. */
struct option_value {
    uint64_t number;
    uint64_t percent; /* OPTION_SHARE */
    uint64_t choice;  /* OPTION_PORT_LIST: index of the word behind the port */
};

/* ERR_SYNTAX no value of this type; ERR_LIMIT out of the row's bounds. */
MUST_CHECK err_t option_value_parse(const struct option *row, struct span text,
                                    struct option_value *ret);

/* What the type is called: `"x" is no size`. Static. */
const char *option_value_noun(const struct option *row);

/* What is allowed: "64KiB to 1TiB", "flush, rotate or none", … Writes a NUL-terminated text, cut to
 * `cap`; returns `out`. */
const char *option_value_allowed(const struct option *row, char *out, size_t cap);

/* Appends the value in the config struct at `slot` as YAML: texts in double quotes, lists in
 * brackets, everything else as the command line takes it. ERR_NOMEM. */
MUST_CHECK err_t option_value_print(const struct option *row, const void *slot, struct buf *out);

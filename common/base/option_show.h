/* SPDX-License-Identifier: Apache-2.0
 *
 * option_show: the table as text for people: --help and --print-config. */
#pragma once

#include "base/option.h"

/* Appends one entry a row, in the table's order: name, kind of value, help, default, bounds;
 * wrapped at 80 columns. ERR_NOMEM. */
MUST_CHECK err_t option_show_help(const struct option_table *table, struct buf *out);

/* Appends the effective values as YAML, one line a row, each with its origin as a comment. Rows
 * that a file may not hold are left out; of secret rows only a comment appears. Reading the text as
 * a file gives the same values. ERR_NOMEM. */
MUST_CHECK err_t option_show_config(const struct option_set *set, struct buf *out);

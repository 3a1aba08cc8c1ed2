/* SPDX-License-Identifier: Apache-2.0
 *
 * option_show: settings as a YAML file: those in effect, and a commented file to start from. */
#pragma once

#include "base/option.h"

/* Appends the effective values as YAML, one line a row, each with its origin as a comment. Rows
 * that a file may not hold are left out; of secret rows only a comment appears. Reading the text as
 * a file gives the same values. ERR_NOMEM. */
MUST_CHECK err_t option_show_config(const struct option_set *set, struct buf *out);

/* Appends a configuration file that explains itself: every key by group, with help, bounds and
 * default. Keys that have their default are commented out, the others stand with their value.
 * Reading the text as a file gives the same values. ERR_NOMEM. */
MUST_CHECK err_t option_show_template(const struct option_set *set, struct buf *out);

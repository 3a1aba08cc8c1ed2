/* SPDX-License-Identifier: Apache-2.0
 *
 * cfg_yaml: settings from a YAML file (by libyaml): one flat mapping; keys are option names without
 * dashes; lists are sequences, or a single value. No anchors, no second document.
 *
 * Two keys speak of the file itself, wherever they stand: config-version, and ignore-unknown, the
 * keys that are passed over, with one warning in all, where the table has no such row. */
#pragma once

#include "base/option.h"

/* Reads the file and assigns its settings with origin OPTION_FILE. `path` is kept in the set's
 * origins as the name for error texts: it must live as long as they do.
 * Errors: ERR_IO (with a text); others as cfg_yaml_parse(). */
MUST_CHECK err_t cfg_yaml_read(const struct option_set *set, const char *path,
                               struct option_report *report);

/* The same with the file's content. Errors: ERR_SYNTAX no YAML, no flat mapping, a key twice, a
 * value of the wrong kind; ERR_UNKNOWN no such key (the nearest is named); ERR_LIMIT a newer
 * config-version; others as option_assign(). */
MUST_CHECK err_t cfg_yaml_parse(const struct option_set *set, const char *name, struct span text,
                                struct option_report *report);

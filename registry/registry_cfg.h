/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_cfg: the registry's settings, from arguments and CORDWOOD_REGISTRY_… variables. */
#pragma once

#include "base/log.h"
#include "base/option.h"

struct registry_cfg {
    char *bind;
    int32_t port;
    char *db;
    char *schemas;
    char *write_token_file;
    enum log_level log_level;
    bool version;
    bool print_options;
    char *help; /* the topic */

    struct option_origins origins;
};

extern const struct option_table registry_cfg_table;

/* Reads and checks. On failure `ret` needs no release. Errors: ERR_UNKNOWN, ERR_SYNTAX, ERR_LIMIT
 * with a text in the report; ERR_NOMEM without. */
MUST_CHECK err_t registry_cfg_load(int argc, char *const *argv, char *const *env,
                                   struct registry_cfg *ret, struct option_report *report);

void registry_cfg_done(struct registry_cfg *cfg);

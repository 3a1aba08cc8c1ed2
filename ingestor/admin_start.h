/* SPDX-License-Identifier: Apache-2.0
 *
 * admin_start: the admin side (ingestor/admin_http.h) by the settings and the inherited socket.
 * Main thread only. */
#pragma once

#include "ingestor/admin_http.h"
#include "ingestor/inherit.h"

struct admin_start_config {
    const struct ingestor_cfg *cfg;
    const struct inherit *inherit;
    struct server *server;
};

/* Starts it; `*ret` stays as it is where HTTP is off. On failure `ret_why` tells the user why: the
 * errors of admin_http_start() and of token_file_read(). */
MUST_CHECK err_t admin_start(const struct admin_start_config *config, char *ret_why,
                             size_t why_bytes, struct admin_http **ret);

/* Writes the line "listening http ADDR:PORT", if `http` is not NULL. */
MUST_CHECK err_t admin_start_describe(const struct ingestor_cfg *cfg, const struct inherit *inherit,
                                      const struct admin_http *http, struct buf *out);

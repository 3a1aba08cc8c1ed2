/* SPDX-License-Identifier: Apache-2.0
 *
 * admin_http: what people and Prometheus read from the running ingestor, over HTTP, GET and HEAD:
 *   /                dashboard, with its files
 *   /events          server-sent events: first `history` (ingestor/history.h), then `stats` with
 *                    the JSON view, once a second
 *   /tail            server-sent events: archived lines; ?level= ?text= choose (ingestor/tail.h)
 *   /metrics         Prometheus text, OpenMetrics or JSON as the Accept header or ?format= asks
 *   /metrics.json /metrics-json   JSON (ingestor/metrics_json.h)
 *   /settings        the settings page; /settings.json what it shows (ingestor/settings_json.h)
 *   /healthz         200 while the process serves
 *   /readyz          200 if it can archive, else 503 with the reason
 *   /version         JSON
 * /healthz and /readyz are open to everyone; the rest is guarded (ingestor/admin_guard.h): 401
 * without the token, 421 under a foreign host name. */
#pragma once

#include "base/err.h"
#include "ingestor/server.h"
#include "net/http_server.h"

#include <stdbool.h>
#include <stdint.h>

/* Clients at one time; more are turned away. */
#define ADMIN_HTTP_CONNECTIONS_MAX 512u

struct admin_http;

struct admin_http_config {
    const char *bind;                        /* numeric address */
    uint16_t port;                           /* 0: any free one */
    const struct http_server_socket *socket; /* to listen at, bound to `bind`; NULL: none yet */
    const char *token;                       /* NULL: none; copied */
    bool open; /* no token, though the address is not a loopback one; it is logged */
};

/* Starts listening, with a thread of its own. Errors: ERR_SYNTAX `bind` is no address; ERR_LIMIT
 * the token is empty or too long; ERR_UNKNOWN neither token nor `open` for an address that is no
 * loopback one; ERR_IO with errno; ERR_NOMEM. */
MUST_CHECK err_t admin_http_start(const struct admin_http_config *config, struct server *server,
                                  struct admin_http **ret);

/* Any thread: http_server_beats() of its thread. */
uint64_t admin_http_beats(const struct admin_http *a);

uint16_t admin_http_port(const struct admin_http *a);

/* Ends all connections and the thread; frees. NULL is fine. */
void admin_http_stop(struct admin_http *a);

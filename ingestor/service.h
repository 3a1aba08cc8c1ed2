/* SPDX-License-Identifier: Apache-2.0
 *
 * service: the ingestor as the service of a manager such as systemd: what it is told, and when
 * (sd_notify(3)). Without a manager every call does nothing. Main thread only, but for the calls of
 * service_io(). */
#pragma once

#include "archive/archive_io.h"
#include "ingestor/admin_http.h"
#include "ingestor/server.h"

struct service;

/* Reads what the manager left in the environment and removes it from there; a value that cannot be
 * used is in the log. While there is one thread only. ERR_NOMEM. */
MUST_CHECK err_t service_new(struct service **ret);
void service_free(struct service *s);

/* The archive's calls. While the service starts, reading and writing by them is progress, for which
 * the manager is asked to wait longer: repairing a large archive takes its time. */
const struct archive_io *service_io(struct service *s);

/* Senders are served from now on; also after a reload. Told again with each tick until the manager
 * takes it. */
void service_ready(struct service *s);
void service_reloading(struct service *s);
void service_stopping(struct service *s);

/* With each turn of the main thread: the line of state, and the watchdog (ingestor/watchdog.h).
 * `http` may be NULL. */
void service_tick(struct service *s, struct server *server, const struct admin_http *http,
                  uint64_t mono_ns);

/* SPDX-License-Identifier: Apache-2.0
 *
 * conn_proxy: the first bytes of a connection that comes from a proxy (--proxy-protocol): a PROXY
 * header, which says whose connection it is. Afterwards the connection's peer is that client. */
#pragma once

#include "ingestor/conn.h"

/* Before a shard owns it: the connection must begin with a header. ERR_NOMEM. */
MUST_CHECK err_t conn_proxy_expect(struct conn *c);

/* Reads on. CONN_AGAIN: the header is complete, and the stage is CONN_STAGE_FIRST_BYTE; not a byte
 * behind it has been read. CONN_WAIT; CONN_OVER: `ret_result` says why. */
enum conn_verdict conn_proxy_step(struct conn *c, struct conn_env *env,
                                  enum shard_conn_result *ret_result);

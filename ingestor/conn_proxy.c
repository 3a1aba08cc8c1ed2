/* SPDX-License-Identifier: Apache-2.0
 *
 * conn_proxy: what has arrived is looked at first and then read as far as it belongs to the header:
 * what follows is for TLS, and a header that arrives slowly does not keep the socket readable. */
#include "ingestor/conn_proxy.h"

#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define LOOK_BYTES   512u
#define LOGGED_BYTES 16u

err_t conn_proxy_expect(struct conn *c)
{
    c->proxy = calloc(1, sizeof(*c->proxy));
    ENSURE(c->proxy != NULL, ERR_NOMEM);
    c->stage = CONN_STAGE_PROXY;
    return ERR_OK;
}

static enum conn_verdict refuse(struct conn *c, struct conn_env *env, const char *event,
                                struct span head, enum shard_conn_result *ret_result)
{
    char bytes[128];
    char detail[320];

    log_escape(span_head(head, LOGGED_BYTES), bytes, sizeof(bytes));
    snprintf(detail, sizeof(detail), "reason=\"%s\" bytes=%s option=--proxy-protocol",
             c->proxy->why, bytes);
    refusal_log(env->refusals, event, &c->peer, detail);
    *ret_result = CONN_PROXY_REFUSED;
    return CONN_OVER;
}

/* The connection is the client's from here on, if the client may have one more. */
static enum conn_verdict become_client(struct conn *c, struct conn_env *env,
                                       enum shard_conn_result *ret_result)
{
    bool renamed = c->proxy->has_client;
    struct addr client = c->proxy->client;

    free(c->proxy);
    c->proxy = NULL;
    c->stage = CONN_STAGE_FIRST_BYTE;
    if (!renamed) {
        return CONN_AGAIN;
    }
    if (env->proxied != NULL && env->proxied(env->proxied_arg, &c->peer, &client) != ERR_OK) {
        refusal_log(env->refusals, "too_many_connections_of_peer", &client,
                    "option=--max-connections-per-peer");
        *ret_result = CONN_PEER_LIMIT;
        return CONN_OVER;
    }
    c->peer = client;
    addr_format(&c->peer, c->peer_name);
    return CONN_AGAIN;
}

/* Nothing to look at: not yet, or never. */
static enum conn_verdict look_failed(struct conn *c, struct conn_env *env, ssize_t got,
                                     enum shard_conn_result *ret_result)
{
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return CONN_WAIT;
    }
    if (c->proxy->have == 0) {
        *ret_result = CONN_PROBE;
        return CONN_OVER;
    }
    c->proxy->why = "the connection ended inside it";
    return refuse(c, env, "bad_proxy_header", span_of((const char *)c->proxy->head, 0), ret_result);
}

/* What is behind the look at it: the bytes that the header is made of. */
static void take_bytes(const struct conn *c, char *at, size_t bytes)
{
    IGNORE(recv(c->fd, at, bytes, MSG_DONTWAIT) < 0, "they are there, as the look has shown");
}

enum conn_verdict conn_proxy_step(struct conn *c, struct conn_env *env,
                                  enum shard_conn_result *ret_result)
{
    char head[LOOK_BYTES];
    err_t err = ERR_AGAIN;

    while (err == ERR_AGAIN) {
        size_t taken = 0;
        ssize_t got = recv(c->fd, head, sizeof(head), MSG_PEEK | MSG_DONTWAIT);
        if (got <= 0) {
            return look_failed(c, env, got, ret_result);
        }
        struct span in = span_of(head, (size_t)got);
        err = proxy_header_take(c->proxy, in, &taken);
        if (err == ERR_UNKNOWN) {
            return refuse(c, env, "proxy_header_missing", in, ret_result);
        }
        if (err == ERR_SYNTAX) {
            return refuse(c, env, "bad_proxy_header", in, ret_result);
        }
        take_bytes(c, head, taken);
    }
    return become_client(c, env, ret_result);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * acceptor: limits, then the least loaded shard. */
#include "ingestor/acceptor.h"

#include "base/log.h"
#include "ingestor/conn_proxy.h"
#include "ingestor/peer_table.h"
#include "net/addr_block.h"
#include "net/listener.h"
#include "net/transport_tls.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

struct acceptor {
    struct acceptor_config config;
    struct peer_table *peers;
    struct tls_server *tls;
    struct refusal_table refusals;
    uint32_t proxy_count;
    struct addr_block proxies[OPTION_LIST_MAX];
    _Atomic uint32_t per_peer_max;
    _Atomic uint64_t refused_limit;
    _Atomic uint64_t refused_peer_limit;
    _Atomic uint64_t errors;
};

/* Limits may be raised later, up to this many connections. */
#define TABLE_CONNECTIONS 1000000u

err_t acceptor_new(const struct acceptor_config *config, struct acceptor **ret)
{
    struct acceptor *a = calloc(1, sizeof(*a));

    ENSURE(a != NULL, ERR_NOMEM);
    a->config = *config;
    atomic_store(&a->per_peer_max, config->connections_per_peer_max);
    err_t err = peer_table_new(TABLE_CONNECTIONS, &a->peers);
    if (err != ERR_OK) {
        free(a);
        return err;
    }
    *ret = a;
    return ERR_OK;
}

void acceptor_free(struct acceptor *a)
{
    if (a != NULL) {
        tls_server_free(a->tls);
        peer_table_free(a->peers);
        free(a);
    }
}

void acceptor_set_tls(struct acceptor *a, struct tls_server *tls)
{
    struct tls_server *old = a->tls;

    a->tls = tls_server_share(tls);
    tls_server_free(old);
}

void acceptor_set_limits(struct acceptor *a, uint32_t connections_max,
                         uint32_t connections_per_peer_max)
{
    a->config.connections_max = connections_max;
    atomic_store(&a->per_peer_max, connections_per_peer_max);
}

void acceptor_set_proxies(struct acceptor *a, const struct option_strings *blocks)
{
    a->proxy_count = 0;
    for (uint32_t i = 0; i < blocks->count; i++) {
        struct addr_block *block = &a->proxies[a->proxy_count];
        a->proxy_count += addr_block_parse(span_of_str(blocks->at[i]), block) == ERR_OK;
    }
}

static bool is_proxy(const struct acceptor *a, const struct addr *peer)
{
    for (uint32_t i = 0; i < a->proxy_count; i++) {
        if (addr_block_holds(&a->proxies[i], peer)) {
            return true;
        }
    }
    return false;
}

static struct shard *pick_shard(const struct acceptor *a)
{
    struct shard *best = a->config.shards[0];

    for (unsigned i = 1; i < a->config.shard_count; i++) {
        if (shard_load(a->config.shards[i]) < shard_load(best)) {
            best = a->config.shards[i];
        }
    }
    return best;
}

static uint32_t count_connections(const struct acceptor *a)
{
    uint32_t count = 0;

    for (unsigned i = 0; i < a->config.shard_count; i++) {
        count += shard_load(a->config.shards[i]);
    }
    return count;
}

/* A socket that was accepted. */
struct arrival {
    int fd;
    enum sniff_port port;
    bool from_proxy;
    struct addr peer;
};

static err_t make_conn(const struct acceptor *a, const struct arrival *in, struct conn **ret)
{
    struct transport *transport = NULL;
    struct conn *c = NULL;

    TRY(transport_tls_new(a->tls, in->fd, &transport));
    err_t err = conn_new(in->fd, &in->peer, transport, &c);
    if (err != ERR_OK) {
        transport->ops->free(transport);
        return err;
    }
    c->port = in->port;
    err = in->from_proxy ? conn_proxy_expect(c) : ERR_OK;
    if (err != ERR_OK) {
        conn_discard(c);
        return err;
    }
    *ret = c;
    return ERR_OK;
}

static err_t give(const struct acceptor *a, struct shard *shard, const struct arrival *in)
{
    struct conn *c = NULL;

    TRY(make_conn(a, in, &c));
    err_t err = shard_give(shard, c);
    if (err != ERR_OK) {
        conn_discard(c);
    }
    return err;
}

/* A proxy's connections count for their clients, once those are known. */
static err_t enter(const struct acceptor *a, const struct arrival *in)
{
    uint32_t max = in->from_proxy ? 0 : atomic_load(&a->per_peer_max);

    return peer_table_enter(a->peers, &in->peer, max);
}

/* Takes one accepted socket as far as the limits allow; closes it otherwise. */
static void admit(struct acceptor *a, struct shard *shard, const struct arrival *in)
{
    if (count_connections(a) >= a->config.connections_max) {
        atomic_fetch_add(&a->refused_limit, 1);
        refusal_log(&a->refusals, "too_many_connections", &in->peer, "option=--max-connections");
        close(in->fd);
        return;
    }
    if (enter(a, in) != ERR_OK) {
        atomic_fetch_add(&a->refused_peer_limit, 1);
        refusal_log(&a->refusals, "too_many_connections_of_peer", &in->peer,
                    "option=--max-connections-per-peer");
        close(in->fd);
        return;
    }
    if (give(a, shard, in) != ERR_OK) {
        atomic_fetch_add(&a->errors, 1);
        LOG(LOG_ERROR, "acceptor", "event=connection_not_taken action=close");
        peer_table_leave(a->peers, &in->peer);
        close(in->fd);
    }
}

/* The main thread has more to do than to accept, however fast peers connect. */
#define ACCEPTED_PER_CALL 256u

err_t acceptor_accept(struct acceptor *a, int listen_fd, enum sniff_port port)
{
    for (unsigned i = 0; i < ACCEPTED_PER_CALL; i++) {
        struct shard *shard = pick_shard(a);
        struct arrival in = {.fd = -1, .port = port};
        ENSURE(shard_has_room(shard), ERR_AGAIN); /* the kernel's queue keeps the rest */
        err_t err = listener_accept(listen_fd, &in.fd, &in.peer);
        if (err == ERR_AGAIN) {
            return ERR_OK;
        }
        if (err != ERR_OK) {
            atomic_fetch_add(&a->errors, 1);
            return err;
        }
        in.from_proxy = is_proxy(a, &in.peer);
        admit(a, shard, &in);
    }
    return ERR_AGAIN;
}

void acceptor_report_refusals(struct acceptor *a, uint64_t mono_ns)
{
    refusal_report(&a->refusals, mono_ns);
}

void acceptor_conn_closed(struct acceptor *a, const struct addr *peer)
{
    peer_table_leave(a->peers, peer);
}

err_t acceptor_conn_proxied(struct acceptor *a, const struct addr *proxy, const struct addr *client)
{
    if (peer_table_enter(a->peers, client, atomic_load(&a->per_peer_max)) != ERR_OK) {
        atomic_fetch_add(&a->refused_peer_limit, 1);
        return ERR_LIMIT;
    }
    peer_table_leave(a->peers, proxy);
    return ERR_OK;
}

void acceptor_read_stats(const struct acceptor *a, struct server_accept_stats *ret)
{
    ret->refused_limit = atomic_load(&a->refused_limit);
    ret->refused_peer_limit = atomic_load(&a->refused_peer_limit);
    ret->errors = atomic_load(&a->errors);
}

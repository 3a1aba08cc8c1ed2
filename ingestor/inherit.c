/* SPDX-License-Identifier: Apache-2.0
 *
 * inherit: by name, else by port. All sockets of one systemd unit bear the same name, so that ports
 * are the usual case. UDP: a socket is one shard's, as those that the ingestor binds itself are, so
 * that what one sender sends stays in order; more sockets of one port (SO_REUSEPORT, by the one who
 * passes them) are for more shards. */
#include "ingestor/inherit.h"

#include <stdio.h>
#include <string.h>

enum use { USE_NONE, USE_TLS, USE_UDP, USE_HTTP };

/* Where the reason of a failure goes. */
struct why {
    char *text;
    size_t bytes;
};

static bool is_tls_port(const struct ingestor_cfg *cfg, int32_t port)
{
    for (uint32_t i = 0; i < cfg->tls_port.count; i++) {
        if (cfg->tls_port.at[i] == port) {
            return true;
        }
    }
    return false;
}

static enum use use_of(const struct sd_listen_socket *s, const struct ingestor_cfg *cfg)
{
    int32_t port = addr_port(&s->bound);

    if (s->kind == SD_LISTEN_DATAGRAM) {
        return strcmp(s->name, "udp") == 0 || cfg->udp_port == port ? USE_UDP : USE_NONE;
    }
    if (strcmp(s->name, "tls") == 0) {
        return USE_TLS;
    }
    if (strcmp(s->name, "http") == 0 || cfg->http_port == port) {
        return USE_HTTP;
    }
    return is_tls_port(cfg, port) ? USE_TLS : USE_NONE;
}

static err_t refuse_useless(const struct sd_listen_socket *s, struct why why)
{
    char name[ADDR_TEXT_BYTES];
    bool udp = s->kind == SD_LISTEN_DATAGRAM;

    addr_format(&s->bound, name);
    snprintf(
        why.text, why.bytes,
        "the service manager passed the %s socket %s (named \"%.60s\"), but no setting has its "
        "port; allowed: the port of %s, or the name %s (FileDescriptorName=)",
        udp ? "UDP" : "TCP", name, s->name, udp ? "udp-port" : "tls-port or http-port",
        udp ? "udp" : "tls or http");
    return ERR_UNKNOWN;
}

static err_t put_udp(struct inherit *in, const struct sd_listen_socket *s, struct why why)
{
    if (in->udp_count > 0 && addr_port(&in->udp_addr) != addr_port(&s->bound)) {
        snprintf(why.text, why.bytes,
                 "the service manager passed UDP sockets of the ports %u and %u; allowed: one port",
                 addr_port(&in->udp_addr), addr_port(&s->bound));
        return ERR_SYNTAX;
    }
    in->udp_fds[in->udp_count++] = s->fd;
    in->udp_addr = s->bound;
    return ERR_OK;
}

static err_t put_http(struct inherit *in, const struct sd_listen_socket *s, struct why why)
{
    if (in->http_fd >= 0) {
        snprintf(why.text, why.bytes,
                 "the service manager passed two sockets for HTTP, of the ports %u and %u; "
                 "allowed: one",
                 addr_port(&in->http_addr), addr_port(&s->bound));
        return ERR_EXISTS;
    }
    in->http_fd = s->fd;
    in->http_addr = s->bound;
    return ERR_OK;
}

static err_t put(struct inherit *in, const struct sd_listen_socket *s,
                 const struct ingestor_cfg *cfg, struct why why)
{
    switch (use_of(s, cfg)) {
    case USE_TLS:
        in->tls_fds[in->tls_count] = s->fd;
        in->tls_addrs[in->tls_count++] = s->bound;
        return ERR_OK;
    case USE_UDP:
        return put_udp(in, s, why);
    case USE_HTTP:
        return put_http(in, s, why);
    case USE_NONE:
        break;
    }
    return refuse_useless(s, why);
}

void inherit_init(struct inherit *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->http_fd = -1;
}

err_t inherit_sort(struct sd_listen *sockets, const struct ingestor_cfg *cfg, struct inherit *ret,
                   char *ret_why, size_t why_bytes)
{
    struct inherit in;

    inherit_init(&in);
    for (unsigned i = 0; i < sockets->count; i++) {
        TRY(put(&in, &sockets->at[i], cfg, (struct why){ret_why, why_bytes}));
    }
    sockets->count = 0;
    *ret = in;
    return ERR_OK;
}

err_t inherit_check_shards(const struct inherit *in, unsigned shards, char *ret_why,
                           size_t why_bytes)
{
    if (in->udp_count > shards) {
        snprintf(ret_why, why_bytes,
                 "the service manager passed %u UDP sockets for %u shards; allowed: at most one a "
                 "shard (--shards)",
                 in->udp_count, shards);
        return ERR_LIMIT;
    }
    return ERR_OK;
}

static bool has_tls_port(const struct inherit *in, int32_t port)
{
    for (unsigned i = 0; i < in->tls_count; i++) {
        if (addr_port(&in->tls_addrs[i]) == port) {
            return true;
        }
    }
    return false;
}

int32_t inherit_missing_tls_port(const struct inherit *in, const struct ingestor_cfg *cfg)
{
    for (uint32_t i = 0; in->tls_count > 0 && i < cfg->tls_port.count; i++) {
        if (cfg->tls_port.at[i] > 0 && !has_tls_port(in, cfg->tls_port.at[i])) {
            return cfg->tls_port.at[i];
        }
    }
    return 0;
}

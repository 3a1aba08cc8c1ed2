/* SPDX-License-Identifier: Apache-2.0
 *
 * sockets: TLS and UDP, bound or inherited. */
#include "ingestor/sockets.h"

#include "base/limits.h"
#include "base/log.h"
#include "net/listener.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define UDP_RECEIVE_BYTES (64 * 1024 * 1024)

_Static_assert(SD_LISTEN_MAX <= OPTION_LIST_MAX, "all sockets that are passed may be for TLS");

/* Where the reason of a failure goes, for the user. */
struct why {
    char *text;
    size_t bytes;
};

void sockets_init(struct sockets *ret)
{
    memset(ret, 0, sizeof(*ret));
    for (unsigned i = 0; i < SHARDS_MAX; i++) {
        ret->udp_fds[i] = -1;
    }
}

static void explain_bind(struct why why, const char *what, const char *host, int32_t port)
{
    snprintf(why.text, why.bytes,
             "cannot listen for %s on address %s port %d: %s; choose another with --bind, "
             "--tls-port or --udp-port, or turn it off with \"off\"",
             what, host, (int)port, strerror(errno));
}

static err_t listen_tls(struct sockets *s, const struct ingestor_cfg *cfg, struct why why)
{
    for (uint32_t i = 0; i < cfg->tls_port.count; i++) {
        int32_t port = cfg->tls_port.at[i];
        if (port == OPTION_PORT_DISABLED) {
            continue;
        }
        err_t err = listener_tcp(cfg->bind, (uint16_t)port, &s->tls_fds[s->tls_count],
                                 &s->tls_addrs[s->tls_count]);
        if (err != ERR_OK) {
            explain_bind(why, "TLS", cfg->bind, port);
            return err;
        }
        s->tls_count++;
    }
    return ERR_OK;
}

static void warn_of_buffer(int granted, const char *remedy)
{
    if (granted < UDP_RECEIVE_BYTES) {
        LOG(LOG_WARN, "sockets", "event=udp_buffer_capped bytes=%d wanted=%d remedy=\"%s%d\"",
            granted, UDP_RECEIVE_BYTES, remedy, UDP_RECEIVE_BYTES);
    }
}

/* SO_REUSEPORT, by which shards share the port, would also share it with another process: asked
 * once without it, the kernel tells whether it is free. */
static err_t bind_udp(struct sockets *s, const struct sockets_config *config, struct why why)
{
    const char *host = config->cfg->bind;
    struct listener_udp udp = {.receive_bytes = UDP_RECEIVE_BYTES};
    int32_t port = config->cfg->udp_port;

    if (port == OPTION_PORT_DISABLED) {
        return ERR_OK;
    }
    if (port > 0 && listener_udp_is_free(host, (uint16_t)port) == ERR_IO) {
        explain_bind(why, "UDP", host, port);
        return ERR_IO;
    }
    for (unsigned i = 0; i < config->shards; i++) {
        err_t err = listener_udp_open(host, (uint16_t)port, UDP_RECEIVE_BYTES, &udp);
        if (err != ERR_OK) {
            explain_bind(why, "UDP", host, port);
            return err;
        }
        s->udp_fds[i] = udp.fd;
        s->udp_addr = udp.bound;
        s->udp_bound = true;
        port = addr_port(&udp.bound);
    }
    warn_of_buffer(udp.receive_bytes, "sysctl -w net.core.rmem_max=");
    return ERR_OK;
}

static void inherit_tls(struct sockets *s, const struct sockets_config *config)
{
    const struct inherit *in = config->inherit;
    int32_t missing = inherit_missing_tls_port(in, config->cfg);

    if (missing != 0) {
        LOG(LOG_WARN, "sockets",
            "event=port_not_inherited port=%d remedy=\"add it to the socket unit (ListenStream=)\" "
            "action=do_not_listen",
            missing);
    }
    memcpy(s->tls_fds, in->tls_fds, in->tls_count * sizeof(in->tls_fds[0]));
    memcpy(s->tls_addrs, in->tls_addrs, in->tls_count * sizeof(in->tls_addrs[0]));
    s->tls_count = in->tls_count;
    s->tls_inherited = true;
}

/* Whoever made the sockets may have been allowed larger buffers than this process is. What the
 * kernel dropped there before is not this run's to count. */
static void inherit_udp(struct sockets *s, const struct inherit *in)
{
    for (unsigned i = 0; i < in->udp_count; i++) {
        s->udp_fds[i] = in->udp_fds[i];
        s->udp_drops[i] = listener_udp_drops(in->udp_fds[i]);
        warn_of_buffer(listener_udp_grow(in->udp_fds[i], UDP_RECEIVE_BYTES), "ReceiveBuffer=");
    }
    s->udp_inherited = true;
    s->udp_bound = true;
    s->udp_addr = in->udp_addr;
}

err_t sockets_open(struct sockets *s, const struct sockets_config *config, char *ret_why,
                   size_t why_bytes)
{
    struct why why = {ret_why, why_bytes};

    TRY(inherit_check_shards(config->inherit, config->shards, why.text, why.bytes));
    if (config->inherit->tls_count > 0) {
        inherit_tls(s, config);
    } else {
        TRY(listen_tls(s, config->cfg, why));
    }
    if (config->inherit->udp_count > 0) {
        inherit_udp(s, config->inherit);
        return ERR_OK;
    }
    return bind_udp(s, config, why);
}

void sockets_close_tls(struct sockets *s)
{
    for (unsigned i = 0; i < s->tls_count; i++) {
        close(s->tls_fds[i]);
    }
    s->tls_count = 0;
}

void sockets_close(struct sockets *s)
{
    sockets_close_tls(s);
    for (unsigned i = 0; i < SHARDS_MAX; i++) {
        if (s->udp_fds[i] >= 0) {
            close(s->udp_fds[i]);
            s->udp_fds[i] = -1;
        }
    }
}

err_t sockets_describe(const struct sockets *s, struct buf *out)
{
    char name[ADDR_TEXT_BYTES];

    for (unsigned i = 0; i < s->tls_count; i++) {
        addr_format(&s->tls_addrs[i], name);
        TRY(buf_printf(out, "listening tls %s\n", name));
    }
    if (s->udp_bound) {
        addr_format(&s->udp_addr, name);
        TRY(buf_printf(out, "listening udp %s\n", name));
    }
    return ERR_OK;
}

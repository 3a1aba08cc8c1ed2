/* SPDX-License-Identifier: Apache-2.0
 *
 * admin_start: --http-bind, --http-port, or the socket that a service manager passed. */
#include "ingestor/admin_start.h"

#include "ingestor/token_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void explain(const struct admin_start_config *config, err_t err, char *why, size_t why_bytes)
{
    const struct ingestor_cfg *cfg = config->cfg;
    const char *reason = err == ERR_IO ? strerror(errno) : err_name(err);

    if (config->inherit->http_fd >= 0 && err == ERR_UNKNOWN) {
        snprintf(why, why_bytes,
                 "the service manager passed an HTTP socket that other machines reach; allowed: "
                 "one of a loopback address, or any with --http-token-file or --http-open");
        return;
    }
    snprintf(why, why_bytes,
             "cannot listen for HTTP on address %s port %d: %s; choose another with --http-bind "
             "or --http-port, or turn it off with \"off\"",
             cfg->http_bind, (int)cfg->http_port, reason);
}

/* The address of an inherited socket decides who may ask, as --http-bind does. */
static err_t start_at(const struct admin_start_config *config, struct admin_http_config *http,
                      struct admin_http **ret)
{
    const struct inherit *in = config->inherit;
    struct http_server_socket socket = {in->http_fd, 0};
    char host[ADDR_TEXT_BYTES];

    if (socket.fd < 0) {
        return admin_http_start(http, config->server, ret);
    }
    addr_format_host(&in->http_addr, host);
    socket.port = addr_port(&in->http_addr);
    http->bind = host;
    http->port = socket.port;
    http->socket = &socket;
    return admin_http_start(http, config->server, ret);
}

err_t admin_start(const struct admin_start_config *config, char *ret_why, size_t why_bytes,
                  struct admin_http **ret)
{
    const struct ingestor_cfg *cfg = config->cfg;
    char token[TOKEN_FILE_BYTES] = "";
    bool guarded = cfg->http_token_file[0] != '\0';

    if (cfg->http_port == OPTION_PORT_DISABLED && config->inherit->http_fd < 0) {
        return ERR_OK;
    }
    if (guarded) {
        TRY(token_file_read(cfg->http_token_file, token, ret_why, why_bytes));
    }
    struct admin_http_config http = {
        .bind = cfg->http_bind,
        .port = (uint16_t)cfg->http_port,
        .token = guarded ? token : NULL,
        .open = cfg->http_open,
    };
    err_t err = start_at(config, &http, ret);
    if (err != ERR_OK) {
        explain(config, err, ret_why, why_bytes);
    }
    return err;
}

err_t admin_start_describe(const struct ingestor_cfg *cfg, const struct inherit *inherit,
                           const struct admin_http *http, struct buf *out)
{
    struct addr addr = inherit->http_addr;
    char name[ADDR_TEXT_BYTES];

    if (http == NULL) {
        return ERR_OK;
    }
    if (inherit->http_fd < 0) {
        TRY(addr_parse(cfg->http_bind, admin_http_port(http), &addr));
    }
    addr_format(&addr, name);
    return buf_printf(out, "listening http %s\n", name);
}

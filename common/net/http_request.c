/* SPDX-License-Identifier: Apache-2.0
 *
 * http_request: what libmicrohttpd knows of a request, asked in our terms. */
#include "net/http_request.h"

#include <microhttpd.h>
#include <stdbool.h>
#include <sys/socket.h>

const char *http_request_header(const struct http_request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

err_t http_request_query(const struct http_request *r, const char *name, char *ret_value,
                         size_t cap)
{
    const char *value = NULL;
    size_t len = 0;

    ENSURE(MHD_lookup_connection_value_n(r->connection, MHD_GET_ARGUMENT_KIND, name, strlen(name),
                                         &value, &len) == MHD_YES,
           ERR_UNKNOWN);
    return http_request_unescape(span_of(value, len), ret_value, cap);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

err_t http_request_unescape(struct span in, char *ret_out, size_t cap)
{
    size_t used = 0;

    for (size_t i = 0; i < in.len; i++) {
        char c = in.at[i];
        if (c == '%') {
            ENSURE(in.len - i > 2, ERR_SYNTAX);
            int high = hex_digit(in.at[i + 1]);
            int low = hex_digit(in.at[i + 2]);
            ENSURE(high >= 0 && low >= 0 && high + low > 0, ERR_SYNTAX);
            c = (char)(high * 16 + low);
            i += 2;
        }
        ENSURE(used + 1 < cap, ERR_LIMIT);
        ret_out[used++] = c;
    }
    ENSURE(cap > 0, ERR_LIMIT);
    ret_out[used] = '\0';
    return ERR_OK;
}

void http_request_peer(const struct http_request *r, struct addr *ret)
{
    struct addr peer = {.len = sizeof(peer.storage)};
    int fd = MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;

    if (getpeername(fd, (struct sockaddr *)&peer.storage, &peer.len) != 0) {
        peer = (struct addr){.storage.ss_family = AF_UNSPEC}; /* it has gone */
    }
    *ret = peer;
}

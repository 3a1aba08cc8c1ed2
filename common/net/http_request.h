/* SPDX-License-Identifier: Apache-2.0
 *
 * http_request: a request as a handler of http_server sees it. */
#pragma once

#include "base/err.h"
#include "base/span.h"
#include "net/addr.h"

/* Valid during the call of the handler, like everything read from it. */
struct http_request {
    const char *method; /* as sent: "GET" */
    const char *path;   /* as sent, escapes in place, without the query */
    struct span body;   /* empty if the server's body_bytes_max is 0 */
    void *connection;   /* the library's */
};

/* The first header of that name (any case), NULL if there is none. */
const char *http_request_header(const struct http_request *r, const char *name);

/* The first query parameter of that name, unescaped, NUL-terminated, "" if it has no value.
 * Errors: ERR_UNKNOWN there is none; ERR_LIMIT longer than `cap` - 1; ERR_SYNTAX bad escape. */
MUST_CHECK err_t http_request_query(const struct http_request *r, const char *name, char *ret_value,
                                    size_t cap);

/* Replaces %XX; NUL-terminates. Errors: ERR_SYNTAX no hex digits, or %00; ERR_LIMIT longer than
 * `cap` - 1. */
MUST_CHECK err_t http_request_unescape(struct span in, char *ret_out, size_t cap);

/* The sender's address and port, for logs. */
void http_request_peer(const struct http_request *r, struct addr *ret);

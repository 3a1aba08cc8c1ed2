/* SPDX-License-Identifier: Apache-2.0
 *
 * http_client: GET requests over libcurl, for one thread. Nothing is followed, cached or kept; http
 * and https only. Blocks up to the timeout. */
#pragma once

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

#define HTTP_CLIENT_WHY_BYTES 256u

struct http_client;

struct http_client_config {
    uint32_t timeout_ms; /* for a whole request, name look-up included */
    size_t body_bytes_max;
    const char *ca_file; /* "": the system's */
};

/* The first one of a process must be made while it has one thread. ERR_NOMEM. */
MUST_CHECK err_t http_client_new(const struct http_client_config *config, struct http_client **ret);
void http_client_free(struct http_client *c);

/* What came. A zeroed one is ready for use, and for use again; http_client_answer_done() frees. */
struct http_client_answer {
    unsigned status;
    struct buf body;
    char why[HTTP_CLIENT_WHY_BYTES]; /* what failed, if no answer came; NUL-terminated */
};

void http_client_answer_done(struct http_client_answer *a);

/* GET; `accept` is the media type asked for. `ret` is emptied first; status and body are there when
 * an answer came, whatever its status: redirections are answers too. Errors, with a `why`: ERR_IO
 * no connection, broken off; ERR_AGAIN the timeout ran out; ERR_LIMIT the body is longer, or the
 * head than 64 KiB; ERR_SYNTAX no HTTP, or no such URL; ERR_NOMEM. */
MUST_CHECK err_t http_client_get(struct http_client *c, const char *url, const char *accept,
                                 struct http_client_answer *ret);

/* Any thread: a request under way ends soon with ERR_IO, and so do all later ones. */
void http_client_stop(struct http_client *c);

/* SPDX-License-Identifier: Apache-2.0
 *
 * http_reply: the answer that a handler of http_server fills in. */
#pragma once

#include "base/buf.h"
#include "base/span.h"

#define HTTP_REPLY_HEADERS_MAX      12u
#define HTTP_REPLY_HEADER_BYTES_MAX 256u

/* An endless answer (server-sent events). */
struct http_reply_stream {
    /* The next bytes to send, valid until the next call or end(). Empty: nothing now, ask again
     * after the server's next tick. Called only when everything before is on its way: a slow reader
     * slows down nobody else. */
    struct span (*next)(void *arg);
    /* The reader is gone, or has never been served for want of memory. */
    void (*end)(void *arg);
    void *arg;
};

/* At first: status 200, no body, no headers. At most one of body, fixed and stream is set. */
struct http_reply {
    unsigned status;
    struct buf body;                 /* is taken over and freed by the server */
    struct span fixed;               /* outlives the server */
    struct http_reply_stream stream; /* if next is not NULL */
    unsigned header_count;
    struct {
        const char *name; /* static */
        char value[HTTP_REPLY_HEADER_BYTES_MAX];
    } headers[HTTP_REPLY_HEADERS_MAX];
};

/* Adds a header; `name` is static, `value` is copied and must fit. */
void http_reply_header(struct http_reply *r, const char *name, const char *value);

/* A short plain-text answer; LF is added. */
void http_reply_text(struct http_reply *r, unsigned status, const char *text);

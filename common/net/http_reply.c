/* SPDX-License-Identifier: Apache-2.0
 *
 * http_reply: filling in an answer. */
#include "net/http_reply.h"

#include <assert.h>

void http_reply_header(struct http_reply *r, const char *name, const char *value)
{
    assert(r->header_count < HTTP_REPLY_HEADERS_MAX);
    assert(strlen(value) < HTTP_REPLY_HEADER_BYTES_MAX);
    r->headers[r->header_count].name = name;
    memcpy(r->headers[r->header_count].value, value, strlen(value) + 1);
    r->header_count++;
}

void http_reply_text(struct http_reply *r, unsigned status, const char *text)
{
    r->status = status;
    r->body.len = 0;
    IGNORE(buf_printf(&r->body, "%s\n", text), "without memory the answer has no body");
    http_reply_header(r, "Content-Type", "text/plain; charset=utf-8");
}

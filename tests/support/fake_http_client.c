/* SPDX-License-Identifier: Apache-2.0
 *
 * fake_http_client: a call. */
#include "tests/support/fake_http_client.h"

struct http_client fake_http_client_of(fake_http_client_fn answer, void *arg)
{
    return (struct http_client){.answer = answer, .arg = arg};
}

void http_client_answer_done(struct http_client_answer *a)
{
    buf_done(&a->body);
    *a = (struct http_client_answer){0};
}

err_t http_client_get(struct http_client *c, const char *url, const char *accept,
                      struct http_client_answer *ret)
{
    (void)accept;
    ret->status = 0;
    ret->body.len = 0;
    ret->why[0] = '\0';
    return c->answer(c->arg, url, ret);
}

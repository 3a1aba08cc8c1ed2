/* SPDX-License-Identifier: Apache-2.0
 *
 * fake_http_client: net/http_client.h without a network: a function of the test's answers. */
#pragma once

#include "net/http_client.h"

/* Answers, or fails, as http_client_get() may; `ret` has been emptied. */
typedef err_t (*fake_http_client_fn)(void *arg, const char *url, struct http_client_answer *ret);

struct http_client {
    fake_http_client_fn answer;
    void *arg;
};

struct http_client fake_http_client_of(fake_http_client_fn answer, void *arg);

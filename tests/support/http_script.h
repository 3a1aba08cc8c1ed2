/* SPDX-License-Identifier: Apache-2.0
 *
 * http_script: an HTTP server of a test's own, on loopback: one thread, one connection at a time,
 * and a function of the test's that answers with any bytes it likes. */
#pragma once

#include "base/buf.h"

#include <stdint.h>

struct http_script;

/* On the server's thread: the request's path and query, as sent; the answer is written to `fd`,
 * which is closed when the function returns. */
typedef void (*http_script_fn)(void *arg, struct http_script *h, int fd, const char *path);

/* Listens on `port` (0: a free one). Everything asserts. */
struct http_script *http_script_start(uint16_t port, http_script_fn serve, void *arg);

/* Ends and frees it; NULL is fine. */
void http_script_stop(struct http_script *h);

uint16_t http_script_port(const struct http_script *h);

/* Bytes to the client, as far as it still listens. False: it does not. */
bool http_script_send(int fd, struct span bytes);

/* A whole answer. */
void http_script_answer(int fd, unsigned status, struct span body);

/* Says nothing until the client leaves or the server is stopped. */
void http_script_hang(struct http_script *h, int fd);

/* Whether the server is being stopped. */
bool http_script_is_over(const struct http_script *h);

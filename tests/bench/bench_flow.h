/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_flow: one TLS 1.3 connection of a sender, blocking. Any certificate is believed: what is
 * measured is the other side. */
#pragma once

#include "base/err.h"
#include "base/span.h"
#include "net/addr.h"

#include <openssl/ssl.h>

struct bench_flow {
    SSL *ssl;
    int fd;
};

/* The settings of all connections; free with SSL_CTX_free(). ERR_NOMEM. */
MUST_CHECK err_t bench_flow_context(SSL_CTX **ret);

/* When what was written goes to the kernel. */
enum bench_flow_writes {
    BENCH_FLOW_AT_ONCE, /* each TLS record by a system call of its own */
    BENCH_FLOW_GATHERED /* 64 KiB of TLS records at a time */
};

/* Connects and shakes hands. ERR_IO with errno, or 0 in errno where the library failed. */
MUST_CHECK err_t bench_flow_open(SSL_CTX *ctx, const struct addr *to, enum bench_flow_writes writes,
                                 struct bench_flow *ret);

/* Sends `bytes`, of which the library makes one TLS record if they are at most 16 KiB. ERR_IO. */
MUST_CHECK err_t bench_flow_write(struct bench_flow *f, struct span bytes);

/* Sends what was gathered and close_notify, and waits for the peer's. ERR_IO: the peer closed in
 * another way. */
MUST_CHECK err_t bench_flow_finish(struct bench_flow *f);

/* Closes the socket and frees; harmless on a zeroed flow. */
void bench_flow_close(struct bench_flow *f);

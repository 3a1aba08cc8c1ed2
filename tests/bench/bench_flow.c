/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_flow: OpenSSL over a blocking socket. */
#include "tests/bench/bench_flow.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#define GATHERED_BYTES 65536

err_t bench_flow_context(SSL_CTX **ret)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

    ENSURE(ctx != NULL, ERR_NOMEM);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
    if (SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) != 1) {
        SSL_CTX_free(ctx);
        return ERR_NOMEM;
    }
    *ret = ctx;
    return ERR_OK;
}

/* What the library writes passes through a buffer, which it empties after each of the handshake's
 * flights. */
static err_t gather_writes(struct bench_flow *f)
{
    BIO *buffer = BIO_new(BIO_f_buffer());
    BIO *socket_bio = BIO_new_socket(f->fd, BIO_NOCLOSE);

    if (buffer == NULL || socket_bio == NULL ||
        BIO_set_write_buffer_size(buffer, GATHERED_BYTES) != 1) {
        BIO_free(buffer);
        BIO_free(socket_bio);
        return ERR_NOMEM;
    }
    SSL_set0_wbio(f->ssl, BIO_push(buffer, socket_bio));
    return ERR_OK;
}

static err_t connect_tls(SSL_CTX *ctx, const struct addr *to, enum bench_flow_writes writes,
                         struct bench_flow *f)
{
    int one = 1;

    f->fd = socket(to->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ENSURE(f->fd >= 0, ERR_IO);
    ENSURE(connect(f->fd, (const struct sockaddr *)&to->storage, to->len) == 0, ERR_IO);
    ENSURE(setsockopt(f->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) == 0, ERR_IO);
    errno = 0;
    f->ssl = SSL_new(ctx);
    ENSURE(f->ssl != NULL, ERR_IO);
    ENSURE(SSL_set_fd(f->ssl, f->fd) == 1, ERR_IO);
    if (writes == BENCH_FLOW_GATHERED) {
        TRY(gather_writes(f));
    }
    ENSURE(SSL_connect(f->ssl) == 1, ERR_IO);
    return ERR_OK;
}

err_t bench_flow_open(SSL_CTX *ctx, const struct addr *to, enum bench_flow_writes writes,
                      struct bench_flow *ret)
{
    struct bench_flow f = {.fd = -1};
    err_t err = connect_tls(ctx, to, writes, &f);

    if (err != ERR_OK) {
        int saved = errno;
        bench_flow_close(&f);
        errno = saved;
        return err;
    }
    *ret = f;
    return ERR_OK;
}

err_t bench_flow_write(struct bench_flow *f, struct span bytes)
{
    errno = 0;
    ENSURE(bytes.len <= INT_MAX, ERR_LIMIT);
    ENSURE(SSL_write(f->ssl, bytes.at, (int)bytes.len) == (int)bytes.len, ERR_IO);
    return ERR_OK;
}

/* The first call sends ours, the second reads the peer's. */
err_t bench_flow_finish(struct bench_flow *f)
{
    errno = 0;
    ENSURE(SSL_shutdown(f->ssl) >= 0 && BIO_flush(SSL_get_wbio(f->ssl)) == 1, ERR_IO);
    ENSURE(SSL_shutdown(f->ssl) == 1, ERR_IO);
    return ERR_OK;
}

void bench_flow_close(struct bench_flow *f)
{
    if (f->ssl != NULL) {
        SSL_free(f->ssl);
    }
    if (f->fd > 0) {
        close(f->fd);
    }
    *f = (struct bench_flow){.fd = -1};
}

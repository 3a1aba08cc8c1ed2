/* SPDX-License-Identifier: Apache-2.0
 *
 * send_tls: the waiting around net/tls_client.h. */
#include "client/send_tls.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#define HANDSHAKE_TIMEOUT_NS (10 * NS_PER_S)

static err_t fail(struct send *s, err_t err, const char *what, const char *why)
{
    snprintf(s->why, sizeof(s->why), "%s: %s", what, why);
    return err;
}

/* Which option makes the certificate trusted. */
static const char *remedy(const struct tls_client *t)
{
    switch (tls_client_distrust(t)) {
    case TLS_CLIENT_UNKNOWN_ISSUER:
        return "; if it is the right one, give it or its authority with --ca FILE";
    case TLS_CLIENT_OTHER_NAME:
        return "; --address must be a name that the certificate holds";
    case TLS_CLIENT_TRUSTED:
    case TLS_CLIENT_OTHER_FAULT:
        break;
    }
    return "";
}

static err_t fail_handshake(struct send *s, err_t err)
{
    snprintf(s->why, sizeof(s->why), "handshake: %.230s%s", tls_client_why(s->tls), remedy(s->tls));
    return err;
}

static err_t tls_handshake(struct send *s)
{
    uint64_t until = clock_mono_ns() + HANDSHAKE_TIMEOUT_NS;
    err_t err = tls_client_handshake(s->tls);

    while (err == ERR_AGAIN) {
        err = stop_wait(s->stop, s->fd, tls_client_events(s->tls), until);
        ENSURE(err != ERR_AGAIN, ERR_AGAIN);
        if (err == ERR_LIMIT) {
            return fail(s, err, "handshake", "no answer in time");
        }
        err = tls_client_handshake(s->tls);
    }
    return err == ERR_OK ? ERR_OK : fail_handshake(s, err);
}

static err_t tls_open(struct send *s)
{
    struct dial_result dialled = {.fd = -1};
    err_t err = dial_open(&s->dial, s->stop, &dialled);

    if (err != ERR_OK) {
        return err == ERR_AGAIN ? err : fail(s, err, "connect", dialled.why);
    }
    s->fd = dialled.fd;
    TRY(tls_client_new(s->settings, s->fd, s->dial.host,
                       dialled.loopback ? TLS_CLIENT_LOOPBACK : TLS_CLIENT_REMOTE, &s->tls));
    return tls_handshake(s);
}

static err_t tls_batch(struct send *s, struct span bytes)
{
    while (bytes.len > 0) {
        size_t sent = 0;
        err_t err = tls_client_write(s->tls, bytes, &sent);
        if (err == ERR_OK) {
            bytes = span_skip(bytes, sent);
            continue;
        }
        if (err != ERR_AGAIN) {
            return fail(s, err, "write", tls_client_why(s->tls));
        }
        if (stop_wait_finish(s->stop, s->fd, tls_client_events(s->tls), UINT64_MAX) != ERR_OK) {
            return fail(s, ERR_AGAIN, "write", "the server takes nothing, and we are to stop");
        }
    }
    return ERR_OK;
}

static err_t tls_check(struct send *s)
{
    err_t err = tls_client_drain(s->tls);

    return err == ERR_AGAIN ? ERR_OK : fail(s, err, "read", tls_client_why(s->tls));
}

/* A server that has refused us says so now at the latest: in TLS 1.3 it judges our certificate
 * after we have begun to send. */
static err_t await_end(struct send *s, uint64_t until)
{
    err_t err = tls_client_await_end(s->tls);

    while (err == ERR_AGAIN) {
        if (stop_wait_finish(s->stop, s->fd, tls_client_events(s->tls), until) != ERR_OK) {
            return fail(s, ERR_IO, "close", "the server did not close in time");
        }
        err = tls_client_await_end(s->tls);
    }
    return err == ERR_OK ? ERR_OK : fail(s, err, "close", tls_client_why(s->tls));
}

/* Reads the server's side to its end. */
static err_t await_fin(struct send *s, uint64_t until)
{
    char thrown_away[4096];

    for (;;) {
        ssize_t n = recv(s->fd, thrown_away, sizeof(thrown_away), 0);
        if (n == 0) {
            return ERR_OK;
        }
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            return fail(s, ERR_IO, "close", strerror(errno));
        }
        if (n < 0 && stop_wait_finish(s->stop, s->fd, POLLIN, until) != ERR_OK) {
            return fail(s, ERR_IO, "close", "the server did not close in time");
        }
    }
}

static err_t tls_finish(struct send *s)
{
    uint64_t until = clock_mono_ns() + STOP_GRACE_NS;
    err_t err = tls_client_finish(s->tls);

    while (err == ERR_AGAIN) {
        if (stop_wait_finish(s->stop, s->fd, tls_client_events(s->tls), until) != ERR_OK) {
            return fail(s, ERR_IO, "close", "the server takes nothing");
        }
        err = tls_client_finish(s->tls);
    }
    if (err != ERR_OK) {
        return fail(s, ERR_IO, "close", tls_client_why(s->tls));
    }
    if (shutdown(s->fd, SHUT_WR) != 0) {
        return fail(s, ERR_IO, "close", strerror(errno));
    }
    TRY(await_end(s, until));
    return await_fin(s, until);
}

const struct send_ops send_tls_ops = {tls_open, tls_batch, tls_check, tls_finish};

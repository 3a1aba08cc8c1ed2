/* SPDX-License-Identifier: Apache-2.0
 *
 * send_udp: many datagrams a call. */
#include "client/send_udp.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#define DATAGRAMS_PER_CALL 64u

static err_t fail(struct send *s, err_t err, const char *why)
{
    snprintf(s->why, sizeof(s->why), "datagram: %s", why);
    return err;
}

static err_t udp_open(struct send *s)
{
    struct dial_result dialled = {.fd = -1};
    err_t err = dial_open(&s->dial, s->stop, &dialled);

    if (err != ERR_OK) {
        return err == ERR_AGAIN ? err : fail(s, err, dialled.why);
    }
    s->fd = dialled.fd;
    return ERR_OK;
}

size_t send_udp_datagram(struct span lines)
{
    struct span room = span_head(lines, SEND_UDP_DATAGRAM_BYTES + 1); /* the last LF stays here */
    const char *last = memrchr(room.at, '\n', room.len);

    return last == NULL ? span_find(lines, '\n') + 1 : (size_t)(last - lines.at) + 1;
}

/* Cuts the head of `lines` into datagrams; returns how many. */
static unsigned cut(struct span lines, struct mmsghdr *messages, struct iovec *vectors)
{
    unsigned n = 0;

    for (; n < DATAGRAMS_PER_CALL && lines.len > 0; n++) {
        size_t len = send_udp_datagram(lines);
        union {
            const char *in;
            void *out;
        } at = {.in = lines.at}; /* sendmmsg() only reads, but takes struct iovec */
        vectors[n] = (struct iovec){at.out, len - 1};
        messages[n] = (struct mmsghdr){.msg_hdr = {.msg_iov = &vectors[n], .msg_iovlen = 1}};
        lines = span_skip(lines, len);
    }
    return n;
}

/* The bytes of the first `n` datagrams; counts those that are too large. */
static size_t sent_bytes(struct send *s, const struct iovec *vectors, unsigned n)
{
    size_t bytes = 0;

    for (unsigned i = 0; i < n; i++) {
        bytes += vectors[i].iov_len + 1;
        s->oversized += vectors[i].iov_len > SEND_UDP_DATAGRAM_BYTES;
    }
    return bytes;
}

static err_t udp_batch(struct send *s, struct span lines)
{
    struct mmsghdr messages[DATAGRAMS_PER_CALL];
    struct iovec vectors[DATAGRAMS_PER_CALL];

    while (lines.len > 0) {
        unsigned n = cut(lines, messages, vectors);
        int sent = sendmmsg(s->fd, messages, n, 0);
        if (sent > 0) {
            lines = span_skip(lines, sent_bytes(s, vectors, (unsigned)sent));
            continue;
        }
        if (errno != EAGAIN && errno != ENOBUFS && errno != EINTR) {
            return fail(s, ERR_IO, strerror(errno));
        }
        if (stop_wait_finish(s->stop, s->fd, POLLOUT, UINT64_MAX) != ERR_OK) {
            return fail(s, ERR_AGAIN, "the network takes nothing, and we are to stop");
        }
    }
    return ERR_OK;
}

/* A datagram that another machine refused is told by a later error of the socket. */
static err_t udp_check(struct send *s)
{
    int error = 0;
    socklen_t len = sizeof(error);

    if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0) {
        return ERR_OK;
    }
    return fail(s, ERR_IO, strerror(error != 0 ? error : errno));
}

static err_t udp_finish(struct send *s)
{
    return udp_check(s);
}

const struct send_ops send_udp_ops = {udp_open, udp_batch, udp_check, udp_finish};

/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_udp: datagrams are slices of the corpus, handed to the kernel 32 at a time. */
#include "tests/bench/bench_udp.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH 32u

struct datagrams {
    struct mmsghdr msg[BATCH];
    struct iovec slice[BATCH];
    uint64_t records[BATCH]; /* in each */
    unsigned count;
};

err_t bench_udp_open(const struct addr *to, int *ret_fd)
{
    int fd = socket(to->storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    ENSURE(fd >= 0, ERR_IO);
    if (connect(fd, (const struct sockaddr *)&to->storage, to->len) != 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return ERR_IO;
    }
    *ret_fd = fd;
    return ERR_OK;
}

/* Cuts the next datagram off at record `*record`, byte `*at`, which both move on. */
static void add(struct datagrams *d, const struct bench_corpus *c, uint64_t datagram_bytes,
                uint64_t *record, size_t *at)
{
    uint64_t first = *record;
    size_t len = c->record_bytes[(*record)++];

    while (*record < c->records && len + c->record_bytes[*record] - 1 <= datagram_bytes) {
        len += c->record_bytes[(*record)++];
    }
    d->slice[d->count] = (struct iovec){.iov_base = c->at + *at, .iov_len = len - 1};
    d->msg[d->count] =
        (struct mmsghdr){.msg_hdr = {.msg_iov = &d->slice[d->count], .msg_iovlen = 1}};
    d->records[d->count] = *record - first;
    d->count++;
    *at += len;
}

static err_t flush(int fd, struct datagrams *d, struct bench_udp_sent *sent)
{
    unsigned done = 0;

    while (done < d->count) {
        int n = sendmmsg(fd, d->msg + done, d->count - done, 0);
        ENSURE(n > 0, ERR_IO);
        for (int i = 0; i < n; i++, done++) {
            sent->records += d->records[done];
            sent->bytes += d->slice[done].iov_len;
            sent->datagrams++;
        }
    }
    d->count = 0;
    return ERR_OK;
}

err_t bench_udp_send(int fd, const struct bench_corpus *c, uint64_t datagram_bytes,
                     const struct bench_pace *pace, struct bench_udp_sent *ret)
{
    struct datagrams d = {.count = 0};
    uint64_t record = 0;
    size_t at = 0;

    while (record < c->records) {
        while (d.count < BATCH && record < c->records) {
            add(&d, c, datagram_bytes, &record, &at);
        }
        bench_pace_wait(pace, ret->records);
        TRY(flush(fd, &d, ret));
    }
    return ERR_OK;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * udp: recvmmsg into fixed slots; a slot's pages are touched only as far as datagrams fill it. */
#include "ingestor/udp.h"

#include "codec/codec_json.h"
#include "codec/codec_raw.h"
#include "net/addr.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define UDP_SLOTS      64u
#define UDP_ROUNDS_MAX 4u /* reads a turn: UDP may not starve connections either */

/* The largest UDP payload is 65,507 bytes; the rest of a slot is slack for vector loads. */
#define UDP_PAYLOAD_BYTES_MAX 65507u
#define UDP_SLOT_BYTES        (64u * KIB + 4u * KIB)
_Static_assert(UDP_PAYLOAD_BYTES_MAX + SPAN_SLACK_BYTES <= UDP_SLOT_BYTES, "slots have slack");

struct udp {
    int fd;
    char *slots;
    struct mmsghdr heads[UDP_SLOTS];
    struct iovec pieces[UDP_SLOTS];
    struct addr peers[UDP_SLOTS];
};

err_t udp_new(int fd, struct udp **ret)
{
    struct udp *u = calloc(1, sizeof(*u));

    ENSURE(u != NULL, ERR_NOMEM);
    void *slots = mmap(NULL, (size_t)UDP_SLOTS * UDP_SLOT_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (slots == MAP_FAILED) {
        free(u);
        return ERR_NOMEM;
    }
    u->fd = fd;
    u->slots = slots;
    for (unsigned i = 0; i < UDP_SLOTS; i++) {
        u->pieces[i] = (struct iovec){u->slots + (size_t)i * UDP_SLOT_BYTES, UDP_PAYLOAD_BYTES_MAX};
        u->heads[i].msg_hdr = (struct msghdr){.msg_iov = &u->pieces[i], .msg_iovlen = 1};
    }
    *ret = u;
    return ERR_OK;
}

void udp_free(struct udp *u)
{
    if (u == NULL) {
        return;
    }
    munmap(u->slots, (size_t)UDP_SLOTS * UDP_SLOT_BYTES);
    close(u->fd);
    free(u);
}

int udp_fd(const struct udp *u)
{
    return u->fd;
}

/* One record of a datagram into the batch, which has room. */
static void take_payload(struct intake *in, struct span payload, bool syslog)
{
    struct batch *b = in->batch;
    struct record *rec = &b->records[b->record_count];
    const struct codec_env *codec = &in->env.codec;
    const char *detail = "";
    enum reason reason = REASON_TOO_LARGE;

    if (payload.len == 0) {
        reason = REASON_EMPTY;
    } else if (payload.len <= in->env.record_bytes_max) {
        reason = syslog ? codec_raw_line(codec, payload, b, rec, &detail)
                        : codec_json_entry(codec, payload, b, rec, &detail);
    }
    if (reason == REASON_NONE) {
        batch_accept(b);
        return;
    }
    batch_reject(b, (struct reject){.payload = span_head(payload, REJECT_KEEP_BYTES),
                                    .length = payload.len,
                                    .detail = detail,
                                    .format = syslog ? FORMAT_SYSLOG : FORMAT_JSON,
                                    .reason = (uint8_t)reason});
}

static bool is_blank(struct span line)
{
    return line.len == 0 || (line.len == 1 && line.at[0] == '\r');
}

/* JSON records separated by LF; blank lines between them are framing. */
static void take_json_lines(struct intake *in, struct span datagram, const char *peer)
{
    while (datagram.len > 0) {
        struct span line = span_head(datagram, span_find(datagram, '\n'));
        datagram = span_skip(datagram, line.len < datagram.len ? line.len + 1 : line.len);
        if (is_blank(line)) {
            in->batch->blank_count++;
            continue;
        }
        if (!batch_has_room(in->batch, in->env.record_bytes_max)) {
            intake_take_batch(in, peer);
        }
        take_payload(in, line, false);
    }
}

/* One syslog message; a line end that some senders add is no part of it. */
static void take_syslog(struct intake *in, struct span datagram)
{
    while (datagram.len > 1 &&
           (datagram.at[datagram.len - 1] == '\n' || datagram.at[datagram.len - 1] == '\r' ||
            datagram.at[datagram.len - 1] == '\0')) {
        datagram.len--;
    }
    take_payload(in, datagram, true);
}

static void take_datagram(struct intake *in, struct span datagram, const char *peer)
{
    in->stats->udp_datagrams++;
    in->stats->bytes_received += datagram.len;
    if (!batch_has_room(in->batch, in->env.record_bytes_max)) {
        intake_take_batch(in, peer);
    }
    if (datagram.len == 0) {
        take_payload(in, datagram, false);
        return;
    }
    if (datagram.at[0] == '<') {
        take_syslog(in, datagram);
        return;
    }
    take_json_lines(in, datagram, peer);
}

/* The datagrams of one recvmmsg; a batch is of one sender. */
static void take_round(struct udp *u, struct intake *in, unsigned count)
{
    char peer[ADDR_TEXT_BYTES] = "";

    for (unsigned i = 0; i < count; i++) {
        u->peers[i].len = u->heads[i].msg_hdr.msg_namelen;
        if (i == 0 || u->peers[i].len != u->peers[i - 1].len ||
            memcmp(&u->peers[i].storage, &u->peers[i - 1].storage, u->peers[i].len) != 0) {
            intake_take_batch(in, peer);
            addr_format(&u->peers[i], peer);
        }
        take_datagram(in, span_of(u->pieces[i].iov_base, u->heads[i].msg_len), peer);
    }
    intake_take_batch(in, peer);
}

enum udp_verdict udp_serve(struct udp *u, struct intake *in)
{
    for (unsigned round = 0; round < UDP_ROUNDS_MAX && intake_is_ready(in); round++) {
        for (unsigned i = 0; i < UDP_SLOTS; i++) {
            u->heads[i].msg_hdr.msg_name = &u->peers[i].storage;
            u->heads[i].msg_hdr.msg_namelen = sizeof(u->peers[i].storage);
        }
        int got = recvmmsg(u->fd, u->heads, UDP_SLOTS, MSG_DONTWAIT, NULL);
        if (got <= 0) {
            return UDP_DRAINED;
        }
        take_round(u, in, (unsigned)got);
    }
    return UDP_MORE;
}

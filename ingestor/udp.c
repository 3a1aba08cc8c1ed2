/* SPDX-License-Identifier: Apache-2.0
 *
 * udp: recvmmsg into fixed slots; a slot's pages are touched only as far as datagrams fill it. What
 * a datagram holds may be far more than the archive has room for, or than a turn's share: a cursor
 * remembers how far the datagrams in hand are taken. */
#include "ingestor/udp.h"

#include "base/clock.h"
#include "codec/codec_raw.h"
#include "net/addr.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define UDP_SLOTS 64u
/* A turn's share: UDP may not starve connections either. The socket stands for many senders, so it
 * gets more than one connection. */
#define UDP_ROUNDS_MAX     4u /* reads */
#define UDP_TURN_BYTES_MAX (4u * TURN_BYTES_MAX)
#define UDP_TURN_NS_MAX    (4u * TURN_NS_MAX)

#define PREFIX_BYTES       5u /* 00 and a schema id (payload.h) */

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

    /* The cursor. */
    unsigned got;     /* datagrams of the last read, of which … */
    unsigned at;      /* … this one is next */
    bool begun;       /* it is half taken: */
    bool syslog;      /* what it is, … */
    struct span rest; /* … and what is left of it */
    char peer[ADDR_TEXT_BYTES];
    uint64_t peer_bytes;    /* that came from it and are not counted yet */
    struct codec_env codec; /* with the zone of that peer */

    /* What is left of this turn's share. */
    uint64_t turn_ends_ns;
    size_t turn_bytes_left;
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

/* A schema that is not known yet is asked for, for later datagrams: this one does not wait. */
static struct payload_result decode_json(struct intake *in, struct span bytes, struct record *rec)
{
    struct payload p = {SCHEMA_KIND_JSON, PAYLOAD_WAITS, bytes};
    struct payload_result result = {.detail = ""};

    if (payload_is_entry(&in->env.payload, bytes)) {
        result.reason = payload_entry(&in->env.payload, bytes, in->batch, rec, &result.detail);
        return result;
    }
    result = payload_decode(&in->env.payload, &p, in->batch, rec);

    if (result.awaits) {
        schema_cache_ask(in->schemas, in->shard, result.awaited_id);
        p.patience = PAYLOAD_WAITS_NOT;
        result = payload_decode(&in->env.payload, &p, in->batch, rec);
    }
    return result;
}

/* One record of a datagram into the batch, which has room. */
static void take_payload(const struct udp *u, struct intake *in, struct span payload)
{
    struct batch *b = in->batch;
    struct record *rec = &b->records[b->record_count];
    struct payload_result result = {.reason = REASON_TOO_LARGE, .detail = ""};
    bool syslog = u->syslog;

    if (payload.len == 0) {
        result.reason = REASON_EMPTY;
    } else if (payload.len <= in->env.record_bytes_max && syslog) {
        result.reason = codec_raw_line(&u->codec, payload, b, rec, &result.detail);
    } else if (payload.len <= in->env.record_bytes_max) {
        result = decode_json(in, payload, rec);
    }
    if (result.reason == REASON_NONE) {
        batch_accept(b);
        return;
    }
    batch_reject(b, (struct reject){.payload = span_head(payload, REJECT_KEEP_BYTES),
                                    .length = payload.len,
                                    .detail = result.detail,
                                    .format = syslog ? FORMAT_SYSLOG : FORMAT_JSON,
                                    .reason = (uint8_t)result.reason});
}

static bool is_blank(struct span line)
{
    return line.len == 0 || (line.len == 1 && line.at[0] == '\r');
}

/* The next record of a datagram: up to LF, which the schema id in front of one may hold too. */
static struct span next_line(struct span datagram)
{
    size_t skip = datagram.at[0] == '\0' && datagram.len >= PREFIX_BYTES ? PREFIX_BYTES : 0;

    return span_head(datagram, skip + span_find(span_skip(datagram, skip), '\n'));
}

/* Once for all datagrams of one sender that came together. */
static void count_bytes(struct udp *u, struct intake *in)
{
    struct peer_board *peers = &in->stats->peers;
    struct peer_board_key key = {u->peer, ""};

    if (u->peer_bytes > 0) {
        peer_board_add_bytes(peers, key, in->turn_wall_ns, u->peer_bytes);
        peer_board_find(peers, key, in->turn_wall_ns)->streams |= PEER_BOARD_UDP;
        u->peer_bytes = 0;
    }
}

/* Archives the batch. Whether the archive has room for another one, and the turn time for it. */
static bool take_batch(struct udp *u, struct intake *in)
{
    count_bytes(u, in);
    intake_take_batch(in, u->peer, "");
    return intake_is_ready(in) && clock_mono_ns() < u->turn_ends_ns;
}

static bool make_room(struct udp *u, struct intake *in)
{
    return batch_has_room(in->batch, in->env.record_bytes_max) || take_batch(u, in);
}

/* JSON records separated by LF; blank lines between them are framing. False: there is a rest. */
static bool take_json_lines(struct udp *u, struct intake *in)
{
    while (u->rest.len > 0) {
        struct span datagram = u->rest;
        struct span line = next_line(datagram);
        if (is_blank(line)) {
            in->batch->blank_count++;
        } else if (make_room(u, in)) {
            take_payload(u, in, line);
        } else {
            return false;
        }
        u->rest = span_skip(datagram, line.len < datagram.len ? line.len + 1 : line.len);
    }
    return true;
}

/* One syslog message, or nothing at all; a line end that some senders add is no part of it. */
static bool take_whole(struct udp *u, struct intake *in)
{
    struct span datagram = u->rest;

    while (datagram.len > 1 &&
           (datagram.at[datagram.len - 1] == '\n' || datagram.at[datagram.len - 1] == '\r' ||
            datagram.at[datagram.len - 1] == '\0')) {
        datagram.len--;
    }
    if (!make_room(u, in)) {
        return false;
    }
    take_payload(u, in, datagram);
    return true;
}

/* Whether the next datagram comes from where the one before it came from. */
static bool is_same_peer(const struct udp *u)
{
    const struct addr *peer = &u->peers[u->at];

    return u->at > 0 && peer->len == peer[-1].len &&
           memcmp(&peer->storage, &peer[-1].storage, peer->len) == 0;
}

/* A batch is of one sender. False: the turn is over; nothing has begun. */
static bool begin_datagram(struct udp *u, struct intake *in)
{
    if (!is_same_peer(u)) {
        if (in->batch->record_count + in->batch->reject_count > 0 && !take_batch(u, in)) {
            return false;
        }
        count_bytes(u, in);
        addr_format(&u->peers[u->at], u->peer);
        u->codec = in->env.codec;
        u->codec.zone = zone_map_find(in->zones, &u->peers[u->at]);
    }
    u->rest = span_of(u->pieces[u->at].iov_base, u->heads[u->at].msg_len);
    u->syslog = u->rest.len > 0 && u->rest.at[0] == '<';
    u->begun = true;
    in->stats->udp_datagrams++;
    in->stats->bytes_received += u->rest.len;
    u->peer_bytes += u->rest.len;
    return true;
}

/* False: the turn is over, and the batch is archived. */
static bool take_datagram(struct udp *u, struct intake *in)
{
    if (!u->begun && !begin_datagram(u, in)) {
        return false;
    }
    size_t before = u->rest.len;
    bool whole = u->syslog || before == 0 ? take_whole(u, in) : take_json_lines(u, in);
    if (!whole) {
        return false;
    }
    u->begun = false;
    u->at++;
    u->turn_bytes_left -= before < u->turn_bytes_left ? before : u->turn_bytes_left;
    return true;
}

/* The datagrams in hand, as far as the turn allows: then `at` is `got`. */
static bool take_datagrams(struct udp *u, struct intake *in)
{
    while (u->at < u->got && u->turn_bytes_left > 0) {
        if (!take_datagram(u, in)) {
            return false;
        }
    }
    return take_batch(u, in) && u->at == u->got;
}

static void begin_turn(struct udp *u)
{
    u->turn_ends_ns = clock_mono_ns() + UDP_TURN_NS_MAX;
    u->turn_bytes_left = UDP_TURN_BYTES_MAX;
}

static bool read_datagrams(struct udp *u)
{
    for (unsigned i = 0; i < UDP_SLOTS; i++) {
        u->heads[i].msg_hdr.msg_name = &u->peers[i].storage;
        u->heads[i].msg_hdr.msg_namelen = sizeof(u->peers[i].storage);
    }
    int got = recvmmsg(u->fd, u->heads, UDP_SLOTS, MSG_DONTWAIT, NULL);
    u->at = 0;
    u->got = got > 0 ? (unsigned)got : 0;
    for (unsigned i = 0; i < u->got; i++) {
        u->peers[i].len = u->heads[i].msg_hdr.msg_namelen;
    }
    return u->got > 0;
}

enum udp_verdict udp_serve(struct udp *u, struct intake *in)
{
    begin_turn(u);
    for (unsigned round = 0; round < UDP_ROUNDS_MAX; round++) {
        if (!udp_has_rest(u) && !read_datagrams(u)) {
            return UDP_DRAINED;
        }
        if (!take_datagrams(u, in)) {
            break;
        }
    }
    return UDP_MORE;
}

bool udp_has_rest(const struct udp *u)
{
    return u->at < u->got;
}

void udp_take_rest(struct udp *u, struct intake *in)
{
    begin_turn(u);
    IGNORE(!take_datagrams(u, in), "the caller asks whether there is more");
}

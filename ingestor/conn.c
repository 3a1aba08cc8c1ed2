/* SPDX-License-Identifier: Apache-2.0
 *
 * conn: read -> sniff -> frame and decode -> check, render, count (intake). Backpressure is decided
 * before each read and each batch; nothing after a decode says "again". */
#include "ingestor/conn.h"

#include "base/clock.h"
#include "base/log.h"
#include "ingestor/conn_proxy.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Reads fill the scratch buffer up to here before they are decoded: one TLS record a call is the
 * most the library gives, and several make a batch worth its fixed costs. */
#define READ_CHUNK_BYTES (64u * KIB)
#define READ_ROOM_BYTES  (16u * KIB) /* the plaintext of one TLS record */

/* A tail up to this is copied to the front of the scratch buffer; reads go directly behind a larger
 * one, so that a large record that arrives in small pieces is not copied for every piece. */
#define TAIL_COPY_BYTES (16u * KIB)

/* A large tail has at most this many times the memory that it fills. */
#define TAIL_SLACK_MAX    4u

#define LOGGED_BYTES      16u  /* of a stream's start that is not understood */
#define LOGGED_NAME_BYTES 320u /* of a certificate */

err_t conn_new(int fd, const struct addr *peer, struct transport *transport, struct conn **ret)
{
    struct conn *c = calloc(1, sizeof(*c));

    ENSURE(c != NULL, ERR_NOMEM);
    c->fd = fd;
    c->peer = *peer;
    c->transport = transport;
    c->stage = CONN_STAGE_FIRST_BYTE;
    c->cert_name = "";
    c->active_mono_ns = clock_mono_ns();
    addr_format(peer, c->peer_name);
    *ret = c;
    return ERR_OK;
}

void conn_discard(struct conn *c)
{
    proto_stop(&c->proto);
    c->transport->ops->free(c->transport);
    buf_done(&c->tail);
    free(c->proxy);
    free(c);
}

static void stop_favouring(const struct conn *c, struct conn_env *env)
{
    if (env->favoured == c) {
        env->favoured = NULL;
    }
}

void conn_free(struct conn *c, struct conn_env *env)
{
    int fd = c->fd;

    env->held_bytes -= c->tail.cap;
    stop_favouring(c, env);
    conn_discard(c);
    close(fd);
}

/* A refusal in the log: where, which bytes, and what the sender should do instead. */
static void refuse(struct conn *c, struct conn_env *env, const char *event, const char *instead,
                   struct span head)
{
    char bytes[128];
    char detail[320];

    log_escape(span_head(head, LOGGED_BYTES), bytes, sizeof(bytes));
    snprintf(detail, sizeof(detail), "offset=%llu bytes=%s use_instead=\"%s\"",
             (unsigned long long)c->stream_offset, bytes, instead);
    refusal_log(env->refusals, event, &c->peer, detail);
}

/* Whose word a header is taken for is the operator's to say. */
static enum conn_verdict refuse_proxy(struct conn *c, struct conn_env *env, struct span head,
                                      enum shard_conn_result *ret_result)
{
    refuse(c, env, "proxy_header_not_expected", "--proxy-protocol with the address of the proxy",
           head);
    *ret_result = CONN_PROXY_REFUSED;
    return CONN_OVER;
}

/* Before the handshake the first byte tells TLS (a handshake record, 0x16) from everything else. */
static enum conn_verdict look_at_first_byte(struct conn *c, struct conn_env *env,
                                            enum shard_conn_result *ret_result)
{
    char head[LOGGED_BYTES];
    ssize_t got = recv(c->fd, head, sizeof(head), MSG_PEEK | MSG_DONTWAIT);

    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return CONN_WAIT;
    }
    if (got <= 0) {
        *ret_result = CONN_PROBE; /* load balancers look whether the port is open, some by reset */
        return CONN_OVER;
    }
    if (proxy_header_begins(span_of(head, (size_t)got))) {
        return refuse_proxy(c, env, span_of(head, (size_t)got), ret_result);
    }
    if (head[0] != 0x16) {
        refuse(c, env, "plain_text_on_tls_port", "TLS 1.2 or 1.3; plain text only by UDP",
               span_of(head, (size_t)got));
        env->intake->stats->tls_failures[TLS_FAILURE_PLAIN_TEXT]++;
        *ret_result = CONN_PLAIN_TEXT;
        return CONN_OVER;
    }
    c->stage = CONN_STAGE_HANDSHAKE;
    return CONN_AGAIN;
}

static enum shard_tls_failure failure_class(enum transport_failure failure)
{
    switch (failure) {
    case TRANSPORT_PEER_CLOSED:
        return TLS_FAILURE_PEER_CLOSED;
    case TRANSPORT_NO_CERTIFICATE:
        return TLS_FAILURE_NO_CERTIFICATE;
    case TRANSPORT_BAD_CERTIFICATE:
        return TLS_FAILURE_BAD_CERTIFICATE;
    case TRANSPORT_WRONG_NAME:
        return TLS_FAILURE_WRONG_NAME;
    case TRANSPORT_VERSION:
        return TLS_FAILURE_VERSION;
    case TRANSPORT_CIPHER:
        return TLS_FAILURE_CIPHER;
    case TRANSPORT_PEER_ALERT:
        return TLS_FAILURE_PEER_ALERT;
    case TRANSPORT_OTHER:
        return TLS_FAILURE_OTHER;
    }
    return TLS_FAILURE_OTHER;
}

static void log_handshake_failure(struct conn *c, struct conn_env *env)
{
    const char *reason = c->transport->ops->why(c->transport);
    struct span cert = span_of_str(c->cert_name);
    char name[LOGGED_NAME_BYTES];
    char detail[LOGGED_NAME_BYTES + 256];

    log_escape(cert, name, sizeof(name));
    snprintf(detail, sizeof(detail), "reason=\"%s\"%s%s", reason,
             cert.len > 0 ? " certificate=" : "", cert.len > 0 ? name : "");
    refusal_log_kind(env->refusals, (struct refusal){"tls_handshake_failed", reason}, &c->peer,
                     detail);
}

static struct peer_board_key key_of(const struct conn *c)
{
    return (struct peer_board_key){c->peer_name, c->cert_name};
}

enum conn_verdict conn_handshake(struct conn *c, struct conn_env *env,
                                 enum shard_conn_result *ret_result)
{
    if (c->stage == CONN_STAGE_PROXY) {
        enum conn_verdict verdict = conn_proxy_step(c, env, ret_result);
        if (verdict != CONN_AGAIN) {
            return verdict;
        }
    }
    if (c->stage == CONN_STAGE_FIRST_BYTE) {
        enum conn_verdict verdict = look_at_first_byte(c, env, ret_result);
        if (verdict != CONN_AGAIN) {
            return verdict;
        }
    }
    err_t err = c->transport->ops->handshake(c->transport);
    if (err == ERR_AGAIN) {
        return CONN_WAIT;
    }
    c->cert_name = c->transport->ops->cert_name(c->transport);
    if (err == ERR_OK) {
        c->stage = CONN_STAGE_SNIFF;
        IGNORE(peer_board_find(&env->intake->stats->peers, key_of(c), env->intake->turn_wall_ns) ==
                   NULL,
               "it has a place from now on");
        return CONN_WAIT;
    }
    enum transport_failure failure = c->transport->ops->failure(c->transport);
    env->intake->stats->tls_failures[failure_class(failure)]++;
    log_handshake_failure(c, env);
    *ret_result = CONN_HANDSHAKE_FAILED;
    return CONN_OVER;
}

/* A stream that cannot be understood any more: its next bytes are kept as one reject. */
static void reject_stream(struct conn *c, struct conn_env *env, enum reason reason,
                          const char *detail, struct span rest)
{
    batch_reject(env->intake->batch,
                 (struct reject){.payload = span_head(rest, BAD_FRAME_KEEP_BYTES),
                                 .length = rest.len,
                                 .detail = detail,
                                 .format = FORMAT_UNKNOWN,
                                 .reason = (uint8_t)reason});
    intake_take_batch(env->intake, c->peer_name, c->cert_name);
}

static void note_foreign(const struct conn *c, struct conn_env *env,
                         const struct sniff_result *found)
{
    struct foreign_board_entry seen = {.protocol = found->foreign,
                                       .instead = found->instead,
                                       .count = 1,
                                       .last_ns = env->intake->turn_wall_ns};

    addr_format_host(&c->peer, seen.peer);
    foreign_board_add(&env->intake->stats->foreign, &seen);
}

static void refuse_foreign(struct conn *c, struct conn_env *env, const struct sniff_result *found,
                           struct span in)
{
    char detail[160];

    snprintf(detail, sizeof(detail), "protocol=\"%s\" use_instead=\"%s\"", found->foreign,
             found->instead);
    refusal_log(env->refusals, "protocol_not_spoken", &c->peer, detail);
    note_foreign(c, env, found);
    reject_stream(c, env, REASON_UNKNOWN_FORMAT, found->foreign, in);
}

static void set_refused(struct conn *c, enum shard_conn_result as)
{
    c->stage = CONN_STAGE_REFUSED;
    c->refused_as = as;
}

/* Decides what the stream is; `*ret_skip` bytes before it are done with. A stream that is nothing
 * known is refused, logged and counted. */
static void sniff_stream(struct conn *c, struct conn_env *env, struct span in, size_t *ret_skip)
{
    enum sniff_more more = c->ended == ERR_OK ? SNIFF_MORE : SNIFF_END;
    struct sniff_result found;
    err_t err = sniff_decide_port(c->port, in, more, &found);

    if (err == ERR_AGAIN) {
        return;
    }
    if (err != ERR_OK) {
        refuse(c, env, "unknown_format", "go-client frames, syslog, JSON lines or text lines", in);
        reject_stream(c, env, REASON_UNKNOWN_FORMAT, "no known stream begins so", in);
        set_refused(c, CONN_UNKNOWN_FORMAT);
        return;
    }
    if (found.kind == SNIFF_FOREIGN) {
        refuse_foreign(c, env, &found, in);
        set_refused(c, CONN_UNKNOWN_FORMAT);
        return;
    }
    c->proto.zone = zone_map_find(env->intake->zones, &c->peer);
    proto_start(&c->proto, &env->intake->env, found.kind);
    peer_board_find(&env->intake->stats->peers, key_of(c), env->intake->turn_wall_ns)->streams |=
        1u << found.kind;
    c->stage = CONN_STAGE_STREAM;
    c->stream_offset += found.skip;
    *ret_skip = found.skip;
}

static void refuse_out_of_step(struct conn *c, struct conn_env *env, struct span rest)
{
    refuse(c, env, "stream_out_of_step",
           "whole frames: 1 byte format, 4 bytes big-endian length; octet-counted syslog; or a "
           "journal's export as it is",
           rest);
    reject_stream(c, env, REASON_BAD_FRAME, "no frame begins so", rest);
    set_refused(c, CONN_BAD_FRAME);
}

/* The next record's schema is not known: the connection waits a while for it. */
static void park(struct conn *c, struct conn_env *env)
{
    uint32_t id = c->proto.awaited_id;

    if (c->park_until_ns == 0 || c->parked_for_id != id) {
        c->park_until_ns = env->intake->turn_mono_ns + SCHEMA_CACHE_WAIT_NS;
        c->parked_for_id = id;
    }
    schema_cache_ask(env->intake->schemas, env->intake->shard, id);
    c->backlog = true;
}

/* A schema that was waited for long enough is waited for no more. */
static void give_up_waiting(struct conn *c, const struct conn_env *env)
{
    c->proto.gave_up = c->park_until_ns != 0 && env->intake->turn_mono_ns >= c->park_until_ns;
    c->proto.gave_up_id = c->parked_for_id;
}

/* Decodes and archives `in` as far as it goes, which is all whole records unless the archive has no
 * room, or a record waits for its schema (backlog). Returns how many bytes are done with. */
static size_t digest(struct conn *c, struct conn_env *env, struct span in)
{
    size_t used = 0;
    size_t step = 0;

    c->backlog = false;
    c->proto.awaits = false;
    if (in.len > 0 && c->stage == CONN_STAGE_SNIFF) {
        sniff_stream(c, env, in, &used);
    }
    while (c->stage == CONN_STAGE_STREAM && used < in.len) {
        struct span rest = span_skip(in, used);
        if (!intake_is_ready(env->intake)) {
            c->backlog = true;
            break;
        }
        err_t err = c->proto.proto->decode(&c->proto, rest, &step, env->intake->batch);
        intake_take_batch(env->intake, c->peer_name, c->cert_name);
        c->stream_offset += step;
        used += step;
        if (err != ERR_OK) {
            refuse_out_of_step(c, env, rest);
        } else if (c->proto.awaits) {
            park(c, env);
            break;
        } else if (step == 0) {
            break;
        }
    }
    return used;
}

/* Reads until there is a chunk to decode, or nothing more. The status of the last read. */
static err_t fill(struct conn *c, struct buf *in)
{
    size_t enough = in->len + READ_CHUNK_BYTES - READ_ROOM_BYTES;
    err_t err = ERR_OK;

    while (err == ERR_OK && in->len <= enough) {
        size_t got = 0;
        TRY(buf_reserve(in, READ_ROOM_BYTES));
        err = c->transport->ops->read(c->transport, in->at + in->len, READ_ROOM_BYTES, &got);
        in->len += got;
    }
    return err;
}

/* Where this read's bytes go: the scratch buffer with the tail in front of it, or, if the tail is
 * large, the tail itself. */
static struct buf *pick_input(struct conn *c, struct conn_env *env)
{
    if (c->tail.len > TAIL_COPY_BYTES) {
        return &c->tail;
    }
    env->scratch->len = 0;
    if (buf_append(env->scratch, buf_span(&c->tail)) != ERR_OK) {
        return &c->tail;
    }
    return env->scratch;
}

/* Moves what is left of a read from the scratch buffer into the tail. Without memory for that the
 * tail becomes the scratch buffer itself: nothing that was read is lost. */
static void take_over(struct conn *c, struct buf *in, size_t used)
{
    c->tail.len = 0;
    if (buf_append(&c->tail, span_skip(buf_span(in), used)) != ERR_OK) {
        struct buf emptied = c->tail;
        buf_consume(in, used);
        c->tail = *in;
        *in = emptied;
        in->len = 0;
    }
}

/* Keeps what was not used. Memory of which little is in use goes back at once. */
static void keep_tail(struct conn *c, struct conn_env *env, struct buf *in, size_t used,
                      size_t held_before)
{
    if (in == &c->tail) {
        buf_consume(&c->tail, used);
    } else {
        take_over(c, in, used);
    }
    if (c->tail.len == 0 ||
        (c->tail.cap > CONN_TAIL_LARGE_BYTES && c->tail.len < c->tail.cap / TAIL_SLACK_MAX)) {
        buf_shrink(&c->tail);
    }
    env->held_bytes += c->tail.cap;
    env->held_bytes -= held_before;
    if (c->tail.cap < CONN_TAIL_LARGE_BYTES) {
        stop_favouring(c, env);
    }
}

void conn_trim(struct conn *c, struct conn_env *env)
{
    if (c->tail.cap > CONN_TAIL_LARGE_BYTES) {
        env->held_bytes -= c->tail.cap;
        buf_shrink(&c->tail);
        env->held_bytes += c->tail.cap;
    }
}

/* If all large partial records waited for memory none would ever be whole and give it back. */
static bool must_pause(struct conn *c, struct conn_env *env)
{
    if (env->held_bytes <= env->held_bytes_max || c->tail.cap < CONN_TAIL_LARGE_BYTES ||
        c->backlog || c->ended != ERR_OK) {
        return false;
    }
    if (env->favoured == NULL) {
        env->favoured = c;
        env->favoured_mono_ns = clock_mono_ns();
    }
    return env->favoured != c;
}

/* The stream's last bytes, once nothing whole is left in the tail. */
static void finish_stream(struct conn *c, struct conn_env *env, enum frame_end end)
{
    if (c->stage == CONN_STAGE_STREAM) {
        c->proto.proto->finish(&c->proto, buf_span(&c->tail), end, env->intake->batch);
        intake_take_batch(env->intake, c->peer_name, c->cert_name);
    }
}

static enum shard_conn_result result_of_end(err_t ended)
{
    switch (ended) {
    case ERR_EOF:
        return CONN_ENDED;
    case ERR_SYNTAX:
        return CONN_TLS_ERROR;
    case ERR_NOMEM:
        return CONN_MEMORY_LIMIT;
    case ERR_OK:
    case ERR_AGAIN:
    case ERR_LIMIT:
    case ERR_UNKNOWN:
    case ERR_EXISTS:
    case ERR_IO:
        break;
    }
    return CONN_RESET;
}

static void count_bytes(const struct conn *c, struct intake *in, size_t bytes)
{
    in->stats->bytes_received += bytes;
    if (bytes > 0) {
        peer_board_add_bytes(&in->stats->peers, key_of(c), in->turn_wall_ns, bytes);
    }
}

/* One read and everything that comes of it. ERR_OK: there may be more; ERR_AGAIN: not now; else the
 * transport has ended. */
static err_t serve_once(struct conn *c, struct conn_env *env, size_t *ret_bytes)
{
    size_t held_before = c->tail.cap;
    struct buf *in = pick_input(c, env);
    size_t before = in->len;
    err_t status = c->ended;

    if (c->ended == ERR_OK && !c->backlog) {
        status = fill(c, in);
        c->ended = status == ERR_AGAIN ? ERR_OK : status;
    }
    *ret_bytes = in->len - before;
    count_bytes(c, env->intake, *ret_bytes);
    size_t used = digest(c, env, buf_span(in));
    keep_tail(c, env, in, used, held_before);
    return status;
}

/* What a connection is after serve_once(). */
static enum conn_verdict judge(struct conn *c, struct conn_env *env, err_t status,
                               enum shard_conn_result *ret_result)
{
    if (c->stage == CONN_STAGE_REFUSED) {
        *ret_result = c->refused_as;
        return CONN_OVER;
    }
    if (c->backlog) {
        return c->proto.awaits ? CONN_PARK : CONN_AGAIN;
    }
    c->park_until_ns = 0;
    if (c->ended != ERR_OK) {
        finish_stream(c, env, c->ended == ERR_EOF ? FRAME_END_ORDERLY : FRAME_END_CUT);
        *ret_result = c->stage == CONN_STAGE_REFUSED ? c->refused_as : result_of_end(c->ended);
        return CONN_OVER;
    }
    return status == ERR_AGAIN ? CONN_WAIT : CONN_AGAIN;
}

enum conn_verdict conn_serve(struct conn *c, struct conn_env *env,
                             enum shard_conn_result *ret_result)
{
    uint64_t start_ns = clock_mono_ns();
    enum conn_verdict verdict = CONN_AGAIN;
    size_t served = 0;

    give_up_waiting(c, env);
    while (verdict == CONN_AGAIN && served < TURN_BYTES_MAX &&
           clock_mono_ns() - start_ns < TURN_NS_MAX) {
        size_t bytes = 0;
        if (!intake_is_ready(env->intake)) {
            return CONN_AGAIN;
        }
        if (must_pause(c, env)) {
            return CONN_PAUSE;
        }
        verdict = judge(c, env, serve_once(c, env, &bytes), ret_result);
        served += bytes;
        if (bytes > 0) {
            c->active_mono_ns = start_ns;
        }
    }
    return verdict;
}

bool conn_end(struct conn *c, struct conn_env *env, enum frame_end end)
{
    size_t held_before = c->tail.cap;

    c->ended = end == FRAME_END_ORDERLY ? ERR_EOF : ERR_IO;
    c->proto.waits_not = true;
    size_t used = digest(c, env, buf_span(&c->tail));
    keep_tail(c, env, &c->tail, used, held_before);
    if (c->backlog) {
        return false;
    }
    finish_stream(c, env, end);
    return true;
}

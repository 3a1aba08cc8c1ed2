/* SPDX-License-Identifier: Apache-2.0
 *
 * conn: one TCP connection, from its first byte to its end. The path of a byte is conn_serve().
 * What is read lands in the shard's scratch buffer; only the undecoded tail of a read is kept with
 * the connection, so a quiet connection holds no buffer. Shard thread only. */
#pragma once

#include "base/buf.h"
#include "ingestor/intake.h"
#include "ingestor/refusal.h"
#include "ingestor/shard_stats.h"
#include "net/addr.h"
#include "net/transport.h"

/* Memory above which a partial record counts as large when memory is short. */
#define CONN_TAIL_LARGE_BYTES (64u * KIB)

struct conn;

/* What connections of a shard share. */
struct conn_env {
    struct intake *intake;
    struct refusal_table *refusals;
    struct buf *scratch;       /* where reads land */
    uint64_t held_bytes;       /* sum of all tails' memory */
    uint64_t held_bytes_max;   /* above it, connections with large tails wait … */
    struct conn *favoured;     /* … but for this one, so that there is always one that ends its
                                record; NULL: the next that would have to wait */
    uint64_t favoured_mono_ns; /* since when */
};

enum conn_stage {
    CONN_STAGE_FIRST_BYTE, /* nothing arrived yet: plain text or TLS? */
    CONN_STAGE_HANDSHAKE,
    CONN_STAGE_SNIFF,
    CONN_STAGE_STREAM,
    CONN_STAGE_REFUSED /* not understood, or out of step: nothing more is read */
};

struct conn {
    struct conn *next; /* in the shard's list of all connections */
    struct conn *prev;
    struct conn *next_queued; /* in one of the shard's queues */
    bool queued;
    enum conn_stage stage;
    int fd; /* owned */
    struct addr peer;
    char peer_name[ADDR_TEXT_BYTES];
    const char *cert_name; /* in the certificate that the peer showed, or ""; the transport's */
    struct transport *transport; /* owned */
    struct proto_state proto;
    struct buf tail;                   /* read but not decoded: the start of a record */
    bool backlog;                      /* the tail holds whole records that had to wait */
    err_t ended;                       /* how the transport ended; ERR_OK while it has not */
    enum shard_conn_result refused_as; /* valid in CONN_STAGE_REFUSED */
    uint64_t stream_offset;            /* application bytes consumed so far */
    uint64_t active_mono_ns;           /* when bytes last came */
    uint64_t park_until_ns;            /* monotonic: it waits for a schema until then; 0: no */
    uint32_t parked_for_id;
    uint64_t parked_generation; /* of the schemas that did not have it */
};

/* Takes `fd` and `transport` (both the connection's from here on). ERR_NOMEM: nothing is taken. */
MUST_CHECK err_t conn_new(int fd, const struct addr *peer, struct transport *transport,
                          struct conn **ret);

/* Frees a connection that no shard has owned; its descriptor stays the caller's. */
void conn_discard(struct conn *c);

/* Closes and frees; bytes that were not decoded are given up, so a stream has ended before:
 * conn_serve() said CONN_OVER, or conn_end() was called. */
void conn_free(struct conn *c, struct conn_env *env);

enum conn_verdict {
    CONN_WAIT,  /* nothing more to read now; poll it */
    CONN_AGAIN, /* it has used its share of this turn and may have more */
    CONN_PAUSE, /* it must wait for memory, unless it is favoured */
    CONN_PARK,  /* it waits for a schema; to be served again when there is a new set, or after
                   c->park_until_ns */
    CONN_OVER   /* it has ended; `ret_result` says how */
};

/* One step of the handshake. CONN_WAIT also when it is done and the stream may be read. */
enum conn_verdict conn_handshake(struct conn *c, struct conn_env *env,
                                 enum shard_conn_result *ret_result);

/* Reads and archives, at most TURN_BYTES_MAX or TURN_NS_MAX. */
enum conn_verdict conn_serve(struct conn *c, struct conn_env *env,
                             enum shard_conn_result *ret_result);

/* Gives back what a connection that has been quiet for a while does not need of its memory. */
void conn_trim(struct conn *c, struct conn_env *env);

/* Ends a stream that the shard gives up (timeout, shutdown, memory): decodes what is whole; what is
 * left is a last record after FRAME_END_ORDERLY and truncated after FRAME_END_CUT. False: the
 * archive has no room for all of it; call again later. */
bool conn_end(struct conn *c, struct conn_env *env, enum frame_end end);

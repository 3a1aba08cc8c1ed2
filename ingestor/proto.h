/* SPDX-License-Identifier: Apache-2.0
 *
 * proto: what a stream can be: one table entry for each kind that sniff.h finds, chosen once for a
 * connection. An entry combines a framing with the codecs of what is in its frames. Shard thread
 * only. */
#pragma once

#include "codec/codec.h"
#include "ingestor/payload.h"
#include "ingestor/sniff.h"
#include "wire/frame_journal.h"
#include "wire/frame_length.h"
#include "wire/frame_line.h"
#include "wire/frame_octet.h"

/* What all streams of a shard share. */
struct proto_env {
    struct payload_env payload;
    struct codec_env codec;
    uint32_t record_bytes_max;
};

struct proto_state {
    const struct proto *proto;
    const struct proto_env *env;
    const struct zone *zone; /* where the sender is; NULL: UTC. Set before proto_start() */
    struct codec_env codec;  /* the env's, with that zone */

    /* Schemas that are not known yet. The connection says what is not waited for. */
    bool waits_not;      /* for none */
    bool gave_up;        /* not for … */
    uint32_t gave_up_id; /* … this one */
    bool awaits;         /* the last decode stopped before a record that needs … */
    uint32_t awaited_id; /* … this one */

    union {
        struct frame_length length;
        struct frame_line line;
        struct frame_octet octet;
        struct frame_journal journal;
    };
};

struct proto {
    const char *name; /* for people: "go-client frames" */
    void (*start)(struct proto_state *st);
    void (*stop)(struct proto_state *st);

    /* Decodes every whole record of `in` that fits into the batch; bad ones become rejects. Leaves
     * a partial tail: `*ret_used` < in.len. Stops, too, before a record whose schema is not known
     * yet: then st->awaits is set. ERR_OK, or ERR_SYNTAX in a call that decoded nothing:
     * the stream is out of step and no later byte can be trusted. */
    err_t (*decode)(struct proto_state *st, struct span in, size_t *ret_used, struct batch *b);

    /* The stream has ended; `in` is what decode left. Adds at most one record or reject. */
    void (*finish)(struct proto_state *st, struct span in, enum frame_end end, struct batch *b);
};

/* The name of what was sniffed (not SNIFF_FOREIGN). */
const char *proto_name(enum sniff_kind kind);

/* Starts the stream that was sniffed (not SNIFF_FOREIGN). */
void proto_start(struct proto_state *st, const struct proto_env *env, enum sniff_kind kind);

/* Frees what the state holds; harmless before proto_start() on a zeroed state. */
void proto_stop(struct proto_state *st);

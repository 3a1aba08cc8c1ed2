/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_protobuf_index: where the fields of one message stand. A message may hold its fields in any
 * order, elements of a repeated field anywhere, and may itself come in several pieces (which the
 * encoding defines as their concatenation); its JSON wants each field once. So each message is
 * indexed before it is written: one entry an occurrence, in order of fields, then of bytes.
 *
 * Each tag of the payload is read once, in the message that it belongs to. An entry is 8 bytes and
 * needs two of the payload, so the entries of all messages that are open take at most four times
 * its length. Entries are sorted (n log n) only if a sender did not send fields in order. */
#pragma once

#include "codec/codec_put.h"
#include "schema/schema_protobuf.h"

#include <stdint.h>

/* Messages below the root, groups included. */
#define CODEC_PROTOBUF_DEPTH_MAX  100u
#define CODEC_PROTOBUF_FRAMES_MAX (CODEC_PROTOBUF_DEPTH_MAX + 1)

/* Entries that a payload of `bytes` can have at most. */
#define CODEC_PROTOBUF_ENTRIES_MAX(bytes) ((bytes) / 2 + 1)

/* The field (of the plan's), where its value stands in the payload (the length of one that has a
 * length), and its wire type. */
#define CODEC_PROTOBUF_ENTRY(field, offset, wire) \
    ((uint64_t)(field) << 35 | (uint64_t)(offset) << 3 | (uint64_t)(wire))

static inline uint32_t codec_protobuf_index_field(uint64_t entry)
{
    return (uint32_t)(entry >> 35);
}

static inline uint32_t codec_protobuf_index_offset(uint64_t entry)
{
    return (uint32_t)(entry >> 3);
}

static inline uint8_t codec_protobuf_index_wire(uint64_t entry)
{
    return (uint8_t)(entry & 7);
}

/* One message that is being written. */
struct codec_protobuf_frame {
    const struct schema_protobuf_message *message;
    uint32_t begin; /* its entries in `work` */
    uint32_t at;    /* the next to be written */
    uint32_t end;
    const struct schema_protobuf_field *field; /* repeated, being written: up to `run_end` */
    uint32_t run_end;
    char bracket; /* that closes `field`; '\0': none is being written */
    bool bare;    /* its JSON is that of its only field, without a name */
    bool is_done; /* of a bare one: the value has been written, or is being */
};

/* Which member of a oneof came last. */
struct codec_protobuf_oneof {
    uint64_t message; /* serial number of the message this is known of */
    uint32_t field;
    bool is_cut; /* another member was met before it: what is before that one does not count */
};

/* One payload on its way to JSON. */
struct codec_protobuf_index {
    struct codec_put put;
    const struct schema_protobuf *plan;
    const char *begin; /* of the payload, readable for SPAN_SLACK_BYTES behind `end` */
    const char *end;
    struct arena *arena;

    uint64_t *work; /* entries of all open messages */
    uint32_t work_count;
    uint32_t work_max;    /* never reached: each entry is another tag of the payload */
    uint8_t map_key_type; /* of the map that is being sorted */
    struct codec_protobuf_frame frames[CODEC_PROTOBUF_FRAMES_MAX];
    uint32_t depth;  /* frames in use */
    uint32_t levels; /* of JSON that are open, the record's own object included */

    uint64_t serial; /* of messages with a oneof; 0: `oneofs` are not cleared */
    struct codec_protobuf_oneof oneofs[SCHEMA_PROTOBUF_ONEOFS_MAX];
};

/* Adds the entries of a message that is `piece`, or whose pieces are the entries [from, to). Fails
 * `d->put` with REASON_BAD_PROTOBUF or _TOO_DEEP. */
void codec_protobuf_index_piece(struct codec_protobuf_index *d,
                                const struct schema_protobuf_message *message, struct span piece);
void codec_protobuf_index_pieces(struct codec_protobuf_index *d,
                                 const struct schema_protobuf_message *message, uint32_t from,
                                 uint32_t to);

/* What stands behind the length at `offset`, which has been checked. */
struct span codec_protobuf_index_bytes(const struct codec_protobuf_index *d, uint32_t offset);

/* The first entry behind `at` and before `end` that is of another field. */
uint32_t codec_protobuf_index_run(const struct codec_protobuf_index *d, uint32_t at, uint32_t end);

/* Sorts, in place and without recursion. `less` answers whether `a` comes before `b`. */
typedef bool (*codec_protobuf_index_fn)(const struct codec_protobuf_index *d, uint64_t a,
                                        uint64_t b);
void codec_protobuf_index_sort(const struct codec_protobuf_index *d, uint64_t *at, uint32_t count,
                               codec_protobuf_index_fn less);

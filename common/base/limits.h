/* SPDX-License-Identifier: Apache-2.0
 *
 * limits: every bound of the system that is no option, in one place, with the relations between
 * them asserted. Options (--max-record-bytes …) have their bounds in the option table. */
#pragma once

#include <assert.h>

#define KIB       1024u
#define MIB       (1024u * KIB)
#define GIB       (1024ull * MIB)

#define NS_PER_US 1000ull
#define NS_PER_MS 1000000ull
#define NS_PER_S  1000000000ull

/* Bytes behind the end of every input span that may be read (never used): lets a scanner load whole
 * vectors. Buffers that feed decoders are allocated with this much slack. */
#define SPAN_SLACK_BYTES 64u

/* Sniffing: at most this much of a stream's start decides its format. */
#define SNIFF_PEEK_BYTES 64u

/* A go-client frame: 1 byte format, 4 bytes big-endian length. Lengths above the record limit and
 * up to this one are skipped; above it the stream is out of step. */
#define FRAME_HEAD_BYTES     5u
#define FRAME_SKIP_BYTES_MAX (64u * MIB)

/* The most that --max-record-bytes may be. */
#define RECORD_BYTES_LARGEST (16u * MIB)

/* What is kept of a rejected payload that is larger than the record limit, and of a stream that is
 * out of step. */
#define REJECT_KEEP_BYTES    (64u * KIB)
#define BAD_FRAME_KEEP_BYTES (1u * KIB)

#define JSON_DEPTH_MAX       64u
#define SERVICE_BYTES_MAX    256u

/* Records and rejects one decode call may produce: small enough that a batch stays in the L1/L2
 * caches between decode, check and render. */
#define BATCH_ITEMS_MAX 256u

/* Fairness: what one connection may use of one loop turn. */
#define TURN_BYTES_MAX (256u * KIB)
#define TURN_NS_MAX    (1u * NS_PER_MS)

/* Archive frames. */
#define ARCHIVE_FRAME_BYTES      (1u * MIB)   /* uncompressed size at which a frame ends */
#define ARCHIVE_LINE_BYTES_MAX   (145u * MIB) /* the longest line of the largest record */
#define ARCHIVE_RING_SLOTS       16u          /* finished frames between a shard and its writer */
#define ARCHIVE_UNSYNCED_MAX     (16u * MIB)  /* compressed bytes kept a shard until synced */
#define ARCHIVE_FRAMES_PER_SHARD 128u         /* frames in all states */

#define SHARDS_MAX               64u

/* A frame that may be skipped is never taken for a stream that is out of step. */
_Static_assert(REJECT_KEEP_BYTES < FRAME_SKIP_BYTES_MAX, "kept head is part of a skipped frame");
_Static_assert(RECORD_BYTES_LARGEST < FRAME_SKIP_BYTES_MAX, "too large a record can be skipped");
_Static_assert(ARCHIVE_RING_SLOTS < ARCHIVE_FRAMES_PER_SHARD, "a full ring leaves free frames");
_Static_assert(FRAME_HEAD_BYTES <= SNIFF_PEEK_BYTES, "a frame head can be sniffed");

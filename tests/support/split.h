/* SPDX-License-Identifier: Apache-2.0
 *
 * split: feeds a stream through a framing at every split point and byte by byte, and requires the
 * same frames each time. What comes out is written down as text, one line an event:
 *
 *   none 1 5 "hello"           a record: reason, type, true length, payload
 *   too_large 1 70000 65536:9f…  a long payload: its length and a hash of it
 *   out_of_step                ERR_SYNTAX; nothing is fed after it
 *   blank 2                    blank lines in all, if any (frame_line, frame_journal)
 */
#pragma once

#include "base/buf.h"
#include "wire/frame_journal.h"
#include "wire/frame_length.h"
#include "wire/frame_line.h"
#include "wire/frame_octet.h"

/* One framing behind a common face. `state` is what the functions get. */
struct split_framing {
    void *state;
    void (*reset)(void *state); /* gives up what the state holds and starts anew */
    err_t (*next)(void *state, struct span in, size_t *ret_used, struct frame *ret);
    err_t (*finish)(void *state, struct span in, enum frame_end end, struct frame *ret);
    uint32_t (*blanks)(void *state); /* NULL: this framing has none */
};

/* The framings. Each stream starts with the limit (and mode) that the state was made with. */
struct split_framing split_length(struct frame_length *f);
struct split_framing split_line(struct frame_line *f);
struct split_framing split_octet(struct frame_octet *f);
struct split_framing split_journal(struct frame_journal *f);

/* How a stream is cut: one piece of `first` bytes (0: none such), then pieces of `piece` bytes. */
struct split_cut {
    size_t first;
    size_t piece;
};

/* Feeds the pieces of `stream`, then ends it; appends what came out to `out`. */
void split_feed(const struct split_framing *f, struct span stream, struct split_cut cut,
                enum frame_end end, struct buf *out);

/* Fails unless the stream yields `want` whole, byte by byte and in two pieces split at every point
 * (of streams above 4 KiB: at the first and last 300 bytes and at every 997th). */
void split_check(const struct split_framing *f, struct span stream, enum frame_end end,
                 const char *want);

/* Fails unless the stream yields the same whole, byte by byte and in pieces of 7 bytes, for either
 * end. For inputs of which nobody knows what they should yield. */
void split_check_equal(const struct split_framing *f, struct span stream);

/* The same hash that transcripts show. */
uint64_t split_hash(struct span bytes);

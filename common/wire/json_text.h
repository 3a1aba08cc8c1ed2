/* SPDX-License-Identifier: Apache-2.0
 *
 * json_text: what a struct text says, whatever its form: comparing, measuring, decoding, cutting.
 * "Decoded" means with the escapes of TEXT_JSON replaced by what they stand for. Pure functions. */
#pragma once

#include "base/arena.h"
#include "base/span.h"
#include "wire/text.h"

#define JSON_TEXT_CHAR_BYTES 4u

/* Takes one character off the front of `left`, which is not empty: writes its 1..4 decoded bytes to
 * `out` and returns how many. */
size_t json_text_next(struct text *left, char *out);

/* Length of the decoded text in bytes; never more than `t.len`. */
size_t json_text_bytes(struct text t);

/* Whether the decoded text is exactly `s`; json_text_equal_escaped() is its slow part. */
bool json_text_equal_escaped(struct text t, struct span s);

static inline bool json_text_equal(struct text t, struct span s)
{
    return t.form == TEXT_JSON ? json_text_equal_escaped(t, s) : span_equal(text_span(t), s);
}

/* Whether two texts say the same. */
bool json_text_same(struct text a, struct text b);

/* A hash of the decoded text that cannot be predicted without `key`. Its upper half is the
 * better. */
uint64_t json_text_hash(struct text t, uint64_t key);

/* Writes the decoded text to `out`, which holds `t.len` bytes; returns its length. */
size_t json_text_decode(struct text t, char *out);

/* The text as TEXT_CLEAN or TEXT_PLAIN: itself, or a decoded copy in the arena (at most `t.len`
 * bytes). */
struct text json_text_plain(struct text t, struct arena *a);

/* The head of `t` that decodes to at most `at_most` bytes, cut between two characters. */
struct text json_text_cut(struct text t, size_t at_most);

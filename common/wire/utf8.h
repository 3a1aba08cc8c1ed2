/* SPDX-License-Identifier: Apache-2.0
 *
 * utf8: validity and repair. Source: RFC 3629 (no surrogates, no overlong forms, up to U+10FFFF).
 * Pure functions. Input is readable for SPAN_SLACK_BYTES behind its end. */
#pragma once

#include "base/arena.h"
#include "base/span.h"
#include "wire/text.h"

#include <stdbool.h>

/* Length of the longest valid prefix; `s.len` if all of it is valid. */
size_t utf8_valid_prefix(struct span s);

/* TEXT_CLEAN or TEXT_PLAIN for valid UTF-8 (see wire/text.h); returns false if it is not valid. */
bool utf8_classify(struct span s, enum text_form *ret_form);

/* A copy in the arena with each maximal ill-formed subsequence replaced by U+FFFD (Unicode 15,
 * section 3.9, "substitution of maximal subparts"). At most 3 times the input's length. */
struct span utf8_repair(struct span s, struct arena *a);

/* The largest n <= `at_most` at which valid UTF-8 may be cut between two characters. */
size_t utf8_cut(struct span s, size_t at_most);

/* Length 2..4 of the well-formed sequence that begins with the non-ASCII byte at `p`; 0 if it is
 * ill-formed or longer than the `left` bytes of text. */
size_t utf8_sequence(const char *p, size_t left);

/* Whether the well-formed sequence at `p` is a C1 control, U+2028 or U+2029: what some reader takes
 * for the end of a line, or worse. */
static inline bool utf8_is_break(const char *p)
{
    const unsigned char *u = (const unsigned char *)p;

    return (u[0] == 0xc2 && u[1] < 0xa0) || (u[0] == 0xe2 && u[1] == 0x80 && (u[2] | 1) == 0xa9);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * text_scan: looking for the bytes of a text that need attention, 16 at a time. This is the one
 * place with vector instructions; all of them are in the first functions, which have a portable
 * form.
 *   stop  a quote, a backslash, a control character, DEL, or no ASCII
 *   high  DEL, or no ASCII */
#pragma once

#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define TEXT_SCAN_BLOCK_BYTES 64u

_Static_assert(TEXT_SCAN_BLOCK_BYTES <= SPAN_SLACK_BYTES, "a block may begin at the last byte");

#ifdef __SSE2__

/* Bit i is set if p[i] is a stop. */
static inline uint32_t text_scan_stops_16(const char *p)
{
    __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    /* One more makes DEL negative like everything above it, so one signed comparison finds both
     * ends of what is printable. */
    __m128i outside = _mm_cmplt_epi8(_mm_add_epi8(x, _mm_set1_epi8(1)), _mm_set1_epi8(0x21));
    __m128i syntax =
        _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('"')), _mm_cmpeq_epi8(x, _mm_set1_epi8('\\')));

    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(outside, syntax));
}

/* Bit i is set if p[i] is high. */
static inline uint32_t text_scan_highs_16(const char *p)
{
    __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i del = _mm_cmpeq_epi8(x, _mm_set1_epi8(0x7f));

    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(x, del));
}

/* Bit i is set if p[i] is `c`. */
static inline uint32_t text_scan_equals_16(const char *p, char c)
{
    __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);

    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(x, _mm_set1_epi8(c)));
}

/* Bit i is set if p[i] is a letter or digit of ASCII or one of - . / _, of which names mostly
 * consist. */
static inline uint32_t text_scan_words_16(const char *p)
{
    __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i lower = _mm_or_si128(x, _mm_set1_epi8(0x20));
    __m128i letters = _mm_and_si128(_mm_cmpgt_epi8(lower, _mm_set1_epi8('a' - 1)),
                                    _mm_cmplt_epi8(lower, _mm_set1_epi8('z' + 1)));
    __m128i others = _mm_and_si128(_mm_cmpgt_epi8(x, _mm_set1_epi8('-' - 1)),
                                   _mm_cmplt_epi8(x, _mm_set1_epi8('9' + 1)));
    __m128i low_line = _mm_cmpeq_epi8(x, _mm_set1_epi8('_'));

    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(letters, others), low_line));
}

/* Whether there is no stop among the first `len` bytes, cheaper than finding it. Up to 16 bytes
 * from the last on are readable. */
static inline bool text_scan_is_clean(const char *p, size_t len)
{
    __m128i any = _mm_setzero_si128();

    for (; len >= 16; len -= 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i outside = _mm_cmplt_epi8(_mm_add_epi8(x, _mm_set1_epi8(1)), _mm_set1_epi8(0x21));
        __m128i syntax = _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('"')),
                                      _mm_cmpeq_epi8(x, _mm_set1_epi8('\\')));
        any = _mm_or_si128(any, _mm_or_si128(outside, syntax));
        p += 16;
    }
    uint32_t tail = len == 0 ? 0 : text_scan_stops_16(p) & ((1u << len) - 1);
    return ((uint32_t)_mm_movemask_epi8(any) | tail) == 0;
}

#else

static inline uint32_t text_scan_words_16(const char *p)
{
    uint32_t words = 0;

    for (unsigned i = 0; i < 16; i++) {
        unsigned char c = (unsigned char)p[i];
        uint32_t word =
            ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '-' && c <= '9') || c == '_';
        words |= word << i;
    }
    return words;
}

static inline uint32_t text_scan_equals_16(const char *p, char c)
{
    uint32_t equals = 0;

    for (unsigned i = 0; i < 16; i++) {
        equals |= (uint32_t)(p[i] == c) << i;
    }
    return equals;
}

static inline uint32_t text_scan_stops_16(const char *p)
{
    uint32_t stops = 0;

    for (unsigned i = 0; i < 16; i++) {
        unsigned char c = (unsigned char)p[i];
        uint32_t stop = c == '"' || c == '\\' || c < 0x20 || c >= 0x7f;
        stops |= stop << i;
    }
    return stops;
}

static inline bool text_scan_is_clean(const char *p, size_t len)
{
    uint32_t stops = 0;

    for (; len >= 16; len -= 16) {
        stops |= text_scan_stops_16(p);
        p += 16;
    }
    return len == 0 ? stops == 0 : (stops | (text_scan_stops_16(p) & ((1u << len) - 1))) == 0;
}

static inline uint32_t text_scan_highs_16(const char *p)
{
    uint32_t highs = 0;

    for (unsigned i = 0; i < 16; i++) {
        uint32_t high = (unsigned char)p[i] >= 0x7f;
        highs |= high << i;
    }
    return highs;
}

#endif

/* Bit i is set if p[i] is `c`. */
static inline uint64_t text_scan_equals_64(const char *p, char c)
{
    return text_scan_equals_16(p, c) | (uint64_t)text_scan_equals_16(p + 16, c) << 16 |
           (uint64_t)text_scan_equals_16(p + 32, c) << 32 |
           (uint64_t)text_scan_equals_16(p + 48, c) << 48;
}

/* How many bytes from `p` on, of at most 16, are a word (text_scan_words_16). */
static inline unsigned text_scan_word_bytes(const char *p)
{
    return (unsigned)__builtin_ctz(~text_scan_words_16(p));
}

static inline uint64_t text_scan_stops_64(const char *p)
{
    return text_scan_stops_16(p) | (uint64_t)text_scan_stops_16(p + 16) << 16 |
           (uint64_t)text_scan_stops_16(p + 32) << 32 | (uint64_t)text_scan_stops_16(p + 48) << 48;
}

/* The first stop from `p` on, or `end`. Reads nothing behind `end`. */
static inline const char *text_scan_stop(const char *p, const char *end)
{
    for (; end - p >= 16; p += 16) {
        uint32_t stops = text_scan_stops_16(p);
        if (stops != 0) {
            return p + __builtin_ctz(stops);
        }
    }
    for (; p < end; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '"' || c == '\\' || c < 0x20 || c >= 0x7f) {
            break;
        }
    }
    return p;
}

/* The first high byte from `p` on, or `end`. Reads nothing behind `end`. */
static inline const char *text_scan_high(const char *p, const char *end)
{
    for (; end - p >= 16; p += 16) {
        uint32_t highs = text_scan_highs_16(p);
        if (highs != 0) {
            return p + __builtin_ctz(highs);
        }
    }
    while (p < end && (unsigned char)*p < 0x7f) {
        p++;
    }
    return p;
}

/* Finds many stops in a text that is readable for SPAN_SLACK_BYTES behind `end`: what is known of
 * the block at hand is kept, so that short strings cost no look of their own. */
struct text_scan {
    const char *block;
    uint64_t stops; /* bit i: block[i] is a stop */
    const char *end;
};

static inline void text_scan_init(struct text_scan *s, const char *at, const char *end)
{
    s->block = at;
    s->stops = at < end ? text_scan_stops_64(at) : 0;
    s->end = end;
}

/* The first stop from `p` on; at or past `end` if there is none before it. While `p` only grows
 * from call to call, no byte is looked at twice. */
static inline const char *text_scan_next(struct text_scan *s, const char *p)
{
    size_t seen = (size_t)(p - s->block);

    if (seen < TEXT_SCAN_BLOCK_BYTES) {
        uint64_t ahead = s->stops >> seen;
        if (ahead != 0) {
            return p + __builtin_ctzll(ahead);
        }
        p = s->block + TEXT_SCAN_BLOCK_BYTES;
    }
    for (; p < s->end; p += TEXT_SCAN_BLOCK_BYTES) {
        s->block = p;
        s->stops = text_scan_stops_64(p);
        if (s->stops != 0) {
            return p + __builtin_ctzll(s->stops);
        }
    }
    return p;
}

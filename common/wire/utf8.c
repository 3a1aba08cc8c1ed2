/* SPDX-License-Identifier: Apache-2.0
 *
 * utf8: one function knows which byte sequences are well-formed (RFC 3629 section 4; Unicode 15,
 * table 3-7), everything else asks it. Runs of ASCII are skipped by whole vectors. */
#include "wire/utf8.h"

#include "wire/text_scan.h"

#include <assert.h>

#define REPLACEMENT       "\xef\xbf\xbd" /* U+FFFD */
#define REPLACEMENT_BYTES 3u

struct sequence {
    size_t len; /* bytes of the sequence, or of its longest start that could have become one */
    bool valid;
};

/* Judges what begins with the non-ASCII byte at `p`; `left` is at least 1. */
static struct sequence sequence_at(const char *p, size_t left)
{
    unsigned lead = (unsigned char)p[0];
    unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80; /* no overlong forms */
    unsigned high = lead == 0xed   ? 0x9f
                    : lead == 0xf4 ? 0x8f
                                   : 0xbf; /* no surrogates, no more
                                                                         than U+10FFFF */
    size_t len = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

    if (lead < 0xc2 || lead > 0xf4) {
        return (struct sequence){1, false};
    }
    for (size_t i = 1; i < len; i++) {
        unsigned c = i < left ? (unsigned char)p[i] : 0;
        if (c < low || c > high) {
            return (struct sequence){i, false};
        }
        low = 0x80;
        high = 0xbf;
    }
    return (struct sequence){len, true};
}

size_t utf8_sequence(const char *p, size_t left)
{
    struct sequence seq = sequence_at(p, left);

    return seq.valid ? seq.len : 0;
}

size_t utf8_valid_prefix(struct span s)
{
    const char *end = s.at + s.len;
    const char *p = s.at;

    while (p < end) {
        if ((unsigned char)*p < 0x7f) {
            p = text_scan_high(p, end);
            continue;
        }
        if (*p == 0x7f) {
            p++;
            continue;
        }
        struct sequence seq = sequence_at(p, (size_t)(end - p));
        if (!seq.valid) {
            break;
        }
        p += seq.len;
    }
    return p < end ? (size_t)(p - s.at) : s.len;
}

bool utf8_classify(struct span s, enum text_form *ret_form)
{
    struct text_scan scan;
    const char *end = s.at + s.len;
    enum text_form form = TEXT_CLEAN;

    if (text_scan_is_clean(s.at, s.len)) {
        *ret_form = TEXT_CLEAN;
        return true;
    }
    text_scan_init(&scan, s.at, end);
    for (const char *p = text_scan_next(&scan, s.at); p < end; p = text_scan_next(&scan, p)) {
        if ((unsigned char)*p < 0x80) {
            form = TEXT_PLAIN;
            p++;
            continue;
        }
        struct sequence seq = sequence_at(p, (size_t)(end - p));
        if (!seq.valid) {
            return false;
        }
        if (utf8_is_break(p)) {
            form = TEXT_PLAIN;
        }
        p += seq.len;
    }
    *ret_form = form;
    return true;
}

struct span utf8_repair(struct span s, struct arena *a)
{
    const char *end = s.at + s.len;
    const char *p = s.at;
    size_t before = a->used;
    char *out = arena_alloc(a, s.len * REPLACEMENT_BYTES);
    size_t len = 0;

    assert(out != NULL);
    while (p < end) {
        size_t good = utf8_valid_prefix(span_of(p, (size_t)(end - p)));
        memcpy(out + len, p, good);
        len += good;
        p += good;
        if (p < end) {
            memcpy(out + len, REPLACEMENT, REPLACEMENT_BYTES);
            len += REPLACEMENT_BYTES;
            p += sequence_at(p, (size_t)(end - p)).len;
        }
    }
    /* Gives back what the worst case would have needed: the same memory again, only shorter. */
    arena_rewind(a, before);
    out = arena_alloc(a, len);
    return span_of(out, len);
}

size_t utf8_cut(struct span s, size_t at_most)
{
    size_t n = at_most;

    if (n >= s.len) {
        return s.len;
    }
    while (n > 0 && ((unsigned char)s.at[n] & 0xc0) == 0x80) {
        n--;
    }
    return n;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * json_text: one function takes a character off the front of a text; all but the shortcuts for
 * texts without escapes are loops around it. Texts are valid, so nothing here can fail. */
#include "wire/json_text.h"

#include "wire/utf8.h"

#include <assert.h>

static bool has_escapes(struct text t)
{
    return t.form == TEXT_JSON && span_find(text_span(t), '\\') < t.len;
}

static void skip(struct text *t, uint32_t n)
{
    t->at += n;
    t->len -= n;
}

static unsigned hex_digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

static unsigned hex_unit(const char *p)
{
    return hex_digit(p[0]) << 12 | hex_digit(p[1]) << 8 | hex_digit(p[2]) << 4 | hex_digit(p[3]);
}

static size_t put_code_point(unsigned c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* What the character behind a backslash stands for, if it is not 'u'. */
static char short_escape(char c)
{
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c;
    }
}

/* Takes the escape at the front of `*left`. */
static size_t next_escape(struct text *left, char *out)
{
    const char *p = left->at;

    if (p[1] != 'u') {
        out[0] = short_escape(p[1]);
        skip(left, 2);
        return 1;
    }
    unsigned unit = hex_unit(p + 2);
    if (unit < 0xd800 || unit > 0xdbff) {
        skip(left, 6);
        return put_code_point(unit, out);
    }
    unsigned low = hex_unit(p + 8); /* checked when the text was made: the other half is there */
    skip(left, 12);
    return put_code_point(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), out);
}

size_t json_text_next(struct text *left, char *out)
{
    unsigned char lead = (unsigned char)left->at[0];
    size_t len = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

    if (lead == '\\' && left->form == TEXT_JSON) {
        return next_escape(left, out);
    }
    memcpy(out, left->at, len);
    skip(left, (uint32_t)len);
    return len;
}

size_t json_text_bytes(struct text t)
{
    char c[JSON_TEXT_CHAR_BYTES];
    size_t bytes = 0;

    if (!has_escapes(t)) {
        return t.len;
    }
    while (t.len > 0) {
        bytes += json_text_next(&t, c);
    }
    return bytes;
}

bool json_text_equal_escaped(struct text t, struct span s)
{
    char c[JSON_TEXT_CHAR_BYTES];

    if (!has_escapes(t)) {
        return span_equal(text_span(t), s);
    }
    while (t.len > 0) {
        struct span decoded = span_of(c, json_text_next(&t, c));
        if (!span_starts_with(s, decoded)) {
            return false;
        }
        s = span_skip(s, decoded.len);
    }
    return s.len == 0;
}

bool json_text_same(struct text a, struct text b)
{
    char c[JSON_TEXT_CHAR_BYTES];
    char d[JSON_TEXT_CHAR_BYTES];

    if (!has_escapes(a)) {
        return json_text_equal(b, text_span(a));
    }
    while (a.len > 0 && b.len > 0) {
        struct span decoded = span_of(c, json_text_next(&a, c));
        if (!span_equal(decoded, span_of(d, json_text_next(&b, d)))) {
            return false;
        }
    }
    return a.len == 0 && b.len == 0;
}

/* Multiplies to 128 bits and folds the halves together: every bit of both reaches every bit. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t json_text_hash(struct text t, uint64_t key)
{
    const uint64_t odd = 0x9e3779b97f4a7c15u; /* 2^64 / golden ratio */
    uint64_t word = 0;
    uint64_t filled = 0;
    /* The key is an address: much of it is known and its ends are zeros. Mixed it is a multiplier
     * that spreads short names; as it stands, one start in ten had one that did not. */
    const uint64_t secret = mix(key ^ odd, odd) | 1;
    uint64_t h = secret;

    while (t.len > 0) {
        char c[JSON_TEXT_CHAR_BYTES];
        size_t len = json_text_next(&t, c);
        for (size_t i = 0; i < len; i++) {
            word = word << 8 | (unsigned char)c[i];
            filled++;
            if (filled % 8 == 0) {
                h = mix(h ^ word, secret);
                word = 0;
            }
        }
    }
    return mix(mix(h ^ word ^ filled << 56, secret), odd);
}

size_t json_text_decode(struct text t, char *out)
{
    size_t len = 0;

    if (!has_escapes(t)) {
        memcpy(out, t.at, t.len);
        return t.len;
    }
    while (t.len > 0) {
        char c[JSON_TEXT_CHAR_BYTES];
        size_t n = json_text_next(&t, c);
        memcpy(out + len, c, n);
        len += n;
    }
    return len;
}

struct text json_text_plain(struct text t, struct arena *a)
{
    enum text_form form = TEXT_PLAIN;

    if (t.form != TEXT_JSON) {
        return t;
    }
    char *out = arena_alloc(a, t.len);
    assert(out != NULL);
    struct span plain = span_of(out, json_text_decode(t, out));
    bool valid = utf8_classify(plain, &form);
    assert(valid);
    return text_of(plain, form);
}

struct text json_text_cut(struct text t, size_t at_most)
{
    struct text left = t;
    size_t bytes = 0;

    if (!has_escapes(t)) {
        t.len = (uint32_t)utf8_cut(text_span(t), at_most);
        return t;
    }
    while (left.len > 0) {
        char c[JSON_TEXT_CHAR_BYTES];
        struct text rest = left;
        bytes += json_text_next(&rest, c);
        if (bytes > at_most) {
            break;
        }
        left = rest;
    }
    t.len -= left.len;
    return t;
}

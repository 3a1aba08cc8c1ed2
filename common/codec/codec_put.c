/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_put: strings are checked and escaped in one pass, runs of plain ASCII at once. What
 * is taken from the budget is what render/ reserves for each byte. */
#include "codec/codec_put.h"

#include "base/base64.h"
#include "wire/json_text.h"
#include "wire/text_scan.h"
#include "wire/utf8.h"

#include <assert.h>

/* What a byte may cost in the dearest output form. */
#define COST_QUOTE    3u
#define COST_BRACE    4u /* '{' and ']', also within a string */
#define COST_CHAR     6u /* beyond ASCII: the renderer reserves room for an escape */
#define COST_ESCAPE   7u /* \u001f with its backslash doubled */

#define INTEGER_BYTES 20u

void codec_put_init(struct codec_put *p, struct arena *a, size_t budget)
{
    p->arena_used = a->used;
    p->begin = arena_alloc(a, budget);
    assert(p->begin != NULL);
    p->at = p->begin;
    p->left = budget;
    p->comma = false;
    p->reason = REASON_NONE;
    p->detail = "";
}

void codec_put_seal(struct codec_put *p, struct arena *a)
{
    arena_rewind(a, p->arena_used);
    p->begin = arena_alloc(a, (size_t)(p->at - p->begin)); /* the same memory, only shorter */
}

void codec_put_fail(struct codec_put *p, enum reason reason, const char *detail)
{
    if (p->reason == REASON_NONE) {
        p->reason = (uint8_t)reason;
        p->detail = detail;
    }
    p->left = 0;
}

static bool take(struct codec_put *p, size_t cost)
{
    if (cost > p->left) {
        codec_put_fail(p, REASON_TOO_LARGE, "its JSON is much larger than itself");
        return false;
    }
    p->left -= cost;
    return true;
}

void codec_put_charge(struct codec_put *p, size_t cost)
{
    IGNORE(take(p, cost), "the failure stays");
}

static void put(struct codec_put *p, struct span bytes, size_t cost_each)
{
    if (take(p, bytes.len * cost_each)) {
        memcpy(p->at, bytes.at, bytes.len);
        p->at += bytes.len;
    }
}

static void put_byte(struct codec_put *p, char byte, size_t cost)
{
    if (take(p, cost)) {
        *p->at++ = byte;
    }
}

/* What stands between this value and the one before. */
static void put_comma(struct codec_put *p)
{
    if (p->comma) {
        put_byte(p, ',', 1);
    }
    p->comma = true;
}

void codec_put_open(struct codec_put *p, char bracket)
{
    put_comma(p);
    put_byte(p, bracket, bracket == '{' || bracket == ']' ? COST_BRACE : 1);
    p->comma = false;
}

void codec_put_close(struct codec_put *p, char bracket)
{
    put_byte(p, bracket, bracket == '{' || bracket == ']' ? COST_BRACE : 1);
    p->comma = true;
}

static void put_unicode(struct codec_put *p, unsigned code_point)
{
    static const char hex[] = "0123456789abcdef";

    if (!take(p, COST_ESCAPE)) {
        return;
    }
    *p->at++ = '\\';
    *p->at++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4) {
        *p->at++ = hex[code_point >> shift & 15];
    }
}

static void put_ascii(struct codec_put *p, char c)
{
    static const char letters[0x20] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r',
    };
    char letter = c == '"' || c == '\\' ? c : (unsigned char)c < 0x20 ? letters[(int)c] : '\0';

    if (letter == '\0') {
        put_unicode(p, (unsigned char)c);
        return;
    }
    if (take(p, COST_ESCAPE)) {
        *p->at++ = '\\';
        *p->at++ = letter;
    }
}

/* One of utf8_is_break()'s characters. */
static void put_break(struct codec_put *p, const char *c)
{
    bool c1 = (unsigned char)c[0] == 0xc2;

    put_unicode(p, c1 ? (unsigned char)c[1] : 0x2000u | ((unsigned char)c[2] & 0x3f));
}

/* The inside of a string, from the character that no run of plain ASCII holds. Its length; 0 if it
 * is no UTF-8. */
static size_t put_special(struct codec_put *p, const char *c, size_t left)
{
    if ((unsigned char)*c < 0x80) {
        put_ascii(p, *c);
        return 1;
    }
    size_t len = utf8_sequence(c, left);
    if (len == 0) {
        codec_put_fail(p, REASON_BAD_UTF8, "a string is no UTF-8");
        return 0;
    }
    if (utf8_is_break(c)) {
        put_break(p, c);
        return len;
    }
    if (take(p, COST_CHAR)) {
        memcpy(p->at, c, len);
        p->at += len;
    }
    return len;
}

static void put_inside(struct codec_put *p, struct span bytes)
{
    const char *at = bytes.at;
    const char *end = bytes.at + bytes.len;

    while (at < end && p->reason == REASON_NONE) {
        const char *stop = text_scan_stop(at, end);
        put(p, span_of(at, (size_t)(stop - at)), COST_BRACE);
        at = stop;
        if (at < end) {
            at += put_special(p, at, (size_t)(end - at));
        }
    }
}

void codec_put_string(struct codec_put *p, struct span bytes)
{
    put_comma(p);
    put_byte(p, '"', COST_QUOTE);
    put_inside(p, bytes);
    put_byte(p, '"', COST_QUOTE);
}

static size_t braces_in(struct span s)
{
    size_t count = 0;

    for (size_t i = 0; i < s.len; i++) {
        count += s.at[i] == '{' || s.at[i] == ']';
    }
    return count;
}

/* Clean texts are names of schemas, at the price of braces: a JSON name may be made of them. One
 * with escapes is taken apart character by
 * character: it is rare here. */
static void put_text_inside(struct codec_put *p, struct text text)
{
    char c[JSON_TEXT_CHAR_BYTES];

    if (text.form == TEXT_CLEAN) {
        put(p, text_span(text), 1);
        codec_put_charge(p, braces_in(text_span(text)) * (COST_BRACE - 1));
        return;
    }
    if (text.form == TEXT_PLAIN) {
        put_inside(p, text_span(text));
        return;
    }
    while (text.len > 0 && p->reason == REASON_NONE) {
        size_t len = json_text_next(&text, c);
        put_inside(p, span_of(c, len));
    }
}

void codec_put_text(struct codec_put *p, struct text text)
{
    put_comma(p);
    put_byte(p, '"', COST_QUOTE);
    put_text_inside(p, text);
    put_byte(p, '"', COST_QUOTE);
}

static void end_name(struct codec_put *p)
{
    put_byte(p, ':', 1);
    p->comma = false;
}

void codec_put_name(struct codec_put *p, struct text name)
{
    codec_put_text(p, name);
    end_name(p);
}

void codec_put_name_bytes(struct codec_put *p, struct span name)
{
    codec_put_string(p, name);
    end_name(p);
}

void codec_put_word(struct codec_put *p, struct span word)
{
    put_comma(p);
    put(p, word, 1);
}

void codec_put_quoted(struct codec_put *p, struct span characters)
{
    put_comma(p);
    put_byte(p, '"', COST_QUOTE);
    put(p, characters, 1);
    put_byte(p, '"', COST_QUOTE);
}

void codec_put_base64(struct codec_put *p, struct span bytes)
{
    put_comma(p);
    put_byte(p, '"', COST_QUOTE);
    if (take(p, BASE64_BYTES(bytes.len))) {
        p->at = base64_encode(p->at, bytes);
    }
    put_byte(p, '"', COST_QUOTE);
}

/* The digits of a number at the end of `digits`. */
static struct span digits_of(uint64_t number, bool negative, char digits[INTEGER_BYTES])
{
    size_t at = INTEGER_BYTES;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    if (negative) {
        digits[--at] = '-';
    }
    return span_of(digits + at, INTEGER_BYTES - at);
}

void codec_put_int(struct codec_put *p, int64_t number)
{
    char digits[INTEGER_BYTES];
    uint64_t magnitude = number < 0 ? -(uint64_t)number : (uint64_t)number;

    codec_put_word(p, digits_of(magnitude, number < 0, digits));
}

void codec_put_uint(struct codec_put *p, uint64_t number)
{
    char digits[INTEGER_BYTES];

    codec_put_word(p, digits_of(number, false, digits));
}

void codec_put_int_quoted(struct codec_put *p, int64_t number)
{
    char digits[INTEGER_BYTES];
    uint64_t magnitude = number < 0 ? -(uint64_t)number : (uint64_t)number;

    codec_put_quoted(p, digits_of(magnitude, number < 0, digits));
}

void codec_put_uint_quoted(struct codec_put *p, uint64_t number)
{
    char digits[INTEGER_BYTES];

    codec_put_quoted(p, digits_of(number, false, digits));
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * render_put: escaping copies runs that need nothing in one piece and looks at the bytes
 * between. */
#include "render/render_put.h"

#include "wire/text_scan.h"
#include "wire/utf8.h"

#include <assert.h>

static const char hex_digits[] = "0123456789abcdef";

const struct render_put_costs render_put_json_costs = RENDER_PUT_COSTS(2, 1, 1);

size_t render_put_bound(struct text t, const struct render_put_costs *costs)
{
    const char *end = t.at + t.len;
    const char *p = t.at;

    if (t.form == TEXT_JSON && costs == &render_put_json_costs) {
        p = text_scan_high(p, end); /* so far it stays as it is */
    }
    size_t bound = (size_t)(p - t.at);
    for (; p < end; p++) {
        bound += costs->of[(unsigned char)*p];
    }
    return bound;
}

/* \u00XX of a character below U+0100, \u202X of the two above. */
static char *put_unicode(char *out, unsigned code_point)
{
    out = render_put_literal(out, "\\u");
    for (int shift = 12; shift >= 0; shift -= 4) {
        *out++ = hex_digits[code_point >> shift & 15];
    }
    return out;
}

/* The code point of one of utf8_is_break()'s characters. */
static unsigned break_code_point(const char *p)
{
    return (unsigned char)p[0] == 0xc2 ? (unsigned char)p[1]
                                       : 0x2000u | ((unsigned char)p[2] & 0x3f);
}

static char *put_ascii(char *out, char c)
{
    static const char letters[0x20] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r',
    };
    char letter = c == '"' || c == '\\' ? c : (unsigned char)c < 0x20 ? letters[(int)c] : '\0';

    if (letter == '\0') {
        return put_unicode(out, (unsigned char)c);
    }
    *out++ = '\\';
    *out++ = letter;
    return out;
}

/* Length of the sequence that begins with this byte, in valid UTF-8. */
static size_t char_bytes(char lead)
{
    unsigned char c = (unsigned char)lead;

    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

char *render_put_escaped(char *out, struct text t)
{
    const char *p = t.at;
    const char *end = t.at + t.len;

    while (p < end) {
        /* Quotes, backslashes and control characters stop only what is not escaped yet. */
        const char *stop = t.form == TEXT_JSON ? text_scan_high(p, end) : text_scan_stop(p, end);
        out = render_put_bytes(out, span_of(p, (size_t)(stop - p)));
        p = stop;
        if (p == end) {
            break;
        }
        size_t len = char_bytes(*p);
        if (len == 1) {
            out = put_ascii(out, *p);
        } else if (utf8_is_break(p)) {
            out = put_unicode(out, break_code_point(p));
        } else {
            out = render_put_bytes(out, span_of(p, len));
        }
        p += len;
    }
    return out;
}

/* The length of a JSON string's inside that begins at `p`: up to the next quote that is not
 * escaped. */
static size_t string_bytes(const char *p, const char *end)
{
    const char *start = p;

    for (p = text_scan_stop(p, end); p < end && *p != '"'; p = text_scan_stop(p, end)) {
        p += *p == '\\' ? 2 : 1;
    }
    return (size_t)(p - start);
}

char *render_put_json(char *out, struct span json)
{
    const char *end = json.at + json.len;

    if (render_put_is_scalar(json)) {
        return render_put_bytes(out, json);
    }
    for (const char *p = json.at; p < end; p++) {
        if (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t') {
            continue;
        }
        *out++ = *p;
        if (*p == '"') {
            size_t len = string_bytes(p + 1, end);
            out = render_put_escaped(out, text_of(span_of(p + 1, len), TEXT_JSON));
            *out++ = '"';
            p += len + 1;
        }
    }
    return out;
}

char *render_put_hex(char *out, unsigned char byte)
{
    out = render_put_literal(out, "\\x");
    *out++ = hex_digits[byte >> 4];
    *out++ = hex_digits[byte & 15];
    return out;
}

char *render_put_visible(char *out, struct span character)
{
    char c = character.at[0];
    char letter = c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : c == '\\' ? '\\' : '\0';

    if (letter != '\0') {
        *out++ = '\\';
        *out++ = letter;
        return out;
    }
    if (character.len == 1) {
        if ((unsigned char)c < 0x20 || c == 0x7f) {
            return render_put_hex(out, (unsigned char)c);
        }
        *out++ = c;
        return out;
    }
    if (utf8_is_break(character.at)) {
        unsigned code_point = break_code_point(character.at);
        return code_point < 0x100 ? render_put_hex(out, (unsigned char)code_point)
                                  : put_unicode(out, code_point);
    }
    return render_put_bytes(out, character);
}

char *render_put_number(char *out, int64_t number)
{
    char digits[RENDER_PUT_NUMBER_BYTES_MAX];
    uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (number < 0) {
        digits[--at] = '-';
    }
    return render_put_bytes(out, span_of(digits + at, sizeof(digits) - at));
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * render_put: pieces of output lines. Each function writes at `out` and returns the byte behind
 * what it wrote; the caller has room. No input is read past its end. */
#pragma once

#include "base/span.h"
#include "wire/record.h"

#include <stdint.h>

/* What each byte of a text can become at most in some output, in bytes. */
struct render_put_costs {
    uint8_t of[256];
};

/* Control characters, DEL and what utf8_is_break() finds cost six bytes (the first byte of the
 * latter pays for the others), a backslash two; the rest is the table's own. */
#define RENDER_PUT_COSTS(quote, bracket, brace)                                           \
    {                                                                                     \
        {                                                                                 \
            [0 ... 0x1f] = 6, [0x20 ... 0x21] = 1, ['"'] = (quote),                       \
                   [0x23 ... 0x5b] = 1, ['\\'] = 2, [']'] = (bracket),                    \
                   [0x5e ... 0x7a] = 1, ['{'] = (brace), [0x7c ... 0x7e] = 1, [0x7f] = 6, \
                   [0x80 ... 0xc1] = 1, [0xc2] = 5, [0xc3 ... 0xe1] = 1, [0xe2] = 4,      \
                   [0xe3 ... 0xff] = 1                                                    \
        }                                                                                 \
    }

/* Inside a JSON string. */
extern const struct render_put_costs render_put_json_costs;

/* What all bytes of a text can become at most. */
size_t render_put_bound(struct text t, const struct render_put_costs *costs);

/* A string literal, without its NUL. */
#define render_put_literal(out, literal) \
    ((char *)memcpy((out), (literal), sizeof(literal) - 1) + (sizeof(literal) - 1))

/* Bytes as they are: short ones by two moves that may overlap, long ones by 16 at a time. */
static inline char *render_put_bytes(char *out, struct span bytes)
{
    const char *from = bytes.at;
    size_t n = bytes.len;

    if (n >= 16) {
        for (size_t i = 0; i + 16 < n; i += 16) {
            memcpy(out + i, from + i, 16);
        }
        memcpy(out + n - 16, from + n - 16, 16);
        return out + n;
    }
    if (n >= 8) {
        memcpy(out, from, 8);
        memcpy(out + n - 8, from + n - 8, 8);
        return out + n;
    }
    if (n >= 4) {
        memcpy(out, from, 4);
        memcpy(out + n - 4, from + n - 4, 4);
        return out + n;
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = from[i];
    }
    return out + n;
}

/* The inside of a JSON string, for TEXT_PLAIN and TEXT_JSON. */
char *render_put_escaped(char *out, struct text t);

/* The inside of a JSON string. */
static inline char *render_put_text(char *out, struct text t)
{
    return t.form == TEXT_CLEAN ? render_put_bytes(out, text_span(t)) : render_put_escaped(out, t);
}

/* Whether a valid JSON value is a number, true, false or null: ASCII without white space. */
static inline bool render_put_is_scalar(struct span json)
{
    return json.len > 0 && json.at[0] != '{' && json.at[0] != '[' && json.at[0] != '"';
}

/* A valid JSON value, in one line and without insignificant white space. */
char *render_put_json(char *out, struct span json);

/* One decoded character for people's eyes, and back: a backslash is doubled; control characters,
 * U+2028 and U+2029 become \n \r \t \xHH \u2028 \u2029. */
char *render_put_visible(char *out, struct span character);

/* `\xHH`. */
char *render_put_hex(char *out, unsigned char byte);

char *render_put_number(char *out, int64_t number);

#define RENDER_PUT_NUMBER_BYTES_MAX 20u

/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_json: the escaper. It is no hot path: one byte or one character a turn. */
#include "archive/archive_json.h"

#include <stdint.h>

/* The length of the well-formed UTF-8 character that `s` begins with, or 0. The second byte's range
 * depends on the first: RFC 3629 section 4. */
static size_t character_len(struct span s)
{
    const unsigned char *b = (const unsigned char *)s.at;
    size_t len = b[0] < 0x80 ? 1 : b[0] < 0xC2 ? 0 : b[0] < 0xE0 ? 2 : b[0] < 0xF0 ? 3 : 4;
    unsigned low = b[0] == 0xE0 ? 0xA0 : b[0] == 0xF0 ? 0x90 : 0x80;
    unsigned high = b[0] == 0xED ? 0x9F : b[0] == 0xF4 ? 0x8F : 0xBF;

    if (len <= 1) {
        return len;
    }
    if (b[0] > 0xF4 || len > s.len || b[1] < low || b[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < len; i++) {
        if (b[i] < 0x80 || b[i] > 0xBF) {
            return 0;
        }
    }
    return len;
}

/* Whether a character must be written as an escape: some reader would take it for the end of a line
 * or for a command. */
static bool is_escaped(const unsigned char *b, size_t len)
{
    return (len == 1 && (b[0] < 0x20 || b[0] == 0x7F)) ||
           (len == 2 && b[0] == 0xC2 && b[1] < 0xA0) ||
           (len == 3 && b[0] == 0xE2 && b[1] == 0x80 && (b[2] & 0xFE) == 0xA8);
}

/* As \uXXXX: the last byte holds the code point's low bits. */
static size_t put_escape(const unsigned char *b, size_t len, char *out)
{
    static const char hex[] = "0123456789abcdef";
    unsigned code = len == 3 ? 0x2000u + (b[2] & 0x3Fu) : b[len - 1];

    out[0] = '\\';
    out[1] = 'u';
    for (unsigned i = 0; i < 4; i++) {
        out[2 + i] = hex[code >> (12 - 4 * i) & 15];
    }
    return 6;
}

/* One character, or, with length 0, a byte that is none. */
static size_t put_character(const unsigned char *b, size_t len, char *out)
{
    size_t at = 0;

    if (len == 0) {
        memcpy(out, "\\ufffd", 6);
        return 6;
    }
    if (is_escaped(b, len)) {
        return put_escape(b, len, out);
    }
    if (b[0] == '"' || b[0] == '\\') {
        out[at++] = '\\';
    }
    memcpy(out + at, b, len);
    return at + len;
}

size_t archive_json_string(struct span bytes, char *out)
{
    size_t at = 0;

    out[at++] = '"';
    while (bytes.len > 0) {
        size_t len = character_len(bytes);
        at += put_character((const unsigned char *)bytes.at, len, out + at);
        bytes = span_skip(bytes, len == 0 ? 1 : len);
    }
    out[at++] = '"';
    return at;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * base64: four characters for three bytes. */
#include "base/base64.h"

#include <stdint.h>

#define NO_DIGIT 64u

char *base64_encode(char *out, struct span bytes)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t have = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t group = (uint32_t)(unsigned char)bytes.at[i] << 16;
        group |= have > 1 ? (uint32_t)(unsigned char)bytes.at[i + 1] << 8 : 0;
        group |= have > 2 ? (uint32_t)(unsigned char)bytes.at[i + 2] : 0;
        out[0] = alphabet[group >> 18];
        out[1] = alphabet[group >> 12 & 63];
        out[2] = have > 1 ? alphabet[group >> 6 & 63] : '=';
        out[3] = have > 2 ? alphabet[group & 63] : '=';
        out += 4;
    }
    return out;
}

static uint32_t digit(char c, enum base64_form form)
{
    if (c >= 'A' && c <= 'Z') {
        return (uint32_t)(c - 'A');
    }
    if (c >= 'a' && c <= 'z') {
        return (uint32_t)(c - 'a') + 26;
    }
    if (c >= '0' && c <= '9') {
        return (uint32_t)(c - '0') + 52;
    }
    if (c == '+' || (c == '-' && form == BASE64_LENIENT)) {
        return 62;
    }
    return c == '/' || (c == '_' && form == BASE64_LENIENT) ? 63 : NO_DIGIT;
}

static struct span without_padding(struct span text)
{
    for (unsigned i = 0; i < 2 && text.len > 0 && text.at[text.len - 1] == '='; i++) {
        text.len--;
    }
    return text;
}

/* Digits only; whole bytes go to `to`. False: something else is there. */
static bool decode(struct span digits, enum base64_form form, char *to)
{
    uint32_t held = 0;
    unsigned bits = 0;

    for (size_t i = 0; i < digits.len; i++) {
        uint32_t value = digit(digits.at[i], form);
        if (value == NO_DIGIT) {
            return false;
        }
        held = held << 6 | value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            *to++ = (char)(held >> bits & 0xff);
        }
    }
    return (held & ((1u << bits) - 1)) == 0;
}

err_t base64_decode(struct span text, enum base64_form form, struct buf *out)
{
    struct span digits = without_padding(text);
    bool padded = digits.len != text.len || form == BASE64_STRICT;

    ENSURE(digits.len % 4 != 1 && (!padded || text.len % 4 == 0), ERR_SYNTAX);
    TRY(buf_reserve(out, digits.len + 1));
    ENSURE(decode(digits, form, out->at + out->len), ERR_SYNTAX);
    out->len += digits.len * 3 / 4;
    return ERR_OK;
}

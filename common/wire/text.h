/* SPDX-License-Identifier: Apache-2.0
 *
 * text: a borrowed piece of text and how it is encoded, so that a string that needs no work on its
 * way from the sender's JSON to our JSON is copied once and looked at once.
 * Every text is valid UTF-8: whoever makes one has checked. */
#pragma once

#include "base/span.h"

#include <stdint.h>

enum text_form {
    TEXT_CLEAN, /* nothing our JSON must escape: no quote, backslash, control character (C0, DEL,
                   C1), U+2028 or U+2029. May be copied as it is into JSON, CSV fields and text. */
    TEXT_PLAIN, /* any characters, as themselves */
    TEXT_JSON /* the inside of a valid JSON string, escapes as the sender wrote them; may hold DEL,
                 C1 controls, U+2028 and U+2029 as themselves */
};

struct text {
    const char *at; /* NULL: absent */
    uint32_t len;   /* bytes at `at`, escapes not yet decoded */
    uint8_t form;   /* enum text_form */
};

static inline struct text text_of(struct span bytes, enum text_form form)
{
    return (struct text){bytes.at, (uint32_t)bytes.len, (uint8_t)form};
}

static inline struct span text_span(struct text t)
{
    return span_of(t.at, t.len);
}

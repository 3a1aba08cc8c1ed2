/* SPDX-License-Identifier: Apache-2.0
 *
 * json_scan: the tokens of one JSON text, checked and borrowed, never copied. Source: RFC 8259 for
 * the grammar, RFC 7493 section 2 for what is refused beyond it: text that is no UTF-8, lone
 * surrogates, the same name twice in an object (names are compared unescaped). Noncharacters pass:
 * they are valid UTF-8, and a log line is worth more than that rule. The text is readable for
 * SPAN_SLACK_BYTES behind its end. All functions that return err_t give ERR_SYNTAX and then
 * `reason` and `detail` say what was wrong. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "wire/record.h"
#include "wire/text_scan.h"

/* A member name, as the sender wrote it: `len` bytes at `begin + offset`. */
struct json_name {
    uint32_t offset;
    uint32_t len : 31;
    uint32_t escaped : 1;
};

struct json_scan {
    const char *at; /* the next byte to look at; may be past `end` in a text that breaks off */
    const char *end;
    const char *begin;

    struct text_scan sight; /* where plain text stops */

    struct arena *arena;     /* for the names of large objects */
    struct json_name *names; /* of all objects that are open; NULL until reserved */
    uint32_t name_count;
    uint32_t name_max;

    uint8_t reason; /* enum reason: BAD_JSON, BAD_UTF8 or TOO_DEEP */
    const char *detail;
};

/* Members of one object that a text of `bytes` can hold at most: `"":0,` is the shortest. */
#define JSON_SCAN_MEMBERS_MAX(bytes) ((bytes) / 5 + 2)

/* Names that can be remembered at a time: on each level one more, whose value is not complete. */
#define JSON_SCAN_NAMES_MAX(bytes) (JSON_SCAN_MEMBERS_MAX(bytes) + JSON_DEPTH_MAX)

static inline void json_scan_init(struct json_scan *s, struct span in, struct arena *arena)
{
    s->at = in.at;
    s->end = in.at + in.len;
    s->begin = in.at;
    text_scan_init(&s->sight, s->at, s->end);
    s->arena = arena;
    s->names = NULL;
    s->name_count = 0;
    s->name_max = 0;
}

/* Gets memory for the names of a text of `text_bytes` from the arena, before the first
 * json_scan_name() or json_scan_value(). What the scanner allocates dies when the caller rewinds
 * the arena to where it was before this call. */
void json_scan_reserve(struct json_scan *s, size_t text_bytes);

/* Marks the scan failed. Returns ERR_SYNTAX. */
err_t json_scan_fail(struct json_scan *s, enum reason reason, const char *detail);

/* White space up to the next token, if there is any (RFC 8259 section 2). */
static inline void json_scan_space(struct json_scan *s)
{
    while (s->at < s->end && (unsigned char)*s->at <= ' ') {
        if (*s->at != ' ' && *s->at != '\n' && *s->at != '\r' && *s->at != '\t') {
            return;
        }
        s->at++;
    }
}

/* `{` and white space; `*ret_empty` if `}` follows, which is taken too. */
MUST_CHECK err_t json_scan_open(struct json_scan *s, bool *ret_empty);

/* A member's name and the colon, with white space around; the name is remembered. */
MUST_CHECK err_t json_scan_name(struct json_scan *s, struct text *ret_name);

/* Any value: sets kind and value of `ret` (EXTRA_TEXT or EXTRA_JSON), not its name. */
MUST_CHECK err_t json_scan_value(struct json_scan *s, struct extra *ret);

/* A string behind its opening quote, up to and with the closing one. TEXT_CLEAN, TEXT_PLAIN
 * (without quotes and backslashes) or TEXT_JSON. */
MUST_CHECK err_t json_scan_string(struct json_scan *s, struct text *ret_text);

/* What follows a member of the outermost object: a comma (`*ret_more`; the next byte is the quote
 * of a name), or the brace and then nothing but white space up to the end. */
MUST_CHECK err_t json_scan_next(struct json_scan *s, bool *ret_more);

/* Whether the names remembered since there were `first` of them all differ. Forgets them. */
MUST_CHECK err_t json_scan_unique(struct json_scan *s, uint32_t first);

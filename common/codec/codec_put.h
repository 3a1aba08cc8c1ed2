/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_put: JSON written into the batch's arena, for codecs whose input is no JSON. Valid, without
 * white space, UTF-8 with control characters (C0, DEL, C1), U+2028 and U+2029 escaped. Commas come
 * by themselves. The first failure stays and later calls do nothing, so that one look at
 * codec_put_reason() at the end is enough; after a failure what was written is worth nothing.
 *
 * The budget counts what the dearest output form may make of the text (a quote can become three
 * bytes, a brace four), so that the bound of a rendered line is known from it; the text itself
 * never takes more bytes than that. CODEC_PUT_BUDGET is enough for any strings. Doubles are in
 * codec_put_double.h, times in codec_put_time.h. */
#pragma once

#include "base/arena.h"
#include "wire/json_scan.h"
#include "wire/reason.h"

#include <stdint.h>

/* For the JSON of a payload of `bytes`: a byte of a sender's string costs at most 7, and names of a
 * schema can be longer than the values beside them. With what a line has besides it is less than
 * RENDER_LINE_BYTES_MAX. */
#define CODEC_PUT_BUDGET(bytes) ((size_t)(bytes)*9 + 40960)

struct codec_put {
    char *at;       /* behind what has been written */
    size_t left;    /* of the budget */
    bool comma;     /* a value stands before `at`: the next needs a comma */
    uint8_t reason; /* enum reason: NONE until a call fails */
    const char *detail;
    char *begin;
    size_t arena_used; /* before the room was taken */
};

/* Takes room for `budget` bytes from the arena, which has them. */
void codec_put_init(struct codec_put *p, struct arena *a, size_t budget);

/* Gives back the room that was not written to, and what was allocated after it. */
void codec_put_seal(struct codec_put *p, struct arena *a);

/* REASON_NONE, or why the first call that failed did: BAD_UTF8, TOO_LARGE (the budget), or what a
 * caller said; `detail` is set then. */
static inline enum reason codec_put_reason(const struct codec_put *p)
{
    return (enum reason)p->reason;
}

/* Marks it failed, unless it already is. */
void codec_put_fail(struct codec_put *p, enum reason reason, const char *detail);

/* Takes `cost` from the budget for something that is written elsewhere. */
void codec_put_charge(struct codec_put *p, size_t cost);

/* A value of its own begins here: no comma before it. The answer goes to codec_put_since(). */
static inline const char *codec_put_mark(struct codec_put *p)
{
    p->comma = false;
    return p->at;
}

/* What has been written since the mark; lives as long as the arena. */
static inline struct span codec_put_since(const struct codec_put *p, const char *mark)
{
    return span_of(mark, (size_t)(p->at - mark));
}

/* '{' or '[', and '}' or ']'. Within an object each value has a name before it. */
void codec_put_open(struct codec_put *p, char bracket);
void codec_put_close(struct codec_put *p, char bracket);

/* The name of a member: text that is known to be valid. */
void codec_put_name(struct codec_put *p, struct text name);
/* The same from a sender's bytes. */
void codec_put_name_bytes(struct codec_put *p, struct span name);

/* A string from a sender's bytes: REASON_BAD_UTF8 if they are none. */
void codec_put_string(struct codec_put *p, struct span bytes);
/* A string that is known to be valid, in any form. */
void codec_put_text(struct codec_put *p, struct text text);
/* A string of base64 (RFC 4648 section 4, with padding). */
void codec_put_base64(struct codec_put *p, struct span bytes);

/* A word without quotes: true, false, null, or digits of the caller. */
void codec_put_word(struct codec_put *p, struct span word);
/* Quoted characters of the caller that need no escape: "2026-11-21", "-12.50". */
void codec_put_quoted(struct codec_put *p, struct span characters);

void codec_put_int(struct codec_put *p, int64_t number);
void codec_put_uint(struct codec_put *p, uint64_t number);
/* The same as strings. */
void codec_put_int_quoted(struct codec_put *p, int64_t number);
void codec_put_uint_quoted(struct codec_put *p, uint64_t number);

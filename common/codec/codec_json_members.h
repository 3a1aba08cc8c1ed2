/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_json_members: the members of one JSON object as an array in the batch's arena. */
#pragma once

#include "wire/batch.h"
#include "wire/json_scan.h"

/* An array that grows in the arena up to what the text can hold at most, and is then cut to what it
 * holds. */
struct codec_json_members {
    struct extra *at; /* NULL until reserved */
    uint32_t count;
    size_t arena_used; /* before the array was reserved */
};

/* Room for every member of a text of `text_bytes`, and for the scanner's names behind it. */
void codec_json_members_reserve(struct codec_json_members *m, struct json_scan *s,
                                size_t text_bytes);

/* The array is complete: gives back what it and the scanner do not need. */
void codec_json_members_seal(struct codec_json_members *m, struct arena *a);

/* All members of the object in `s`, which has been initialised only. `text_bytes` bounds their
 * number: the length of the text, or of what it was before its invalid UTF-8 was replaced.
 * ERR_SYNTAX: `s` says why. */
MUST_CHECK err_t codec_json_members_parse(struct json_scan *s, size_t text_bytes,
                                          struct codec_json_members *ret);
